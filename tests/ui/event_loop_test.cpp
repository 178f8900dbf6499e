// How long the window may be silent: every page opened for the first time, a project opened, rows scrolled, runs
// compared, while a run writes 200 rows of metrics a second. journey_long_test.cpp measures the same over the whole
// path with the real trainer, data_rows_long_test.cpp over ten million rows.
#include <atomic>
#include <thread>

#include "support/event_loop.h"
#include "support/scene_list.h"

using namespace luthier;
using namespace luthier::testing;

namespace {
constexpr double kLongestAnswer = 50;  // milliseconds
constexpr Step kPages[] = {Step::home,  Step::data,  Step::model,   Step::method, Step::preflight,
                           Step::train, Step::tryIt, Step::exports, Step::runs,   Step::settings};

/// A trainer's writes: 200 rows a second in short transactions, every twentieth a second.
class Writer {
 public:
  Writer(const fs::path& home, const std::string& run)
      : thread_([this, home, run] {
          Store store(home);
          for (std::int64_t step = 431; !ended_; step += 2) {
            std::vector<MetricRow> rows;
            for (std::int64_t one = step; one < step + 2; ++one)
              for (const auto& [name, value] : {std::pair{"train.loss", played_loss(double(one), 0.6)},
                                                {"learning_rate", 3e-4},
                                                {"grad_norm", 1.1},
                                                {"tokens_per_second", 9000.0},
                                                {"memory_bytes", 187e6}})
                rows.push_back({0, one, double(one) / 72, name, value});
            store.append(run, rows, {});
            store.set_progress(run, step + 1, 100000, double(step) / 72);
            rows_ += int(rows.size());
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
          }
        }) {}
  ~Writer() {
    ended_ = true;
    thread_.join();
  }
  int rows() const { return rows_; }

 private:
  std::atomic<bool> ended_ = false;
  std::atomic<int> rows_ = 0;
  std::thread thread_;
};

bool inTime(const char* during, const std::vector<Answer>& answers) {
  const AnswerTimes times = times_of(answers);
  qInfo("event loop, %s: %zu answers; own time p99 %.1f ms, longest %.1f ms; wall time p99 %.1f ms, longest %.1f ms",
        during, times.count, times.own_p99, times.own_longest, times.wall_p99, times.wall_longest);
  return times.count > 0 && times.own_longest <= kLongestAnswer;
}
}  // namespace

class EventLoopTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void answersWhilePagesAreOpened();
  void answersWhileARunWrites();
};

void EventLoopTest::answersWhilePagesAreOpened() {
  Stage stage;
  for (const char* starter : {"classify-text", "follow-instructions"}) stage.copyStarter(starter);
  stage.open();
  Watchdog watchdog(*stage.window);
  std::vector<Answer> counted;
  std::size_t seen = 0;
  QStringList slow;
  // What the window did since the last call counts under this name; under none, it was this test's own work.
  const auto count = [&](const QString& what) {
    QTest::qWait(what.isEmpty() ? 50 : 250);
    const std::vector<Answer> all = watchdog.answers();
    const std::vector<Answer> some(all.begin() + std::ptrdiff_t(seen), all.end());
    seen = all.size();
    if (what.isEmpty()) return;
    counted.insert(counted.end(), some.begin(), some.end());
    if (const double longest = times_of(some).own_longest; longest > kLongestAnswer / 2)
      slow << QString("%1 %2 ms").arg(what).arg(longest, 0, 'f', 1);
  };
  const auto visit = [&] {
    for (const Step page : kPages) {
      stage.window->goTo(page);
      count(stage.window->page(page)->objectName());
    }
  };
  visit();
  stage.openStarter("classify-text");
  count("opening classify-text");
  visit();
  stage.openStarter("follow-instructions");
  count("opening follow-instructions");
  stage.play({.total = 456, .per_epoch = 57, .loss_to = 1.9, .samples = true});
  count({});
  visit();
  stage.document().apply({"method={\"kind\": \"lora\"}"}, "LoRA");
  visit();
  const bool good = inTime("pages opened", counted);
  qInfo("slowest: %s", qPrintable(slow.join(", ")));
  for (const QString& line : static_cast<WatchedApplication*>(qApp)->slowest()) qInfo("  %s", qPrintable(line));
  QVERIFY2(good, "every answer must come within 50 ms");
}

void EventLoopTest::answersWhileARunWrites() {
  Stage stage;
  stage.open();
  stage.openStarter("classify-text");
  stage.play({.age_seconds = 9000});
  stage.play({.loss_to = 0.7, .age_seconds = 6000});
  const std::string run = stage.play({.status = RunStatus::running, .step = 430, .total = 100000, .age_seconds = 19});
  for (const Step page : kPages) {
    stage.window->goTo(page);
    QTest::qWait(100);
  }
  static_cast<WatchedApplication*>(qApp)->forget();
  QElapsedTimer clock;
  Watchdog watchdog(*stage.window);
  Writer writer(stage.home, run);
  clock.start();
  stage.window->goTo(Step::train);
  QTest::qWait(3000);
  for (const Step page : {Step::data, Step::runs, Step::home, Step::method, Step::train}) {
    stage.window->goTo(page);
    QTest::qWait(500);
  }
  stage.window->goTo(Step::runs);
  auto* table = stage.at<QTableView>("runTable");
  for (const int row : {0, 1, 2}) {
    QTest::qWait(200);
    table->model()->setData(table->model()->index(row, RunModel::tick), Qt::Checked, Qt::CheckStateRole);
  }
  QTest::qWait(1500);
  qInfo("%.0f rows of metrics a second", writer.rows() * 1000.0 / double(clock.elapsed()));
  const bool good = inTime("a run writes", watchdog.answers());
  for (const QString& line : static_cast<WatchedApplication*>(qApp)->slowest()) qInfo("  %s", qPrintable(line));
  QVERIFY2(good, "every answer must come within 50 ms");
}

int main(int argc, char** argv) {
  if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
  WatchedApplication application(argc, argv);
  Theme theme(application);
  EventLoopTest test;
  return QTest::qExec(&test, argc, argv);
}
#include "event_loop_test.moc"
