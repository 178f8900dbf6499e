#pragma once
#include <QString>

class QLineEdit;

namespace luthier {

/// A field to search or filter with: a glass before the text, a button that clears it, Escape clears it too.
QLineEdit* makeSearchEdit(const QString& what, const QString& name);

}  // namespace luthier
