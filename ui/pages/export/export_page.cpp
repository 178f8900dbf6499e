#include "pages/export/export_page.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QProgressBar>
#include <QTableView>
#include <QTimer>
#include <nlohmann/json.hpp>

#include "pages/export/certificate_view.h"
#include "pages/export/export_dialog.h"
#include "recipe/catalog.h"
#include "widgets/controls.h"

namespace luthier {

namespace {
constexpr int kLookAgainMilliseconds = 400;

/// Which weights an export takes: as the core chooses them.
QString checkpointText(const RunRow& run, const Recipe& recipe) {
  std::int64_t best = -1;
  const Json summary = Json::parse(run.summary_json, nullptr, false);
  if (summary.is_object() && summary.contains("best_step") && summary["best_step"].is_number_integer())
    best = summary["best_step"].get<std::int64_t>();
  return recipe.training.keep_best && best >= 0
             ? QObject::tr("best checkpoint, step %1").arg(best)
             : QObject::tr("last checkpoint, step %1 of %2").arg(run.step).arg(run.total_steps);
}
}  // namespace

ExportPage::ExportPage(Workbench& workbench, QWidget* parent) : Page(workbench, tr("Export"), "exportPage", parent) {
  exportButton_ = makeButton(tr("Export a file"), "exportButton", "primary");
  connect(exportButton_, &QPushButton::clicked, this, [this] { openDialog(); });
  addHeaderButton(exportButton_);
  error_ = new ErrorCard;
  error_->hide();
  content()->addWidget(error_);
  running_ = makeRunning();
  content()->addWidget(running_);
  noRun_ = new EmptyState("export", tr("Nothing to export yet"),
                          tr("A run that has written a checkpoint can be exported here, with a proof that the file "
                             "computes what the model computes."));
  noRun_->setObjectName("exportEmpty");
  connect(noRun_->addAction(tr("Go to Train"), "exportTrainButton"), &QPushButton::clicked, this,
          [this] { this->workbench().goTo(Step::train); });
  content()->addWidget(noRun_, 100);
  nothing_ = new EmptyState("export", tr("This run was not exported yet"),
                            tr("Choose a format: the file is written, loaded again by another process and compared "
                               "with the model."));
  nothing_->setObjectName("exportNothing");
  connect(nothing_->addAction(tr("Export a file"), "exportFirstButton"), &QPushButton::clicked, this,
          [this] { openDialog(); });
  content()->addWidget(nothing_, 100);
  makeTable();

  dialog_ = new ExportDialog(workbench.jobs, this);
  connect(dialog_, &ExportDialog::confirmed, this, &ExportPage::startExport);
  view_ = new CertificateView(this);
  connect(view_, &CertificateView::checkAgain, this, &ExportPage::startCheck);
  connect(view_, &CertificateView::exportAgain, this, [this](const QString& kind) {
    view_->close();
    openDialog(kind, "fp32");
  });
  connect(&workbench.runs, &RunStore::runsChanged, this, &ExportPage::refresh);
  connect(&workbench.runs, &RunStore::written, this, [this] {
    if (isVisible() && !soon_.isActive()) soon_.start();
  });
  soon_.setSingleShot(true);
  soon_.setInterval(kLookAgainMilliseconds);
  connect(&soon_, &QTimer::timeout, this, &ExportPage::refresh);
  connect(&workbench.document, &Document::projectChanged, this, &ExportPage::refresh);
  refresh();
}

ExportPage::~ExportPage() {
  delete dialog_;
  delete view_;
}

QWidget* ExportPage::makeRunning() {
  auto* card = new Card;
  card->setObjectName("exportRunning");
  auto* row = makeRow(10);
  row->addWidget(new StateMark(StateKind::running));
  what_ = makeLabel({}, TextStyle::label);
  stage_ = makeLabel({}, TextStyle::body, "secondary");
  progress_ = new QProgressBar;
  progress_->setTextVisible(false);
  progress_->setFixedWidth(scaled(180));
  progress_->setAccessibleName(tr("Progress of the export"));
  QPushButton* cancel = makeSmallButton(tr("Cancel"), "exportCancelButton");
  connect(cancel, &QPushButton::clicked, this, [this] {
    if (job_) job_->cancel();
  });
  row->addWidget(what_);
  row->addWidget(stage_, 1);
  row->addWidget(progress_);
  row->addWidget(cancel);
  card->body()->addLayout(row);
  card->hide();
  return card;
}

void ExportPage::makeTable() {
  list_ = new QWidget;
  auto* column = makeColumn(10, list_);
  auto* bar = makeRow(8);
  bar->addWidget(makeLabel(tr("Exported files"), TextStyle::heading));
  count_ = makeLabel({}, TextStyle::body, "tertiary");
  bar->addWidget(count_);
  bar->addStretch(1);
  certificate_ = makeSmallButton(tr("Show certificate"), "exportCertificateButton");
  folder_ = makeSmallButton(tr("Open folder"), "exportFolderButton");
  copy_ = makeSmallButton(tr("Copy path"), "exportCopyPathButton");
  for (QPushButton* button : {certificate_, folder_, copy_}) bar->addWidget(button);
  column->addLayout(bar);
  auto* card = new Card;
  card->body()->setContentsMargins(1, 1, 1, 1);
  table_ = new QTableView;
  table_->setObjectName("exportTable");
  table_->setAccessibleName(tr("Exported files"));
  model_ = new ArtefactModel(this);
  table_->setModel(model_);
  table_->setItemDelegateForColumn(ArtefactModel::certificate, new StateDelegate(table_));
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->setShowGrid(false);
  table_->setSizeAdjustPolicy(QAbstractScrollArea::AdjustToContents);
  table_->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Maximum);
  table_->setWordWrap(false);
  table_->verticalHeader()->hide();
  table_->verticalHeader()->setDefaultSectionSize(scaled(28));
  table_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  QHeaderView* head = table_->horizontalHeader();
  head->setHighlightSections(false);
  head->setStyleSheet("QHeaderView::section { padding: 0px 11px; }");  // where the cells' text begins
  head->setSectionResizeMode(QHeaderView::Fixed);
  head->setSectionResizeMode(ArtefactModel::file, QHeaderView::Stretch);
  const auto size = [this, head] {
    table_->verticalHeader()->setDefaultSectionSize(scaled(28));
    head->resizeSection(ArtefactModel::format, scaled(170));
    head->resizeSection(ArtefactModel::size, scaled(100));
    head->resizeSection(ArtefactModel::when, scaled(130));
    head->resizeSection(ArtefactModel::certificate, scaled(160));
  };
  size();
  connect(&theme(), &Theme::changed, this, size);
  card->body()->addWidget(table_);
  column->addWidget(card);
  column->addStretch(1);
  content()->addWidget(list_, 100);
  content()->addStretch(1);
  connect(table_->selectionModel(), &QItemSelectionModel::selectionChanged, this, &ExportPage::refreshActions);
  connect(model_, &QAbstractItemModel::modelReset, this, &ExportPage::refreshActions);
  const auto showSelected = [this] {
    if (const auto one = selected()) showCertificate(one->path);
  };
  connect(table_, &QTableView::activated, this, showSelected);
  connect(certificate_, &QPushButton::clicked, this, showSelected);
  connect(folder_, &QPushButton::clicked, this, [this] {
    if (const auto one = selected()) openInFileManager(one->path);
  });
  connect(copy_, &QPushButton::clicked, this, [this] {
    if (const auto one = selected()) QGuiApplication::clipboard()->setText(one->path);
  });
}

StateKind ExportPage::state() const {
  if (job_) return StateKind::running;
  if (model_->artefacts().empty()) return StateKind::notStarted;
  return model_->artefacts().front().state() == StateKind::done ? StateKind::done : StateKind::warning;
}

void ExportPage::shown() { refresh(); }

QPushButton* ExportPage::primaryButton() const {
  if (dialog_ && dialog_->isOpen()) return dialog_->confirmButton();
  return view_ && view_->isOpen() ? view_->doneButton() : exportButton_;
}

std::optional<Artefact> ExportPage::selected() const {
  const QModelIndexList rows = table_->selectionModel()->selectedRows();
  if (rows.isEmpty()) return std::nullopt;
  return model_->artefacts()[std::size_t(rows.first().row())];
}

ExportSource ExportPage::source() const {
  const RunRow* run = workbench().runs.find(run_);
  const std::filesystem::path folder = workbench().runs.store().run_folder(run_.toStdString());
  ExportSource source;
  source.run = run_;
  source.recipe = read_recipe(folder / "recipe.json");
  source.name = run ? QString::fromStdString(run->name) : run_;
  source.checkpoint = run ? checkpointText(*run, source.recipe) : QString();
  source.folder = workbench().document.isOpen() ? workbench().document.folder() / "export" : folder / "export";
  return source;
}

void ExportPage::openDialog(const QString& kind, const QString& precision) {
  ExportSource from;
  if (const auto error = attempt(tr("The run cannot be exported"), [&] { from = source(); })) {
    error_->setError(*error);
    error_->show();
    return;
  }
  error_->hide();
  dialog_->openFor(from, kind, precision);
}

void ExportPage::startExport(const ExportChoice& choice) {
  const QString target = QString::fromStdString(choice.folder.string());
  QStringList words = {"export", run_, "--to", choice.kind, "--out", target, "--json", "--progress"};
  if (takesPrecision(choice.kind.toStdString())) words << "--precision" << choice.precision;
  for (const auto& [key, value] : choice.options) words << "--set" << QString::fromStdString(key + "=" + value.dump());
  auto* job = new CliJob(tr("Export: %1").arg(formatLabel(choice.kind)), words);
  follow(job, tr("Exporting: %1").arg(formatLabel(choice.kind)), target);
}

void ExportPage::startCheck(const QString& path) {
  view_->setChecking(true);
  follow(new CliJob(tr("Check of an export"), {"export", "--verify", path, "--json", "--progress"}),
         tr("Checking an export"), path);
}

void ExportPage::follow(CliJob* job, const QString& what, const QString& path) {
  job_ = job;
  job_->acceptExitCodes({1});  // written, but not proven: the certificate tells
  error_->hide();
  what_->setText(what);
  stage_->clear();
  progress_->setRange(0, 0);
  connect(job, &Job::progressed, this, [this, job] {
    stage_->setText(job->stage());
    progress_->setRange(0, job->share() < 0 ? 0 : 100);
    progress_->setValue(qRound(job->share() * 100));
  });
  connect(job, &Job::finished, this, [this, path](const std::optional<ErrorText>& error) {
    job_ = nullptr;
    workbench().runs.poll();
    refresh();
    view_->setChecking(false);
    if (error && error->kind == "cancelled") return;
    // After the list is up to date: both at once would take longer than a key may wait.
    if (!error) return QTimer::singleShot(0, this, [this, path] { showCertificate(path); });
    ErrorText told = *error;
    told.title = tr("The export was not finished");
    error_->setError(told);
    error_->show();
    view_->close();
  });
  workbench().jobs.run(job);
  refresh();
}

void ExportPage::showCertificate(const QString& path) {
  const int row = model_->rowOf(path);
  if (row < 0) return;
  table_->selectRow(row);
  const RunRow* run = workbench().runs.find(run_);
  view_->setArtefact(model_->artefacts()[std::size_t(row)], run ? QString::fromStdString(run->name) : run_);
  if (view_->isOpen() || !isVisible()) return;
  QTimer::singleShot(0, view_, [this] {
    if (!view_->isOpen() && isVisible()) view_->open();
  });
}

void ExportPage::refresh() {
  run_ = workbench().shownRun();
  const RunRow* run = run_.isEmpty() ? nullptr : workbench().runs.find(run_);
  std::vector<Artefact> artefacts;
  exportable_ = false;
  QString subtitle;
  if (run) {
    const auto error = attempt(tr("The run's exports cannot be listed"), [&] {
      artefacts = readArtefacts(workbench().runs.store(), run->id);
      exportable_ = hasCheckpoint(workbench().runs.store().run_folder(run->id));
      if (exportable_) {
        const ExportSource from = source();
        subtitle = tr("%1, %2").arg(from.name, from.checkpoint);
      }
    });
    if (error) error_->setError(*error);
    if (error) error_->show();
  }
  setSubtitle(subtitle);
  model_->setArtefacts(std::move(artefacts));
  const bool any = model_->rowCount() > 0;
  count_->setText(QString::number(model_->rowCount()));
  list_->setVisible(any);
  nothing_->setVisible(!any && exportable_ && !job_);
  noRun_->setVisible(!any && !exportable_);
  running_->setVisible(job_ != nullptr);
  setEnabledBecause(exportButton_, exportable_ && !job_,
                    job_ ? tr("An export is being written.") : tr("The run has no checkpoint yet."));
  refreshActions();
  Q_EMIT stateChanged();
}

void ExportPage::refreshActions() {
  const auto one = selected();
  const QString none = tr("Choose a row first.");
  setEnabledBecause(certificate_, one.has_value(), none);
  setEnabledBecause(copy_, one.has_value(), none);
  setEnabledBecause(folder_, one && one->there, one ? tr("It is no longer there.") : none);
}

}  // namespace luthier
