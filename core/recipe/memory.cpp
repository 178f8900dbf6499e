#include "recipe/memory.h"

#include <algorithm>

namespace luthier {

namespace {

/// Numbers that one layer keeps for the backward pass, a token. Attention: input, queries, keys, values, the kernel's
/// output and the projection's; feed-forward: input, inner projection and activation (twice and their product if
/// gated), output; two norms and two dropout masks (a byte an element, a quarter of a number).
double kept_per_token(const ModelSizes& s) {
  const double inner = s.gated ? 4.0 : 2.0;
  return 8.5 * static_cast<double>(s.channels) + inner * static_cast<double>(s.feed_forward);
}

constexpr double kChunkRows = 256;  // rows of logits that exist at once in a language-model loss

}  // namespace

MemoryEstimate estimate_memory(const ModelOutline& model, const MethodOptions& method, const TrainingOptions& training,
                               std::int64_t tokens, bool two_byte_computation) {
  const std::int64_t trained = trainable_parameters(model, method);
  const ModelSizes& s = model.sizes;
  const double rows = static_cast<double>(training.batch_size), width = static_cast<double>(tokens);
  const double bytes = two_byte_computation ? 2 : 4;
  const bool features_only = std::holds_alternative<FeatureExtractionOptions>(method);

  MemoryEstimate need;
  const std::int64_t added =
      std::holds_alternative<LoraOptions>(method) ? lora_parameters(model, std::get<LoraOptions>(method)) : 0;
  need.weights_bytes = 4 * (model.total_parameters + added);
  need.mapped_bytes = 4 * std::max<std::int64_t>(0, model.total_parameters + added - trained);
  need.gradients_bytes = 4 * trained;
  need.optimizer_bytes = 8 * trained;

  double kept = kept_per_token(s) * rows * width;
  const double dropout = training.dropout >= 0 ? training.dropout : s.attention_dropout;
  if (dropout > 0)  // attention with dropout keeps probabilities and mask for every pair of tokens
    kept += 2.25 * static_cast<double>(s.heads) * rows * width * width;
  // A frozen network keeps nothing: one layer's numbers at a time.
  need.activations_bytes =
      static_cast<std::int64_t>(kept * bytes * (features_only ? 1.0 : static_cast<double>(s.layers)));
  const bool language = model.head == "masked_lm" || model.head == "causal_lm";
  if (language)
    need.output_bytes =
        static_cast<std::int64_t>(2 * 4 * std::min(rows * width, kChunkRows) * static_cast<double>(s.vocabulary));
  return need;
}

}  // namespace luthier
