#pragma once
// How far two sets of logits are apart, and how far they may be.
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

namespace luthier {

/// Gathers pairs of logits [P, L] of equal shape, fp32, on the CPU.
class Comparison {
 public:
  void add(const at::Tensor& expected, const at::Tensor& found);

  std::int64_t positions() const { return positions_; }
  double max_abs_difference() const { return max_difference_; }
  double relative_difference() const;  ///< the largest difference over the largest expected logit
  double agreement() const;            ///< share of positions with the same highest logit
  double kl() const;                   ///< mean KL(expected || found) in nats
  bool finite() const { return finite_; }

 private:
  std::int64_t positions_ = 0, agreeing_ = 0;
  double max_difference_ = 0, largest_ = 0, kl_sum_ = 0;
  bool finite_ = true;
};

/// The largest relative difference that a number type allows, and why it is this one.
struct Limit {
  double relative_difference = 0;
  std::string reason;
};
Limit limit_of(const std::string& precision);  ///< fp32, fp16 or bf16

}  // namespace luthier
