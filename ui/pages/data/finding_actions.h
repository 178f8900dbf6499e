#pragma once
// What can be done about a finding in the data: rows to look at, or a change of the recipe that puts it right.
#include <QString>
#include <QStringList>

#include "data/profile.h"
#include "recipe/outline.h"
#include "recipe/recipe.h"

namespace luthier {

struct FindingAction {
  QString caption;          ///< two or three words: "Duplicates"
  QString filter;           ///< for the filter field: the rows that it is about; may be empty
  QStringList assignments;  ///< the fix, as Document::apply takes it; may be empty
  QString fixText;          ///< what the fix does: "Raise the limit to 96 tokens: no row is cut"
};

/// `model` may be nullptr.
FindingAction actionFor(const Finding& finding, const DataProfile& profile, const Recipe& recipe,
                        const ModelOutline* model);

}  // namespace luthier
