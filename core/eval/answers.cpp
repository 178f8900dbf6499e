#include "eval/answers.h"

#include <ATen/ops/argmax.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/random.h"
#include "models/config.h"
#include "models/generation.h"

namespace luthier {

namespace {

constexpr std::size_t kExamples = 50;

using Ids = std::vector<std::int64_t>;

/// What stands before the first token that a row's decoder writes.
Ids beginning_of(const EncodedRow& row, std::int64_t start) {
  Ids ids = {start};
  for (std::int32_t i = 0; i < row.silent_target; ++i) ids.push_back(row.target[static_cast<std::size_t>(i)]);
  return ids;
}

}  // namespace

void JudgedAnswers::add(const EncodedSplit& split, std::int64_t row, const std::string& answer) {
  const std::string reference = split.target_text(row);
  scores_.add(answer, reference);
  const std::uint64_t place = mix(static_cast<std::uint64_t>(row));
  const auto after = std::max_element(examples_.begin(), examples_.end(),
                                      [](const Example& a, const Example& b) { return a.place < b.place; });
  if (examples_.size() < kExamples)
    examples_.push_back({place, row, split.text(row), reference, answer});
  else if (place < after->place)
    *after = {place, row, split.text(row), reference, answer};
}

MetricValues JudgedAnswers::values() const {
  if (scores_.rows() == 0) return {};
  return {{"bleu", scores_.bleu().score()},        {"chrf", scores_.chrf().score()},
          {"rouge1", scores_.rouge().rouge1()},    {"rouge2", scores_.rouge().rouge2()},
          {"rouge_l", scores_.rouge().rouge_l()},  {"wer", scores_.word_error_rate()},
          {"cer", scores_.character_error_rate()}, {"exact_match", scores_.exact_match()}};
}

Json JudgedAnswers::detail() const {
  std::vector<Example> sorted = examples_;
  std::sort(sorted.begin(), sorted.end(), [](const Example& a, const Example& b) { return a.row < b.row; });
  Json examples = Json::array();
  for (const Example& one : sorted)
    examples.push_back({{"row", one.row}, {"input", one.input}, {"reference", one.reference}, {"answer", one.answer}});
  return {{"answered", scores_.rows()}, {"examples", std::move(examples)}};
}

std::vector<std::string> answers_of(Model& model, const EncodedSplit& split, const LabelledBatch& batch,
                                    const Seq2SeqOptions& objective, const Tokenizer& tokenizer) {
  GenerateInputs inputs;
  inputs.source = batch.inputs;
  const Tensor first =
      batch.inputs.decoder_input_ids.select(1, 0).cpu().contiguous();  // [B], the token that decoders start with
  for (std::size_t b = 0; b < batch.rows.size(); ++b)
    inputs.prompts.push_back(beginning_of(split.row(batch.rows[b]), first.const_data_ptr<std::int64_t>()[b]));
  GenerateOptions options;
  // Whisper's decoder has so many positions; a T5's has no end.
  const std::int64_t positions = config_size(model.config(), "max_target_positions", 1 << 20);
  options.max_new_tokens =
      std::min(objective.max_target_tokens, positions - static_cast<std::int64_t>(inputs.prompts[0].size()));
  options.beams = objective.beams;
  options.stop_ids = stop_ids_of(model.config());
  if (options.stop_ids.empty() && tokenizer.eos_id()) options.stop_ids.push_back(*tokenizer.eos_id());
  std::vector<std::string> answers;
  for (const Ids& ids : generate_from(model, inputs, options)) answers.push_back(tokenizer.decode(ids));
  return answers;
}

std::vector<std::string> spelled(const Tensor& logits, const Tensor& frames, std::int64_t blank,
                                 const Tokenizer& tokenizer) {
  const Tensor likeliest = logits.argmax(-1).cpu().contiguous(), lengths = frames.cpu();  // [B, F], [B]
  std::vector<std::string> texts;
  for (std::int64_t b = 0; b < likeliest.size(0); ++b) {
    const auto* ids = likeliest.const_data_ptr<std::int64_t>() + b * likeliest.size(1);
    const std::int64_t count = std::min(lengths.const_data_ptr<std::int64_t>()[b], likeliest.size(1));
    Ids kept;
    for (std::int64_t f = 0; f < count; ++f)
      if (ids[f] != blank && (f == 0 || ids[f] != ids[f - 1])) kept.push_back(ids[f]);
    texts.push_back(tokenizer.decode(kept));
  }
  return texts;
}

}  // namespace luthier
