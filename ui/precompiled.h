#pragma once
// What nearly every file of the window includes.
#include <QtGui>
#include <QtWidgets>
#include <nlohmann/json.hpp>
