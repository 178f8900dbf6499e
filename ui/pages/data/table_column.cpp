#include "pages/data/table_column.h"

#include <QCoreApplication>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "recipe/catalog.h"

namespace luthier {

namespace {
struct ColumnWords {
  Q_DECLARE_TR_FUNCTIONS(TableColumn)
};
}  // namespace

bool TableColumn::isLong() const {
  return role == "text" || role == "text_pair" || role == "prompt" || role == "completion" || role == "tokens" ||
         role == "target";
}

QString roleLabel(const QString& role) {
  if (role.isEmpty()) return ColumnWords::tr("Ignore");
  if (role == "text") return ColumnWords::tr("Text");
  if (role == "text_pair") return ColumnWords::tr("Text pair");
  if (role == "label") return ColumnWords::tr("Label");
  if (role == "prompt") return ColumnWords::tr("Prompt");
  if (role == "completion") return ColumnWords::tr("Completion");
  if (role == "tokens") return ColumnWords::tr("Words");
  if (role == "tags") return ColumnWords::tr("Tags");
  if (role == "split") return ColumnWords::tr("Split");
  if (role == "weight") return ColumnWords::tr("Weight of the row");
  if (role == "image") return ColumnWords::tr("Image");
  if (role == "audio") return ColumnWords::tr("Recording");
  if (role == "target") return ColumnWords::tr("Target text");
  if (role == "messages") return ColumnWords::tr("Conversation");
  if (role == "instruction") return ColumnWords::tr("Instruction");
  if (role == "input") return ColumnWords::tr("Input");
  if (role == "response") return ColumnWords::tr("Response");
  if (role == "system") return ColumnWords::tr("System prompt");
  if (role == "tools") return ColumnWords::tr("Tools");
  if (role == "chosen") return ColumnWords::tr("Better answer");
  if (role == "rejected") return ColumnWords::tr("Worse answer");
  if (role == "desirable") return ColumnWords::tr("Answer is good");
  return role;
}

QStringList rolesOf(const std::string& objective) {
  QStringList roles;
  const ObjectiveEntry& entry = objective_entry(objective);
  const auto add = [&](const std::vector<std::string>& list) {
    for (const std::string& role : list) roles << QString::fromStdString(role);
  };
  for (const std::string& modality : entry.modalities) add(roles_of(entry, modality));
  for (std::size_t i = 1; i < entry.role_sets.size(); ++i) add(entry.role_sets[i]);
  add(optional_roles_of(entry, entry.modalities.front()));
  roles.removeDuplicates();
  return roles;
}

QStringList missingRoles(const Recipe& recipe, const QList<TableColumn>& columns) {
  const auto played = [&](const std::string& role) {
    return std::any_of(columns.begin(), columns.end(),
                       [&](const TableColumn& column) { return column.role == QString::fromStdString(role); });
  };
  const ObjectiveEntry& entry = objectives().at(recipe.objective.index());
  const auto reads = [&](const std::string& modality) { return modality != "text" && played(modality); };
  const auto shown = std::find_if(entry.modalities.begin(), entry.modalities.end(), reads);
  std::vector<std::string> given;
  for (const TableColumn& column : columns)
    if (!column.role.isEmpty()) given.push_back(column.role.toStdString());
  QStringList missing;
  for (const std::string& role :
       roles_for(entry, shown == entry.modalities.end() ? entry.modalities.front() : *shown, given))
    if (!played(role)) missing << QString::fromStdString(role);
  return missing;
}

QList<TableColumn> tableColumns(const std::vector<Column>& columns, const Recipe& recipe, bool marks, bool tokens) {
  QStringList known = rolesOf(kind_of(recipe.objective));
  if (modality_of(recipe.data) != "text") known.removeAll("text");
  QList<TableColumn> shown;
  bool split = false;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    TableColumn column;
    column.source = int(i);
    column.title = QString::fromStdString(columns[i].name);
    column.numeric = columns[i].type == "integer" || columns[i].type == "number";
    for (const auto& [role, name] : recipe.data.roles)
      if (name == columns[i].name) column.role = QString::fromStdString(role);
    const bool given = std::any_of(recipe.data.roles.begin(), recipe.data.roles.end(),
                                   [&](const auto& role) { return role.first == columns[i].name; });
    // A role that nobody was given is played by the column of that name.
    if (column.role.isEmpty() && !given && column.title != "split" && column.title != "weight" &&
        known.contains(column.title)) {
      column.role = column.title;
      column.fixed = true;
    }
    split |= column.role == "split";
    column.numeric &= column.role != "label" && column.role != "split";
    shown << column;
  }
  if (marks && !split)
    shown << TableColumn{TableColumn::Kind::split, -1, ColumnWords::tr("split"), {}, true, false, 90};
  if (marks && tokens)
    shown << TableColumn{TableColumn::Kind::tokens, -1, ColumnWords::tr("tokens"), {}, true, true, 64};
  return shown;
}

Json rolesWith(const Recipe& recipe, const QString& column, const QString& role) {
  Json roles = Json::object();
  for (const auto& [name, played] : recipe.data.roles)
    if (played != column.toStdString() && name != role.toStdString()) roles[name] = played;
  if (!role.isEmpty()) roles[role.toStdString()] = column.toStdString();
  return roles;
}

}  // namespace luthier
