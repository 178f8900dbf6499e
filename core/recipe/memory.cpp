#include "recipe/memory.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.h"
#include "base/files.h"
#include "recipe/block_memory.h"
#include "recipe/trainable.h"

namespace luthier {

namespace {

/// Whether a language model's projection to the vocabulary trains: its gradient is made before anything is freed.
bool output_trains(const ModelOutline& model, const MethodOptions& method) {
  const std::vector<bool> trained = trained_parameters(model, method);
  const auto trains = [&](const auto& is_it) {
    for (std::size_t i = 0; i < trained.size(); ++i)
      if (is_it(model.parameters[i])) return static_cast<bool>(trained[i]);
    return false;
  };
  for (const ParameterOutline& one : model.parameters) {
    if (!one.is_output || one.shape.size() < 2) continue;
    const std::string name = one.tied_to.empty() ? one.name : one.tied_to;
    return trains([&](const ParameterOutline& other) { return other.name == name; });
  }
  return false;
}

/// Bytes of a quantised weight with its scales: a scale of 4 bytes a block, or with double quantisation one of 1 byte
/// and for every 256 of them 4 more (Dettmers et al. 2023); int8 has a scale a row.
double quantised_bytes(const QloraOptions& qlora, const ParameterOutline& weight) {
  const double numbers = static_cast<double>(weight.elements());
  if (qlora.type == "int8") return numbers + 4 * static_cast<double>(weight.shape.front());
  const double blocks = std::ceil(numbers / static_cast<double>(qlora.block));
  return numbers / 2 + (qlora.double_quantisation ? blocks + 4 * std::ceil(blocks / 256) : 4 * blocks);
}

/// What few bits save on the frozen layers.
double saved_by_quantising(const ModelOutline& model, const QloraOptions& qlora) {
  const std::vector<bool> trained = trained_parameters(model, qlora);
  double saved = 0;
  for (const TransformerLayer& layer : transformer_layers(model))
    for (const ParameterOutline* one : layer.linears)
      if (!trained[static_cast<std::size_t>(one - model.parameters.data())])
        saved += 4 * static_cast<double>(one->elements()) - quantised_bytes(qlora, *one);
  return saved;
}

/// What two bytes a number save on the frozen layers (models/frozen.h).
double saved_by_narrowing(const ModelOutline& model, const MethodOptions& method) {
  const std::vector<bool> trained = trained_parameters(model, method);
  double saved = 0;
  for (const TransformerLayer& layer : transformer_layers(model))
    for (const ParameterOutline* one : layer.linears)
      if (!trained[static_cast<std::size_t>(one - model.parameters.data())])
        saved += 2 * static_cast<double>(one->elements());
  return saved;
}

/// Bytes of both moments a trained parameter: 8-bit ones have a scale of 4 bytes for each 256 of them.
double moment_bytes(const TrainingOptions& training, bool on_gpu) {
  if (on_gpu && training.offload_optimizer) return 0;
  return training.optimizer == "adamw_8bit" ? 2 + 2 * 4.0 / 256 : 8;
}

/// Hostile configs and huge batches reach numbers that no integer holds.
std::int64_t whole_bytes(double bytes) { return static_cast<std::int64_t>(std::min(bytes, 1e17)); }

constexpr double kChunkRows = 256;               // rows of logits that exist at once in a language-model loss
constexpr std::int64_t kFixedBytes = 4'000'000;  // measured: what OpenBLAS and LibTorch keep after a first step

/// Holes in the heap between tensors of unlike size. Measured on 105 configurations drawn at random.
double holes(const ModelOutline& model, const MethodOptions& method, const TrainingOptions& training) {
  // Where no linear layer keeps its input, what is freed lies between what stays.
  if (std::holds_alternative<PrefixTuningOptions>(method)) return training.recompute ? 1.5 : 1.3;
  const bool ia3 = std::holds_alternative<Ia3Options>(method);
  if (ia3 && model.family == "resnet") return 1.6;  // a copy of what each convolution gives
  if (ia3 && model.sizes.map_values > 0) return 1.3;
  if (ia3 || std::holds_alternative<PromptTuningOptions>(method)) return training.recompute ? 1.25 : 1.18;
  return training.recompute ? 1.25 : 1.08;
}

bool has_module(const ModelOutline& model, const char* part) {
  return std::any_of(model.parameters.begin(), model.parameters.end(),
                     [&](const ParameterOutline& one) { return one.name.find(part) != std::string::npos; });
}

/// A frozen network frees at once what it makes, so that its holes are larger.
double holes_of_frozen(const ModelOutline& model) {
  const bool causal = model.family == "gpt2" || model.family == "llama";
  // The large kernels of basic blocks work on copies in a layout of their own.
  if (model.family == "resnet" && !has_module(model, ".layer.2")) return 2.1;
  return model.sizes.map_values > 0 ? 1.4 : causal ? 1.25 : model.family == "wav2vec2" ? 1.08 : 1.6;
}

/// Numbers for every pixel of an image that LoRA in convolutions adds: what each of its first halves gives. The stages
/// of a ResNet are a half, a quarter ... as large as the image; other families' adapters are few beside their maps.
double lora_map_values(const ModelOutline& model, const LoraOptions& lora) {
  double values = 0;
  for (const std::string& module : lora_layers(model, lora)) {
    const std::size_t at = module.find(".stages.");
    if (at == std::string::npos) continue;
    const int stage = std::atoi(module.c_str() + at + 8);
    values += static_cast<double>(lora.rank) / static_cast<double>(std::int64_t{1} << (2 * std::min(stage + 2, 30)));
  }
  return values;
}

}  // namespace

std::int64_t MemoryEstimate::total() const {
  const std::int64_t computing = activations_bytes + output_bytes + passing_bytes;
  return weights_bytes + optimizer_bytes + fixed_bytes +
         (accumulates ? gradients_bytes + computing : std::max(gradients_bytes + last_bytes, computing));
}

BatchContent batch_content(const Recipe& recipe, std::int64_t tokens) {
  BatchContent batch(tokens);
  if (const auto* written = std::get_if<Seq2SeqOptions>(&recipe.objective)) batch.targets = written->max_target_tokens;
  if (const auto* masked = std::get_if<MaskedLmOptions>(&recipe.objective)) batch.loss_share = masked->mask_share;
  // The reference needs no copy of the model: adapters are switched off, or what it said is kept in a table.
  if (const auto* preference = std::get_if<PreferenceOptions>(&recipe.objective))
    batch.pairs = preference->loss != "kto";
  if (const auto& teacher = recipe.training.distillation; teacher && !teacher->teacher.empty()) try {
      batch.teacher_parameters =
          outline_for(resolve_path(teacher->teacher, recipe.folder), kind_of(recipe.objective)).total_parameters;
    } catch (const Error&) {
      batch.teacher_parameters = 0;  // loading it will say what is wrong
    }
  return batch;
}

MemoryEstimate estimate_memory(const ModelOutline& model, const MethodOptions& method, const TrainingOptions& training,
                               const BatchContent& batch) {
  const std::int64_t trained = trainable_parameters(model, method);
  const ModelSizes& s = model.sizes;
  const double rows = static_cast<double>(training.batch_size) * (batch.pairs ? 2 : 1);
  const double bytes = batch.two_byte_computation ? 2 : 4, around = holes(model, method, training);
  const bool features_only = std::holds_alternative<FeatureExtractionOptions>(method);

  MemoryEstimate need;
  const std::int64_t added = added_parameters(model, method);
  double weights = 4 * static_cast<double>(model.total_parameters + added);
  if (const auto* qlora = std::get_if<QloraOptions>(&method))
    weights -= saved_by_quantising(model, *qlora);
  else if (batch.on_gpu && batch.two_byte_computation)
    weights -= saved_by_narrowing(model, method);
  const double near = training.stay_near_base > 0 ? static_cast<double>(trained) : 0;
  const double others = 4 * (static_cast<double>(batch.teacher_parameters) + near);
  need.weights_bytes = whole_bytes(weights + others);
  need.mapped_bytes =
      std::holds_alternative<QloraOptions>(method)
          ? 0
          : std::min(need.weights_bytes,
                     4 * std::max<std::int64_t>(0, model.total_parameters + added - trained) + whole_bytes(others));
  need.gradients_bytes = 4 * trained;
  const double average = training.average_decay > 0 ? 4 : 0;
  need.optimizer_bytes = whole_bytes((moment_bytes(training, batch.on_gpu) + average) * static_cast<double>(trained));
  need.fixed_bytes = kFixedBytes;
  need.accumulates = training.gradient_accumulation > 1;

  if (s.map_values > 0) {
    const double pixels = rows * static_cast<double>(s.image_size) * static_cast<double>(s.image_size);
    const auto* lora = lora_of(method);
    const double kept = features_only ? 2 * s.largest_map : s.map_values + (lora ? lora_map_values(model, *lora) : 0);
    need.activations_bytes = whole_bytes(around * kept * pixels * bytes);
    // An adapter's map, and the sum of both, beside the layer's own.
    const double passing =
        (features_only ? holes_of_frozen(model) : around) * (lora && model.family == "resnet" ? 4 : 2) * s.largest_map;
    need.passing_bytes = whole_bytes(passing * pixels * bytes);
    return need;
  }
  const KeptNumbers numbers = kept_numbers(model, method, training, batch);
  need.activations_bytes = whole_bytes(around * numbers.kept * rows * bytes);
  // In a frozen network, one answer of a pair passes after the other.
  const double passing =
      features_only ? holes_of_frozen(model) * numbers.passing * (batch.pairs ? 0.5 : 1) : around * numbers.passing;
  need.passing_bytes = whole_bytes(passing * rows * bytes);
  need.last_bytes = whole_bytes(around * numbers.last * rows * bytes);
  const bool writes = model.head == "causal_lm" || model.head == "seq2seq_lm";
  if (model.head != "masked_lm" && !writes) return need;
  // The rows that carry loss and their gradient, a chunk of logits and its gradient, the projection's gradient.
  const std::int64_t own = model.head == "seq2seq_lm" && batch.targets > 0 ? batch.targets : batch.tokens;
  const double loss_rows = rows * static_cast<double>(own) * batch.loss_share;
  const double vocabulary = static_cast<double>(s.vocabulary), channels = static_cast<double>(s.channels);
  const double projection = output_trains(model, method) ? vocabulary * channels : 0;
  const double logits = training.label_smoothing > 0 ? 3 * loss_rows : 2 * std::min(loss_rows, kChunkRows);
  need.output_bytes = whole_bytes(4 * (2 * loss_rows * channels + logits * vocabulary + projection));
  need.last_bytes += need.output_bytes;  // no gradient fits into the holes that they leave
  return need;
}

}  // namespace luthier
