#include "pages/runs/settings_diff.h"

#include <QGridLayout>
#include <QScrollArea>
#include <filesystem>
#include <map>

#include "forms/catalog_text.h"
#include "pages/runs/run_model.h"
#include "recipe/catalog.h"
#include "recipe/recipe.h"
#include "widgets/controls.h"
#include "widgets/format.h"

namespace luthier {

namespace {
void collectLabels(const std::vector<OptionSpec>& specs, const QString& prefix, std::map<QString, QString>& labels) {
  for (const OptionSpec& spec : specs) {
    const QString path = prefix + QString::fromStdString(spec.info.key);
    labels[path] = catalogText(spec.info.label);
    collectLabels(spec.children, path + ".", labels);
  }
}

const std::map<QString, QString>& labels() {
  static const std::map<QString, QString> all = [] {
    std::map<QString, QString> found = {{"seed", QObject::tr("Seed")},
                                        {"objective.kind", QObject::tr("Objective")},
                                        {"method.kind", QObject::tr("Method")}};
    collectLabels(option_specs<ModelOptions>(), "model.", found);
    collectLabels(option_specs<DataOptions>(), "data.", found);
    collectLabels(option_specs<TrainingOptions>(), "training.", found);
    collectLabels(option_specs<AdaptationOptions>(), "adaptation.", found);
    for (const MethodEntry& entry : methods()) collectLabels(entry.options, "method.", found);
    for (const ObjectiveEntry& entry : objectives()) collectLabels(entry.options, "objective.", found);
    return found;
  }();
  return all;
}

QString shortValueText(const Json& value) {
  if (value.is_string()) {
    const std::string text = value.get<std::string>();
    return QString::fromStdString(
        text.find('/') == std::string::npos ? text : std::filesystem::path(text).filename().string());
  }
  if (value.is_number()) return numberText(value.get<double>());
  if (value.is_boolean()) return value.get<bool>() ? QObject::tr("yes") : QObject::tr("no");
  if (value.is_null() || ((value.is_object() || value.is_array()) && value.empty())) return QObject::tr("none");
  if (value.is_object() && value.contains("unit"))
    return shortValueText(value["value"]) + " " + shortValueText(value["unit"]);
  return QString::fromStdString(value.dump());
}

void flattenLabelled(const Json& json, const QString& path, std::map<QString, QString>& into) {
  if (json.is_object() && !json.contains("unit") && !json.empty() && path != "data.roles") {
    for (const auto& [key, value] : json.items())
      flattenLabelled(value, path.isEmpty() ? QString::fromStdString(key) : path + "." + QString::fromStdString(key),
                      into);
    return;
  }
  into[path] = path == "method.kind" ? methodLabel(Json{{"method", {{"kind", json}}}}) : shortValueText(json);
}
}  // namespace

std::vector<SettingRow> compareSettings(const std::vector<ComparedRun>& runs) {
  std::vector<std::map<QString, QString>> flat(runs.size());
  std::map<QString, bool> paths;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (runs[i].recipe.is_object()) flattenLabelled(runs[i].recipe, {}, flat[i]);
    for (const auto& [path, value] : flat[i])
      if (path != "name" && path != "luthier" && !path.startsWith("export")) paths[path] = true;
  }
  std::vector<SettingRow> rows;
  for (const auto& [path, there] : paths) {
    SettingRow row;
    row.path = path;
    const auto label = labels().find(path);
    row.label = label == labels().end() ? path : label->second;
    for (const auto& one : flat) {
      const auto found = one.find(path);
      row.values << (found == one.end() ? QString("–") : found->second);
    }
    row.differs = row.values.count(row.values.value(0)) != row.values.size();
    rows.push_back(row);
  }
  // What is trained and with which data first, then the numbers.
  std::stable_sort(rows.begin(), rows.end(), [](const SettingRow& a, const SettingRow& b) {
    const auto place = [](const QString& path) {
      const char* order[] = {"method.kind", "method", "model", "objective", "training", "data", "seed"};
      for (int i = 0; i < 7; ++i)
        if (path.startsWith(order[i])) return i;
      return 7;
    };
    return place(a.path) < place(b.path);
  });
  return rows;
}

SettingsDiff::SettingsDiff(QWidget* parent) : Card(tr("Settings"), parent) {
  setObjectName("settingsDiff");
  header()->addWidget(makeLabel(tr("Differences only"), TextStyle::small, "secondary"));
  only_ = new Switch(tr("Differences only"), "differencesOnlySwitch");
  only_->setChecked(true);
  connect(only_, &QAbstractButton::toggled, this, &SettingsDiff::fill);
  header()->addWidget(only_);
  table_ = new QWidget;
  table_->setProperty("surface", "none");
  grid_ = new QGridLayout(table_);
  grid_->setContentsMargins(0, 0, 0, 0);
  grid_->setHorizontalSpacing(14);
  grid_->setVerticalSpacing(9);
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setWidget(table_);
  body()->addWidget(scroll, 1);
  warning_ = makeText({}, TextStyle::small, "warning");
  warning_->hide();
  body()->addWidget(warning_);
  connect(&theme(), &Theme::changed, this, &SettingsDiff::fill);
}

void SettingsDiff::setRuns(const std::vector<ComparedRun>& runs) {
  runs_ = runs;
  fill();
}

void SettingsDiff::fill() {
  clearLayout(grid_);
  const std::vector<SettingRow> rows = compareSettings(runs_);
  const auto differing = std::count_if(rows.begin(), rows.end(), [](const SettingRow& row) { return row.differs; });
  subtitle()->setText(runs_.size() > 1 ? tr("%1 of %2 differ").arg(differing).arg(rows.size()) : QString());
  warning_->hide();
  if (runs_.size() < 2) {
    grid_->addWidget(
        makeText(tr("Tick two runs or more to see what is different between them."), TextStyle::body, "tertiary"), 0,
        0);
    grid_->setRowStretch(1, 1);
    return;
  }
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    auto* head = new QWidget;
    auto* layout = makeRow(6, head);
    auto* block = new QLabel;
    block->setFixedSize(8, 8);
    block->setStyleSheet(QString("background: %1; border-radius: 2px;").arg(tokens().series(int(i)).name()));
    layout->addWidget(block);
    auto* name = new ElidedLabel(runs_[i].name);
    name->setFont(luthier::font(TextStyle::small));
    layout->addWidget(name, 1);
    grid_->addWidget(head, 0, int(i) + 1);
    grid_->setColumnStretch(int(i) + 1, 1);
  }
  int line = 1;
  for (const SettingRow& row : rows) {
    if (only_->isChecked() && !row.differs) continue;
    grid_->addWidget(makeLabel(row.label, TextStyle::small, "secondary"), line, 0, Qt::AlignTop);
    for (int i = 0; i < row.values.size(); ++i) {
      auto* value = new ElidedLabel(row.values[i]);
      QFont mono = luthier::font(TextStyle::mono);
      if (row.differs && row.values[i] != row.values[0]) mono.setWeight(QFont::Bold);
      value->setFont(mono);
      grid_->addWidget(value, line, i + 1, Qt::AlignTop);
    }
    if (row.path == "data.train" && row.differs) {
      warning_->setText(tr("These runs used different data: their metrics are not directly comparable."));
      warning_->show();
    }
    ++line;
  }
  if (line == 1) grid_->addWidget(makeLabel(tr("No setting differs."), TextStyle::body, "tertiary"), 1, 0, 1, 2);
  grid_->setRowStretch(line + 1, 1);
}

}  // namespace luthier
