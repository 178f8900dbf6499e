#include "eval/answers.h"

#include <ATen/ops/argmax.h>
#include <ATen/ops/empty.h>

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

std::int64_t start_token(const Json& config) {
  const std::int64_t rows = config_size(config, "vocab_size");
  const std::int64_t start = config_row(config, "decoder_start_token_id", rows);
  return start >= 0 ? start : std::max<std::int64_t>(0, config_row(config, "pad_token_id", rows));
}

/// Greedy: every row goes on until its end token; rows that are over write padding that nobody reads.
std::vector<Ids> written(Model& model, Batch inputs, const std::vector<Ids>& beginnings, const Ids& stops,
                         std::int64_t most) {
  const auto rows = static_cast<std::int64_t>(beginnings.size());
  inputs.encoder_states = model.encode(inputs);
  const at::Device device = inputs.encoder_states.device();
  std::vector<Ids> answers(beginnings.size());
  std::vector<bool> over(beginnings.size());
  KeyValueCache cache;
  Ids next(beginnings.size());
  for (std::size_t b = 0; b < beginnings.size(); ++b) next[b] = beginnings[b][0];
  std::size_t longest = 0;
  for (const Ids& beginning : beginnings) longest = std::max(longest, beginning.size());
  for (std::size_t position = 1; std::cmp_less(position, most + static_cast<std::int64_t>(longest)); ++position) {
    Tensor ids = at::empty({rows, 1}, at::kLong);
    std::copy(next.begin(), next.end(), ids.data_ptr<std::int64_t>());
    inputs.decoder_input_ids = ids.to(device);
    const Tensor logits = model.head(model.hidden(inputs, &cache), inputs);  // [B, 1, V]
    const Tensor likeliest = logits.select(1, -1).argmax(-1).cpu();          // [B]
    for (std::size_t b = 0; b < beginnings.size(); ++b) {
      if (position < beginnings[b].size()) {
        next[b] = beginnings[b][position];
        continue;
      }
      if (over[b]) continue;
      next[b] = likeliest.const_data_ptr<std::int64_t>()[b];
      if (std::find(stops.begin(), stops.end(), next[b]) != stops.end())
        over[b] = true;
      else
        answers[b].push_back(next[b]);
      over[b] = over[b] || std::cmp_greater_equal(answers[b].size(), most);
    }
    if (std::all_of(over.begin(), over.end(), [](bool one) { return one; })) break;
  }
  return answers;
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
  std::vector<Ids> beginnings;
  const std::int64_t start = start_token(model.config());
  for (const std::int64_t row : batch.rows) beginnings.push_back(beginning_of(split.row(row), start));
  Ids stops = stop_ids_of(model.config());
  if (stops.empty() && tokenizer.eos_id()) stops.push_back(*tokenizer.eos_id());
  std::vector<std::string> answers;
  for (const Ids& ids : written(model, batch.inputs, beginnings, stops, objective.max_target_tokens))
    answers.push_back(tokenizer.decode(ids));
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
