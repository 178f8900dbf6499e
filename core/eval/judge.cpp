#include "eval/judge.h"

#include <ATen/ops/argmax.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "eval/answers.h"
#include "eval/metrics.h"
#include "eval/number_metrics.h"
#include "models/sequences.h"
#include "nn/loss.h"

namespace luthier {

namespace {

/// Language models: loss and hits of rows of hidden states, never with more logits than a chunk has. Decoders that are
/// told the target's beginning are judged so, too.
class LanguageJudge : public Judge {
 public:
  void add(Model& model, const LabelledBatch& batch) override {
    const Tensor hidden = model.hidden(batch.inputs).flatten(0, 1);                  // [B * T, C]
    const Tensor rows = model.output_rows(hidden.index_select(0, batch.loss_rows));  // [N, C]
    const Tensor weight = model.output_weight(), bias = model.output_bias();
    Tensor loss = at::zeros({}, rows.options().dtype(at::kDouble)), right = at::zeros({}, batch.labels.options());
    for (std::int64_t start = 0; start < batch.weight; start += nn::kVocabularyChunk) {
      const std::int64_t size = std::min(nn::kVocabularyChunk, batch.weight - start);
      const Tensor labels = batch.labels.narrow(0, start, size);                                   // [n]
      const Tensor logits = at::linear(rows.narrow(0, start, size), weight, bias).to(at::kFloat);  // [n, V]
      const Tensor target = logits.gather(1, labels.unsqueeze(1)).squeeze(1);
      loss.add_((logits.logsumexp(1) - target).sum(at::kDouble));
      right.add_(logits.argmax(1).eq(labels).sum());
    }
    counts_.loss_sum += loss.item<double>();
    counts_.right += right.item<std::int64_t>();
    counts_.weight += batch.weight;
  }

  MetricValues values() const override {
    return {{"loss", counts_.loss()}, {"perplexity", counts_.perplexity()}, {"token_accuracy", counts_.accuracy()}};
  }

 private:
  TokenCounts counts_;
};

class NumberJudge : public Judge {
 public:
  explicit NumberJudge(const EncodedSplit& split) : scores_(split.size()) {}

  void add(Model& model, const LabelledBatch& batch) override {
    const Tensor predicted = model.logits(batch.inputs).to(at::kFloat);  // [B, 1]
    if (predicted.size(-1) != 1)
      fail(ErrorKind::bad_input, "the model gives " + std::to_string(predicted.size(-1)) + " numbers, not one", "model",
           "use a model that was trained to predict a number");
    counts_.loss_sum += nn::squared_error_sum(predicted, batch.values).item<double>();
    counts_.weight += batch.weight;
    const Tensor said = predicted.flatten().to(at::kCPU, at::kDouble).contiguous(),
                 truth = batch.values.to(at::kCPU, at::kDouble).contiguous();  // [B]
    for (std::int64_t i = 0; i < said.size(0); ++i)
      scores_.add(batch.rows[static_cast<std::size_t>(i)], said.const_data_ptr<double>()[i],
                  truth.const_data_ptr<double>()[i]);
  }

  MetricValues values() const override {
    return {{"pearson", scores_.pearson()},
            {"spearman", scores_.spearman()},
            {"mse", scores_.mean_squared_error()},
            {"loss", counts_.loss()}};
  }

  Json detail() const override { return scores_.to_json(); }

 private:
  NumberScores scores_;
  TokenCounts counts_;
};

class CtcJudge : public Judge {
 public:
  CtcJudge(const EncodedSplit& split, const Tokenizer& tokenizer) : split_(split), tokenizer_(tokenizer) {}

  void add(Model& model, const LabelledBatch& batch) override {
    const Tensor logits = model.logits(batch.inputs).to(at::kFloat);          // [B, F, V]
    const Tensor frames = model.frame_lengths(batch.inputs, logits.size(1));  // [B]
    const std::int64_t blank = ctc_blank(model.config());
    counts_.loss_sum +=
        nn::ctc_loss(logits, frames, batch.labels, blank, /*skip_impossible=*/true).sum().item<double>();
    counts_.weight += batch.weight;
    const std::vector<std::string> said = spelled(logits, frames, blank, tokenizer_);
    for (std::size_t i = 0; i < said.size(); ++i) answers_.add(split_, batch.rows[i], said[i]);
  }

  MetricValues values() const override {
    MetricValues values = answers_.values();
    values["loss"] = counts_.loss();
    return values;
  }

  Json detail() const override { return answers_.detail(); }

 private:
  const EncodedSplit& split_;
  const Tokenizer& tokenizer_;
  JudgedAnswers answers_;
  TokenCounts counts_;
};

template <class... Options>
struct Overloaded : Options... {
  using Options::operator()...;
};

}  // namespace

Json Judge::detail() const { return {}; }

std::unique_ptr<Judge> make_language_judge() { return std::make_unique<LanguageJudge>(); }
std::unique_ptr<Judge> make_number_judge(const EncodedSplit& split) { return std::make_unique<NumberJudge>(split); }
std::unique_ptr<Judge> make_ctc_judge(const EncodedSplit& split, const Tokenizer& tokenizer) {
  return std::make_unique<CtcJudge>(split, tokenizer);
}

std::unique_ptr<Judge> make_judge(const CollateOptions& options, const EncodedSplit& split,
                                  const std::vector<std::string>& label_names) {
  return std::visit(
      Overloaded{[&](const ClassificationOptions&) { return make_label_judge(split, label_names); },
                 [&](const TaggingOptions&) { return make_tag_judge(options.objective, split, label_names); },
                 [&](const MaskedLmOptions&) { return make_language_judge(); },
                 [&](const CausalLmOptions&) { return make_language_judge(); },
                 [&](const RegressionOptions&) { return make_number_judge(split); },
                 [&](const MultiLabelOptions& several) { return make_label_set_judge(several, split, label_names); },
                 [&](const Seq2SeqOptions&) { return make_language_judge(); },
                 [&](const PreferenceOptions&) { return make_preference_judge(options); },
                 [&](const CtcOptions&) {
                   if (!options.tokenizer) fail(ErrorKind::internal, "answers cannot be written without a tokenizer");
                   return make_ctc_judge(split, *options.tokenizer);
                 }},
      options.objective);
}

}  // namespace luthier
