#include "recipe/catalog.h"

namespace luthier {

const std::vector<MetricEntry>& metrics() {
  static const std::vector<MetricEntry> table = {
      {"accuracy", "Accuracy", "Share of rows with the right label.", true},
      {"f1", "F1", "Harmonic mean of precision and recall of each label, then the mean over labels.", true},
      {"precision", "Precision", "Of the rows given a label, the share that has it; mean over labels.", true},
      {"recall", "Recall", "Of the rows that have a label, the share that was given it; mean over labels.", true},
      {"token_f1", "Token F1", "F1 of each tag over the tokens that carry loss, then the mean over the tags but \"O\".",
       true},
      {"token_accuracy", "Token accuracy", "Share of the tokens that carry loss and were predicted right.", true},
      {"loss", "Loss", "Mean cross-entropy over what carries loss, without label smoothing.", false},
      {"perplexity", "Perplexity", "exp(loss): among how many equally likely tokens the model hesitates.", false},
  };
  return table;
}

}  // namespace luthier
