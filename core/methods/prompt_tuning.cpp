#include "methods/prompt_tuning.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "methods/attach.h"
#include "methods/lora.h"
#include "models/evaluating.h"
#include "models/prompt.h"

namespace luthier {

namespace {

[[noreturn]] void no_place(const Model& model, const std::string& what) {
  fail(ErrorKind::unsupported,
       "a " + model.family() + " with the head " + to_string(model.head_kind()) + " takes no " + what, "method.kind",
       "choose lora or adapter");
}

/// Ids that the config gives a meaning of their own: padding, beginnings, ends.
std::vector<std::int64_t> special_of(const Json& config) {
  std::vector<std::int64_t> ids;
  for (const char* key : {"pad_token_id", "bos_token_id", "eos_token_id", "cls_token_id", "sep_token_id",
                          "mask_token_id", "decoder_start_token_id"}) {
    const auto found = config.find(key);
    if (found == config.end()) continue;
    for (const Json& one : found->is_array() ? *found : Json::array({*found}))
      if (one.is_number_integer()) ids.push_back(one.get<std::int64_t>());
  }
  return ids;
}

/// The tokens whose embeddings, or keys and values, the virtual ones start as: [P] int64.
Tensor first_tokens(const Model& model, std::int64_t count, const std::string& init, const PromptWords& words,
                    const at::Generator& generator) {
  std::vector<std::int64_t> ids;
  if (init == "text") {
    if (words.text.empty())
      fail(ErrorKind::bad_input, "the text that the prompt starts from has no tokens", "method.init_text",
           "write a description of the task, or set init to vocabulary");
    for (std::int64_t i = 0; i < count; ++i) ids.push_back(words.text[static_cast<std::size_t>(i) % words.text.size()]);
    return at::tensor(ids, at::kLong);
  }
  const std::vector<std::int64_t> special = words.special.empty() ? special_of(model.config()) : words.special;
  const std::int64_t known = words.tokens > 0 ? std::min(words.tokens, model.vocabulary()) : model.vocabulary();
  std::vector<std::int64_t> ordinary;
  for (std::int64_t id = 0; id < known; ++id)
    if (std::find(special.begin(), special.end(), id) == special.end()) ordinary.push_back(id);
  if (ordinary.empty()) fail(ErrorKind::bad_input, "the vocabulary has no ordinary tokens", "method.init");
  const Tensor drawn = at::randint(static_cast<std::int64_t>(ordinary.size()), {count}, generator, at::kLong);
  for (std::int64_t i = 0; i < count; ++i)
    ids.push_back(ordinary[static_cast<std::size_t>(drawn.const_data_ptr<std::int64_t>()[i])]);
  return at::tensor(ids, at::kLong);
}

/// The keys and values that the model itself computes for these tokens, as a prefix keeps them: [P, layers * 2 * heads
/// * head size].
Tensor keys_and_values(Model& model, const Tensor& tokens, const PromptPlaces& places) {
  const Evaluating evaluating(model);
  Batch batch;
  batch.input_ids = tokens.to(model.input_embedding().device()).unsqueeze(0);
  if (model.is_encoder_decoder()) batch.decoder_input_ids = batch.input_ids;
  KeyValueCache cache;
  model.hidden(batch, &cache);
  std::vector<Tensor> parts(static_cast<std::size_t>(2 * places.layers));
  const auto keep = [&](std::int64_t pair, std::int64_t layer) {
    parts[static_cast<std::size_t>(2 * pair)] = cache.keys[static_cast<std::size_t>(layer)][0];
    parts[static_cast<std::size_t>(2 * pair + 1)] = cache.values[static_cast<std::size_t>(layer)][0];
  };
  // Pairs that no layer reads keep their own layer's; of several layers that read one the lowest counts.
  for (std::int64_t layer = 0; layer < places.layers; ++layer) keep(layer, layer);
  for (std::int64_t layer = places.layers - 1; layer >= 0; --layer)
    keep(prefix_pair(layer, places.layers, model.is_encoder_decoder()), layer);
  const Tensor all = at::stack(parts);  // [2 layers, H_kv, P, D]
  return all.permute({2, 0, 1, 3}).reshape({tokens.size(0), -1}).to(at::kFloat);
}

Attached finish(Model& model, const std::shared_ptr<Prompt>& prompt, const std::vector<std::string>& whole) {
  prompt->to(model.input_embedding().device());
  prompt->train(model.is_training());
  freeze_all(model);
  model.set_prompt(prompt);
  train_modules(model, whole);
  return attached(model);
}

}  // namespace

Attached attach_prompt(Model& model, const PromptTuningOptions& options, bool new_head, std::uint64_t seed,
                       const PromptWords& words) {
  if (!model.prompt_places().embeddings) no_place(model, "learned tokens");
  const std::vector<std::string> whole = whole_modules(model, options.modules_to_save, new_head);
  const at::Generator generator = at::detail::createCPUGenerator(seed);
  const at::NoGradGuard no_grad;
  const Tensor table = model.input_embedding();  // [V, C]
  Tensor values;
  if (options.init == "random") {
    values = at::empty({options.virtual_tokens, table.size(1)}, at::kFloat).normal_(0, 1, generator);
  } else {
    const Tensor tokens = first_tokens(model, options.virtual_tokens, options.init, words, generator);
    values = table.detach().index_select(0, tokens.to(table.device())).to(at::kFloat);
  }
  return finish(model, std::make_shared<Prompt>(Prompt::Kind::embeddings, values), whole);
}

Attached attach_prefix(Model& model, const PrefixTuningOptions& options, bool new_head, std::uint64_t seed,
                       const PromptWords& words) {
  const PromptPlaces places = model.prompt_places();
  if (places.layers == 0) no_place(model, "keys and values from outside");
  const std::vector<std::string> whole = whole_modules(model, options.modules_to_save, new_head);
  const at::Generator generator = at::detail::createCPUGenerator(seed);
  const at::NoGradGuard no_grad;
  const std::int64_t width = 2 * places.layers * places.row_channels();
  const bool random = options.init == "random";
  Tensor values;
  if (!random)
    values =
        keys_and_values(model, first_tokens(model, options.virtual_tokens, options.init, words, generator), places);
  else if (options.projection)
    values = at::zeros({options.virtual_tokens, width});
  else
    values = at::empty({options.virtual_tokens, width}, at::kFloat).normal_(0, 1, generator);
  const auto prompt = options.projection ? std::make_shared<Prompt>(values.cpu(), places.row_channels(),
                                                                    options.projection_size, !random, generator)
                                         : std::make_shared<Prompt>(Prompt::Kind::keys_and_values, values);
  return finish(model, prompt, whole);
}

}  // namespace luthier
