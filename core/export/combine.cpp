#include "export/combine.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/linalg_svd.h>
#include <ATen/ops/mm.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>

#include "base/error.h"
#include "base/files.h"
#include "base/random.h"
#include "export/combine_tensors.h"
#include "methods/bottleneck.h"
#include "methods/lora.h"
#include "models/quantise.h"

namespace luthier {

namespace {

struct LowRank {
  Tensor a, b;  ///< as in nn::Lora
  double scale = 1;
};

/// What one adapter brings.
struct Parts {
  double weight = 1;
  std::map<std::string, LowRank> low_rank;          ///< by layer
  std::map<std::string, nn::ChannelScale> factors;  ///< IA3's, by layer
  std::map<std::string, Tensor> whole;              ///< parameters that were trained whole
};

Parts parts_of(const Artefact& artefact, double weight) {
  const fs::path& folder = artefact.adapter;
  if (has_bottlenecks(*artefact.model) || artefact.model->prompt())
    fail(ErrorKind::unsupported, "bottlenecks and learned tokens cannot be combined", folder.string(),
         "combine adapters of LoRA, QLoRA or IA3");
  Parts parts;
  parts.weight = weight;
  for (const auto& [name, layer] : adaptable_layers(*artefact.model)) {
    if (const auto& lora = layer->lora()) {
      if (lora->magnitude.defined())
        fail(ErrorKind::unsupported, "DoRA keeps lengths beside directions, which do not add up", folder.string(),
             "export each adapter merged, then merge the models with a share");
      parts.low_rank[name] = {lora->a.detach(), lora->b.detach(), lora->scale};
    }
    if (const auto& scale = layer->channel_scale()) parts.factors[name] = {scale->factor.detach(), scale->on_input};
  }
  for (const auto& [name, parameter] : artefact.model->unique_parameters())
    if (parameter.requires_grad() && !is_adapter_parameter(name)) parts.whole[name] = parameter.detach();
  return parts;
}

void check_alike(const Artefact& first, const Artefact& other) {
  const auto differ = [&](const std::string& what, const std::string& hint) {
    fail(ErrorKind::bad_input, "the adapters " + first.adapter.string() + " and " + other.adapter.string() + what,
         other.adapter.string(), hint);
  };
  if (first.model->head_kind() != other.model->head_kind() || first.model->label_names() != other.model->label_names())
    differ(" were trained for different labels or heads", "combine adapters of one task");
  if (first.model->vocabulary() != other.model->vocabulary())
    differ(" have vocabularies of different sizes", "combine adapters that were trained with one tokenizer");
  const auto bits = quantisation_of(*first.model), other_bits = quantisation_of(*other.model);
  const bool same = bits.has_value() == other_bits.has_value() &&
                    (!bits || (bits->type == other_bits->type && bits->block == other_bits->block));
  if (!same) differ(" were trained beside weights of different number types", "export each one merged first");
}

/// One number for every layer and factor, for DARE's draws.
std::uint64_t stream_of(const std::string& name, const char* part) {
  return hash_bytes(part, std::string(part).size(), hash_bytes(name.data(), name.size()));
}

std::int64_t rank_of(const LowRank& one) { return one.a.size(0); }

/// Ranks side by side: scale and weight go into A, as PEFT has it.
LowRank side_by_side(const std::vector<const LowRank*>& all, const std::vector<double>& weights) {
  std::vector<Tensor> a, b;
  for (std::size_t i = 0; i < all.size(); ++i) {
    a.push_back(all[i]->a * (weights[i] * all[i]->scale));
    b.push_back(all[i]->b);
  }
  return {at::cat(a, 0), at::cat(b, 1), 1};
}

/// Factor by factor: each takes the square root of weight times scale, A the sign.
LowRank by_factors(const std::string& name, const std::vector<const LowRank*>& all, const std::vector<double>& weights,
                   const MergeOptions& options) {
  std::vector<Tensor> a, b;
  std::vector<double> of_a, of_b;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (rank_of(*all[i]) != rank_of(*all[0]))
      fail(ErrorKind::bad_input,
           "the adapters have different ranks there, which \"" + options.how + "\" cannot combine", name,
           "use cat, which adds ranks up, or " + options.how + "_svd");
    const double full = weights[i] * all[i]->scale;
    a.push_back(all[i]->a);
    b.push_back(all[i]->b);
    of_b.push_back(std::sqrt(std::abs(full)));
    of_a.push_back(std::copysign(of_b.back(), full));
  }
  return {combined(a, of_a, options, stream_of(name, "A")), combined(b, of_b, options, stream_of(name, "B")), 1};
}

/// On the updates, cut to the largest singular values: B takes them, A the directions.
LowRank by_updates(const std::string& name, const std::vector<const LowRank*>& all, const std::vector<double>& weights,
                   const MergeOptions& options) {
  std::vector<Tensor> updates;
  std::int64_t rank = options.rank;
  for (const LowRank* one : all) {
    updates.push_back(one->b.flatten(1).mm(one->a.flatten(1)) * one->scale);  // [out, in]
    if (options.rank == 0) rank = std::max(rank, rank_of(*one));
  }
  MergeOptions plain = options;
  if (plain.how != "svd") plain.how.resize(plain.how.size() - std::string("_svd").size());
  const Tensor update = combined(updates, weights, plain, stream_of(name, "update"));
  const auto [u, s, v] = at::linalg_svd(update, /*full_matrices=*/false);
  rank = std::min(rank, s.size(0));
  std::vector<std::int64_t> shape_a = all[0]->a.sizes().vec(), shape_b = all[0]->b.sizes().vec();
  shape_a[0] = shape_b[1] = rank;
  return {v.narrow(0, 0, rank).reshape(shape_a), (u.narrow(1, 0, rank) * s.narrow(0, 0, rank)).reshape(shape_b), 1};
}

LowRank combined_layer(const std::string& name, const std::vector<Parts>& adapters, const MergeOptions& options) {
  std::vector<const LowRank*> all;
  std::vector<double> weights;
  for (const Parts& one : adapters)
    if (const auto found = one.low_rank.find(name); found != one.low_rank.end()) {
      all.push_back(&found->second);
      weights.push_back(one.weight);
    }
  if (options.how == "cat") return side_by_side(all, weights);
  return merges_updates(options.how) ? by_updates(name, all, weights, options)
                                     : by_factors(name, all, weights, options);
}

/// Names that any of the adapters has, each once.
template <class Value>
std::vector<std::string> names_in(const std::vector<Parts>& adapters, std::map<std::string, Value> Parts::* part) {
  std::map<std::string, bool> names;
  for (const Parts& one : adapters)
    for (const auto& [name, value] : one.*part) names[name] = true;
  std::vector<std::string> list;
  for (const auto& [name, here] : names) list.push_back(name);
  return list;
}

void set_low_rank(nn::AdaptedLayer& layer, const LowRank& values) {
  const std::int64_t rank = rank_of(values);
  layer.add_lora(rank, /*scale=*/1, /*alpha=*/static_cast<double>(rank), /*dropout=*/0,
                 at::detail::createCPUGenerator(0));
  Tensor(layer.lora()->a).copy_(values.a);
  Tensor(layer.lora()->b).copy_(values.b);
}

void set_factor(nn::AdaptedLayer& layer, const std::string& name, const std::vector<Parts>& adapters) {
  Tensor sum;
  bool on_input = false;
  for (const Parts& one : adapters) {
    const auto found = one.factors.find(name);
    if (found == one.factors.end()) continue;
    if (sum.defined() && found->second.on_input != on_input)
      fail(ErrorKind::bad_input, "one adapter scales this layer's input, another its output", name,
           "combine adapters with the same feed-forward layers");
    on_input = found->second.on_input;
    const Tensor weighted = found->second.factor * one.weight;
    sum = sum.defined() ? sum + weighted : weighted;
  }
  layer.add_channel_scale(on_input);
  Tensor(layer.channel_scale()->factor).copy_(sum);
}

/// The weighted mean of those that trained it.
Tensor mean_of(const std::string& name, const std::vector<Parts>& adapters) {
  Tensor sum;
  double weights = 0;
  for (const Parts& one : adapters) {
    const auto found = one.whole.find(name);
    if (found == one.whole.end()) continue;
    if (sum.defined() && sum.sizes() != found->second.sizes())
      fail(ErrorKind::bad_input, "the adapters keep this in different shapes", name, "combine adapters of one task");
    const Tensor weighted = found->second * one.weight;
    sum = sum.defined() ? sum + weighted : weighted;
    weights += one.weight;
  }
  if (std::abs(weights) < 1e-6)
    fail(ErrorKind::bad_input,
         "the weights of the adapters add up to nothing, so a module that was trained whole has "
         "no mean",
         name, "use weights with another sum");
  return sum / weights;
}
}  // namespace

Artefact combine_adapters(const fs::path& base, const std::vector<WeightedAdapter>& adapters,
                          const MergeOptions& options) {
  if (adapters.empty())
    fail(ErrorKind::bad_input, "there is no adapter to combine", base.string(), "name adapters' folders");
  const at::NoGradGuard no_grad;
  Artefact target = open_artefact(base, adapters[0].folder);
  std::vector<Parts> parts = {parts_of(target, adapters[0].weight)};
  for (std::size_t i = 1; i < adapters.size(); ++i) {
    const Artefact other = open_artefact(base, adapters[i].folder, target.model->head_kind());
    check_alike(target, other);
    parts.push_back(parts_of(other, adapters[i].weight));
  }
  const std::vector<std::string> low_rank = names_in(parts, &Parts::low_rank),
                                 factors = names_in(parts, &Parts::factors), whole = names_in(parts, &Parts::whole);
  if (!low_rank.empty() && !factors.empty())
    fail(ErrorKind::bad_input, "adapters of LoRA and of IA3 cannot become one", base.string(),
         "combine adapters of one method");
  if (!factors.empty() && options.how != "cat" && options.how != "linear")
    fail(ErrorKind::unsupported, "IA3's factors are combined as a weighted sum, not by \"" + options.how + "\"",
         "merge.how", "use linear");
  std::map<std::string, LowRank> made;
  for (const std::string& name : low_rank) made[name] = combined_layer(name, parts, options);
  std::map<std::string, Tensor> means;
  for (const std::string& name : whole) means[name] = mean_of(name, parts);
  for (const auto& [name, layer] : adaptable_layers(*target.model)) {
    if (layer->has_adapter()) layer->remove_adapter();
    if (const auto found = made.find(name); found != made.end()) set_low_rank(*layer, found->second);
    if (std::find(factors.begin(), factors.end(), name) != factors.end()) set_factor(*layer, name, parts);
  }
  for (auto& [name, parameter] : target.model->unique_parameters())
    if (const auto found = means.find(name); found != means.end()) {
      Tensor slot = parameter;
      slot.set_data(found->second);
      slot.requires_grad_(true);  // it is saved beside the adapter
    }
  target.model->eval();
  return target;
}

}  // namespace luthier
