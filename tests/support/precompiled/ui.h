#pragma once
// What nearly every test of the window includes.
#include <QtGui>
#include <QtWidgets>

#include "support/precompiled/plain.h"
