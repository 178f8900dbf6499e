#pragma once
// Weights in few bits: blocks of NF4 or FP4 numbers that share a scale, whose scales may be quantised again (QLoRA,
// Dettmers et al. 2023), or rows of int8 (LLM.int8, Dettmers et al. 2022, without its outlier columns). Codes, scales
// and layout are those of bitsandbytes to the bit.
#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <string>

namespace luthier::nn {

using at::Tensor;

enum class QuantisedType { nf4, fp4, int8 };
/// "nf4", "fp4" or "int8"; bad_input otherwise.
QuantisedType quantised_type(const std::string& name);
std::string to_string(QuantisedType type);

struct QuantiseOptions {
  QuantisedType type = QuantisedType::nf4;
  std::int64_t block = 64;          ///< numbers that share a scale, in the order of memory; int8: rows share one
  bool double_quantisation = true;  ///< scales in 8 bits, 256 of them a block; not for int8
};

/// The 16 values of NF4 or FP4 in the order of their codes, [16] fp32.
Tensor four_bit_values(QuantisedType type);

/// The 256 values of the dynamic 8-bit type (Dettmers 2016) in ascending order, [256] fp32: with a sign from -0.993 to
/// 1, without from 0 to 1.
Tensor dynamic_values(bool with_sign);

/// A matrix [out, in] that is kept quantised. Its tensors are buffers: nothing of it trains.
class QuantisedWeight : public torch::nn::Module {
 public:
  /// `weight` [out, in] of any floating-point type on the CPU; it is read once and not kept.
  QuantisedWeight(const Tensor& weight, const QuantiseOptions& options);

  /// [out, in], where the weight is. On a GPU by a kernel of ours where there is one (nn/few_bits_gpu.h).
  Tensor dequantised(at::ScalarType type = at::kFloat) const;
  /// Rows begin .. begin + count as [count, in] fp32, into `into`.
  void dequantise_rows(std::int64_t begin, std::int64_t count, Tensor& into) const;
  /// One scale a block (int8: a row), fp32.
  Tensor scales() const;

  std::int64_t out() const { return out_; }
  std::int64_t in() const { return in_; }
  const QuantiseOptions& options() const { return options_; }

  Tensor packed;  ///< two codes a byte, the first in the high bits [ceil(out * in / 2), 1]; int8: [out, in]
  Tensor absmax;  ///< [blocks] fp32, or codes of dynamic_values(true) when quantised twice; int8: [out]
  Tensor absmax_absmax, absmax_offset;  ///< quantised twice: [blocks / 256] and [1] fp32; else undefined

 private:
  QuantiseOptions options_;
  std::int64_t out_, in_;
};

/// x [..., in] times the weight's transpose plus `bias` [out] (or undefined) -> [..., out]. Differentiable in x alone.
/// The weight is never whole in full precision on the CPU: panels of rows are.
Tensor quantised_linear(const Tensor& x, const std::shared_ptr<const QuantisedWeight>& weight, const Tensor& bias);

/// Whether a buffer's dotted name belongs to a quantised weight ("...q_proj.quantised.packed").
bool is_quantised_buffer(const std::string& name);

}  // namespace luthier::nn
