#include "nn/dropout.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/dropout.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <mutex>
#include <optional>

namespace luthier::nn {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

constexpr std::int64_t kLanes = 4;  // 16 bits of one mixed word decide each element

/// SplitMix64's output function (Steele, Lea, Flood 2014) at position `index` of the key's sequence.
inline std::uint64_t word_at(std::uint64_t key, std::uint64_t index) {
  std::uint64_t z = key + (index + 1) * 0x9e3779b97f4a7c15ull;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

template <bool with_residual>
void apply(const float* x, const float* residual, float* out, std::int64_t size, std::uint32_t threshold, float scale,
           std::uint64_t key) {
  const std::int64_t words = (size + kLanes - 1) / kLanes;
  at::parallel_for(0, words, 4096, [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t w = begin; w < end; ++w) {
      std::uint64_t bits = word_at(key, static_cast<std::uint64_t>(w));
      const std::int64_t first = w * kLanes, last = std::min(size, first + kLanes);
      for (std::int64_t i = first; i < last; ++i, bits >>= 16) {
        const float factor = static_cast<std::uint32_t>(bits & 0xffff) >= threshold ? scale : 0.0f;
        out[i] = with_residual ? residual[i] + x[i] * factor : x[i] * factor;
      }
    }
  });
}

bool runs_here(const Tensor& x) { return x.is_cpu() && x.scalar_type() == at::kFloat; }

struct AddDropout : torch::autograd::Function<AddDropout> {
  /// An undefined tensor may not be an argument (LibTorch 2.14): an absent residual is nullopt.
  static Tensor forward(AutogradContext* context, const Tensor& x, const std::optional<Tensor>& residual, double p) {
    const std::uint64_t key = draw_dropout_key();
    context->saved_data["key"] = static_cast<std::int64_t>(key);
    context->saved_data["p"] = p;
    context->saved_data["residual"] = residual.has_value();
    Tensor out = at::empty_like(x, at::MemoryFormat::Contiguous);
    apply_dropout(x.contiguous(), residual ? residual->contiguous() : Tensor(), p, key, out);
    return out;
  }
  static tensor_list backward(AutogradContext* context, tensor_list grads) {
    const auto key = static_cast<std::uint64_t>(context->saved_data["key"].toInt());
    const Tensor grad = grads[0].contiguous();
    Tensor grad_x = at::empty_like(grad);
    apply_dropout(grad, {}, context->saved_data["p"].toDouble(), key, grad_x);
    return {grad_x, context->saved_data["residual"].toBool() ? grad : Tensor(), Tensor()};
  }
};

}  // namespace

std::uint64_t draw_dropout_key() {
  at::Generator generator = at::detail::getDefaultCPUGenerator();
  std::lock_guard<std::mutex> lock(generator.mutex());
  return at::check_generator<at::CPUGeneratorImpl>(generator)->random64();
}

void apply_dropout(const Tensor& x, const Tensor& residual, double p, std::uint64_t key, Tensor& out) {
  // The scale follows the threshold, not p: the mean stays exact although 16 bits cannot give every p.
  const auto threshold = static_cast<std::uint32_t>(std::lround(p * 65536));
  const float scale = threshold >= 65536 ? 0.0f : static_cast<float>(65536.0 / (65536.0 - threshold));
  const float* from = x.const_data_ptr<float>();
  float* to = out.mutable_data_ptr<float>();
  if (residual.defined())
    apply<true>(from, residual.const_data_ptr<float>(), to, x.numel(), threshold, scale, key);
  else
    apply<false>(from, nullptr, to, x.numel(), threshold, scale, key);
}

Tensor dropout(const Tensor& x, double p, bool training) {
  if (!training || p <= 0) return x;
  return runs_here(x) ? AddDropout::apply(x, std::optional<Tensor>(), p) : at::dropout(x, p, true);
}

Tensor add_dropout(const Tensor& residual, const Tensor& x, double p, bool training) {
  if (!training || p <= 0) return residual.add(x);
  return runs_here(x) && runs_here(residual) && residual.sizes() == x.sizes()
             ? AddDropout::apply(x, std::optional<Tensor>(residual), p)
             : residual.add(at::dropout(x, p, true));
}

}  // namespace luthier::nn
