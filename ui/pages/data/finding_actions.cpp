#include "pages/data/finding_actions.h"

#include <QCoreApplication>
#include <algorithm>

#include "widgets/format.h"

namespace luthier {

namespace {
struct Words {
  Q_DECLARE_TR_FUNCTIONS(FindingActions)
};

QString captionOf(const std::string& id) {
  if (id == "duplicate_rows") return Words::tr("Duplicates");
  if (id == "leakage") return Words::tr("Leaked rows");
  if (id == "truncated_rows") return Words::tr("Too long");
  if (id == "no_loss_rows") return Words::tr("No lesson");
  if (id == "empty_text") return Words::tr("Empty");
  if (id == "missing_label") return Words::tr("No label");
  if (id == "conflicting_labels") return Words::tr("Two labels");
  if (id == "broken_rows") return Words::tr("Broken");
  if (id == "mixed_encoding") return Words::tr("Odd characters");
  if (id == "class_imbalance") return Words::tr("Uneven labels");
  if (id == "tag_count") return Words::tr("Odd tags");
  if (id == "unknown_split") return Words::tr("Unknown split");
  if (id == "nul_bytes") return Words::tr("NUL characters");
  if (id == "truncated_file") return Words::tr("File is cut off");
  if (id == "cut_fields") return Words::tr("Short rows");
  if (id == "unknown_keys") return Words::tr("Unknown keys");
  if (id == "not_rows") return Words::tr("No rows");
  if (id == "empty_columns") return Words::tr("Empty columns");
  if (id == "renamed_columns") return Words::tr("Renamed columns");
  if (id == "nested_table") return Words::tr("Nested table");
  if (id == "bad_weight") return Words::tr("Odd weights");
  if (id == "ambiguous_labels") return Words::tr("Label numbers");
  if (id == "label_without_rows") return Words::tr("Unused labels");
  return Words::tr("Blocks training");
}

/// The flag that the rows of a finding carry, as a condition.
QString conditionOf(const std::string& id) {
  if (id == "duplicate_rows") return "duplicate";
  if (id == "leakage") return "leaked";
  if (id == "truncated_rows") return "too_long";
  if (id == "empty_text") return "empty";
  if (id == "conflicting_labels") return "conflicting";
  if (id == "missing_label" || id == "unknown_split" || id == "tag_count") return "unusable";
  return {};
}

RowMark::Flag flagOf(const QString& condition) {
  if (condition == "duplicate") return RowMark::duplicate;
  if (condition == "leaked") return RowMark::leaked;
  if (condition == "too_long") return RowMark::too_long;
  if (condition == "empty") return RowMark::empty;
  if (condition == "conflicting") return RowMark::conflicting;
  return RowMark::unusable;
}

/// The names of columns that a condition must not mean.
QString conditionName(const QString& name, const DataProfile& profile) {
  const bool taken = std::any_of(profile.columns.begin(), profile.columns.end(), [&](const Column& column) {
    return QString::fromStdString(column.name).toLower() == name;
  });
  return taken ? name + "_" : name;
}
}  // namespace

FindingAction actionFor(const Finding& finding, const DataProfile& profile, const Recipe& recipe,
                        const ModelOutline* model) {
  FindingAction action;
  action.caption = captionOf(finding.id);
  const QString condition = conditionOf(finding.id);
  // Rows of other files than the one that is shown have no mark here.
  if (!condition.isEmpty() && profile.marks &&
      std::any_of(profile.marks->begin(), profile.marks->end(),
                  [flag = flagOf(condition)](const RowMark& mark) { return (mark.flags & flag) != 0; }))
    action.filter = "where " + conditionName(condition, profile);
  if (finding.id == "truncated_rows" || finding.id == "no_loss_rows") {
    std::int64_t limit = profile.lengths.longest;
    if (model && model->sizes.positions > 0) limit = std::min(limit, model->sizes.positions);
    if (limit > recipe.data.max_tokens) {
      action.assignments = {"data.max_tokens=" + QString::number(limit)};
      action.fixText =
          limit >= profile.lengths.longest
              ? Words::tr("Raise the limit to %1 tokens: no row is cut").arg(countText(limit))
              : Words::tr("Raise the limit to %1 tokens, the most that the model reads").arg(countText(limit));
    }
  }
  return action;
}

}  // namespace luthier
