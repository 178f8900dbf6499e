#pragma once
// What nearly every test includes.
#include <nlohmann/json.hpp>

#include "support/testing.h"
