// MainWindow: keys, and what "Find anything" offers.
#include <QFileDialog>
#include <QLineEdit>
#include <QStackedWidget>

#include "forms/catalog_text.h"
#include "shell/command_palette.h"
#include "shell/main_window.h"
#include "shell/run_card.h"

namespace luthier {

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

}  // namespace luthier
