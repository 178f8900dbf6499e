#include "pages/train/evaluation_panel.h"

#include <QGridLayout>
#include <cmath>
#include <nlohmann/json.hpp>

#include "forms/catalog_text.h"
#include "pages/train/metric_text.h"
#include "pages/train/run_curves.h"
#include "widgets/format.h"

namespace luthier {

namespace {
/// "+12.5 %", "-0.31"
QString changeText(const std::string& metric, double change) {
  const QString text = metricText(metric, change);
  return change > 0 ? "+" + text : text;
}

QString everyText(const HowOften& often) {
  if (often.value <= 0) return QObject::tr("never");
  if (often.unit == "run") return QObject::tr("every %1 of the run").arg(percentText(often.value));
  const QString value = numberText(often.value);
  if (often.unit == "epoch")
    return often.value == 1 ? QObject::tr("every epoch") : QObject::tr("every %1 epochs").arg(value);
  if (often.unit == "minute")
    return often.value == 1 ? QObject::tr("every minute") : QObject::tr("every %1 minutes").arg(value);
  return often.value == 1 ? QObject::tr("every step") : QObject::tr("every %1 steps").arg(value);
}

bool isProven(const ArtefactRow& artefact) {
  const Json proof = Json::accept(artefact.proof_json) ? Json::parse(artefact.proof_json) : Json();
  return proof.is_object() && (proof.value("proven", false) || proof.value("passed", false));
}
}  // namespace

EvaluationPanel::EvaluationPanel(QWidget* parent) : Card(tr("Evaluation"), parent) {
  setObjectName("evaluationPanel");
  empty_ = makeText(tr("The first evaluation shows here what the base model and the model in training can do."),
                    TextStyle::small, "tertiary");
  table_ = new QWidget;
  table_->setObjectName("evaluationTable");
  tableGrid_ = new QGridLayout(table_);
  tableGrid_->setContentsMargins(0, 0, 0, 0);
  tableGrid_->setHorizontalSpacing(10);
  tableGrid_->setVerticalSpacing(7);
  note_ = makeText({}, TextStyle::caption, "tertiary");
  facts_ = new QWidget;
  factsGrid_ = new QGridLayout(facts_);
  factsGrid_->setContentsMargins(0, 4, 0, 0);
  factsGrid_->setHorizontalSpacing(10);
  factsGrid_->setVerticalSpacing(5);
  factsGrid_->setColumnStretch(1, 1);
  body()->addWidget(empty_);
  body()->addWidget(table_);
  body()->addWidget(note_);
  body()->addWidget(makeLine());
  body()->addWidget(facts_);
  body()->addStretch(1);
}

void EvaluationPanel::fillTable(const std::vector<std::string>& metrics, const Values& base, const Values& now,
                                const QString& nowName) {
  QString key = nowName;
  for (const Values* values : {&base, &now})
    for (const auto& [name, value] : *values) key += QString::fromStdString(name) + metricText(name, value) + ";";
  if (key == tableShown_) return;
  tableShown_ = key;
  clearLayout(tableGrid_);
  const auto put = [&](int row, int column, const QString& text, TextStyle style, const char* tone) {
    QLabel* label = makeLabel(text, style, tone);
    tableGrid_->addWidget(label, row, column, column == 0 ? Qt::AlignLeft : Qt::AlignRight);
    return label;
  };
  put(0, 0, tr("Metric"), TextStyle::caption, "tertiary");
  put(0, 1, tr("Base"), TextStyle::caption, "tertiary");
  put(0, 2, nowName, TextStyle::caption, "tertiary");
  put(0, 3, tr("Change"), TextStyle::caption, "tertiary");
  tableGrid_->setColumnStretch(0, 1);
  int row = 1;
  for (const std::string& metric : metrics) {
    const auto before = base.find(metric), after = now.find(metric);
    if (before == base.end() && after == now.end()) continue;
    put(row, 0, metricLabel(metric), TextStyle::small, "");
    put(row, 1, before == base.end() ? "–" : metricText(metric, before->second), TextStyle::mono, "secondary");
    QLabel* value = put(row, 2, after == now.end() ? "–" : metricText(metric, after->second), TextStyle::mono, "");
    value->setObjectName("metricNow." + QString::fromStdString(metric));
    if (before != base.end() && after != now.end())
      put(row, 3, changeText(metric, after->second - before->second), TextStyle::mono, "secondary");
    ++row;
  }
}

void EvaluationPanel::fillFacts(const std::vector<std::pair<QString, QString>>& facts) {
  QString key;
  for (const auto& [name, value] : facts) key += name + value + ";";
  if (key == factsShown_) return;
  factsShown_ = key;
  clearLayout(factsGrid_);
  int row = 0;
  for (const auto& [name, value] : facts) {
    factsGrid_->addWidget(makeLabel(name, TextStyle::small, "tertiary"), row, 0, Qt::AlignLeft | Qt::AlignTop);
    auto* text = new ElidedLabel(value);
    text->setFont(luthier::font(TextStyle::small));
    text->setFullText(value);
    text->setAlignment(Qt::AlignRight);
    factsGrid_->addWidget(text, row++, 1);
  }
}

void EvaluationPanel::show(const RunRow& run, const Recipe* recipe, const RunCurves& curves,
                           const std::vector<ArtefactRow>& artefacts) {
  const Values base = curves.results("base"), tuned = curves.results("tuned");
  Values last;
  const std::vector<std::string> metrics = recipe ? metricsOf(*recipe) : std::vector<std::string>{"loss"};
  for (const std::string& metric : metrics)
    if (const Curve& curve = curves.of("validation." + metric); !curve.values.empty())
      last[metric] = curve.values.back();
  const bool ended = !tuned.empty();
  const Values& now = ended ? tuned : last;
  const QString baseSplit = QString::fromStdString(curves.splitOf("base"));
  fillTable(metrics, base, now, ended ? tr("Tuned") : tr("Now"));
  table_->setVisible(!base.empty() || !now.empty());
  empty_->setVisible(base.empty() && now.empty());
  subtitle()->setText(recipe ? everyText(recipe->training.evaluate_every) : QString());
  QString note;
  if (ended)
    note = tr("Both on the %1 rows.")
               .arg(baseSplit.isEmpty() ? QString::fromStdString(curves.splitOf("tuned")) : baseSplit);
  else if (!base.empty() && !last.empty() && baseSplit != "validation")
    note = tr("Base on the %1 rows, now on the validation rows.").arg(baseSplit);
  note_->setText(note);
  note_->setVisible(!note.isEmpty());

  std::vector<std::pair<QString, QString>> facts;
  const Json summary = Json::accept(run.summary_json) ? Json::parse(run.summary_json) : Json();
  const auto number = [&](const char* key) { return summary.is_object() ? summary.value(key, 0.0) : 0.0; };
  if (recipe) facts.emplace_back(tr("Watched"), metricLabel(watchedMetric(*recipe)));
  if (number("best_step") > 0) facts.emplace_back(tr("Best at step"), countText(std::int64_t(number("best_step"))));
  if (number("rows_per_second") > 0)
    facts.emplace_back(tr("Rows a second"), numberText(std::round(number("rows_per_second"))));
  const Curve& memory = curves.of("memory_bytes");
  if (number("peak_resident_bytes") > 0)
    facts.emplace_back(tr("Peak memory"), bytesText(number("peak_resident_bytes")));
  else if (!memory.values.empty())
    facts.emplace_back(tr("Memory"), bytesText(memory.values.back()));
  facts.emplace_back(tr("Device"), QString::fromStdString(run.device));
  for (const ArtefactRow& artefact : artefacts)
    facts.emplace_back(tr("Exported"),
                       choiceText(artefact.kind) + (isProven(artefact) ? tr(", proven") : tr(", not proven")));
  fillFacts(facts);
}

}  // namespace luthier
