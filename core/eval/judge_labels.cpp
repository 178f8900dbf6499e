// Judges of rows and words that have labels.
#include <ATen/ops/argmax.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/softmax.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>

#include "base/error.h"
#include "eval/entities.h"
#include "eval/judge.h"
#include "eval/metrics.h"
#include "eval/objective.h"
#include "eval/probability_metrics.h"
#include "nn/loss.h"

namespace luthier {

namespace {

constexpr std::size_t kTop = 5;

std::int64_t count_of(const std::vector<std::string>& names) { return static_cast<std::int64_t>(names.size()); }

/// Row `index` of a contiguous [N, L] tensor.
template <class Number>
std::span<const Number> row_of(const Tensor& table, std::int64_t index) {
  const auto width = static_cast<std::size_t>(table.size(1));
  return {table.const_data_ptr<Number>() + static_cast<std::size_t>(index) * width, width};
}

/// One label a row: what is said, how sure, and how labels are ranked.
class LabelJudge : public Judge {
 public:
  LabelJudge(const EncodedSplit& split, const std::vector<std::string>& names)
      : names_(names), confusion_(count_of(names)), scores_(split.size(), count_of(names)) {}

  void add(Model& model, const LabelledBatch& batch) override {
    const Tensor logits = model.logits(batch.inputs).to(at::kFloat);  // [B, L]
    check_label_count(logits.size(-1), names_.size());
    counts_.loss_sum += nn::cross_entropy_sum(logits, batch.labels).item<double>();
    counts_.weight += batch.weight;
    const Tensor said = logits.argmax(1).cpu(), truths = batch.labels.cpu();
    // In fp64, so that sure predictions do not all round to 1 and tie.
    const Tensor shares = at::softmax(logits.to(at::kCPU, at::kDouble), 1).contiguous();  // [B, L]
    for (std::int64_t i = 0; i < shares.size(0); ++i) {
      const std::int64_t truth = truths.const_data_ptr<std::int64_t>()[i],
                         label = said.const_data_ptr<std::int64_t>()[i];
      const std::span<const double> row = row_of<double>(shares, i);
      confusion_.add(truth, label);
      calibration_.add(row[static_cast<std::size_t>(label)], label == truth);
      in_top_ += in_top(row, static_cast<std::size_t>(truth), kTop);
      scores_.add(batch.rows[static_cast<std::size_t>(i)], row,
                  [truth](std::size_t other) { return static_cast<std::int64_t>(other) == truth; });
    }
  }

  MetricValues values() const override {
    const ClassScores macro = confusion_.macro();
    MetricValues values = {{"accuracy", confusion_.accuracy()},
                           {"f1", macro.f1},
                           {"precision", macro.precision},
                           {"recall", macro.recall},
                           {"mcc", confusion_.matthews()},
                           {"calibration_error", calibration_.error()},
                           {"loss", counts_.loss()}};
    if (const auto area = scores_.macro_auc()) values["roc_auc"] = *area;
    if (names_.size() > kTop)
      values["top5_accuracy"] =
          static_cast<double>(in_top_) / static_cast<double>(std::max<std::int64_t>(1, confusion_.total()));
    return values;
  }

  Json detail() const override {
    Json detail = confusion_.to_json(names_);
    detail["calibration"] = calibration_.to_json();
    return detail;
  }

 private:
  const std::vector<std::string>& names_;
  Confusion confusion_;
  LabelScores scores_;
  Calibration calibration_;
  TokenCounts counts_;
  std::int64_t in_top_ = 0;
};

/// A tag for every word (or token), and the entities that they spell where they do.
class TagJudge : public Judge {
 public:
  TagJudge(const ObjectiveOptions& objective, const EncodedSplit& split, const std::vector<std::string>& names)
      : objective_(objective), split_(split), names_(names), confusion_(count_of(names)), tags_(entity_tags(names)) {}

  void add(Model& model, const LabelledBatch& batch) override {
    const Tensor logits = labelled_logits(model, batch, objective_).to(at::kFloat);  // [N, L]
    check_label_count(logits.size(-1), names_.size());
    counts_.loss_sum += nn::cross_entropy_sum(logits, batch.labels).item<double>();
    counts_.weight += batch.weight;
    const Tensor truths = batch.labels.cpu(), said = logits.argmax(1).cpu(), places = batch.loss_rows.cpu();
    const auto* truth = truths.const_data_ptr<std::int64_t>();
    const auto* label = said.const_data_ptr<std::int64_t>();
    for (std::int64_t i = 0; i < truths.size(0); ++i) {
      confusion_.add(truth[i], label[i]);
      counts_.right += truth[i] == label[i];
    }
    if (tags_)
      add_entities(std::span(truth, static_cast<std::size_t>(batch.weight)),
                   std::span(label, static_cast<std::size_t>(batch.weight)),
                   std::span(places.const_data_ptr<std::int64_t>(), static_cast<std::size_t>(batch.weight)), batch);
  }

  MetricValues values() const override {
    const auto found = std::find(names_.begin(), names_.end(), "O");
    const std::int64_t outside = found == names_.end() ? -1 : found - names_.begin();
    MetricValues values = {
        {"token_f1", confusion_.macro(outside).f1}, {"token_accuracy", counts_.accuracy()}, {"loss", counts_.loss()}};
    if (tags_) {
      const ClassScores entities = entities_.scores();
      values["entity_f1"] = entities.f1;
      values["entity_precision"] = entities.precision;
      values["entity_recall"] = entities.recall;
    }
    return values;
  }

  Json detail() const override {
    Json detail = confusion_.to_json(names_);
    if (!tags_) return detail;
    detail["entities"] = Json::array();
    for (const auto& [type, scores] : entities_.by_type())
      detail["entities"].push_back({{"label", type},
                                    {"precision", scores.precision},
                                    {"recall", scores.recall},
                                    {"f1", scores.f1},
                                    {"support", scores.support}});
    return detail;
  }

 private:
  /// Tokens that carry loss, row by row; of a word that has several of them the first counts.
  void add_entities(std::span<const std::int64_t> truth, std::span<const std::int64_t> said,
                    std::span<const std::int64_t> places, const LabelledBatch& batch) {
    const std::int64_t length = batch.inputs.input_ids.size(1);
    for (std::size_t i = 0; i < places.size();) {
      const std::int64_t row = places[i] / length;
      const EncodedRow encoded = split_.row(batch.rows[static_cast<std::size_t>(row)]);
      std::vector<const Tag*> meant, given;
      std::int32_t last_word = -1;
      for (; i < places.size() && places[i] / length == row; ++i) {
        const auto token = static_cast<std::size_t>(places[i] % length);
        const std::int32_t word = token < encoded.words.size() ? encoded.words[token] : -1;
        if (word >= 0 && word == last_word) continue;
        last_word = word;
        meant.push_back(&(*tags_)[static_cast<std::size_t>(truth[i])]);
        given.push_back(&(*tags_)[static_cast<std::size_t>(said[i])]);
      }
      entities_.add(meant, given);
    }
  }

  const ObjectiveOptions& objective_;
  const EncodedSplit& split_;
  const std::vector<std::string>& names_;
  Confusion confusion_;
  TokenCounts counts_;
  std::optional<std::vector<Tag>> tags_;
  EntityCounts entities_;
};

/// Any number of labels a row.
class LabelSetJudge : public Judge {
 public:
  LabelSetJudge(const MultiLabelOptions& objective, const EncodedSplit& split, const std::vector<std::string>& names)
      : threshold_(objective.threshold),
        names_(names),
        sets_(count_of(names)),
        scores_(split.size(), count_of(names)) {}

  void add(Model& model, const LabelledBatch& batch) override {
    const Tensor logits = model.logits(batch.inputs).to(at::kFloat);  // [B, L]
    check_label_count(logits.size(-1), names_.size());
    counts_.loss_sum += nn::binary_cross_entropy_sum(logits, batch.soft_labels).item<double>();
    counts_.weight += batch.weight;
    const Tensor ranked = logits.to(at::kCPU, at::kDouble).contiguous(), shares = at::sigmoid(ranked),
                 truths = batch.soft_labels.to(at::kCPU, at::kFloat).contiguous();
    std::vector<bool> has(names_.size()), given(names_.size());
    for (std::int64_t i = 0; i < ranked.size(0); ++i) {
      for (std::size_t label = 0; label < names_.size(); ++label) {
        has[label] = row_of<float>(truths, i)[label] >= 0.5f;
        given[label] = row_of<double>(shares, i)[label] >= threshold_;
      }
      sets_.add(has, given);
      scores_.add(batch.rows[static_cast<std::size_t>(i)], row_of<double>(ranked, i),
                  [&has](std::size_t label) { return has[label]; });
    }
  }

  MetricValues values() const override {
    MetricValues values = {{"f1", sets_.macro().f1},
                           {"micro_f1", sets_.micro().f1},
                           {"exact_match", sets_.exact_match()},
                           {"loss", counts_.loss()}};
    if (const auto area = scores_.macro_auc()) values["roc_auc"] = *area;
    return values;
  }

  Json detail() const override { return sets_.to_json(names_); }

 private:
  double threshold_;
  const std::vector<std::string>& names_;
  LabelSetCounts sets_;
  LabelScores scores_;
  TokenCounts counts_;
};

}  // namespace

void check_label_count(std::int64_t of_model, std::size_t of_data) {
  if (std::cmp_equal(of_model, of_data)) return;
  fail(ErrorKind::bad_input,
       "the model tells " + std::to_string(of_model) + " labels apart, the data has " + std::to_string(of_data),
       "data.labels", "use the labels that the model was trained with");
}

std::unique_ptr<Judge> make_label_judge(const EncodedSplit& split, const std::vector<std::string>& label_names) {
  return std::make_unique<LabelJudge>(split, label_names);
}
std::unique_ptr<Judge> make_tag_judge(const ObjectiveOptions& objective, const EncodedSplit& split,
                                      const std::vector<std::string>& label_names) {
  return std::make_unique<TagJudge>(objective, split, label_names);
}
std::unique_ptr<Judge> make_label_set_judge(const MultiLabelOptions& objective, const EncodedSplit& split,
                                            const std::vector<std::string>& label_names) {
  return std::make_unique<LabelSetJudge>(objective, split, label_names);
}

}  // namespace luthier
