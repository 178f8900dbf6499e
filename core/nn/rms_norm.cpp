#include "nn/rms_norm.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/rms_norm.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/silu_backward.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>

#include "nn/tracing.h"

namespace luthier::nn {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

/// Rows of a piece of parallel work. Fixed, so that sums over rows do not depend on the number of threads.
constexpr std::int64_t kRowsAPiece = 64;

bool takes_kernel(const Tensor& x) { return x.is_cpu() && x.scalar_type() == at::kFloat && x.is_contiguous(); }

/// Sum of term(0) .. term(count - 1) in eight lanes, which a compiler can keep in vector registers.
template <class Term>
float sum_over(std::int64_t count, const Term& term) {
  float lanes[8] = {};
  std::int64_t i = 0;
  for (; i + 8 <= count; i += 8)
    for (std::int64_t lane = 0; lane < 8; ++lane) lanes[lane] += term(i + lane);
  for (; i < count; ++i) lanes[i % 8] += term(i);
  return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

class RmsNormFunction : public torch::autograd::Function<RmsNormFunction> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& weight, double eps) {
    const std::int64_t channels = x.size(-1), rows = x.numel() / channels;
    Tensor y = at::empty_like(x), scales = at::empty({rows}, x.options());
    const float* in = x.const_data_ptr<float>();
    const float* w = weight.const_data_ptr<float>();
    float* out = y.data_ptr<float>();
    float* scale = scales.data_ptr<float>();
    at::parallel_for(0, rows, kRowsAPiece, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t row = begin; row < end; ++row) {
        const float* x_row = in + row * channels;
        float* y_row = out + row * channels;
        const float squares = sum_over(channels, [=](std::int64_t c) { return x_row[c] * x_row[c]; });
        const float s = 1.0f / std::sqrt(squares / static_cast<float>(channels) + static_cast<float>(eps));
        scale[row] = s;
        for (std::int64_t c = 0; c < channels; ++c) y_row[c] = x_row[c] * s * w[c];
      }
    });
    context->save_for_backward({x, weight, scales});
    return y;
  }

  static tensor_list backward(AutogradContext* context, tensor_list grads) {
    const auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &weight = saved[1], &scales = saved[2];
    const std::int64_t channels = x.size(-1), rows = x.numel() / channels;
    const std::int64_t pieces = (rows + kRowsAPiece - 1) / kRowsAPiece;
    const bool wants_x = context->needs_input_grad(0), wants_weight = context->needs_input_grad(1);
    const Tensor grad = grads[0].contiguous();
    Tensor dx = wants_x ? at::empty_like(x) : Tensor();
    Tensor sums = wants_weight ? at::empty({pieces, channels}, x.options()) : Tensor();
    const float *in = x.const_data_ptr<float>(), *w = weight.const_data_ptr<float>(), *g = grad.const_data_ptr<float>(),
                *scale = scales.const_data_ptr<float>();
    float* out = wants_x ? dx.data_ptr<float>() : nullptr;
    float* sum = wants_weight ? sums.data_ptr<float>() : nullptr;
    at::parallel_for(0, pieces, 1, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t piece = first; piece < last; ++piece) {
        float* sum_row = wants_weight ? sum + piece * channels : nullptr;
        if (wants_weight) std::fill(sum_row, sum_row + channels, 0.0f);
        for (std::int64_t row = piece * kRowsAPiece; row < std::min(rows, (piece + 1) * kRowsAPiece); ++row) {
          const float *x_row = in + row * channels, *g_row = g + row * channels;
          const float s = scale[row];
          if (wants_weight)
            for (std::int64_t c = 0; c < channels; ++c) sum_row[c] += g_row[c] * x_row[c] * s;
          if (!wants_x) continue;
          const float product = sum_over(channels, [=](std::int64_t c) { return g_row[c] * w[c] * x_row[c]; });
          const float pull = product * s * s * s / static_cast<float>(channels);
          float* dx_row = out + row * channels;
          for (std::int64_t c = 0; c < channels; ++c) dx_row[c] = g_row[c] * w[c] * s - x_row[c] * pull;
        }
      }
    });
    return {dx, wants_weight ? sums.sum(0) : Tensor(), Tensor()};
  }
};

class GatedSiluFunction : public torch::autograd::Function<GatedSiluFunction> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& gate, const Tensor& up) {
    context->save_for_backward({gate, up});
    return at::silu(gate).mul_(up);
  }

  static tensor_list backward(AutogradContext* context, tensor_list grads) {
    const auto saved = context->get_saved_variables();
    const Tensor &gate = saved[0], &up = saved[1], &grad = grads[0];
    Tensor d_gate, d_up;
    if (context->needs_input_grad(0)) d_gate = at::silu_backward(grad * up, gate);
    if (context->needs_input_grad(1)) d_up = at::silu(gate).mul_(grad);
    return {d_gate, d_up};
  }
};

}  // namespace

Tensor rms_norm(const Tensor& x, const Tensor& weight, double eps) {
  if (!is_tracing() && takes_kernel(x) && takes_kernel(weight)) return RmsNormFunction::apply(x, weight, eps);
  return at::rms_norm(x, {x.size(-1)}, weight, eps);
}

Tensor gated_silu(const Tensor& gate, const Tensor& up) {
  return is_tracing() ? at::silu(gate).mul(up) : GatedSiluFunction::apply(gate, up);
}

}  // namespace luthier::nn
