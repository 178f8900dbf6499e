#pragma once
// What nearly every torch file needs; precompiled once for all torch modules (about 40 s) instead of 10 s a file.
#include <torch/csrc/autograd/custom_function.h>
#include <torch/nn/module.h>
#include <torch/types.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>
