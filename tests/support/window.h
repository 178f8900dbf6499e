#pragma once
// What tests of the window share: a workbench over a temporary store, screenshots, waiting for things to happen.
#include <QApplication>
#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <QWidget>
#include <memory>

#include "pages/page.h"
#include "theme/theme.h"

namespace luthier::testing {

/// The application's parts without the main window, below a temporary $LUTHIER_HOME (also for child processes).
/// A page under test is made as `DataPage page(fixture.workbench)`.
class WindowFixture {
 public:
  WindowFixture() : home(prepare(folder)) {}

  QString wentTo() const { return wentTo_; }          ///< number of the last Step that a page went to, "" when none
  QString opened() const { return opened_; }          ///< the last path given to openPath
  QStringList compared() const { return compared_; }  ///< the last runs that were to be compared

  QTemporaryDir folder;
  std::filesystem::path home;
  Settings settings{home};
  Document document;
  JobList jobs;
  RunStore runs{home};
  ProjectFacts facts{document, jobs};
  QString shown;
  Workbench workbench{settings,
                      document,
                      facts,
                      jobs,
                      runs,
                      [this] { return shown; },
                      [this](const QString& run) { shown = run; },
                      [this](const QStringList& runs) { compared_ = runs; },
                      [this](Step step) { wentTo_ = QString::number(int(step)); },
                      [this](const QString& path) { opened_ = path; }};

 private:
  static std::filesystem::path prepare(const QTemporaryDir& folder) {
    const QString home = folder.filePath("home");
    qputenv("LUTHIER_HOME", home.toUtf8());
    if (qEnvironmentVariableIsEmpty("LUTHIER_CLI")) qputenv("LUTHIER_CLI", cli_path().c_str());
    qputenv("OMP_NUM_THREADS", "1");
    return home.toStdString();
  }
  QString wentTo_, opened_;
  QStringList compared_;
};

/// Writes a screenshot of `widget` as NAME.png into $LUTHIER_SCREENSHOTS, where that is set.
inline void grabTo(QWidget& widget, const QString& name) {
  const QString folder = qEnvironmentVariable("LUTHIER_SCREENSHOTS");
  if (folder.isEmpty()) return;
  QDir().mkpath(folder);
  QTest::qWait(60);
  widget.grab().save(QDir(folder).filePath(name + ".png"));
}

/// The same in both themes: NAME-light.png and NAME-dark.png.
inline void grabBothThemes(QWidget& widget, const QString& name) {
  for (const auto& [choice, suffix] :
       {std::pair{ThemeChoice::light, "-light"}, std::pair{ThemeChoice::dark, "-dark"}}) {
    Theme::Look look = theme().look();
    look.choice = choice;
    theme().setLook(look);
    grabTo(widget, name + suffix);
  }
}

/// The child of this object name; fails loudly (nullptr) where there is none.
template <class Widget>
Widget* child(QWidget& owner, const char* name) {
  Widget* found = owner.findChild<Widget*>(name);
  if (!found) qWarning("there is no %s", name);
  return found;
}

}  // namespace luthier::testing

/// main() of a test of the window: offscreen unless QT_QPA_PLATFORM says otherwise, with the theme.
#define LUTHIER_WINDOW_TEST_MAIN(Test)                                                           \
  int main(int argc, char** argv) {                                                              \
    if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen"); \
    QApplication application(argc, argv);                                                        \
    luthier::Theme theme(application);                                                           \
    Test test;                                                                                   \
    return QTest::qExec(&test, argc, argv);                                                      \
  }
