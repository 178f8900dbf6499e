#pragma once
// Evaluation streams over a split: memory does not grow with it.
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "eval/objective.h"

namespace luthier {

struct Evaluation {
  std::vector<std::pair<std::string, double>> metrics;  ///< in the order of the objective's catalog entry, "loss" among
                                                        ///< them; what these rows have no value for is left out
  std::int64_t rows = 0;
  /// "" for language models, else JSON. Labels: "classes" with precision, recall, F1 and support, "confusion"
  /// [true][predicted] where rows or words have one label, "calibration" (bins) for rows, "entities" for tags that
  /// spell some. Numbers: "scatter" [[true, predicted]]. Text: "answered" rows, "examples" of input, reference and
  /// answer.
  std::string detail_json;

  /// The value of a metric; not_found when the objective has none of that name.
  double metric(const std::string& name) const;
  bool has(const std::string& name) const;
};

struct EvaluateOptions {
  std::int64_t batch_size = 64;
  std::string device = "cpu";
  std::string precision = "fp32";              ///< bf16 and fp16: CUDA autocast
  std::function<void(double share)> progress;  ///< may be empty; throw Error(cancelled) to stop
};

/// In evaluation mode, without gradients; the model's mode is put back. Rows are taken by length, results do not depend
/// on the order. Metrics are those of the objective's catalog entry for what the model reads. They are counts and
/// running sums, but ROC AUC and Spearman's, which need all rows at once: of more than some 2 million scores (1 million
/// numbers) a sample of the rows is kept, 16 MB. Absent where they have no value: top5_accuracy with at most five
/// labels, roc_auc where every row has a label or none has, the entity metrics where tags are not spelled as IOB1,
/// IOB2, IOBES or BILOU; a correlation of what never changes is 0. Entities are judged by the first token of each word,
/// as far as rows were not cut. Masked LM masks by a fixed seed. Sequence to sequence: at most `judged_rows` rows,
/// evenly spread, are answered in full, the loss and token accuracy are those of all rows.
Evaluation evaluate(Model& model, const EncodedSplit& split, const CollateOptions& collate_options,
                    const std::vector<std::string>& label_names, const EvaluateOptions& options);

}  // namespace luthier
