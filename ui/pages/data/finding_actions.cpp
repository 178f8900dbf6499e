#include "pages/data/finding_actions.h"

#include <QCoreApplication>
#include <algorithm>

#include "widgets/format.h"

namespace luthier {

namespace {
struct FindingWords {
  Q_DECLARE_TR_FUNCTIONS(FindingActions)
};

QString captionOf(const std::string& id) {
  if (id == "duplicate_rows") return FindingWords::tr("Duplicates");
  if (id == "leakage") return FindingWords::tr("Leaked rows");
  if (id == "truncated_rows") return FindingWords::tr("Too long");
  if (id == "no_loss_rows") return FindingWords::tr("No lesson");
  if (id == "empty_text") return FindingWords::tr("Empty");
  if (id == "missing_label") return FindingWords::tr("No label");
  if (id == "conflicting_labels") return FindingWords::tr("Two labels");
  if (id == "broken_rows") return FindingWords::tr("Broken");
  if (id == "mixed_encoding") return FindingWords::tr("Odd characters");
  if (id == "class_imbalance") return FindingWords::tr("Uneven labels");
  if (id == "tag_count") return FindingWords::tr("Odd tags");
  if (id == "unknown_split") return FindingWords::tr("Unknown split");
  if (id == "nul_bytes") return FindingWords::tr("NUL characters");
  if (id == "truncated_file") return FindingWords::tr("File is cut off");
  if (id == "cut_fields") return FindingWords::tr("Short rows");
  if (id == "unknown_keys") return FindingWords::tr("Unknown keys");
  if (id == "not_rows") return FindingWords::tr("No rows");
  if (id == "empty_columns") return FindingWords::tr("Empty columns");
  if (id == "renamed_columns") return FindingWords::tr("Renamed columns");
  if (id == "nested_table") return FindingWords::tr("Nested table");
  if (id == "bad_weight") return FindingWords::tr("Odd weights");
  if (id == "ambiguous_labels") return FindingWords::tr("Label numbers");
  if (id == "label_without_rows") return FindingWords::tr("Unused labels");
  return FindingWords::tr("Blocks training");
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
              ? FindingWords::tr("Raise the limit to %1 tokens: no row is cut").arg(countText(limit))
              : FindingWords::tr("Raise the limit to %1 tokens, the most that the model reads").arg(countText(limit));
    }
  }
  return action;
}

}  // namespace luthier
