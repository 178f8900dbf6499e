#include "pages/runs/runs_page.h"

#include <QComboBox>
#include <QFile>
#include <QFileDialog>
#include <QHeaderView>
#include <QShortcut>
#include <memory>
#include <set>

#include "base/files.h"
#include "charts/metric_chart.h"
#include "forms/option_editor.h"
#include "pages/runs/run_table.h"
#include "widgets/controls.h"
#include "widgets/format.h"
#include "widgets/search_edit.h"

namespace luthier {

namespace {
constexpr const char* kColumnsKey = "runColumnsHidden";
constexpr std::size_t kMostPoints = 60;  // that are drawn as points
constexpr int kAgainMilliseconds = 1000;
}  // namespace

RunsPage::RunsPage(Workbench& workbench, QWidget* parent)
    : Page(workbench, tr("Runs"), "page.runs", parent), model_(workbench.runs) {
  filter_.setSourceModel(&model_);
  filter_.setDynamicSortFilter(true);
  auto* exportButton = makeButton(tr("Export table"), "exportTableButton");
  exportButton->setIcon(icon("dl"));
  connect(exportButton, &QPushButton::clicked, this, &RunsPage::exportTable);
  repeat_ = makeButton(tr("Repeat run"), "repeatRunButton");
  repeat_->setToolTip(tr("Opens this run's recipe as a project"));
  resume_ = makeButton(tr("Resume"), "resumeRunButton");
  open_ = makeButton(tr("Open"), "openRunButton", "primary");
  for (QWidget* button : {exportButton, repeat_, resume_, open_}) addHeaderButton(button);

  empty_ = new EmptyState("runs", tr("No runs yet"),
                          tr("A run keeps its settings, curves and checkpoints. Start one from Preflight."));
  connect(static_cast<EmptyState*>(empty_)->addAction(tr("Go to Preflight"), "emptyPreflightButton"),
          &QPushButton::clicked, this, [this] { this->workbench().goTo(Step::preflight); });
  content()->addWidget(empty_, 1);

  filled_ = new QWidget;
  auto* column = makeColumn(12, filled_);
  auto* tools = makeRow(8);
  filterEdit_ = makeSearchEdit(tr("Filter by name, method, state or result"), "runFilterEdit");
  filterEdit_->setMaximumWidth(scaled(330));
  connect(filterEdit_, &QLineEdit::textChanged, &filter_, &RunFilter::setText);
  auto* slash = new QShortcut(QKeySequence("/"), this);
  connect(slash, &QShortcut::activated, filterEdit_, qOverload<>(&QWidget::setFocus));
  scope_ = new SegmentedControl("runScope");
  scope_->setChoices({"project", "all"}, {tr("This project"), tr("All projects")});
  scope_->setCurrent("all");
  scope_->setAccessibleName(tr("Which runs are listed"));
  const auto applyScope = [this] {
    const Document& document = this->workbench().document;
    filter_.setProject(scope_->current() == "project" && document.isOpen() ? document.name() : QString());
  };
  connect(scope_, &SegmentedControl::chosen, this, applyScope);
  connect(&workbench.document, &Document::projectChanged, this, [this, applyScope] {
    scope_->setDisabledBecause("project", this->workbench().document.isOpen() ? QString() : tr("No project is open."));
    applyScope();
  });
  scope_->setDisabledBecause("project", tr("No project is open."));
  delete_ = makeButton(tr("Delete"), "deleteRunsButton", "danger");
  connect(delete_, &QPushButton::clicked, this, &RunsPage::askDelete);
  tools->addWidget(filterEdit_, 1);
  tools->addWidget(scope_);
  tools->addStretch(1);
  auto* columns = makeButton(tr("Columns"), "columnsButton", "quiet");
  connect(columns, &QPushButton::clicked, this, [this, columns] { table_->openColumnMenu(*columns); });
  tools->addWidget(columns);
  tools->addWidget(delete_);
  column->addLayout(tools);

  confirm_ = new QFrame;
  confirm_->setProperty("card", "warning");
  auto* ask = makeRow(8, confirm_);
  ask->setContentsMargins(14, 8, 14, 8);
  confirmText_ = makeText({}, TextStyle::body, "");
  auto* really = makeSmallButton(tr("Delete"), "deleteConfirmButton", "danger");
  auto* keep = makeSmallButton(tr("Keep"), "deleteKeepButton");
  connect(really, &QPushButton::clicked, this, &RunsPage::deleteNow);
  connect(keep, &QPushButton::clicked, confirm_, &QWidget::hide);
  ask->addWidget(confirmText_, 1);
  ask->addWidget(keep);
  ask->addWidget(really);
  confirm_->hide();
  column->addWidget(confirm_);
  error_ = new ErrorCard;
  error_->hide();
  column->addWidget(error_);

  auto* tableCard = new Card;
  tableCard->body()->setContentsMargins(0, 0, 0, 0);
  table_ = new RunTable;
  table_->setModel(&filter_);
  table_->showColumns(workbench.settings.state(kColumnsKey));
  connect(table_, &RunTable::columnsChanged, this,
          [this] { this->workbench().settings.setState(kColumnsKey, table_->hiddenColumns()); });
  tableCard->body()->addWidget(table_);
  column->addWidget(tableCard, 3);

  compareRow_ = new QWidget;
  auto* both = makeRow(12, compareRow_);
  chart_ = new MetricChart(group_, tr("Validation loss"), "overlayChart");
  metric_ = new QComboBox;
  metric_->setObjectName("overlayMetric");
  metric_->setAccessibleName(tr("Metric"));
  guardWheel(metric_);
  connect(metric_, &QComboBox::activated, this, &RunsPage::drawOverlay);
  chart_->setTitleWidget(metric_);
  axis_ = new SegmentedControl("overlayAxis");
  axis_->setChoices({"step", "epoch"}, {tr("Steps"), tr("Epochs")});
  axis_->setCurrent("step");
  axis_->setAccessibleName(tr("Horizontal axis"));
  connect(axis_, &SegmentedControl::chosen, this, &RunsPage::drawOverlay);
  auto* left = makeColumn(6);
  left->addWidget(chart_, 1);
  left->addWidget(axis_, 0, Qt::AlignRight);
  diff_ = new SettingsDiff;
  both->addLayout(left, 1);
  both->addWidget(diff_, 1);
  column->addWidget(compareRow_, 4);
  content()->addWidget(filled_, 1);

  connect(open_, &QPushButton::clicked, this, [this] {
    this->workbench().showRun(current());
    this->workbench().goTo(Step::train);
  });
  connect(table_, &QTableView::activated, open_, &QPushButton::click);
  connect(resume_, &QPushButton::clicked, this, [this] {
    const QString id = current();
    if (const auto error =
            attempt(tr("The run could not be resumed"), [&] { this->workbench().runs.resumeInterrupted(id); })) {
      error_->setError(*error);
      error_->show();
      return;
    }
    this->workbench().showRun(id);
    this->workbench().goTo(Step::train);
  });
  connect(repeat_, &QPushButton::clicked, this, [this] {
    this->workbench().openPath(QString::fromStdString(
        (this->workbench().runs.store().run_folder(current().toStdString()) / "recipe.json").string()));
  });
  connect(table_->selectionModel(), &QItemSelectionModel::selectionChanged, this, &RunsPage::updateButtons);
  connect(&model_, &RunModel::tickedChanged, this, &RunsPage::compare);
  connect(&workbench.runs, &RunStore::runsChanged, this, &RunsPage::updateButtons);
  again_.setSingleShot(true);
  again_.setInterval(kAgainMilliseconds);
  connect(&again_, &QTimer::timeout, this, &RunsPage::compare);
  connect(&workbench.runs, &RunStore::runsChanged, this, &RunsPage::compareAgain);
  compare();
  updateButtons();
}

void RunsPage::shown() {
  updateButtons();
  if (!table_->currentIndex().isValid() && filter_.rowCount() > 0)
    table_->setCurrentIndex(filter_.index(0, RunModel::name));
}

void RunsPage::compareRuns(const QStringList& runs) {
  filterEdit_->clear();
  scope_->setCurrent("all");
  filter_.setProject({});
  model_.setTicked(runs.mid(0, RunModel::kMostTicked));
}

void RunsPage::compareAgain() {
  if (!isVisible() || again_.isActive()) return;
  for (const QString& id : model_.ticked())
    if (const RunRow* run = workbench().runs.find(id); run && compared_.size() > 0 && run->status != RunStatus::queued)
      for (const RunCurveSet& one : compared_)
        if (one.id == id && (one.step != run->step || one.status != run->status)) return again_.start();
}

QString RunsPage::current() const { return table_->currentIndex().data(RunModel::idRole).toString(); }

void RunsPage::updateButtons() {
  const bool any = model_.rowCount() > 0;
  empty_->setVisible(!any);
  filled_->setVisible(any);
  const RunRow* run = workbench().runs.find(current());
  setSubtitle(any ? tr("%n runs", nullptr, model_.rowCount()) : QString());
  const QString none = tr("Select a run in the table.");
  setEnabledBecause(open_, run, none);
  setEnabledBecause(repeat_, run, none);
  const bool resumable = run && is_final(run->status) && run->status != RunStatus::success;
  setEnabledBecause(resume_, resumable,
                    run ? tr("Only a run that was interrupted, stopped or failed can go on.") : none);
  const bool deletable = run && is_final(run->status);
  setEnabledBecause(delete_, deletable, run ? tr("The run is still going on: stop it first.") : none);
  open_->setText(run && !is_final(run->status) ? tr("Watch") : tr("Open"));
}

void RunsPage::compare() {
  // A long run has a hundred thousand rows: they are read on a thread.
  const int round = ++round_;
  auto found = std::make_shared<std::vector<RunCurveSet>>();
  std::vector<std::string> ids;
  for (const QString& id : model_.ticked()) {
    const RunRow* run = workbench().runs.find(id);
    if (!run) continue;
    found->push_back(
        {{QString::fromStdString(run->name) + " " + id.right(4), {}}, id.right(4), {}, id, run->status, run->step});
    ids.push_back(run->id);
  }
  compareRow_->setVisible(!found->empty());
  if (found->empty()) {
    compared_.clear();
    return;
  }
  auto* job = new ThreadJob(
      tr("Reading the curves"),
      [found, ids, home = workbench().runs.store().home()](JobProgress&) {
        const Store store(home);
        for (std::size_t i = 0; i < ids.size(); ++i) {
          (*found)[i].run.recipe = read_json(store.run_folder(ids[i]) / "recipe.json");
          for (const MetricRow& row : store.metrics(ids[i])) (*found)[i].metrics[row.name].push_back(row);
        }
      },
      [] {}, this);
  connect(job, &Job::finished, this, [this, found, round] {
    if (round != round_) return;
    compared_ = std::move(*found);
    showCompared();
  });
  job->start();
}

void RunsPage::showCompared() {
  std::vector<ComparedRun> runs;
  std::set<std::string> names;
  // Where each has another method, that is what they are told apart by.
  std::set<QString> methods;
  for (const RunCurveSet& one : compared_) methods.insert(methodLabel(one.run.recipe));
  if (compared_.size() > 1 && methods.size() == compared_.size())
    for (RunCurveSet& one : compared_) one.shortName = methodLabel(one.run.recipe);
  for (const RunCurveSet& one : compared_) {
    runs.push_back(one.run);
    for (const auto& [name, rows] : one.metrics) names.insert(name);
  }
  diff_->setRuns(runs);
  const QString chosen = metric_->currentText().isEmpty() ? "validation.loss" : metric_->currentText();
  metric_->clear();
  for (const std::string& name : names) metric_->addItem(QString::fromStdString(name));
  metric_->setCurrentText(metric_->findText(chosen) >= 0 ? chosen : metric_->itemText(0));
  drawOverlay();
}

void RunsPage::drawOverlay() {
  chart_->clearLines();
  const std::string name = metric_->currentText().toStdString();
  const bool epochs = axis_->current() == "epoch";
  group_.setAxis(epochs ? epochAxis() : stepAxis());
  double last = 1;
  int colour = 0;
  for (const RunCurveSet& one : compared_) {
    const auto found = one.metrics.find(name);
    const std::size_t count = found == one.metrics.end() ? 0 : found->second.size();
    ChartLine look;
    look.name = one.shortName;
    look.colour = colour++;
    look.points = count <= kMostPoints;
    look.dashed = look.colour == 5;
    const int line = chart_->addLine(look);
    for (std::size_t i = 0; i < count; ++i) {
      const MetricRow& row = found->second[i];
      const double x = epochs ? row.epoch : double(row.step);
      chart_->append(line, x, row.value);
      last = std::max(last, x);
    }
  }
  group_.setFullRange(0, last);
}

void RunsPage::askDelete() {
  const RunRow* run = workbench().runs.find(current());
  if (!run) return;
  std::uint64_t bytes = 0;
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(workbench().runs.store().run_folder(run->id), ignored))
    if (entry.is_regular_file(ignored)) bytes += entry.file_size(ignored);
  confirmText_->setText(tr("Delete %1 with its curves, checkpoints and exports in the run's folder? This frees %2.")
                            .arg(QString::fromStdString(run->name), bytesText(double(bytes))));
  confirm_->show();
}

void RunsPage::deleteNow() {
  confirm_->hide();
  const QString id = current();
  const auto error = attempt(tr("The run could not be deleted"), [&] { workbench().runs.deleteRun(id); });
  error_->setVisible(error.has_value());
  if (error) error_->setError(*error);
  updateButtons();
}

void RunsPage::exportTable() {
  const QString file = QFileDialog::getSaveFileName(this, tr("Export the table"), "runs.csv", tr("Tables (*.csv)"));
  if (file.isEmpty()) return;
  QString text;
  const auto quoted = [](QString cell) { return "\"" + cell.replace("\"", "\"\"") + "\""; };
  for (int row = -1; row < filter_.rowCount(); ++row) {
    QStringList cells;
    for (int column = RunModel::name; column < RunModel::columns; ++column)
      if (column != RunModel::curve)
        cells << quoted(row < 0 ? filter_.headerData(column, Qt::Horizontal).toString()
                                : filter_.index(row, column).data().toString());
    text += cells.join(',') + "\n";
  }
  if (const auto error = attempt(tr("The table could not be written"),
                                 [&] { write_atomically(file.toStdString(), text.toStdString()); })) {
    error_->setError(*error);
    error_->show();
  }
}

}  // namespace luthier
