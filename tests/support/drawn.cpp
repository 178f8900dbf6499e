// What tests draw is the same each time: LibTorch's generator begins with another number in every process.
#include <ATen/Context.h>

namespace {
[[maybe_unused]] const bool kSeeded = [] {
  at::manual_seed(5);
  return true;
}();
}  // namespace
