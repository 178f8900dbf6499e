#include "shell/main_window.h"

#include <QAction>
#include <QApplication>
#include <QCloseEvent>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QStackedWidget>
#include <QToolTip>

#include "base/files.h"
#include "pages/data/data_page.h"
#include "pages/export/export_page.h"
#include "pages/export/overlay.h"
#include "pages/from_every_page.h"
#include "pages/home/home_page.h"
#include "pages/method/method_page.h"
#include "pages/model/model_page.h"
#include "pages/preflight/preflight_page.h"
#include "pages/runs/runs_page.h"
#include "pages/settings/settings_page.h"
#include "pages/train/train_page.h"
#include "pages/try_it/try_it_page.h"
#include "shell/command_palette.h"
#include "shell/pages_ahead.h"
#include "shell/run_card.h"
#include "shell/status_bar.h"
#include "shell/step_rail.h"
#include "theme/style_sheet.h"
#include "widgets/control_access.h"

namespace luthier {

namespace {
constexpr std::uintmax_t kLargestRecipe = 4u << 20;  ///< bytes; a longer .json file holds data
constexpr int kNarrowWindow = 1360;                  ///< below, the run card starts folded

/// Pages that show the run card.
bool hasCard(Step step) {
  switch (step) {
    case Step::data:
    case Step::model:
    case Step::method:
    case Step::preflight:
    case Step::train:
      return true;
    default:
      return false;
  }
}

/// Without a style sheet for as long as it lives: widgets that are made and given fonts in the meantime do not look
/// themselves up in it each time, but once, when they are shown or styled ahead.
class UnstyledWhileBuilt {
 public:
  UnstyledWhileBuilt() { qApp->setStyleSheet({}); }
  ~UnstyledWhileBuilt() { qApp->setStyleSheet(styleSheet(tokens())); }
  UnstyledWhileBuilt(const UnstyledWhileBuilt&) = delete;
  UnstyledWhileBuilt& operator=(const UnstyledWhileBuilt&) = delete;
};
}  // namespace

MainWindow::MainWindow(const std::filesystem::path& home, QWidget* parent)
    : QMainWindow(parent), settings_(home), runs_(home), facts_(document_, jobs_) {
  installControlAccess();
  setObjectName("mainWindow");
  setWindowTitle(tr("Luthier"));
  setMinimumSize(1180, 720);
  setAcceptDrops(true);
  workbench_ = std::make_unique<Workbench>(
      Workbench{settings_, document_, facts_, jobs_, runs_,
                [this] {
                  if (!shownRun_.isEmpty() && runs_.find(shownRun_)) return shownRun_;
                  return document_.isOpen() ? projectOf(document_.name()) : QString();
                },
                [this](const QString& run) {
                  shownRun_ = run;
                  for (QWidget* page : std::as_const(pages_))
                    if (page == stack_->currentWidget())
                      if (auto* shownPage = qobject_cast<Page*>(page)) shownPage->shown();
                  updateStates();
                },
                [this](const QStringList& runs) {
                  goTo(Step::runs);
                  static_cast<RunsPage*>(page(Step::runs))->compareRuns(runs);
                },
                [this](Step step) { goTo(step); }, [this](const QString& path) { openPath(path); }});

  applySettings();  // first: what is built has its fonts and colours then
  const UnstyledWhileBuilt unstyled;
  auto* centre = new QWidget;
  centre->setProperty("surface", "page");
  auto* all = makeColumn(0, centre);
  auto* middle = makeRow(0);
  rail_ = new StepRail(*workbench_);
  stack_ = new QStackedWidget;
  errorPlace_ = new QWidget;
  auto* errorRow = makeColumn(0, errorPlace_);
  errorRow->setContentsMargins(20, 12, 20, 0);
  error_ = new ErrorCard;
  errorRow->addWidget(error_);
  errorPlace_->hide();
  auto* pageColumn = makeColumn(0);
  pageColumn->addWidget(errorPlace_);
  pageColumn->addWidget(stack_, 1);
  card_ = new RunCard(*workbench_);
  ahead_ = new PagesAhead(stack_, this);
  middle->addWidget(rail_);
  middle->addLayout(pageColumn, 1);
  middle->addWidget(card_);
  all->addLayout(middle, 1);
  all->addWidget(new StatusBar(*workbench_));
  setCentralWidget(centre);
  palette_ = new CommandPalette(centre);

  addPage(Step::home, new HomePage(*workbench_));
  addPage(Step::data, new DataPage(*workbench_));
  addPage(Step::model, new ModelPage(*workbench_));
  addPage(Step::method, new MethodPage(*workbench_));
  addPage(Step::preflight, new PreflightPage(*workbench_));
  addPage(Step::train, new TrainPage(*workbench_));
  addPage(Step::tryIt, new TryItPage(*workbench_));
  addPage(Step::exports, new ExportPage(*workbench_));
  addPage(Step::runs, new RunsPage(*workbench_));
  addPage(Step::settings, new SettingsPage(*workbench_));
  // They cover the whole window. To move one later has Qt style all that is in it anew.
  for (Overlay* overlay : stack_->findChildren<Overlay*>()) overlay->setParent(this);

  connect(rail_, &StepRail::chosen, this, &MainWindow::goTo);
  connect(rail_, &StepRail::findWanted, this, &MainWindow::openPalette);
  connect(rail_, &StepRail::newWanted, this, [this] { goTo(Step::home); });
  connect(rail_, &StepRail::openWanted, this, [this] {
    const QString folder = QFileDialog::getExistingDirectory(
        this, tr("Open a project"), QString::fromStdString(settings_.projectsFolder().string()));
    if (!folder.isEmpty()) openPath(folder);
  });
  connect(card_, &RunCard::collapsedChanged, this, [this] { cardChosen_ = true; });
  connect(&settings_, &Settings::changed, this, &MainWindow::applySettings);
  connect(&document_, &Document::projectChanged, this, [this] {
    shownRun_.clear();
    setWindowTitle(document_.isOpen() ? document_.name() + " – " + tr("Luthier") : tr("Luthier"));
    updateStates();
    if (document_.isOpen()) ahead_->layOutAgain();
  });
  connect(&document_, &Document::changed, this, &MainWindow::updateStates);
  connect(&document_, &Document::saveFailed, this, &MainWindow::showError);
  connect(&runs_, &RunStore::runsChanged, this, &MainWindow::updateStates);
  for (const auto signal : {&ProjectFacts::dataChanged, &ProjectFacts::modelChanged, &ProjectFacts::preflightChanged})
    connect(&facts_, signal, this, &MainWindow::updateStates);

  addKeys();
  qApp->installEventFilter(this);
  if (!restoreGeometry(settings_.state("geometry"))) resize(1440, 900);
  if (const QByteArray card = settings_.state("runCard"); !card.isEmpty()) {
    card_->setCollapsed(card == "folded");
    cardChosen_ = true;
  }
  goTo(Step::home);
}

void MainWindow::showEvent(QShowEvent* event) {
  QMainWindow::showEvent(event);
  if (event->spontaneous()) return;
  QWidgetList others = {card_};
  for (Overlay* overlay : findChildren<Overlay*>()) others << overlay;
  ahead_->start(others);
}

MainWindow::~MainWindow() {
  qApp->removeEventFilter(this);
  // Pages and what covers them go before what they listen to.
  qDeleteAll(findChildren<Overlay*>(Qt::FindDirectChildrenOnly));
  delete takeCentralWidget();
}

void MainWindow::addPage(Step step, QWidget* page) {
  pages_[int(step)] = page;
  stack_->addWidget(page);
  auto* known = qobject_cast<Page*>(page);
  if (!known) return;
  connect(known, &Page::stateChanged, this, &MainWindow::updateStates);
  for (QAction* action : known->pageActions())
    if (action->property(kFromEveryPage).toBool()) addAction(action);
}

QWidget* MainWindow::page(Step step) const { return pages_.value(int(step)); }

void MainWindow::goTo(Step step) {
  step_ = step;
  errorPlace_->hide();
  QWidget* next = page(step);
  stack_->setCurrentWidget(next);
  rail_->setCurrent(step);
  card_->setVisible(hasCard(step) && document_.isOpen());
  foldCard();
  if (auto* known = qobject_cast<Page*>(next)) known->shown();
  updateStates();
}

QString MainWindow::projectOf(const QString& name) {
  for (const RunRow& run : runs_.runs())
    if (run.name == name.toStdString()) return QString::fromStdString(run.id);
  return {};
}

std::filesystem::path MainWindow::newProjectFolder(const QString& name) const {
  const fs::path parent = settings_.projectsFolder();
  fs::path folder = parent / name.toStdString();
  for (int number = 2; fs::exists(folder); ++number)
    folder = parent / (name + " " + QString::number(number)).toStdString();
  return folder;
}

void MainWindow::openPath(const QString& path) {
  const auto error = attempt(tr("This could not be opened"), [&] {
    const fs::path file = fs::absolute(path.toStdString());
    const bool project = fs::is_directory(file) ? fs::exists(file / "recipe.json") : false;
    const bool recipe = !fs::is_directory(file) && file.extension() == ".json" &&
                        fs::file_size(file) <= kLargestRecipe &&
                        read_file(file).find("\"luthier\"") != std::string::npos;
    if (project || recipe) {
      document_.open(file);
    } else {
      // A data file: a new project around it. What it is for is suggested on the Data page.
      const QString name = QFileInfo(path).completeBaseName();
      document_.create(newProjectFolder(name), Json{{"luthier", 1},
                                                    {"name", name.toStdString()},
                                                    {"objective", {{"kind", "classification"}}},
                                                    {"model", {{"path", ""}}},
                                                    {"data", {{"train", file.string()}}},
                                                    {"method", {{"kind", "full"}}},
                                                    {"training", Json::object()},
                                                    {"export", {{{"format", "huggingface"}}}}});
    }
    settings_.addRecent(document_.folder());
    goTo(Step::data);
  });
  if (!error) return;
  ErrorText told = *error;
  if (told.doThis.isEmpty()) told.doThis = tr("Open another file, or put this one right and open it again.");
  showError(told);
}

void MainWindow::showError(const ErrorText& error) {
  error_->clearFixes();
  QPushButton* close = error_->addFix(tr("Close"), "errorCloseButton");
  connect(close, &QPushButton::clicked, this, [this] { errorPlace_->hide(); });
  error_->setError(error);
  errorPlace_->show();
}

void MainWindow::updateStates() {
  const bool open = document_.isOpen();
  const Recipe& recipe = document_.lenient();
  const bool data = open && !recipe.data.train.empty(), model = open && !recipe.model.path.empty();
  const QString run = workbench_->shownRun();
  const RunRow* row = runs_.find(run);
  const bool result = row && (row->status == RunStatus::success || row->status == RunStatus::stopped ||
                              row->status == RunStatus::paused);
  for (const auto& [step, ready] : {std::pair{Step::data, open},
                                    {Step::model, open},
                                    {Step::method, open},
                                    {Step::preflight, data && model},
                                    {Step::train, row != nullptr},
                                    {Step::tryIt, result},
                                    {Step::exports, result}})
    rail_->setReady(step, ready);
  for (auto it = pages_.cbegin(); it != pages_.cend(); ++it)
    if (const auto* known = qobject_cast<Page*>(it.value()))
      rail_->setState(Step(it.key()), open || it.key() >= int(Step::train) ? known->state() : StateKind::notStarted);
  card_->setVisible(hasCard(step_) && open);
}

void MainWindow::applySettings() {
  const SettingsOptions& options = settings_.options();
  Theme::Look look;
  look.choice = options.theme == "dark"    ? ThemeChoice::dark
                : options.theme == "light" ? ThemeChoice::light
                                           : ThemeChoice::system;
  look.textScale = double(options.text_size) / 100;
  look.highContrast = options.high_contrast;
  look.reducedMotion = options.reduced_motion;
  theme().setLook(look);
  runs_.setThreads(options.threads);
}

bool MainWindow::eventFilter(QObject* watched, QEvent* event) {
  // Focus rings are for the keyboard: remember which of the two was used last.
  if (event->type() == QEvent::KeyPress) {
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (key == Qt::Key_Tab || key == Qt::Key_Backtab) setProperty("keyboardFocus", true);
    if (auto* widget = qobject_cast<QWidget*>(watched); widget && key == Qt::Key_F1 && isAncestorOf(widget))
      return showHelp(*widget);
  } else if (event->type() == QEvent::MouseButtonPress && property("keyboardFocus").toBool()) {
    setProperty("keyboardFocus", false);
    if (QWidget* focused = QApplication::focusWidget()) setLookProperty(focused, "keyboard", false);
  } else if (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut) {
    if (auto* button = qobject_cast<QPushButton*>(watched))
      setLookProperty(button, "keyboard", event->type() == QEvent::FocusIn && property("keyboardFocus").toBool());
  }
  return QMainWindow::eventFilter(watched, event);
}

bool MainWindow::showHelp(const QWidget& widget) {
  // What the pointer would be told; a field without words of its own has those of what it lies in.
  const QString help = !widget.whatsThis().isEmpty() ? widget.whatsThis() : widget.toolTip();
  if (help.isEmpty()) return false;
  QToolTip::showText(widget.mapToGlobal(QPoint(0, widget.height() + 2)), help, const_cast<QWidget*>(&widget));
  return true;
}

void MainWindow::resizeEvent(QResizeEvent* event) {
  QMainWindow::resizeEvent(event);
  foldCard();
}

void MainWindow::foldCard() {
  // Until somebody has chosen: charts need the room more than the card does.
  if (cardChosen_) return;
  card_->setCollapsed(width() < kNarrowWindow || step_ == Step::train);
  cardChosen_ = false;
}

void MainWindow::closeEvent(QCloseEvent* event) {
  settings_.setState("geometry", saveGeometry());
  if (cardChosen_) settings_.setState("runCard", card_->isCollapsed() ? "folded" : "open");
  if (document_.isOpen()) attempt({}, [this] { document_.save(); });
  QMainWindow::closeEvent(event);
}

}  // namespace luthier
