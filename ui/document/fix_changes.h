#pragma once
// Fixes of findings and checks: changes of the recipe that tell what they changed.
#include <QString>
#include <QStringList>

namespace luthier {

class Document;

/// Applies the assignments as one step of undo called `what`. Returns the changes: "max tokens: 12 → 64". Errors as
/// Document::apply throws them.
QString applyFix(Document& document, const QStringList& assignments, const QString& what);

}  // namespace luthier
