#include "eval/label_weights.h"

#include <algorithm>

#include "base/error.h"
#include "base/options.h"

namespace luthier {

namespace {

/// Rows by label: of their one label, or of each that they are given.
std::vector<double> rows_by_label(const EncodedSplit& train, std::size_t labels, bool several) {
  std::vector<double> rows(labels, 0.0);
  for (std::int64_t i = 0; i < train.size(); ++i) {
    const EncodedRow row = train.row(i);
    if (!several && row.label >= 0) rows.at(static_cast<std::size_t>(row.label)) += 1;
    if (several)
      for (const std::int32_t label : row.target) rows.at(static_cast<std::size_t>(label)) += 1;
  }
  return rows;
}

}  // namespace

std::vector<float> label_weights_of(const ObjectiveOptions& objective, const EncodedSplit& train,
                                    const std::vector<std::string>& labels) {
  const auto* one = std::get_if<ClassificationOptions>(&objective);
  const auto* several = std::get_if<MultiLabelOptions>(&objective);
  if ((!one || one->class_weights == "none") && (!several || !several->balanced)) return {};
  std::vector<float> weights(labels.size(), 1.0f);
  if (one && one->class_weights == "given") {
    for (const auto& [name, weight] : one->label_weights) {
      const auto found = std::find(labels.begin(), labels.end(), name);
      if (found == labels.end()) {
        const std::string meant = closest(name, labels);
        fail(ErrorKind::bad_input, "\"" + name + "\" is not a label of the data", "objective.label_weights",
             meant.empty() ? "name the labels as the data does" : "did you mean \"" + meant + "\"?");
      }
      weights[static_cast<std::size_t>(found - labels.begin())] = static_cast<float>(weight);
    }
    return weights;
  }
  const std::vector<double> rows = rows_by_label(train, labels.size(), several != nullptr);
  const auto all = static_cast<double>(train.size());
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (rows[i] > 0)
      weights[i] = static_cast<float>(several ? (all - rows[i]) / rows[i]
                                              : all / (static_cast<double>(labels.size()) * rows[i]));
  return weights;
}

}  // namespace luthier
