#pragma once
// A column of the table of rows, and what it may be to the objective.
#include <QList>
#include <QString>

#include "data/profile.h"
#include "recipe/recipe.h"

namespace luthier {

struct TableColumn {
  enum class Kind { file, split, tokens };  ///< of the file; or what was found out about each row
  Kind kind = Kind::file;
  int source = -1;  ///< index among the file's columns
  QString title;
  QString role;        ///< "text", ...; "" when the objective does not look at it
  bool fixed = false;  ///< plays its role by its name alone, without the recipe saying so
  bool numeric = false;
  int width = 120;

  /// Holds texts, which take what room there is.
  bool isLong() const;
  bool operator==(const TableColumn&) const = default;
};

/// "Text", "Text pair", ...; "Ignore" for "".
QString roleLabel(const QString& role);
/// The roles that columns can have for this objective, required ones first; for those that also read images or
/// recordings, their roles too.
QStringList rolesOf(const std::string& objective);
/// Required roles that no column plays; empty when training can read the rows. A choice is told as "text", not both.
QStringList missingRoles(const Recipe& recipe, const QList<TableColumn>& columns);

/// The file's columns with the roles of the recipe, and the columns for what `marks` tell.
QList<TableColumn> tableColumns(const std::vector<Column>& columns, const Recipe& recipe, bool marks, bool tokens);

/// The recipe's roles with `column` playing `role` ("": none).
Json rolesWith(const Recipe& recipe, const QString& column, const QString& role);

}  // namespace luthier
