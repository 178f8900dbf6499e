#include "export/combine_tensors.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/topk.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>

#include "base/random.h"

namespace luthier {

Tensor pruned_by_magnitude(const Tensor& values, double density) {
  if (density >= 1) return values;
  const Tensor flat = values.reshape({-1});
  const auto kept = static_cast<std::int64_t>(density * static_cast<double>(flat.numel()));
  const Tensor places = std::get<1>(flat.abs().topk(kept));
  return at::zeros_like(flat).scatter_(0, places, flat.gather(0, places)).view(values.sizes());
}

Tensor dropped_and_rescaled(const Tensor& values, double density, std::uint64_t seed, std::uint64_t stream) {
  if (density >= 1) return values;
  const Tensor mask = at::empty(values.sizes(), at::kFloat);
  float* one = mask.mutable_data_ptr<float>();
  const auto factor = static_cast<float>(1 / density);
  for (std::int64_t i = 0; i < mask.numel(); ++i)
    one[i] = Random(seed, stream, static_cast<std::uint64_t>(i)).uniform() < density ? factor : 0.0f;
  return values * mask;
}

Tensor combined(const std::vector<Tensor>& values, const std::vector<double>& weights, const MergeOptions& options,
                std::uint64_t stream) {
  const bool dare = options.how.starts_with("dare"), ties = options.how.find("ties") != std::string::npos,
             magnitude = options.how.starts_with("ties") || options.how.starts_with("magnitude");
  std::vector<Tensor> kept;
  for (std::size_t i = 0; i < values.size(); ++i) {
    Tensor one = values[i];
    if (magnitude) one = pruned_by_magnitude(one, options.density);
    if (dare)
      one = dropped_and_rescaled(one, options.density, static_cast<std::uint64_t>(options.seed), mix(stream, i + 1));
    kept.push_back(one);
  }
  const Tensor all = at::stack(kept);  // [adapters, ...]
  std::vector<std::int64_t> shape(static_cast<std::size_t>(all.dim()), 1);
  shape[0] = all.size(0);
  const Tensor weighted = all * at::tensor(weights, at::kDouble).to(all.scalar_type()).view(shape);
  if (!ties) return weighted.sum(0);
  // The sign is elected by the values themselves, weights only scale what has it (Yadav et al. 2023).
  const Tensor votes = options.majority_sign == "frequency" ? all.sign().sum(0) : all.sum(0);
  const Tensor elected = at::where(votes.ge(0), at::ones_like(votes), -at::ones_like(votes));
  const Tensor agrees = all.sign().eq(elected);
  return (weighted * agrees).sum(0) / agrees.sum(0).clamp_min(1);
}

}  // namespace luthier
