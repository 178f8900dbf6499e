#include "nn/quantised.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/bitwise_and.h>
#include <ATen/ops/bitwise_right_shift.h>
#include <ATen/ops/bucketize.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/error.h"
#include "nn/dequantise.h"
#include "nn/few_bits_gpu.h"

namespace luthier::nn {

namespace {

using Sixteen = std::array<float, 16>;

/// Quantiles of the normal distribution (Dettmers et al. 2023, appendix E).
constexpr Sixteen kNf4 = {-1.0f,
                          -0.6961928009986877f,
                          -0.5250730514526367f,
                          -0.39491748809814453f,
                          -0.28444138169288635f,
                          -0.18477343022823334f,
                          -0.09105003625154495f,
                          0.0f,
                          0.07958029955625534f,
                          0.16093020141124725f,
                          0.24611230194568634f,
                          0.33791524171829224f,
                          0.44070982933044434f,
                          0.5626170039176941f,
                          0.7229568362236023f,
                          1.0f};
/// A sign, three bits of exponent and fraction: the values 0, 1/16, 8, 12, 4, 6, 2 and 3 over 12.
constexpr Sixteen kFp4 = {0.0f,
                          0.0052083334885537624f,
                          0.6666666865348816f,
                          1.0f,
                          0.3333333432674408f,
                          0.5f,
                          0.1666666716337204f,
                          0.25f,
                          0.0f,
                          -0.0052083334885537624f,
                          -0.6666666865348816f,
                          -1.0f,
                          -0.3333333432674408f,
                          -0.5f,
                          -0.1666666716337204f,
                          -0.25f};

constexpr std::int64_t kScalesABlock = 256;
constexpr float kSmallestScale = 1e-38f;  // of a block of zeros

const Sixteen& values_of(QuantisedType type) { return type == QuantisedType::nf4 ? kNf4 : kFp4; }

/// The codes by ascending value, and the middles between neighbours.
struct Nearest {
  std::array<std::uint8_t, 16> code_of{};
  std::array<float, 15> bounds{};

  explicit Nearest(const Sixteen& values) {
    std::iota(code_of.begin(), code_of.end(), std::uint8_t{0});
    std::stable_sort(code_of.begin(), code_of.end(),
                     [&](std::uint8_t a, std::uint8_t b) { return values[a] < values[b]; });
    for (std::size_t i = 0; i < bounds.size(); ++i) bounds[i] = (values[code_of[i]] + values[code_of[i + 1]]) / 2;
  }
};

float largest_of(const float* x, std::int64_t count) {
  float largest = 0;
  for (std::int64_t i = 0; i < count; ++i) largest = std::max(largest, std::abs(x[i]));
  return largest;
}

/// bitsandbytes multiplies whole blocks by one over their scale, and divides the last one where it is not whole.
void normalise(const float* x, std::int64_t count, float scale, bool whole, float* out) {
  const float divisor = std::max(scale, kSmallestScale), factor = 1.0f / divisor;
  for (std::int64_t i = 0; i < count; ++i) out[i] = std::clamp(whole ? x[i] * factor : x[i] / divisor, -1.0f, 1.0f);
}

void quantise_four_bits(const Tensor& flat, const QuantiseOptions& options, Tensor& packed, Tensor& absmax) {
  const std::int64_t count = flat.numel(), block = options.block, blocks = (count + block - 1) / block;
  const Nearest nearest(values_of(options.type));
  packed = at::zeros({(count + 1) / 2, 1}, at::kByte);
  absmax = at::empty({blocks}, at::kFloat);
  const float* in = flat.const_data_ptr<float>();
  auto* bytes = packed.data_ptr<std::uint8_t>();
  auto* scales = absmax.data_ptr<float>();
  // Pieces of an even number of codes: two of them share a byte.
  const std::int64_t blocks_a_piece = 2 * std::max<std::int64_t>(1, 8192 / block);
  const std::int64_t pieces = (blocks + blocks_a_piece - 1) / blocks_a_piece;
  at::parallel_for(0, pieces, 1, [&](std::int64_t first_piece, std::int64_t last_piece) {
    std::vector<float> scaled(static_cast<std::size_t>(block));
    std::vector<std::uint8_t> places(static_cast<std::size_t>(block));
    for (std::int64_t b = first_piece * blocks_a_piece; b < std::min(blocks, last_piece * blocks_a_piece); ++b) {
      const std::int64_t begin = b * block, size = std::min(block, count - begin);
      scales[b] = largest_of(in + begin, size);
      if (size < block) scales[b] = std::max(scales[b], kSmallestScale);
      normalise(in + begin, size, scales[b], size == block, scaled.data());
      count_bounds_below(scaled.data(), size, nearest.bounds.data(), places.data());
      for (std::int64_t i = 0; i < size; ++i) {
        const std::uint8_t code = nearest.code_of[places[static_cast<std::size_t>(i)]];
        bytes[(begin + i) / 2] |= (begin + i) % 2 == 0 ? static_cast<std::uint8_t>(code << 4) : code;
      }
    }
  });
  // Behind an odd number of codes stands the one of zero.
  if (count % 2 == 1) bytes[count / 2] |= options.type == QuantisedType::nf4 ? 7 : 0;
}

/// Scales less their mean in 8 bits, 256 of them a block.
void quantise_scales(Tensor& absmax, Tensor& absmax_absmax, Tensor& absmax_offset) {
  absmax_offset = absmax.mean().reshape({1});
  const Tensor centred = absmax.sub(absmax_offset);
  const std::int64_t count = centred.numel(), blocks = (count + kScalesABlock - 1) / kScalesABlock;
  absmax_absmax = at::empty({blocks}, at::kFloat);
  Tensor scaled = at::empty_like(centred);
  for (std::int64_t b = 0; b < blocks; ++b) {
    const std::int64_t begin = b * kScalesABlock, size = std::min(kScalesABlock, count - begin);
    const float* in = centred.const_data_ptr<float>() + begin;
    float& scale = absmax_absmax.data_ptr<float>()[b];
    scale = largest_of(in, size);
    normalise(in, size, scale, size == kScalesABlock, scaled.data_ptr<float>() + begin);
  }
  const Tensor values = dynamic_values(true);
  const Tensor bounds = values.slice(0, 0, 255).add(values.slice(0, 1, 256)).div(2);
  absmax = at::bucketize(scaled, bounds).to(at::kByte);
}

void quantise_rows(const Tensor& matrix, Tensor& packed, Tensor& absmax) {
  const std::int64_t rows = matrix.size(0), columns = matrix.size(1);
  packed = at::empty({rows, columns}, at::kChar);
  absmax = at::empty({rows}, at::kFloat);
  const float* in = matrix.const_data_ptr<float>();
  auto* codes = packed.data_ptr<std::int8_t>();
  auto* scales = absmax.data_ptr<float>();
  at::parallel_for(0, rows, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      scales[row] = largest_of(in + row * columns, columns);
      const float factor = scales[row] > 0 ? 127.0f / scales[row] : 0.0f;
      for (std::int64_t i = 0; i < columns; ++i)
        codes[row * columns + i] = static_cast<std::int8_t>(std::nearbyint(in[row * columns + i] * factor));
    }
  });
}

}  // namespace

QuantisedType quantised_type(const std::string& name) {
  for (const auto type : {QuantisedType::nf4, QuantisedType::fp4, QuantisedType::int8})
    if (to_string(type) == name) return type;
  fail(ErrorKind::bad_input, "weights cannot be kept as \"" + name + "\"", {}, "use nf4, fp4 or int8");
}

std::string to_string(QuantisedType type) {
  return type == QuantisedType::nf4 ? "nf4" : type == QuantisedType::fp4 ? "fp4" : "int8";
}

Tensor four_bit_values(QuantisedType type) {
  const Sixteen& values = values_of(type);
  return at::tensor(at::ArrayRef<float>(values.data(), values.size()));
}

Tensor dynamic_values(bool with_sign) {
  // A number's leading zeros say the power of ten, the bits behind them the place between a tenth and one of it.
  constexpr int exponents = 7;
  std::vector<Tensor> parts = {at::tensor({0.0f, 1.0f})};
  for (int i = 0; i < exponents; ++i) {
    const std::int64_t steps = (std::int64_t{1} << (with_sign ? i : i + 1)) + 1;
    const Tensor ends = at::linspace(0.1, 1, steps, at::kFloat);
    const Tensor middles = ends.slice(0, 0, steps - 1).add(ends.slice(0, 1, steps)).div(2.0);
    const double power = std::pow(10.0, i - (exponents - 1));
    parts.push_back(middles.mul(power));
    if (with_sign) parts.push_back(middles.mul(-power));
  }
  return std::get<0>(at::cat(parts).sort());
}

QuantisedWeight::QuantisedWeight(const Tensor& weight, const QuantiseOptions& options)
    : options_(options), out_(weight.size(0)), in_(weight.size(1)) {
  if (!weight.is_cpu() || weight.dim() != 2 || weight.numel() == 0)
    fail(ErrorKind::internal, "only matrices on the processor are quantised");
  const at::NoGradGuard no_grad;
  const Tensor matrix = weight.detach().to(at::kFloat).contiguous();
  Tensor codes, scales;
  if (options.type == QuantisedType::int8) {
    quantise_rows(matrix, codes, scales);
  } else {
    quantise_four_bits(matrix.view({-1}), options, codes, scales);
    if (options.double_quantisation) {
      Tensor again, offset;
      quantise_scales(scales, again, offset);
      absmax_absmax = register_buffer("absmax_absmax", again);
      absmax_offset = register_buffer("absmax_offset", offset);
    }
  }
  packed = register_buffer("packed", codes);
  absmax = register_buffer("absmax", scales);
}

Tensor QuantisedWeight::scales() const {
  if (!absmax_offset.defined()) return absmax;
  const Tensor values = at::index_select(dynamic_values(true).to(absmax.device()), 0, absmax.to(at::kLong));
  const Tensor block_scales = absmax_absmax.repeat_interleave(kScalesABlock).slice(0, 0, values.numel());
  return values.mul(block_scales).add(absmax_offset);
}

void QuantisedWeight::dequantise_rows(std::int64_t begin, std::int64_t count, Tensor& into) const {
  float* out = into.data_ptr<float>();
  if (options_.type == QuantisedType::int8) {
    const auto* codes = packed.const_data_ptr<std::int8_t>();
    const auto* scale = absmax.const_data_ptr<float>();
    at::parallel_for(0, count, std::max<std::int64_t>(1, 16384 / in_), [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t row = first; row < last; ++row)
        dequantise_int8(codes + (begin + row) * in_, in_, scale[begin + row], out + row * in_);
    });
    return;
  }
  static const Tensor signed_values = dynamic_values(true);
  const auto* values = signed_values.const_data_ptr<float>();
  const bool twice = absmax_offset.defined();
  const auto* codes = packed.const_data_ptr<std::uint8_t>();
  const auto scale_of = [&](std::int64_t b) {
    if (!twice) return absmax.const_data_ptr<float>()[b];
    const float scaled =
        values[absmax.const_data_ptr<std::uint8_t>()[b]] * absmax_absmax.const_data_ptr<float>()[b / kScalesABlock];
    return scaled + absmax_offset.const_data_ptr<float>()[0];
  };
  const float* table = values_of(options_.type).data();
  const std::int64_t block = options_.block;
  at::parallel_for(0, count, std::max<std::int64_t>(1, 16384 / in_), [&](std::int64_t first, std::int64_t last) {
    const std::int64_t start = (begin + first) * in_, end = (begin + last) * in_;
    float* target = out + first * in_;
    for (std::int64_t at = start; at < end;) {
      const std::int64_t b = at / block, size = std::min(end, (b + 1) * block) - at;
      dequantise_four_bits(codes, at, size, table, scale_of(b), target + (at - start));
      at += size;
    }
  });
}

Tensor QuantisedWeight::dequantised(at::ScalarType type) const {
  const at::NoGradGuard no_grad;
  if (packed.is_cpu()) {
    Tensor whole = at::empty({out_, in_}, at::kFloat);
    dequantise_rows(0, out_, whole);
    return whole.to(type);
  }
  if (Tensor numbers = dequantised_by_kernel(*this, type); numbers.defined()) return numbers;
  // Elsewhere by LibTorch's own operations: a table look-up and one product.
  if (options_.type == QuantisedType::int8)
    return packed.to(at::kFloat).mul_(absmax.unsqueeze(1)).mul_(7.874015718698502e-3).to(type);
  const std::int64_t count = out_ * in_;
  const Tensor bytes = packed.view({-1});
  const Tensor codes =
      at::stack({at::bitwise_right_shift(bytes, 4), at::bitwise_and(bytes, 15)}, 1).view({-1}).slice(0, 0, count);
  const Tensor values = at::index_select(four_bit_values(options_.type).to(packed.device()), 0, codes.to(at::kInt));
  return values.mul(scales().repeat_interleave(options_.block).slice(0, 0, count)).view({out_, in_}).to(type);
}

bool is_quantised_buffer(const std::string& name) { return name.find(".quantised.") != std::string::npos; }

}  // namespace luthier::nn
