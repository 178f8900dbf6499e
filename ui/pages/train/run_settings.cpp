#include "pages/train/run_settings.h"

#include <QHeaderView>
#include <map>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "theme/theme.h"

namespace luthier {

namespace {
/// {"training.epochs": 3, ...}; "how often" stays whole.
void flatten(const Json& value, const std::string& path, std::map<std::string, Json>& flat) {
  const bool often = value.is_object() && value.size() == 2 && value.contains("value") && value.contains("unit");
  if (!value.is_object() || value.empty() || often) {
    flat[path] = value;
    return;
  }
  for (const auto& [key, inner] : value.items()) flatten(inner, path.empty() ? key : path + "." + key, flat);
}

/// The same objective and method with nothing set.
Recipe untouched(const Recipe& recipe) {
  Recipe plain;
  std::visit([&](const auto& options) { plain.objective = std::decay_t<decltype(options)>{}; }, recipe.objective);
  std::visit([&](const auto& options) { plain.method = std::decay_t<decltype(options)>{}; }, recipe.method);
  return plain;
}
}  // namespace

QString valueText(const Json& value) {
  if (value.is_null()) return QString::fromUtf8("–");
  if (value.is_string()) return QString::fromStdString(value.get<std::string>());
  if (value.is_boolean()) return value.get<bool>() ? QObject::tr("on") : QObject::tr("off");
  if (value.is_number_float()) return QString::number(value.get<double>(), 'g', 8);
  if (value.is_object() && value.contains("unit") && value.contains("value"))
    return valueText(value["value"]) + " " + valueText(value["unit"]);
  if (value.is_array()) {
    QStringList parts;
    for (const Json& each : value) parts << valueText(each);
    return parts.join(", ");
  }
  return QString::fromStdString(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void RunSettingsModel::setRecipe(const Recipe* recipe) {
  beginResetModel();
  rows_.clear();
  if (recipe) {
    std::map<std::string, Json> now, standard;
    flatten(recipe_to_json(*recipe), "", now);
    flatten(recipe_to_json(untouched(*recipe)), "", standard);
    for (const auto& [path, value] : now) {
      const auto before = standard.find(path);
      const bool kind = path == "objective.kind" || path == "method.kind";
      if (!kind && before != standard.end() && before->second == value) continue;
      rows_.push_back({QString::fromStdString(path), valueText(value),
                       before == standard.end() || kind ? QString::fromUtf8("–") : valueText(before->second)});
    }
  }
  endResetModel();
}

QVariant RunSettingsModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) return {};
  const Row& row = rows_[std::size_t(index.row())];
  if (role == Qt::FontRole) return font(TextStyle::mono);
  if (role == Qt::ForegroundRole && index.column() != 1) return tokens().textTertiary;
  if (role == Qt::DisplayRole || role == Qt::ToolTipRole)
    return index.column() == 0 ? row.path : index.column() == 1 ? row.value : row.standard;
  return {};
}

QVariant RunSettingsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
  return QStringList{tr("Option"), tr("This run"), tr("Default")}.value(section);
}

RunSettings::RunSettings(QWidget* parent) : QTableView(parent) {
  setObjectName("runSettings");
  setAccessibleName(tr("Options of this run that are not at their default"));
  setModel(&model_);
  verticalHeader()->hide();
  verticalHeader()->setDefaultSectionSize(scaled(26));
  verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  horizontalHeader()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
  horizontalHeader()->setSectionResizeMode(1, QHeaderView::Stretch);
  horizontalHeader()->setSectionResizeMode(2, QHeaderView::ResizeToContents);
  horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  setTextElideMode(Qt::ElideMiddle);
  setShowGrid(false);
  setWordWrap(false);
  setSelectionBehavior(QAbstractItemView::SelectRows);
  setTabKeyNavigation(false);
}

}  // namespace luthier
