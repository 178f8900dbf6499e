#pragma once
// Values as they stand in a form's fields: numbers without loss, lists with commas.
#include <QString>
#include <QStringList>
#include <optional>

#include "base/json.h"

namespace luthier {

/// The shortest text that reads back as the same number: "2e-4", "0.05", "16".
QString exactNumberText(double value);
/// The number in `text`; a decimal comma is taken too. nullopt for anything else, infinities included.
std::optional<double> numberFromText(const QString& text);

/// As the recipe writes it: 16 rather than 16.0, for people read it.
Json numberJson(double value);

/// "query, value"; an entry with commas, quotes or spaces around it stands in double quotes, quotes in it are doubled.
QString listText(const QStringList& entries);

struct ListText {
  QStringList entries;    ///< empty ones between commas are left out
  bool hasComma = false;  ///< outside of quotes: it is meant as a list, even of one
  bool isClosed = true;   ///< false: a quote was opened and not closed
};
ListText listFromText(const QString& text);

}  // namespace luthier
