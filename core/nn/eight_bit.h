#pragma once
// AdamW's two moments in 8 bits: blocks of 256 numbers share a scale, and a code names one of the 256 values of the
// dynamic type (Dettmers et al. 2022), as in bitsandbytes.
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace luthier::nn {

using at::Tensor;

constexpr std::int64_t kMomentsABlock = 256;
/// Smaller parameters keep their moments in full precision.
constexpr std::int64_t kSmallestInEightBits = 4096;

struct EightBitMoments {
  Tensor first, second;              ///< codes, as many bytes as the parameter has numbers
  Tensor first_scale, second_scale;  ///< [blocks] fp32

  static EightBitMoments zeros(std::int64_t numbers, at::Device device);
};

/// What a step of AdamW needs beside the moments.
struct AdamWStep {
  double rate, beta1, beta2, epsilon, weight_decay;
  double steps;  ///< with this one
};

/// One step of a contiguous fp32 parameter from its contiguous gradient.
void step_in_eight_bits(Tensor& parameter, const Tensor& grad, EightBitMoments& moments, const AdamWStep& step);

}  // namespace luthier::nn
