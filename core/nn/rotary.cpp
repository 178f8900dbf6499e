#include "nn/rotary.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/TracerMode.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/outer.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/where.h>
#include <torch/csrc/autograd/custom_function.h>

#include <numbers>

#include "nn/tracing.h"

namespace luthier::nn {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

Tensor frequencies(const RotaryOptions& options) {
  const Tensor exponent = at::arange(0, options.head_size, 2, at::kFloat).div(static_cast<double>(options.head_size));
  const Tensor plain = at::pow(options.theta, exponent).reciprocal();
  switch (options.scaling) {
    case RotaryOptions::Scaling::none:
      return plain;
    case RotaryOptions::Scaling::linear:
      return plain / options.factor;
    case RotaryOptions::Scaling::llama3:
      break;
  }
  // Long waves are stretched by the factor, short ones stay, those between are blended.
  const double longest = options.trained_positions / options.low_frequency_factor;
  const double shortest = options.trained_positions / options.high_frequency_factor;
  const Tensor wavelength = plain.reciprocal().mul(2 * std::numbers::pi);
  const Tensor stretched = plain / options.factor;
  const Tensor share = (wavelength.reciprocal().mul(options.trained_positions) - options.low_frequency_factor) /
                       (options.high_frequency_factor - options.low_frequency_factor);
  const Tensor blended = stretched * (share - 1).neg() + plain * share;
  return at::where(wavelength > longest, stretched, at::where(wavelength < shortest, plain, blended));
}

/// `direction` 1 turns forward, -1 back.
void rotate_kernel(const float* in, float* out, const float* cosine, const float* sine, std::int64_t positions,
                   std::int64_t angles, std::int64_t heads, std::int64_t size, float direction) {
  const std::int64_t half = size / 2;
  at::parallel_for(0, positions, 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t position = begin; position < end; ++position) {
      const float* c = cosine + (position % angles) * half;
      const float* s = sine + (position % angles) * half;
      for (std::int64_t head = 0; head < heads; ++head) {
        const float* x = in + (position * heads + head) * size;
        float* y = out + (position * heads + head) * size;
        for (std::int64_t i = 0; i < half; ++i) {
          const float first = x[i], second = x[i + half], turn = direction * s[i];
          y[i] = first * c[i] - second * turn;
          y[i + half] = second * c[i] + first * turn;
        }
      }
    }
  });
}

Tensor turned(const Tensor& given, const Tensor& cosine, const Tensor& sine, double direction) {
  const std::int64_t half = given.size(3) / 2;
  if (given.is_cpu() && given.scalar_type() == at::kFloat) {
    const Tensor x = given.contiguous();
    Tensor y = at::empty_like(x);
    rotate_kernel(x.const_data_ptr<float>(), y.data_ptr<float>(), cosine.const_data_ptr<float>(),
                  sine.const_data_ptr<float>(), x.size(0) * x.size(1), cosine.size(0), x.size(2), x.size(3),
                  static_cast<float>(direction));
    return y;
  }
  const auto placed = [&](const Tensor& table) {  // [T, 1, D/2] or [B, T, 1, D/2]
    const Tensor rows = table.size(0) == given.size(1) ? table : table.unflatten(0, {given.size(0), given.size(1)});
    return rows.unsqueeze(-2).to(given.scalar_type());
  };
  const Tensor c = placed(cosine), s = placed(sine).mul(direction);
  const Tensor first = given.narrow(3, 0, half), second = given.narrow(3, half, half);
  Tensor y = at::empty_like(given, at::MemoryFormat::Contiguous);
  y.narrow(3, 0, half).copy_(first * c - second * s);
  y.narrow(3, half, half).copy_(second * c + first * s);
  return y;
}

class RotateFunction : public torch::autograd::Function<RotateFunction> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& cosine, const Tensor& sine) {
    context->save_for_backward({cosine, sine});
    return turned(x, cosine, sine, 1);
  }

  static tensor_list backward(AutogradContext* context, tensor_list grads) {
    const auto saved = context->get_saved_variables();
    return {turned(grads[0], saved[0], saved[1], -1), Tensor(), Tensor()};
  }
};

/// Made on the CPU, so that every device has the same angles. positions: [N] fp32.
RotaryTables tables_of(const RotaryOptions& options, const Tensor& positions, at::Device device) {
  at::NoGradGuard no_grad;
  const Tensor angles = at::outer(positions, frequencies(options));
  return {angles.cos().to(device), angles.sin().to(device)};
}

}  // namespace

RotaryTables rotary_tables(const RotaryOptions& options, std::int64_t first, std::int64_t count, at::Device device) {
  return tables_of(options, at::arange(first, first + count, at::kFloat), device);
}

RotaryTables rotary_tables(const RotaryOptions& options, const Tensor& positions) {
  if (is_tracing()) {
    Tensor turns;  // a constant of the graph
    {
      const at::tracer::impl::NoTracerDispatchMode untraced;
      turns = frequencies(options).to(positions.device());
    }
    const Tensor angles = positions.to(at::kFloat).unsqueeze(-1).mul(turns);
    return {angles.cos(), angles.sin()};
  }
  return tables_of(options, positions.to(at::TensorOptions(at::kCPU).dtype(at::kFloat)), positions.device());
}

Tensor rotate(const Tensor& x, const RotaryTables& tables) {
  if (is_tracing()) {
    const std::int64_t half = x.size(3) / 2;
    const Tensor c = tables.cosine.unsqueeze(-2).to(x.scalar_type()), s = tables.sine.unsqueeze(-2).to(x.scalar_type());
    const Tensor first = x.slice(3, 0, half), second = x.slice(3, half, 2 * half);
    return at::cat({first.mul(c).sub(second.mul(s)), second.mul(c).add(first.mul(s))}, 3);
  }
  return RotateFunction::apply(x, tables.cosine, tables.sine);
}

}  // namespace luthier::nn
