#include "shell/main_window.h"

#include <QApplication>
#include <QCloseEvent>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMouseEvent>
#include <QStackedWidget>

#include "base/files.h"
#include "forms/catalog_text.h"
#include "pages/data/data_page.h"
#include "pages/export/export_page.h"
#include "pages/home/home_page.h"
#include "pages/method/method_page.h"
#include "pages/model/model_page.h"
#include "pages/preflight/preflight_page.h"
#include "pages/runs/runs_page.h"
#include "pages/settings/settings_page.h"
#include "pages/train/train_page.h"
#include "pages/try_it/try_it_page.h"
#include "shell/command_palette.h"
#include "shell/run_card.h"
#include "shell/status_bar.h"
#include "shell/step_rail.h"

namespace luthier {

namespace {
constexpr int kNarrowWindow = 1360;  ///< below, the run card starts folded

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
}  // namespace

MainWindow::MainWindow(const std::filesystem::path& home, QWidget* parent)
    : QMainWindow(parent), settings_(home), runs_(home), facts_(document_, jobs_) {
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
                [this](Step step) { goTo(step); }, [this](const QString& path) { openPath(path); }});

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
  });
  connect(&document_, &Document::changed, this, &MainWindow::updateStates);
  connect(&document_, &Document::saveFailed, this, &MainWindow::showError);
  connect(&runs_, &RunStore::runsChanged, this, &MainWindow::updateStates);
  for (const auto signal : {&ProjectFacts::dataChanged, &ProjectFacts::modelChanged, &ProjectFacts::preflightChanged})
    connect(&facts_, signal, this, &MainWindow::updateStates);

  addKeys();
  qApp->installEventFilter(this);
  applySettings();
  if (!restoreGeometry(settings_.state("geometry"))) resize(1440, 900);
  card_->setCollapsed(width() < kNarrowWindow);
  cardChosen_ = false;
  goTo(Step::home);
}

MainWindow::~MainWindow() {
  qApp->removeEventFilter(this);
  delete takeCentralWidget();  // pages go before what they listen to
}

void MainWindow::addPage(Step step, QWidget* page) {
  pages_[int(step)] = page;
  stack_->addWidget(page);
  if (auto* known = qobject_cast<Page*>(page)) connect(known, &Page::stateChanged, this, &MainWindow::updateStates);
}

QWidget* MainWindow::page(Step step) const { return pages_.value(int(step)); }

void MainWindow::goTo(Step step) {
  step_ = step;
  errorPlace_->hide();
  QWidget* next = page(step);
  stack_->setCurrentWidget(next);
  rail_->setCurrent(step);
  card_->setVisible(hasCard(step) && document_.isOpen());
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
                        read_file(file, 16u << 20).find("\"luthier\"") != std::string::npos;
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
  if (error) showError(*error);
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

QAction* MainWindow::addKey(const QString& text, const QKeySequence& keys, std::function<void()> run) {
  auto* action = new QAction(text, this);
  action->setShortcut(keys);
  action->setShortcutContext(Qt::WindowShortcut);
  connect(action, &QAction::triggered, this, [run = std::move(run)] { run(); });
  addAction(action);
  actions_ << action;
  return action;
}

void MainWindow::addKeys() {
  const struct {
    Step step;
    QString text;
  } pages[] = {{Step::data, tr("Data")},           {Step::model, tr("Model")}, {Step::method, tr("Method")},
               {Step::preflight, tr("Preflight")}, {Step::train, tr("Train")}, {Step::tryIt, tr("Try it")},
               {Step::exports, tr("Export")}};
  int number = 1;
  for (const auto& one : pages)
    addKey(tr("Go to %1").arg(one.text), QKeySequence(QString("Ctrl+%1").arg(number++)),
           [this, step = one.step] { goTo(step); });
  addKey(tr("Go to Runs"), QKeySequence("Ctrl+0"), [this] { goTo(Step::runs); });
  addKey(tr("Go to Settings"), QKeySequence("Ctrl+,"), [this] { goTo(Step::settings); });
  addKey(tr("Go to Home"), QKeySequence("Alt+Home"), [this] { goTo(Step::home); });
  addKey(tr("Find an action or setting"), QKeySequence("Ctrl+K"), [this] { openPalette(); });
  addKey(tr("Show or hide the run card"), QKeySequence("Ctrl+Shift+R"),
         [this] { card_->setCollapsed(!card_->isCollapsed()); });
  addKey(tr("Open data"), QKeySequence("Ctrl+O"), [this] {
    const QString file = QFileDialog::getOpenFileName(this, tr("Open data"));
    if (!file.isEmpty()) openPath(file);
  });
  addKey(tr("Save recipe"), QKeySequence("Ctrl+S"), [this] {
    if (const auto error = attempt(tr("The recipe could not be saved"), [this] { document_.save(); }))
      showError(*error);
  });
  addKey(tr("Undo"), QKeySequence::Undo, [this] { document_.undoStack().undo(); });
  addKey(tr("Redo"), QKeySequence("Ctrl+Shift+Z"), [this] { document_.undoStack().redo(); });
  addKey(tr("Do the page's main action"), QKeySequence("Ctrl+Return"), [this] {
    auto* known = qobject_cast<Page*>(stack_->currentWidget());
    if (known && known->primaryButton() && known->primaryButton()->isEnabled()) known->primaryButton()->click();
  });
  addKey(tr("Pause or resume the run"), QKeySequence("Ctrl+Shift+P"), [this] {
    const RunRow* run = runs_.active();
    if (run)
      attempt({}, [&] {
        runs_.command(QString::fromStdString(run->id), run->status == RunStatus::paused ? "resume" : "pause");
      });
  });
  addKey(tr("Checkpoint now"), QKeySequence("Ctrl+Shift+C"), [this] {
    const RunRow* run = runs_.active();
    if (run) attempt({}, [&] { runs_.command(QString::fromStdString(run->id), "checkpoint"); });
  });
  const auto textSize = [this](int change) {
    SettingsOptions options = settings_.options();
    options.text_size = std::clamp<std::int64_t>(options.text_size + change, 90, 150);
    settings_.set(options);
  };
  addKey(tr("Larger text"), QKeySequence("Ctrl++"), [textSize] {
    textSize(10);
  })->setShortcuts({QKeySequence("Ctrl++"), QKeySequence("Ctrl+=")});
  addKey(tr("Smaller text"), QKeySequence("Ctrl+-"), [textSize] { textSize(-10); });
  for (const auto& [name, choice] :
       {std::pair{tr("Light theme"), "light"}, {tr("Dark theme"), "dark"}, {tr("Theme of the desktop"), "system"}})
    addKey(name, {}, [this, theme = std::string(choice)] {
      SettingsOptions options = settings_.options();
      options.theme = theme;
      settings_.set(options);
    });
}

void MainWindow::openPalette() {
  QList<CommandPalette::Entry> entries;
  const auto add = [&](QAction* action, const QString& group) {
    entries << CommandPalette::Entry{action->text(), group, action->shortcut().toString(QKeySequence::NativeText),
                                     [action] { action->trigger(); }, action->isEnabled()};
  };
  if (auto* known = qobject_cast<Page*>(stack_->currentWidget()))
    for (QAction* action : known->pageActions()) add(action, known->title());
  for (QAction* action : std::as_const(actions_)) add(action, tr("Window"));
  for (const auto& folder : settings_.recentProjects())
    entries << CommandPalette::Entry{
        QString::fromStdString(folder.filename().string()), tr("Project"), {}, [this, folder] {
          openPath(QString::fromStdString(folder.string()));
        }};
  // Settings of the method and the training: the page is opened with the search filled in.
  for (const OptionSpec& spec : option_specs<TrainingOptions>())
    entries << CommandPalette::Entry{
        catalogText(spec.info.label), tr("Setting"), {}, [this, label = catalogText(spec.info.label)] {
          goTo(Step::method);
          if (auto* search = page(Step::method)->findChild<QLineEdit*>("optionSearchEdit")) search->setText(label);
        }};
  palette_->open(entries);
}

bool MainWindow::eventFilter(QObject* watched, QEvent* event) {
  // Focus rings are for the keyboard: remember which of the two was used last.
  if (event->type() == QEvent::KeyPress) {
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (key == Qt::Key_Tab || key == Qt::Key_Backtab) setProperty("keyboardFocus", true);
  } else if (event->type() == QEvent::MouseButtonPress && property("keyboardFocus").toBool()) {
    setProperty("keyboardFocus", false);
    if (QWidget* focused = QApplication::focusWidget()) setLookProperty(focused, "keyboard", false);
  } else if (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut) {
    if (auto* button = qobject_cast<QPushButton*>(watched))
      setLookProperty(button, "keyboard", event->type() == QEvent::FocusIn && property("keyboardFocus").toBool());
  }
  return QMainWindow::eventFilter(watched, event);
}

void MainWindow::resizeEvent(QResizeEvent* event) {
  QMainWindow::resizeEvent(event);
  if (!cardChosen_) {
    card_->setCollapsed(width() < kNarrowWindow);
    cardChosen_ = false;
  }
}

void MainWindow::closeEvent(QCloseEvent* event) {
  settings_.setState("geometry", saveGeometry());
  if (document_.isOpen()) attempt({}, [this] { document_.save(); });
  QMainWindow::closeEvent(event);
}

}  // namespace luthier
