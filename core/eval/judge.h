#pragma once
// A judge gathers what an objective's metrics are made of while batches stream by. One a kind of objective, made by
// make_judge.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "eval/collate.h"
#include "models/model.h"

namespace luthier {

/// Values by the metric's name; what has no value for these rows is absent.
using MetricValues = std::map<std::string, double>;

class Judge {
 public:
  virtual ~Judge() = default;
  /// `batch` lies on the model's device and carries loss.
  virtual void add(Model& model, const LabelledBatch& batch) = 0;
  virtual MetricValues values() const = 0;
  /// What is worth keeping beside the values: Evaluation::detail_json; null when nothing is.
  virtual Json detail() const;
};

/// The judge of the objective in `options` over the rows of `split`; `label_names` by id where rows have labels.
/// Both outlive the judge.
std::unique_ptr<Judge> make_judge(const CollateOptions& options, const EncodedSplit& split,
                                  const std::vector<std::string>& label_names);

// One each; see their files.
std::unique_ptr<Judge> make_label_judge(const EncodedSplit& split, const std::vector<std::string>& label_names);
std::unique_ptr<Judge> make_tag_judge(const ObjectiveOptions& objective, const EncodedSplit& split,
                                      const std::vector<std::string>& label_names);
std::unique_ptr<Judge> make_label_set_judge(const MultiLabelOptions& objective, const EncodedSplit& split,
                                            const std::vector<std::string>& label_names);
std::unique_ptr<Judge> make_number_judge(const EncodedSplit& split);
std::unique_ptr<Judge> make_language_judge();
std::unique_ptr<Judge> make_preference_judge(const CollateOptions& options);
/// Answers decoded from the frames of every row.
std::unique_ptr<Judge> make_ctc_judge(const EncodedSplit& split, const Tokenizer& tokenizer);

/// bad_input when the model tells another number of labels apart than the data has.
void check_label_count(std::int64_t of_model, std::size_t of_data);

}  // namespace luthier
