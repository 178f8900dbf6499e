#include "workbench/tour.h"

#include <QApplication>
#include <QDir>
#include <QTest>
#include <cstdio>

namespace luthier {

namespace {
constexpr int kTickMilliseconds = 100, kSettleMilliseconds = 350;
constexpr int kTrainingSeconds = 900;
}  // namespace

Tour::Tour(MainWindow& window, const QString& folder) : window_(window), folder_(folder.isEmpty() ? "tour" : folder) {
  const auto goTo = [this](const QString& step) { return [this, step] { click(step); }; };
  const auto runIs = [this](RunStatus status) {
    return [this, status] {
      const RunRow* run = window_.workbench().runs.find(window_.workbench().shownRun());
      return run && run->status == status;
    };
  };
  add("home", {}, [] {});
  add("open-starter", [this] { return clickable("starter.text.open"); }, [this] { click("starter.text.open"); });
  add("data", [this] { return window_.workbench().facts.data() != nullptr; }, [] {});
  add("model", [this] { return window_.workbench().facts.model() != nullptr; }, goTo("step.model"));
  add("method", {}, goTo("step.method"));
  add("method-lora", [this] { return clickable("methodCard.lora"); }, [this] { click("methodCard.lora"); });
  add("method-full", [this] { return clickable("methodCard.full"); }, [this] { click("methodCard.full"); });
  add("preflight", {}, goTo("step.preflight"));
  add("preflight-run", [this] { return clickable("preflightRunButton"); }, [this] { click("preflightRunButton"); });
  add(
      "preflight-done",
      [this] {
        const ProjectFacts& facts = window_.workbench().facts;
        return facts.preflight().is_object() && !facts.preflightStale();
      },
      [] {}, 180);
  add("train-start", [this] { return clickable("startTrainingButton"); }, [this] { click("startTrainingButton"); });
  add(
      "train-running",
      [this] {
        const RunRow* run = window_.workbench().runs.find(window_.workbench().shownRun());
        return run && run->step > 60;
      },
      [] {}, kTrainingSeconds);
  add("train-paused", [this] { return clickable("pauseButton"); }, [this] { click("pauseButton"); });
  add("train-resume", runIs(RunStatus::paused), [this] { click("resumeButton"); }, 60);
  add("train-finished", runIs(RunStatus::success), [] {}, kTrainingSeconds);
  add("try", {}, goTo("step.try"));
  add(
      "try-answer", [this] { return clickable("inputEdit"); },
      [this] { type("inputEdit", "the strings of my old guitar buzz when I record them"); }, 120);
  add(
      "try-tuned",
      [this] {
        QWidget* bars = find("probabilityTuned");
        return bars && !bars->accessibleName().isEmpty();
      },
      [] {});
  add("export", {}, goTo("step.export"));
  add("export-dialog", [this] { return clickable("exportButton"); }, [this] { click("exportButton"); });
  add("export-closed", {},
      [this] { QTest::keyClick(window_.focusWidget() ? window_.focusWidget() : &window_, Qt::Key_Escape); });
  add("runs", {}, goTo("step.runs"));
  add("settings", {}, goTo("step.settings"));
  add("find", {}, [this] { click("findButton"); });
  add(
      "dark", [this] { return clickable("paletteEdit"); },
      [this] {
        type("paletteEdit", "dark theme");
        QTest::keyClick(find("paletteEdit"), Qt::Key_Return);
      });
  add("train-dark", {}, goTo("step.train"));
  connect(&timer_, &QTimer::timeout, this, &Tour::tick);
}

void Tour::add(const QString& name, std::function<bool()> possible, std::function<void()> act, int seconds) {
  stops_.push_back({name, std::move(possible), std::move(act), seconds});
}

void Tour::start() {
  QDir().mkpath(folder_);
  waiting_.start();
  timer_.start(kTickMilliseconds);
}

void Tour::tick() {
  const Stop& stop = stops_[at_];
  if (stop.possible && !stop.possible()) {
    if (waiting_.elapsed() < stop.seconds * 1000) return;
    timer_.stop();
    shoot(stop.name + "-not-reached");
    std::fprintf(stderr, "luthier: the tour could not go on at \"%s\" within %d s\n", qPrintable(stop.name),
                 stop.seconds);
    return QApplication::exit(1);
  }
  timer_.stop();
  stop.act();
  QTimer::singleShot(kSettleMilliseconds, this, [this] {
    shoot(stops_[at_].name);
    waiting_.restart();
    if (++at_ == stops_.size()) return QApplication::exit(0);
    timer_.start(kTickMilliseconds);
  });
}

void Tour::shoot(const QString& name) {
  const QString file = QString("%1/%2-%3.png").arg(folder_).arg(++number_, 2, 10, QChar('0')).arg(name);
  if (!window_.grab().save(file)) std::fprintf(stderr, "luthier: %s could not be written\n", qPrintable(file));
  std::printf("%s\n", qPrintable(file));
  std::fflush(stdout);
}

QWidget* Tour::find(const QString& name) const { return window_.findChild<QWidget*>(name); }

bool Tour::clickable(const QString& name) const {
  const QWidget* widget = find(name);
  return widget && widget->isVisible() && widget->isEnabled();
}

void Tour::click(const QString& name) {
  if (QWidget* widget = find(name)) QTest::mouseClick(widget, Qt::LeftButton);
}

void Tour::type(const QString& name, const QString& text) {
  QWidget* widget = find(name);
  if (!widget) return;
  widget->setFocus();
  QTest::keyClicks(widget, text);
}

}  // namespace luthier
