#include "pages/data/data_page.h"

#include <QAction>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QMimeData>
#include <QProgressBar>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "pages/data/data_table.h"
#include "pages/data/filter_bar.h"
#include "pages/data/findings_strip.h"
#include "pages/data/image_grid.h"
#include "pages/data/label_bars.h"
#include "pages/data/length_bars.h"
#include "pages/data/media_view.h"
#include "pages/data/microscope.h"
#include "pages/data/split_control.h"
#include "widgets/controls.h"
#include "widgets/format.h"

namespace luthier {

namespace {
bool touchesPart(const QStringList& paths, std::initializer_list<const char*> parts) {
  for (const QString& path : paths)
    for (const char* part : parts)
      if (path.isEmpty() || path == QLatin1String(part) || path.startsWith(QString(part) + ".") ||
          QString(part).startsWith(path + "."))
        return true;
  return false;
}

bool same(const ReadOptions& a, const ReadOptions& b) {
  return a.format == b.format && a.encoding == b.encoding && a.delimiter == b.delimiter && a.quote == b.quote &&
         a.header == b.header && a.max_rows == b.max_rows;
}

QString formatName(const ReadOptions& detected) {
  if (detected.format == "folder") return DataPage::tr("folder");
  return detected.format == "parquet" ? "Parquet"
                                      : QString::fromStdString(detected.format + " · " + detected.encoding).toUpper();
}
}  // namespace

DataPage::DataPage(Workbench& workbench, QWidget* parent) : Page(workbench, tr("Data"), "dataPage", parent) {
  rows_ = new RowSource(workbench.jobs, this);
  buildHeader();
  stack_ = new QStackedWidget;
  stack_->addWidget(buildEmpty());
  stack_->addWidget(buildOpening());
  stack_->addWidget(buildFailed());
  stack_->addWidget(buildContent());
  content()->addWidget(stack_, 1);
  setAcceptDrops(true);
  connectParts();
  updateHeader();
}

void DataPage::connectParts() {
  connect(&workbench().document, &Document::projectChanged, this, [this] {
    rows_->close();
    openedOnce_ = false;
    openedFile_.clear();
    filter_->clear();
    closeMicroscope();
    if (isVisible()) openData();
    updateHeader();
  });
  connect(&workbench().document, &Document::changed, this, &DataPage::documentChanged);
  connect(&workbench().facts, &ProjectFacts::dataChanged, this, &DataPage::factsChanged);
  connect(&workbench().facts, &ProjectFacts::modelChanged, this, &DataPage::factsChanged);
  connect(rows_, &RowSource::opened, this, &DataPage::dataOpened);
  connect(rows_, &RowSource::failed, this, [this](const ErrorText& error) {
    if (error.kind == "cancelled") {
      openedOnce_ = false;
      empty_->setText(tr("The file was not opened"), tr("Reading it was stopped. The project still names it."));
      stack_->setCurrentIndex(0);
    } else {
      ErrorText shownError = error;
      shownError.title = tr("The data cannot be read");
      error_->setError(shownError);
      stack_->setCurrentIndex(2);
    }
    updateHeader();
    Q_EMIT stateChanged();
  });
  connect(rows_, &RowSource::readFailed, this, [this](const ErrorText& error) {
    error_->setError(error);
    stack_->setCurrentIndex(2);
  });
  connect(rows_, &RowSource::filterStarted, filter_, &FilterBar::setSearching);
  connect(rows_, &RowSource::filtered, this, [this] {
    filter_->clearProblem();
    table_->rowsReset();
    grid_->rowsReset();
    showFilterState();
  });
  connect(rows_, &RowSource::filterFailed, this, [this](const QString& message, int position) {
    filter_->setProblem(message, position);
    filter_->setCounts(rows_->count(), rows_->total());
  });
  connect(filter_, &FilterBar::filterChanged, this, [this] {
    labels_->setChosen(-1);
    rows_->setFilter(filter_->filter());
  });
  connect(filter_->moreButton(), &QPushButton::clicked, this, &DataPage::openReading);
  connect(findings_, &FindingsStrip::showWanted, filter_, &FilterBar::setText);
  connect(findings_, &FindingsStrip::fixWanted, this, [this](const QStringList& assignments, const QString& what) {
    workbench().document.apply(assignments, what);
  });
  connect(findings_, &FindingsStrip::detailsWanted, this, &DataPage::showDetails);
  connect(table_, &DataTable::roleMenuWanted, this, &DataPage::openRoleMenu);
  connect(table_, &DataTable::contextMenuWanted, this, &DataPage::openRowMenu);
  connect(table_, &DataTable::copyWanted, this, &DataPage::copy);
  connect(table_, &DataTable::rowOpened, this, &DataPage::openMicroscope);
  connect(table_, &DataTable::currentRowChanged, this, [this](std::int64_t index) {
    if (grid_->isVisibleTo(this)) grid_->setCurrentRow(index);
    if (lens()->isVisibleTo(this)) showInMicroscope(index);
  });
  connect(microscope_, &Microscope::closed, this, &DataPage::closeMicroscope);
  connect(microscope_, &Microscope::previousWanted, this, [this] { table_->setCurrentRow(table_->currentRow() - 1); });
  connect(microscope_, &Microscope::nextWanted, this, [this] { table_->setCurrentRow(table_->currentRow() + 1); });
  connect(media_, &MediaView::closed, this, &DataPage::closeMicroscope);
  connect(media_, &MediaView::previousWanted, this, [this] { moveRow(-1); });
  connect(media_, &MediaView::nextWanted, this, [this] { moveRow(1); });
  connect(grid_, &ImageGrid::rowOpened, this, &DataPage::openMicroscope);
  connect(grid_, &ImageGrid::currentRowChanged, table_, &DataTable::setCurrentRow);
  connect(view_, &SegmentedControl::chosen, this, [this] { showView(); });
  connect(labels_, &LabelBars::clicked, this, &DataPage::filterByLabel);
  connect(lengths_, &LengthBars::limitMoved, this, [this](std::int64_t limit) {
    lengthNote_->setFullText(tr("%1 rows longer").arg(countText(lengths_->longerThan(limit))));
  });
  connect(lengths_, &LengthBars::limitChosen, this,
          [this](std::int64_t limit) { workbench().document.set("data.max_tokens", limit, tr("Longest row")); });
  connect(split_, &SplitControl::sharesChosen, this,
          [this](double validation, double test) { setShares(workbench().document, validation, test); });
  connect(split_, &SplitControl::stratifyChosen, this,
          [this](bool on) { workbench().document.set("data.stratify", on, tr("Keep label shares")); });
  connect(split_, &SplitControl::columnChosen, this, [this](const QString& column) {
    setRole(workbench().document, column.isEmpty() ? columnOf("split") : column, column.isEmpty() ? "" : "split");
  });
  connect(split_, &SplitControl::fileWanted, this, [this](const QString& path) { chooseFile(path); });
  connect(split_, &SplitControl::fileRemoved, this,
          [this](const QString& path) { workbench().document.set(path, nullptr, tr("Files")); });
}

StateKind DataPage::state() const {
  const Workbench& bench = workbench();
  if (!bench.document.isOpen() || bench.document.lenient().data.train.empty()) return StateKind::notStarted;
  if (bench.facts.dataError()) return StateKind::error;
  const DataProfile* profile = bench.facts.data();
  if (!profile) return bench.facts.dataLoading() ? StateKind::running : StateKind::notStarted;
  StateKind worst = StateKind::done;
  for (const Finding& finding : profile->findings) {
    if (finding.severity == "error") return StateKind::error;
    if (finding.severity == "warning") worst = StateKind::warning;
  }
  return worst;
}

void DataPage::shown() { openData(); }

void DataPage::documentChanged(const QStringList& paths) {
  if (!workbench().document.isOpen()) return;
  if (touchesPart(paths, {"data"}) && isVisible()) openData();
  if (touchesPart(paths, {"data", "objective"})) updateColumns();
  updateHeader();
}

void DataPage::openData() {
  const Document& document = workbench().document;
  const std::filesystem::path file = document.isOpen() ? document.lenient().data.train : std::string();
  const ReadOptions read = readOptionsOf(document.lenient());
  if (openedOnce_ && file == openedFile_ && same(read, openedRead_)) {
    if (rows_->isOpen() && !document.isSet("data.roles")) suggest();
    return;
  }
  openedOnce_ = true;
  openedFile_ = file;
  openedRead_ = read;
  filter_->clear();
  closeMicroscope();
  if (file.empty()) {
    rows_->close();
    empty_->setText(tr("No data chosen"), tr("Choose a file or a folder, or drop it here: CSV, TSV, JSON, JSON lines, "
                                             "Parquet, plain text; images and recordings."));
    stack_->setCurrentIndex(0);
  } else {
    openingText_->setText(tr("Opening %1").arg(QString::fromStdString(file.filename().string())));
    openingBar_->setRange(0, 0);
    stack_->setCurrentIndex(1);
    rows_->open(file, read);
    if (const Job* job = rows_->job())
      connect(job, &Job::progressed, this, [this, job] {
        if (job->share() < 0) return;
        openingBar_->setRange(0, 1000);
        openingBar_->setValue(int(job->share() * 1000));
      });
  }
  updateHeader();
  Q_EMIT stateChanged();
}

void DataPage::dataOpened() {
  stack_->setCurrentIndex(3);
  if (!workbench().document.isSet("data.roles")) suggest();
  updateColumns();
  table_->rowsReset();
  grid_->rowsReset();
  factsChanged();
  showFilterState();
  updateHeader();
  Q_EMIT fileShown();
}

void DataPage::suggest() {
  const int round = ++suggestRound_;
  auto result = std::make_shared<DataSuggestion>();
  auto* job = new ThreadJob(
      tr("Looking at the columns"),
      [file = openedFile_, read = openedRead_, result](JobProgress&) { *result = suggestFor(file, read, {}); },
      [this, result, round] {
        if (round == suggestRound_ && workbench().document.isOpen()) applySuggestion(workbench().document, *result);
      },
      this);
  job->start();
}

void DataPage::factsChanged() {
  const ProjectFacts& facts = workbench().facts;
  const DataProfile* profile = facts.data();
  // What is there of another file says nothing about this one.
  if (profile && profile->file != openedFile_) profile = nullptr;
  findings_->setProfile(profile, workbench().document.lenient(), facts.model());
  findings_->setLoading(facts.dataLoading());
  if (rows_->isOpen()) rows_->setMarks(profile ? profile->marks : nullptr);
  updateColumns();
  updateHeader();
  Q_EMIT stateChanged();
}

void DataPage::updateColumns() {
  if (!rows_->isOpen()) return;
  const Recipe& recipe = workbench().document.lenient();
  const DataProfile* profile = workbench().facts.data();
  const bool marks = rows_->mark(0) != nullptr;
  table_->setColumns(tableColumns(rows_->columns(), recipe, marks, marks && profile && profile->lengths.longest > 0));
  QHash<QString, DataTable::LabelLook> looks;
  if (profile && profile->file == openedFile_)
    for (const LabelCount& label : profile->labels)
      for (const std::string& value : label.values)
        if (label.id >= 0) looks.insert(QString::fromStdString(value), {QString::fromStdString(label.name), label.id});
  table_->setLabels(looks);
  updateView();
  updateSide();
  updateProblem();
}

void DataPage::updateHeader() {
  const Document& document = workbench().document;
  const bool data = document.isOpen() && !document.lenient().data.train.empty();
  QStringList parts;
  if (data) parts << QString::fromStdString(std::filesystem::path(document.lenient().data.train).filename().string());
  if (rows_->isOpen()) {
    parts << tr("%1 rows").arg(countText(rows_->total()));
    std::error_code ignored;
    if (const auto bytes = std::filesystem::file_size(openedFile_, ignored); !ignored)
      parts << bytesText(double(bytes));
    parts << formatName(rows_->detected());
  }
  setSubtitle(parts.join(" · "));
  replace_->setText(data ? tr("Replace file") : tr("Choose a file"));
  replace_->setVisible(data);
  QString reason;
  if (!document.isOpen())
    reason = tr("Not available: no project is open");
  else if (!data)
    reason = tr("Not available: choose a data file first");
  else if (!rows_->isOpen())
    reason = rows_->isOpening() ? tr("Not available: the file is being opened")
                                : tr("Not available: the file cannot be read");
  else if (const QStringList missing = missingRoles(document.lenient(), table_->columns()); !missing.isEmpty()) {
    QStringList names;
    for (const QString& role : missing) names << roleLabel(role);
    reason = tr("Not available: no column is %1 yet. Click below a column's name.").arg(names.join(tr(" or ")));
  } else if (workbench().facts.dataError()) {
    reason = workbench().facts.dataError()->what;
  } else if (const DataProfile* profile = workbench().facts.data(); profile && profile->file == openedFile_) {
    for (const Finding& finding : profile->findings)
      if (finding.severity == "error") reason = tr("Not available: %1").arg(QString::fromStdString(finding.message));
  }
  setEnabledBecause(continue_, reason.isEmpty(), reason);
}

void DataPage::showFilterState() { filter_->setCounts(rows_->count(), rows_->total()); }

QString DataPage::columnOf(const QString& role) const {
  for (const TableColumn& column : table_->columns())
    if (column.role == role) return column.title;
  return {};
}

void DataPage::dragEnterEvent(QDragEnterEvent* event) {
  if (event->mimeData()->hasUrls() && event->mimeData()->urls().size() == 1) event->acceptProposedAction();
}

void DataPage::dropEvent(QDropEvent* event) {
  const QString file = event->mimeData()->urls().value(0).toLocalFile();
  if (file.isEmpty()) return;
  event->acceptProposedAction();
  takeFile(file);
}

}  // namespace luthier
