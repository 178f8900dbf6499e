#include "nn/eight_bit.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/bucketize.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <vector>

#include "nn/quantised.h"

namespace luthier::nn {

namespace {

/// The dynamic type's values and a quick way to the code nearest to a number.
class DynamicCodes {
 public:
  explicit DynamicCodes(bool with_sign) : tensor_(dynamic_values(with_sign)) {
    const auto* values = tensor_.const_data_ptr<float>();
    std::copy(values, values + 256, values_.begin());
    for (std::size_t i = 0; i < bounds_.size(); ++i) bounds_[i] = (values_[i] + values_[i + 1]) / 2;
    // Numbers with the same upper 16 bits lie close together: their smallest one says where to begin.
    for (std::uint32_t key = 0; key < starts_.size(); ++key) {
      const bool negative = key >= 0x8000;
      const float smallest = std::bit_cast<float>((key << 16) | (negative ? 0xffffu : 0u));
      const auto bound = std::lower_bound(bounds_.begin(), bounds_.end(), smallest);
      starts_[key] = static_cast<std::uint8_t>(bound - bounds_.begin());
    }
  }

  const Tensor& tensor() const { return tensor_; }
  float value(std::uint8_t code) const { return values_[code]; }

  /// Of the value nearest to x, the lower one where two are as near.
  std::uint8_t nearest(float x) const {
    std::size_t code = starts_[std::bit_cast<std::uint32_t>(x) >> 16];
    while (code < bounds_.size() && x > bounds_[code]) ++code;
    return static_cast<std::uint8_t>(code);
  }

 private:
  Tensor tensor_;
  std::array<float, 256> values_{};
  std::array<float, 255> bounds_{};
  std::vector<std::uint8_t> starts_ = std::vector<std::uint8_t>(1 << 16);
};

const DynamicCodes& signed_codes() {
  static const DynamicCodes codes(true);
  return codes;
}
const DynamicCodes& unsigned_codes() {
  static const DynamicCodes codes(false);
  return codes;
}

/// A moment keeps its sign, so that its numbers do not settle on zero.
std::uint8_t signed_code(float x) {
  const std::uint8_t code = signed_codes().nearest(x);
  if (std::signbit(signed_codes().value(code)) == std::signbit(x)) return code;
  return static_cast<std::uint8_t>(x > 0 ? code + 1 : code - 1);
}

struct Factors {
  float beta1, beta2, epsilon, keep, size, root;

  explicit Factors(const AdamWStep& step)
      : beta1(static_cast<float>(step.beta1)),
        beta2(static_cast<float>(step.beta2)),
        epsilon(static_cast<float>(step.epsilon)),
        keep(static_cast<float>(1 - step.rate * step.weight_decay)),
        size(static_cast<float>(step.rate / (1 - std::pow(step.beta1, step.steps)))),
        root(static_cast<float>(std::sqrt(1 - std::pow(step.beta2, step.steps)))) {}
};

void step_block(float* p, const float* g, std::int64_t count, std::uint8_t* first, std::uint8_t* second,
                float& first_scale, float& second_scale, const Factors& f) {
  std::array<float, kMomentsABlock> m, v;
  float largest_m = 0, largest_v = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    m[at] = signed_codes().value(first[i]) * first_scale * f.beta1 + (1 - f.beta1) * g[i];
    v[at] = unsigned_codes().value(second[i]) * second_scale * f.beta2 + (1 - f.beta2) * g[i] * g[i];
    largest_m = std::max(largest_m, std::abs(m[at]));
    largest_v = std::max(largest_v, v[at]);
    p[i] = p[i] * f.keep - f.size * m[at] / (std::sqrt(v[at]) / f.root + f.epsilon);
  }
  const float over_m = largest_m > 0 ? 1 / largest_m : 0, over_v = largest_v > 0 ? 1 / largest_v : 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    first[i] = signed_code(m[at] * over_m);
    second[i] = unsigned_codes().nearest(v[at] * over_v);
  }
  first_scale = largest_m;
  second_scale = largest_v;
}

Tensor decoded(const Tensor& codes, const Tensor& scale, const DynamicCodes& type) {
  const Tensor values = at::index_select(type.tensor().to(codes.device()), 0, codes.to(at::kInt));
  return values.mul_(scale.repeat_interleave(kMomentsABlock).slice(0, 0, codes.numel()));
}

void encode(const Tensor& moment, Tensor& codes, Tensor& scale, const DynamicCodes& type, bool keeps_sign) {
  const std::int64_t missing = scale.numel() * kMomentsABlock - moment.numel();
  scale.copy_(std::get<0>(at::constant_pad_nd(moment, {0, missing}).view({-1, kMomentsABlock}).abs().max(1)));
  const Tensor over = scale.reciprocal().masked_fill_(scale.eq(0), 0);
  const Tensor x = moment.mul(over.repeat_interleave(kMomentsABlock).slice(0, 0, moment.numel()));
  const Tensor values = type.tensor().to(moment.device());
  const Tensor bounds = values.slice(0, 0, 255).add(values.slice(0, 1, 256)).div(2);
  Tensor found = at::bucketize(x, bounds);
  // As signed_code: what fell on zero from below moves back to the smallest negative value.
  if (keeps_sign) found = found.sub(x.lt(0).logical_and(at::index_select(values, 0, found).ge(0)).to(at::kLong));
  codes.copy_(found);
}

/// The same by LibTorch's own operations, for parameters on other devices.
void step_by_operations(Tensor& parameter, const Tensor& grad, EightBitMoments& moments, const Factors& f) {
  const Tensor g = grad.view({-1});
  const Tensor m = decoded(moments.first, moments.first_scale, signed_codes()).mul_(f.beta1).add_(g, 1 - f.beta1);
  const Tensor v =
      decoded(moments.second, moments.second_scale, unsigned_codes()).mul_(f.beta2).addcmul_(g, g, 1 - f.beta2);
  const Tensor p = parameter.view({-1});
  p.mul_(f.keep).sub_(m.div(v.sqrt().div_(f.root).add_(f.epsilon)).mul_(f.size));
  encode(m, moments.first, moments.first_scale, signed_codes(), /*keeps_sign=*/true);
  encode(v, moments.second, moments.second_scale, unsigned_codes(), /*keeps_sign=*/false);
}

}  // namespace

EightBitMoments EightBitMoments::zeros(std::int64_t numbers, at::Device device) {
  const std::int64_t blocks = (numbers + kMomentsABlock - 1) / kMomentsABlock;
  const at::TensorOptions bytes = at::TensorOptions(device).dtype(at::kByte), floats = bytes.dtype(at::kFloat);
  return {at::zeros({numbers}, bytes), at::zeros({numbers}, bytes), at::zeros({blocks}, floats),
          at::zeros({blocks}, floats)};
}

void step_in_eight_bits(Tensor& parameter, const Tensor& grad, EightBitMoments& moments, const AdamWStep& step) {
  const at::NoGradGuard no_grad;
  const Factors factors(step);
  if (!parameter.is_cpu()) return step_by_operations(parameter, grad, moments, factors);
  const std::int64_t numbers = parameter.numel(), blocks = moments.first_scale.numel();
  auto* p = parameter.data_ptr<float>();
  const auto* g = grad.const_data_ptr<float>();
  auto* first = moments.first.data_ptr<std::uint8_t>();
  auto* second = moments.second.data_ptr<std::uint8_t>();
  auto* first_scale = moments.first_scale.data_ptr<float>();
  auto* second_scale = moments.second_scale.data_ptr<float>();
  at::parallel_for(0, blocks, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t b = begin; b < end; ++b) {
      const std::int64_t at = b * kMomentsABlock, count = std::min(kMomentsABlock, numbers - at);
      step_block(p + at, g + at, count, first + at, second + at, first_scale[b], second_scale[b], factors);
    }
  });
}

}  // namespace luthier::nn
