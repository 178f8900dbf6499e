#pragma once
// What nearly every test of a torch module includes.
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include "nn/precompiled.h"
#include "support/precompiled/plain.h"
