#include "export/comparison.h"

#include <ATen/ops/argmax.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/log_softmax.h>

#include <algorithm>

#include "base/error.h"

namespace luthier {

void Comparison::add(const at::Tensor& expected, const at::Tensor& found) {
  if (expected.sizes() != found.sizes())
    fail(ErrorKind::bad_input, "the model gives " + std::to_string(found.numel()) + " logits where there were " +
                                   std::to_string(expected.numel()));
  if (expected.numel() == 0) return;
  positions_ += expected.size(0);
  largest_ = std::max(largest_, expected.abs().max().item<double>());
  if (!found.isfinite().all().item<bool>() || !expected.isfinite().all().item<bool>()) {
    finite_ = false;  // comparisons with these numbers are all false: they must not pass for equal
    return;
  }
  max_difference_ = std::max(max_difference_, (expected - found).abs().max().item<double>());
  agreeing_ += expected.argmax(1).eq(found.argmax(1)).sum().item<std::int64_t>();
  const at::Tensor p = at::log_softmax(expected.to(at::kDouble), 1), q = at::log_softmax(found.to(at::kDouble), 1);
  kl_sum_ += (p.exp() * (p - q)).sum().item<double>();
}

double Comparison::relative_difference() const { return largest_ > 0 ? max_difference_ / largest_ : max_difference_; }

double Comparison::agreement() const {
  return positions_ > 0 ? static_cast<double>(agreeing_) / static_cast<double>(positions_) : 0;
}

double Comparison::kl() const { return positions_ > 0 ? std::max(0.0, kl_sum_ / static_cast<double>(positions_)) : 0; }

Limit limit_of(const std::string& precision) {
  if (precision == "fp32")
    return {1e-4, "the same fp32 numbers, added up in another order: rounding alone, with room for long sums"};
  if (precision == "fp16")
    return {2e-2, "fp16 keeps 11 bits of each weight (error up to 5e-4), which adds up over the layers"};
  if (precision == "bf16")
    return {1e-1, "bf16 keeps 8 bits of each weight (error up to 4e-3), which adds up over the layers"};
  fail(ErrorKind::bad_input, "there is no precision \"" + precision + "\"", {}, "use fp32, fp16 or bf16");
}

}  // namespace luthier
