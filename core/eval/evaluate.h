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
  std::vector<std::pair<std::string, double>>
      metrics;  ///< in the order of the objective's catalog entry, "loss" among them
  std::int64_t rows = 0;
  std::string
      detail_json;  ///< confusion matrix [true][predicted], precision / recall / F1 / support a class; "" for LMs

  /// The value of a metric; not_found when the objective has none of that name.
  double metric(const std::string& name) const;
};

struct EvaluateOptions {
  std::int64_t batch_size = 64;
  std::string device = "cpu";
  bool bf16 = false;                           ///< CUDA autocast
  std::function<void(double share)> progress;  ///< may be empty; throw Error(cancelled) to stop
};

/// In evaluation mode, without gradients; the model's mode is put back. Rows are taken by length, results do not depend
/// on the order. Classification: accuracy, macro precision, recall, F1, loss. Tagging: token accuracy, token F1 (macro
/// over the labels other than "O"), loss. Language models: loss, perplexity, token accuracy. Masked LM masks by a fixed
/// seed.
Evaluation evaluate(Model& model, const EncodedSplit& split, const CollateOptions& collate_options,
                    const std::vector<std::string>& label_names, const EvaluateOptions& options);

}  // namespace luthier
