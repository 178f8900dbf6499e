#pragma once
// Rotary positions (Su et al. 2021) in the layout of Hugging Face checkpoints: dimension i turns with dimension i +
// D/2. Shape legend: nn/linear.h.
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace luthier::nn {

using at::Tensor;

/// How the frequencies follow from the head size, with the ways to stretch them beyond the length they were trained
/// for.
struct RotaryOptions {
  std::int64_t head_size = 0;
  double theta = 10000;
  enum class Scaling { none, linear, llama3 } scaling = Scaling::none;
  double factor = 1;                 ///< linear and llama3
  double low_frequency_factor = 1;   ///< llama3: wavelengths above trained / this are divided by the factor
  double high_frequency_factor = 4;  ///< llama3: wavelengths below trained / this stay as they are
  double trained_positions = 8192;   ///< llama3
};

struct RotaryTables {
  Tensor cosine, sine;  ///< [T, D/2], or [B * T, D/2] where rows differ; fp32
};

/// Angles of positions first .. first + count - 1.
RotaryTables rotary_tables(const RotaryOptions& options, std::int64_t first, std::int64_t count, at::Device device);

/// Angles of given positions, [N] int64 -> [N, D/2].
RotaryTables rotary_tables(const RotaryOptions& options, const Tensor& positions);

/// Turns every head of x [B, T, H, D] by its position's angles.
Tensor rotate(const Tensor& x, const RotaryTables& tables);

}  // namespace luthier::nn
