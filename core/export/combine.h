#pragma once
// Several adapters of one base model as one, and a model between base and tuned.
#include <filesystem>
#include <vector>

#include "export/artefact.h"
#include "recipe/merge_options.h"

namespace luthier {

struct WeightedAdapter {
  std::filesystem::path folder;
  double weight = 1;
};

/// The base model with one adapter made of the given ones: of LoRA as `options` say, of IA3 the weighted sum of the
/// factors. A layer that only some adapters have takes those. Modules that were trained whole (heads) become their
/// weighted mean. Weights are taken as they are; how the factors are combined is PEFT's add_weighted_adapter (0.20),
/// but for svd, where an update counts with its scale once: ties is Yadav et al. 2023, dare Yu et al. 2024.
/// Errors (bad_input): adapters of different labels, vocabularies, kinds or number types of the frozen weights, of
/// different ranks where a kind needs equal ones; unsupported for DoRA, bottlenecks and prompts.
Artefact combine_adapters(const std::filesystem::path& base, const std::vector<WeightedAdapter>& adapters,
                          const MergeOptions& options);

/// Weights base + share * (tuned - base), number by number (WiSE-FT, Wortsman et al. 2022); 0 is the base model, 1 the
/// tuned one, adapters of which are merged first. What the base model lacks (a head, new tokens) is the tuned model's.
/// bad_input where the two are not of one architecture.
Artefact interpolate(const std::filesystem::path& base, const std::filesystem::path& tuned, double share);

}  // namespace luthier
