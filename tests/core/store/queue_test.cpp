// The queue of the run store: turns, locks, what becomes of a run whose process died.
#include <signal.h>
#include <unistd.h>

#include <thread>

#include "base/error.h"
#include "store/database.h"
#include "store/store.h"
#include "support/store_rows.h"
#include "support/testing.h"

using namespace luthier;
using namespace luthier::testing;

class QueueTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void onlyTheOldestOfADeviceMayStart() {
    TemporaryFolder home;
    Store store(home.path());
    const std::string first = store.create_run("a", "cpu", kRecipe), second = store.create_run("b", "cpu", kRecipe),
                      elsewhere = store.create_run("c", "cuda:0", kRecipe);
    QVERIFY(!store.try_start(second));
    QVERIFY(store.try_start(elsewhere));
    QVERIFY(store.try_start(first));
    QVERIFY(store.run(first).status == RunStatus::running);
    QVERIFY(!store.try_start(first));   // it runs already
    QVERIFY(!store.try_start(second));  // the device is taken
    store.set_status(first, RunStatus::success);
    QVERIFY(store.try_start(second));
  }

  void aPausedRunKeepsItsDeviceWhileItsProcessLives() {
    TemporaryFolder home;
    Store store(home.path());
    const std::string first = store.create_run("a", "cpu", kRecipe), second = store.create_run("b", "cpu", kRecipe);
    QVERIFY(store.try_start(first));
    const pid_t trainer = holder_of(home.path(), first);
    store.set_status(first, RunStatus::paused, "on demand");
    QVERIFY(!store.try_start(second));
    QVERIFY(store.is_alive(first));
    kill_child(trainer);
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));
    QVERIFY(store.try_start(second));
  }

  void processesTakeTurns() {
    TemporaryFolder home;
    std::vector<std::string> ids;
    {
      Store store(home.path());
      for (int i = 0; i < 4; ++i) ids.push_back(store.create_run(std::to_string(i), "cpu", kRecipe));
    }
    const fs::path marks = home.path() / "marks";
    std::vector<pid_t> children;
    for (auto id = ids.rbegin(); id != ids.rend(); ++id)  // the youngest asks first
      children.push_back(in_child([&, run = *id] {
        Store store(home.path());
        const FileLock waiting = store.take_supervisor_lock(run);
        while (!store.try_start(run)) std::this_thread::sleep_for(std::chrono::milliseconds(5));
        const FileLock lock = store.take_lock(run);
        const auto alone = FileLock::try_take(home.path() / "alone");
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        store.append(run, {}, {event_of("ran")});
        store.set_status(run, RunStatus::success);
        return alone ? 0 : 2;  // 2: two ran at the same time
      }));
    for (const pid_t child : children) QCOMPARE(end_of(child), 0);
    Store store(home.path());
    std::int64_t last = 0;
    for (const std::string& id : ids) {  // event ids grow in the order of running: oldest first
      const auto events = store.events(id);
      QCOMPARE(events.size(), 1u);
      QVERIFY(events[0].id > last);
      last = events[0].id;
    }
  }

  void aDeadRunIsMarkedInterruptedAndALiveOneIsNot() {
    TemporaryFolder home;
    Store store(home.path());
    const std::string dead = store.create_run("a", "cpu", kRecipe), alive = store.create_run("b", "cuda:0", kRecipe);
    QVERIFY(store.try_start(dead) && store.try_start(alive));
    const pid_t dying = holder_of(home.path(), dead), living = holder_of(home.path(), alive);
    QVERIFY(store.mark_interrupted().empty());
    kill_child(dying);
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));
    QCOMPARE(store.mark_interrupted(), std::vector<std::string>{dead});
    kill_child(living);
    const RunRow row = store.run(dead);
    QVERIFY(row.status == RunStatus::interrupted);
    QVERIFY(row.hint.find("--resume " + dead) != std::string::npos);
    QVERIFY(store.run(alive).status == RunStatus::running);
  }

  void aRunThatJustStartedIsNotInterruptedBeforeItsTrainerIsUp() {
    TemporaryFolder home;
    Store store(home.path());
    const std::string run = store.create_run("a", "cpu", kRecipe);
    QVERIFY(store.mark_interrupted().empty());
    QVERIFY(store.try_start(run));
    QVERIFY(store.mark_interrupted().empty());
    QVERIFY(store.is_alive(run));
  }

  void anAbandonedQueuedRunIsInterrupted() {
    TemporaryFolder home;
    Store store(home.path());
    const std::string run = store.create_run("a", "cpu", kRecipe);
    {
      const FileLock gone = store.take_supervisor_lock(run);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));
    QCOMPARE(store.mark_interrupted(), std::vector<std::string>{run});
  }

  void anInterruptedRunQueuesAgainBehindTheOthers() {
    TemporaryFolder home;
    Store store(home.path());
    const std::string first = store.create_run("a", "cpu", kRecipe), second = store.create_run("b", "cpu", kRecipe);
    store.set_status(first, RunStatus::interrupted, "killed", "resume");
    store.send_command(first, "stop", Json::object());
    store.requeue(first);
    const RunRow row = store.run(first);
    QVERIFY(row.status == RunStatus::queued && row.reason.empty() && row.ended == 0);
    QVERIFY(store.take_commands(first).empty());
    QVERIFY(!store.try_start(first));
    QVERIFY(store.try_start(second));
    LUTHIER_FAILS(store.requeue(first), "queued already");
    LUTHIER_FAILS(store.requeue(second), "running already");
  }

  // The trainer tells its end before it and its supervisor are gone; a resume in that moment waits for them.
  void queueingAgainWaitsForTheFormerProcesses() {
    TemporaryFolder home;
    Store store(home.path());
    const std::string run = store.create_run("a", "cpu", kRecipe);
    store.set_status(run, RunStatus::stopped);
    const pid_t ending = holder_of(home.path(), run);
    std::jthread ends([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(400));
      kill_child(ending);
    });
    const double before = now_seconds();
    store.requeue(run);
    QVERIFY(now_seconds() - before > 0.3);
    QVERIFY(store.run(run).status == RunStatus::queued);
  }

  void theLockIsHeldOnce() {
    TemporaryFolder home;
    Store store(home.path());
    const std::string run = store.create_run("a", "cpu", kRecipe);
    const FileLock lock = store.take_lock(run);
    LUTHIER_FAILS(store.take_lock(run), "another process works on this run");
  }
};

QTEST_GUILESS_MAIN(QueueTest)
#include "queue_test.moc"
