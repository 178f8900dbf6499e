#include "models/generation.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "models/config.h"
#include "models/decoding.h"
#include "models/evaluating.h"

namespace luthier {

namespace {

void check_options(const GenerateOptions& options) {
  if (!(options.repetition_penalty > 0) || !std::isfinite(options.repetition_penalty))
    fail(ErrorKind::bad_input, "the repetition penalty must be above zero", "repetition_penalty", "1 changes nothing");
  if (options.beams < 1 || options.beams > 1024)
    fail(ErrorKind::bad_input, "the number of beams must be from 1 to 1024", "beams", "1 follows one answer");
  if (!std::isfinite(options.length_penalty))
    fail(ErrorKind::bad_input, "the length penalty must be a number", "length_penalty", "1 is usual");
  if (options.no_repeat_ngram < 0)
    fail(ErrorKind::bad_input, "the length of runs that may not repeat must be zero or above", "no_repeat_ngram",
         "0 allows every repetition");
}

/// One token after the other, as options.pick chooses.
TokenRows write_rows(Decoding& decoding, const GenerateOptions& options) {
  TokenRows histories = decoding.prompts(), written(histories.size());
  std::vector<bool> ended(histories.size(), false);
  const std::int64_t room = decoding.room(options.max_new_tokens);
  for (std::int64_t count = 0; count < room; ++count) {
    Tensor logits = decoding.next_logits();  // [B, V]
    apply_rules(logits, histories, count == 0, options);
    const Tensor picked = options.pick(logits, count);  // [B]
    for (std::size_t row = 0; row < written.size(); ++row) {
      if (ended[row]) continue;
      const std::int64_t token = picked.const_data_ptr<std::int64_t>()[row];
      written[row].push_back(token);
      histories[row].push_back(token);
      ended[row] = std::find(options.stop_ids.begin(), options.stop_ids.end(), token) != options.stop_ids.end();
      if (options.on_token && !options.on_token(static_cast<std::int64_t>(row), token)) return written;
    }
    if (std::all_of(ended.begin(), ended.end(), [](bool done) { return done; })) break;
    decoding.append(picked);
  }
  return written;
}

const Json* find_key(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found == json.end() || found->is_null() ? nullptr : &*found;
}

std::vector<std::int64_t> ids_at(const Json& json, const char* key) {
  std::vector<std::int64_t> ids;
  const Json* found = find_key(json, key);
  if (!found) return ids;
  if (found->is_number_integer()) ids.push_back(found->get<std::int64_t>());
  if (found->is_array())
    for (const Json& id : *found)
      if (id.is_number_integer()) ids.push_back(id.get<std::int64_t>());
  return ids;
}

/// generation_config.json, or an empty object; the model's own config speaks where it is silent.
Json generation_config(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "generation_config.json";
  if (folder.empty() || !std::filesystem::exists(file)) return Json::object();
  Json config = read_json(file);
  if (!config.is_object()) fail(ErrorKind::bad_input, "generation_config.json is not an object", file.string());
  return config;
}

}  // namespace

std::vector<std::vector<std::int64_t>> generate_from(Model& model, const GenerateInputs& inputs,
                                                     const GenerateOptions& options) {
  if (model.head_kind() != Head::causal_lm && model.head_kind() != Head::seq2seq_lm)
    fail(ErrorKind::bad_input, "this model has no language-model head to write with", {},
         "choose a causal language model or an encoder-decoder");
  check_options(options);
  if (!model.is_encoder_decoder() && inputs.prompts.empty()) return {};
  const Evaluating evaluating(model);
  Decoding decoding(model, inputs, options.use_cache);
  if (options.beams == 1) return write_rows(decoding, options);
  TokenRows written = beam_search(decoding, options);
  if (options.on_token)
    for (std::size_t row = 0; row < written.size(); ++row)
      for (const std::int64_t token : written[row])
        if (!options.on_token(static_cast<std::int64_t>(row), token)) return written;
  return written;
}

std::vector<std::vector<std::int64_t>> generate(Model& model, const std::vector<std::vector<std::int64_t>>& prompts,
                                                const GenerateOptions& options) {
  return generate_from(model, {.prompts = prompts, .source = {}}, options);
}

std::vector<std::int64_t> stop_ids_of(const Json& config) { return ids_at(config, "eos_token_id"); }

GenerateOptions generate_defaults(const Model& model, const std::filesystem::path& folder) {
  const Json own = generation_config(folder);
  const auto ids = [&](const char* key) { return find_key(own, key) ? ids_at(own, key) : ids_at(model.config(), key); };
  GenerateOptions options;
  options.stop_ids = ids("eos_token_id");
  options.suppress = ids("suppress_tokens");
  options.suppress_at_start = ids("begin_suppress_tokens");
  return options;
}

std::vector<std::int64_t> decoder_prompt(const Model& model, const std::filesystem::path& folder) {
  const Json own = generation_config(folder);
  std::vector<std::int64_t> prompt;
  for (const char* key : {"decoder_start_token_id", "pad_token_id"})
    for (const Json* config : {&own, &model.config()})
      if (const auto ids = ids_at(*config, key); prompt.empty() && !ids.empty()) prompt.push_back(ids[0]);
  if (prompt.empty())
    fail(ErrorKind::bad_input, "the model's config names no token that a decoder starts with",
         "config.json: decoder_start_token_id", "get the model's config.json again from where it came");
  const Json* forced = find_key(own, "forced_decoder_ids");
  if (!forced) forced = find_key(model.config(), "forced_decoder_ids");
  if (!forced || !forced->is_array()) return prompt;
  for (const Json& entry : *forced) {  // [position, token]; from the first open one on the model decides
    const bool next =
        entry.is_array() && entry.size() == 2 && entry[0] == prompt.size() && entry[1].is_number_integer();
    if (!next) break;
    prompt.push_back(entry[1].get<std::int64_t>());
  }
  return prompt;
}

}  // namespace luthier
