#include "eval/predict.h"

#include <ATen/ops/full.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "models/evaluating.h"

namespace luthier {

namespace {

Batch move_to(const Batch& batch, at::Device device) {
  Batch moved = batch;
  for (Tensor* tensor : {&moved.input_ids, &moved.attention_mask, &moved.token_type_ids})
    if (tensor->defined()) *tensor = tensor->to(device);
  return moved;
}

/// The first token of each word; a word that has none (cut off, or no text) is left without a label.
void add_words(const Tensor& rows, const Encoding& encoding, std::size_t words, Answer& answer) {  // [T, L]
  std::vector<std::int64_t> first(words, -1);
  for (std::size_t t = 0; t < encoding.ids.size(); ++t) {
    const std::int64_t word = encoding.words[t];
    if (word >= 0 && first.at(static_cast<std::size_t>(word)) < 0)
      first[static_cast<std::size_t>(word)] = static_cast<std::int64_t>(t);
  }
  for (const std::int64_t token : first) {
    if (token >= 0) {
      add_scores(rows.select(0, token), {}, answer);
    } else {
      answer.labels.push_back(-1);
      answer.probabilities.emplace_back();
    }
  }
}

}  // namespace

Scoring scoring_of(const ObjectiveOptions& objective) {
  if (std::holds_alternative<RegressionOptions>(objective)) return {Scoring::Kind::number};
  if (const auto* several = std::get_if<MultiLabelOptions>(&objective))
    return {Scoring::Kind::several_labels, several->threshold};
  return {};
}

Tensor scores_of(const Tensor& logits, const Scoring& scoring) {
  const Tensor values = logits.to(at::kFloat);
  switch (scoring.kind) {
    case Scoring::Kind::one_label:
      return at::softmax(values, -1).cpu().contiguous();
    case Scoring::Kind::several_labels:
      return at::sigmoid(values).cpu().contiguous();
    case Scoring::Kind::number:
      return values.cpu().contiguous();
  }
  fail(ErrorKind::internal, "unknown scoring");
}

void add_scores(const Tensor& scores, const Scoring& scoring, Answer& answer) {
  const float* values = scores.const_data_ptr<float>();
  answer.probabilities.emplace_back(values, values + scores.size(0));
  const auto& kept = answer.probabilities.back();
  if (scoring.kind == Scoring::Kind::several_labels) {
    for (std::size_t i = 0; i < kept.size(); ++i)
      if (static_cast<double>(kept[i]) >= scoring.threshold) answer.labels.push_back(static_cast<std::int64_t>(i));
  } else {
    answer.labels.push_back(std::max_element(kept.begin(), kept.end()) - kept.begin());
  }
}

Batch batch_of(const std::vector<Encoding>& encodings, const Tokenizer& tokenizer, const Model& model) {
  const auto rows = static_cast<std::int64_t>(encodings.size());
  std::size_t longest = 0, shortest = SIZE_MAX;
  bool pairs = false;
  for (const Encoding& encoding : encodings) {
    longest = std::max(longest, encoding.ids.size());
    shortest = std::min(shortest, encoding.ids.size());
    pairs = pairs || std::any_of(encoding.type_ids.begin(), encoding.type_ids.end(), [](auto id) { return id != 0; });
  }
  if (longest == 0 || shortest == 0) fail(ErrorKind::internal, "a text without tokens cannot be put into a batch");
  const auto tokens = static_cast<std::int64_t>(longest);
  const std::int64_t pad = tokenizer.pad_id().value_or(tokenizer.eos_id().value_or(0));
  Batch batch;
  batch.input_ids = at::full({rows, tokens}, pad, at::kLong);  // [B, T]
  if (shortest < longest) batch.attention_mask = at::zeros({rows, tokens}, at::kBool);
  if (pairs && model.family() == "bert") batch.token_type_ids = at::zeros({rows, tokens}, at::kLong);
  for (std::size_t b = 0; b < encodings.size(); ++b) {
    const Encoding& encoding = encodings[b];
    const std::size_t first = b * longest;
    std::copy(encoding.ids.begin(), encoding.ids.end(), batch.input_ids.data_ptr<std::int64_t>() + first);
    if (batch.attention_mask.defined())
      std::fill_n(batch.attention_mask.data_ptr<bool>() + first, encoding.ids.size(), true);
    if (batch.token_type_ids.defined())
      std::copy(encoding.type_ids.begin(), encoding.type_ids.end(),
                batch.token_type_ids.data_ptr<std::int64_t>() + first);
  }
  return batch;
}

std::vector<Answer> predict(Model& model, const Tokenizer& tokenizer, const std::vector<Question>& questions,
                            std::int64_t max_tokens, std::int64_t batch_size, const std::string& device,
                            const Scoring& scoring) {
  const bool tagging = model.head_kind() == Head::token_classification;
  if (!tagging && model.head_kind() != Head::sequence_classification)
    fail(ErrorKind::internal, "only models with a classification head give labels");
  std::vector<Encoding> encodings;
  for (const Question& question : questions)
    encodings.push_back(tagging ? tokenizer.encode_words(question.words, true, max_tokens)
                        : question.text_pair.empty()
                            ? tokenizer.encode(question.text, true, max_tokens)
                            : tokenizer.encode_pair(question.text, question.text_pair, true, max_tokens));
  std::vector<std::size_t> order(questions.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return encodings[a].ids.size() > encodings[b].ids.size(); });
  while (!order.empty() && encodings[order.back()].ids.empty()) order.pop_back();  // nothing to read: no answer

  const Evaluating evaluating(model);
  std::vector<Answer> answers(questions.size());
  const auto step = static_cast<std::size_t>(std::max<std::int64_t>(1, batch_size));
  for (std::size_t start = 0; start < order.size(); start += step) {
    std::vector<Encoding> chosen;
    const std::size_t end = std::min(order.size(), start + step);
    for (std::size_t i = start; i < end; ++i) chosen.push_back(encodings[order[i]]);
    const Batch batch = move_to(batch_of(chosen, tokenizer, model), at::Device(device));
    const Tensor probabilities = scores_of(model.logits(batch), tagging ? Scoring{} : scoring);
    for (std::size_t i = start; i < end; ++i) {
      Answer& answer = answers[order[i]];
      answer.tokens = static_cast<std::int64_t>(encodings[order[i]].ids.size());
      answer.truncated = encodings[order[i]].truncated;
      const Tensor row = probabilities.select(0, static_cast<std::int64_t>(i - start));
      if (tagging)
        add_words(row, encodings[order[i]], questions[order[i]].words.size(), answer);
      else
        add_scores(row, scoring, answer);
    }
  }
  return answers;
}

}  // namespace luthier
