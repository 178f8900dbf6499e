#include "pages/home/home_page.h"

#include <QAction>
#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QScrollArea>
#include <QVBoxLayout>
#include <algorithm>
#include <memory>
#include <utility>

#include "base/error.h"
#include "forms/catalog_text.h"
#include "pages/home/advisor_card.h"
#include "pages/home/drop_zone.h"
#include "pages/home/openable.h"
#include "pages/home/recent_row.h"
#include "pages/home/starter_card.h"
#include "recipe/catalog.h"

namespace luthier {

namespace {
constexpr int kStartersInARow = 2;
constexpr int kContentWidth = 980;
constexpr int kReadMilliseconds = 500;  // a run that goes on changes its row many times a second
}  // namespace

HomePage::HomePage(Workbench& workbench, QWidget* parent) : Page(workbench, tr("Home"), "homePage", parent) {
  // The page begins with its own words in large type instead of a header.
  for (int i = 0; i < layout()->count(); ++i)
    if (QWidget* part = layout()->itemAt(i)->widget()) part->hide();
  content()->setContentsMargins(0, 0, 0, 0);

  auto* inside = new QWidget;
  inside->setProperty("surface", "none");
  auto* sides = makeRow(0, inside);
  sides->setContentsMargins(20, 30, 20, 20);
  auto* middle = new QWidget;
  middle->setMaximumWidth(scaled(kContentWidth));
  sides->addStretch(1);
  sides->addWidget(middle, 1000);
  sides->addStretch(1);
  auto* column = makeColumn(0, middle);
  column->addWidget(makeLabel(tr("Start with your data"), TextStyle::display));
  column->addSpacing(4);
  column->addWidget(
      makeText(tr("Luthier reads the file, suggests what each column is, and checks that the run fits this computer "
                  "before it starts.")));
  column->addSpacing(16);
  zone_ = new DropZone;
  column->addWidget(zone_);
  column->addSpacing(12);
  error_ = new ErrorCard;
  error_->hide();
  column->addWidget(error_);
  column->addSpacing(12);

  auto* recent = new Card;
  recent->body()->setContentsMargins(0, 0, 0, 0);
  recentList_ = recent->body();
  recentList_->setSpacing(0);
  recentSection_ = buildSection(tr("Recent projects"), {}, recent);
  column->addWidget(recentSection_);
  auto* starters = new QWidget;
  starterList_ = new QGridLayout(starters);
  starterList_->setContentsMargins(0, 0, 0, 0);
  starterList_->setSpacing(16);
  starterSection_ = buildSection(tr("Starter projects"), tr("Bundled, no download."), starters);
  column->addWidget(starterSection_);
  auto* advisor = new AdvisorCard;
  column->addWidget(advisor);
  column->addStretch(1);
  recentSection_->hide();
  starterSection_->hide();

  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setFocusPolicy(Qt::NoFocus);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setWidget(inside);
  content()->addWidget(scroll, 1);

  connect(zone_, &DropZone::dropped, this, &HomePage::take);
  connect(zone_->fileButton(), &QPushButton::clicked, this, [this] { choose(false); });
  connect(zone_->folderButton(), &QPushButton::clicked, this, [this] { choose(true); });
  connect(advisor, &AdvisorCard::startWanted, this, [this](const QString& method) {
    choose(false);
    wantedMethod_ = method;
  });
  connect(&workbench.document, &Document::projectChanged, this, &HomePage::takeAdvice);
  auto* openFile = new QAction(tr("Open a data file"), this);
  openFile->setShortcut(QKeySequence::Open);
  connect(openFile, &QAction::triggered, this, [this] { choose(false); });
  auto* openFolder = new QAction(tr("Open a folder"), this);
  connect(openFolder, &QAction::triggered, this, [this] { choose(true); });
  actions_ = {openFile, openFolder};
  connect(&workbench.settings, &Settings::recentChanged, this, &HomePage::readAgain);
  readSoon_.setSingleShot(true);
  readSoon_.setInterval(kReadMilliseconds);
  connect(&readSoon_, &QTimer::timeout, this, &HomePage::readAgain);
  connect(&workbench.runs, &RunStore::runsChanged, this, [this] {
    if (isVisible() && !readSoon_.isActive()) readSoon_.start();
  });
}

QWidget* HomePage::buildSection(const QString& title, const QString& note, QWidget* content) {
  auto* section = new QWidget;
  auto* column = makeColumn(10, section);
  column->setContentsMargins(0, 0, 0, 20);
  auto* head = makeRow(8);
  head->addWidget(makeLabel(title, TextStyle::heading));
  head->addStretch(1);
  if (!note.isEmpty()) head->addWidget(makeLabel(note, TextStyle::small, "tertiary"));
  column->addLayout(head);
  column->addWidget(content);
  return section;
}

QPushButton* HomePage::primaryButton() const { return zone_->fileButton(); }

void HomePage::shown() { readAgain(); }

void HomePage::showError(const std::optional<ErrorText>& error) {
  if (error) error_->setError(*error);
  error_->setVisible(error.has_value());
}

void HomePage::choose(bool folder) {
  wantedMethod_.clear();
  auto* dialog = new QFileDialog(this, folder ? tr("Choose a folder") : tr("Choose a data file"));
  dialog->setObjectName("chooseDialog");
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(folder ? QFileDialog::Directory : QFileDialog::ExistingFile);
  if (!folder)
    dialog->setNameFilters({tr("Data") + " (*.csv *.tsv *.json *.jsonl *.ndjson *.parquet *.txt *.conll *.conllu *.gz)",
                            tr("All files") + " (*)"});
  connect(dialog, &QFileDialog::filesSelected, this, &HomePage::take);
  connect(dialog, &QFileDialog::rejected, this, [this] { wantedMethod_.clear(); });
  dialog->open();
}

void HomePage::takeAdvice() {
  const QString method = std::exchange(wantedMethod_, {});
  Document& document = workbench().document;
  // A project that was there before has a method of its own.
  const bool isNew =
      document.isOpen() && document.text("method.kind") == "full" && document.text("model.path").isEmpty();
  if (!isNew || method.isEmpty() || method == "full") return;
  document.set("method", Json{{"kind", method.toStdString()}},
               tr("Method: %1").arg(catalogText(method_entry(method.toStdString()).label)));
}

void HomePage::take(const QStringList& paths) {
  showError(std::nullopt);
  if (paths.isEmpty()) return;
  const QString title = tr("Nothing was opened");
  if (paths.size() > 1)
    return showError(
        ErrorText{title, tr("%1 files or folders were dropped at once.").arg(paths.size()),
                  tr("A project trains on one file; validation and test files are added to it on the page Data."),
                  tr("Drop the file to train on."), "bad_input"});
  const QString name = QFileInfo(paths.front()).fileName();
  zone_->setBusy(name);
  auto found = std::make_shared<std::filesystem::path>();
  auto* job = new ThreadJob(
      tr("%1 was not opened").arg(name),
      [path = std::filesystem::path(paths.front().toStdString()), found](JobProgress&) { *found = openablePath(path); },
      [] {}, this);
  connect(job, &Job::finished, this, [this, found](const std::optional<ErrorText>& error) {
    zone_->setBusy({});
    if (error) return showError(error);
    workbench().openPath(QString::fromStdString(found->string()));
  });
  job->start();
}

void HomePage::readAgain() {
  if (reading_) {
    again_ = true;
    return;
  }
  reading_ = true;
  auto starters = std::make_shared<std::vector<Starter>>();
  auto projects = std::make_shared<std::vector<RecentProject>>();
  auto* job = new ThreadJob(
      tr("Reading the projects"),
      [starters, projects, first = !startersRead_, folders = workbench().settings.recentProjects(),
       runs = workbench().runs.runs(), home = workbench().runs.store().home()](JobProgress&) {
        if (first) *starters = readStarters(startersFolder());
        *projects = readRecentProjects(folders, runs, home);
      },
      [] {}, this);
  connect(job, &Job::finished, this, [this, starters, projects](const std::optional<ErrorText>& error) {
    reading_ = false;
    if (error) return showError(error);
    if (!startersRead_) starters_ = std::move(*starters);
    startersRead_ = true;
    showRecent(std::move(*projects));
    if (again_) {
      again_ = false;
      readAgain();
    }
  });
  job->start();
}

void HomePage::showRecent(std::vector<RecentProject> projects) {
  const bool same = std::equal(projects.begin(), projects.end(), projects_.begin(), projects_.end(),
                               [](const RecentProject& a, const RecentProject& b) { return a.folder == b.folder; });
  const bool first = starterList_->isEmpty();
  projects_ = std::move(projects);
  // What a person may be about to click stays where it is; only what it tells changes.
  if (same) {
    for (std::size_t i = 0; i < rows_.size(); ++i) rows_[i]->setProject(projects_[i]);
    if (first) showStarters();
    return;
  }
  clearLayout(recentList_);
  rows_.clear();
  for (const RecentProject& project : projects_) {
    if (!rows_.empty()) recentList_->addWidget(makeLine());
    rows_.push_back(new RecentRow(project, int(rows_.size())));
    connect(rows_.back(), &RecentRow::openWanted, this, [this, folder = project.folder] {
      showError(std::nullopt);
      workbench().openPath(QString::fromStdString(folder.string()));
    });
    recentList_->addWidget(rows_.back());
  }
  recentSection_->setVisible(!projects_.empty());
  showStarters();
}

void HomePage::showStarters() {
  clearLayout(starterList_);
  int place = 0;
  for (const Starter& starter : starters_) {
    auto* card = new StarterCard(starter, projects_.empty());
    connect(card, &StarterCard::openWanted, this, [this, starter] { openStarter(starter); });
    starterList_->addWidget(card, place / kStartersInARow, place % kStartersInARow);
    ++place;
  }
  for (int column = 0; column < kStartersInARow; ++column) starterList_->setColumnStretch(column, 1);
  starterSection_->setVisible(!starters_.empty());
}

void HomePage::openStarter(const Starter& starter) {
  showError(std::nullopt);
  zone_->setBusy(starter.title);
  auto made = std::make_shared<std::filesystem::path>();
  auto* job = new ThreadJob(
      tr("The starter was not opened"),
      [folder = starter.folder, projects = workbench().settings.projectsFolder(), made](JobProgress&) {
        *made = copyStarter(folder, projects);
      },
      [] {}, this);
  connect(job, &Job::finished, this, [this, made](const std::optional<ErrorText>& error) {
    zone_->setBusy({});
    if (error) return showError(error);
    workbench().openPath(QString::fromStdString(made->string()));
  });
  job->start();
}

}  // namespace luthier
