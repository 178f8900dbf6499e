// The run store: rows, transactions, queue, locks, and what is left after a process was killed.
#include "store/store.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/error.h"
#include "store/database.h"
#include "store/schema.h"
#include "support/testing.h"

using namespace luthier;

namespace {
const Json kRecipe = {{"luthier", 1}, {"name", "test"}};

MetricRow metric(std::int64_t step, const std::string& name, double value) {
  MetricRow row;
  row.step = step;
  row.name = name;
  row.value = value;
  return row;
}

EventRow event_of(const std::string& kind) {
  EventRow row;
  row.kind = kind;
  return row;
}

/// Runs `work` in a process of its own; its exit code, or 128 + signal.
template <class Work>
pid_t in_child(Work work) {
  const pid_t child = ::fork();
  if (child == 0) {
    int code = 1;
    try {
      code = work();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "child: %s\n", error.what());
    }
    ::_exit(code);
  }
  return child;
}

int end_of(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/// A child that takes the run's lock, then writes a byte and waits to be killed.
pid_t holder_of(const fs::path& home, const std::string& id) {
  int ends[2];
  if (::pipe(ends) != 0) return -1;
  const pid_t child = in_child([&] {
    Store store(home);
    const FileLock lock = store.take_lock(id);
    [[maybe_unused]] const ssize_t told = ::write(ends[1], "x", 1);
    while (true) ::pause();
    return 0;
  });
  char byte = 0;
  [[maybe_unused]] const ssize_t got = ::read(ends[0], &byte, 1);
  ::close(ends[0]);
  ::close(ends[1]);
  return child;
}

void kill_child(pid_t child) {
  ::kill(child, SIGKILL);
  end_of(child);
}
}  // namespace

class StoreTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void aRunIsFoundAgain() {
    TemporaryFolder home;
    Store store(home.path());
    const std::string id = store.create_run("näme", "cpu", kRecipe);
    QCOMPARE(read_json(store.run_folder(id) / "recipe.json"), kRecipe);
    const RunRow row = Store(home.path()).run(id);
    QCOMPARE(row.name, std::string("näme"));
    QCOMPARE(row.device, std::string("cpu"));
    QVERIFY(row.status == RunStatus::queued);
    QVERIFY(row.created > 1.7e9);
    QCOMPARE(store.run(id.substr(0, 18)).id, id);
    QVERIFY(!store.find_run("2020"));
    QVERIFY(!store.find_run(""));
    LUTHIER_FAILS(store.run("2020"), "there is no run");
  }

  void anAmbiguousBeginningIsRefused() {
    TemporaryFolder home;
    Store store(home.path());
    store.create_run("a", "cpu", kRecipe);
    store.create_run("b", "cpu", kRecipe);
    LUTHIER_FAILS(store.find_run("2"), "several runs begin with");
  }

  void idsThatAreNoFolderNamesAreRefused() {
    TemporaryFolder home;
    Store store(home.path());
    LUTHIER_FAILS(store.run_folder("../../etc"), "is not the id of a run");
    LUTHIER_FAILS(store.run_folder(""), "is not the id of a run");
  }

  void everyColumnSurvivesAnUpdate() {
    TemporaryFolder home;
    Store store(home.path());
    RunRow row = store.run(store.create_run("a", "cpu", kRecipe));
    row.status = RunStatus::failed;
    row.reason = "why";
    row.hint = "do";
    row.exit_code = 3;
    row.signal = 9;
    row.started = 1.5;
    row.ended = 2.5;
    row.heartbeat = 3.5;
    row.step = 7;
    row.total_steps = 9;
    row.epoch = 0.25;
    row.summary_json = "{}";
    store.update_run(row);
    const RunRow read = store.run(row.id);
    QVERIFY(read.status == row.status && read.reason == row.reason && read.hint == row.hint);
    QVERIFY(read.exit_code == 3 && read.signal == 9 && read.step == 7 && read.total_steps == 9);
    QVERIFY(read.started == 1.5 && read.ended == 2.5 && read.heartbeat == 3.5 && read.epoch == 0.25);
    QCOMPARE(read.summary_json, row.summary_json);
  }

  void statusTextsRoundTrip() {
    for (const auto status : {RunStatus::queued, RunStatus::running, RunStatus::paused, RunStatus::success,
                              RunStatus::failed, RunStatus::stopped, RunStatus::interrupted})
      QVERIFY(run_status_from(to_string(status)) == status);
    LUTHIER_FAILS(run_status_from("done"), "is not a run's status");
  }

  void metricsAndEventsComeBackInOrder() {
    TemporaryFolder home;
    Store store(home.path());
    const std::string run = store.create_run("a", "cpu", kRecipe), other = store.create_run("b", "cpu", kRecipe);
    const double nan = std::numeric_limits<double>::quiet_NaN(), infinite = std::numeric_limits<double>::infinity();
    store.append(run, {metric(1, "train.loss", 0.1), metric(1, "grad_norm", nan)}, {event_of("started")});
    store.append(other, {metric(1, "train.loss", 5)}, {});
    store.append(run, {metric(2, "train.loss", -infinite)}, {event_of("finished")});
    const auto all = store.metrics(run);
    QCOMPARE(all.size(), 3u);
    QCOMPARE(all[0].value, 0.1);
    QVERIFY(std::isnan(all[1].value));
    QVERIFY(std::isinf(all[2].value) && all[2].value < 0);
    QCOMPARE(store.metrics(run, all[0].id).size(), 2u);
    QCOMPARE(store.metrics(run, 0, "train.loss").size(), 2u);
    QCOMPARE(store.metrics(run, 0, {}, 2).size(), 2u);  // a slice: the oldest ones
    QCOMPARE(store.metrics(run, 0, {}, 2)[1].id, all[1].id);
    QCOMPARE(store.metrics(run, all[1].id, {}, 2)[0].id, all[2].id);
    QCOMPARE(store.metrics(run, 0, "train.loss", 1).size(), 1u);
    QCOMPARE(store.events(run, store.events(run)[0].id)[0].kind, std::string("finished"));
    QVERIFY(store.events(run)[0].time > 1.7e9);
  }

  void supersededMetricsAreNoLongerReturned() {
    TemporaryFolder home;
    Store store(home.path());
    const std::string run = store.create_run("a", "cpu", kRecipe);
    for (std::int64_t step = 0; step < 10; ++step) store.append(run, {metric(step, "train.loss", 1)}, {});
    store.supersede(run, 6);
    QCOMPARE(store.metrics(run).size(), 7u);
    store.append(run, {metric(7, "train.loss", 2)}, {});
    QCOMPARE(store.metrics(run).back().value, 2.0);
    QCOMPARE(store.metrics(run).size(), 8u);
  }

  void appendingToNoRunWritesNothing() {
    TemporaryFolder home;
    Store store(home.path());
    LUTHIER_FAILS(store.append("20200101-000000-aaaa", {metric(1, "x", 1)}, {}), "there is no run");
  }

  void commandsAreTakenOnce() {
    TemporaryFolder home;
    Store store(home.path()), other(home.path());
    const std::string run = store.create_run("a", "cpu", kRecipe);
    QVERIFY(store.take_commands(run).empty());
    other.send_command(run, "pause", {{"why", "test"}});
    other.send_command(run, "stop", Json::object());
    const auto taken = store.take_commands(run);
    QCOMPARE(taken.size(), 2u);
    QCOMPARE(taken[0].kind, std::string("pause"));
    QCOMPARE(taken[0].detail_json, std::string("{\"why\":\"test\"}"));
    QVERIFY(store.take_commands(run).empty() && other.take_commands(run).empty());
  }

  void anArtefactOfTheSamePlaceReplacesTheFormer() {
    TemporaryFolder home;
    Store store(home.path());
    const std::string run = store.create_run("a", "cpu", kRecipe);
    ArtefactRow row;
    row.kind = "peft";
    row.path = "/x";
    store.add_artefact(run, row);
    row.proof_json = "{}";
    store.add_artefact(run, row);
    QCOMPARE(store.artefacts(run).size(), 1u);
    QCOMPARE(store.artefacts(run)[0].proof_json, std::string("{}"));
  }

  void otherConnectionsChangeTheDataVersion() {
    TemporaryFolder home;
    Store store(home.path()), other(home.path());
    const auto before = store.data_version();
    const std::string run = store.create_run("a", "cpu", kRecipe);
    QCOMPARE(store.data_version(), before);  // one's own writes do not count
    other.set_progress(run, 1, 2, 0.5);
    QVERIFY(store.data_version() != before);
  }

  // ---- schema
  // ---------------------------------------------------------------------------------------------------------
  void anOlderDatabaseIsMigratedAndKeepsItsRows() {
    TemporaryFolder folder;
    SQLite::Database database((folder.path() / "x.db").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    const char* const first[] = {"CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (7);"};
    const char* const both[] = {first[0], "ALTER TABLE t ADD COLUMN b INTEGER NOT NULL DEFAULT 3;"};
    migrate(database, first, "x.db");
    migrate(database, both, "x.db");
    migrate(database, both, "x.db");
    QCOMPARE(database.execAndGet("SELECT a * 10 + b FROM t").getInt(), 73);
    QCOMPARE(database.execAndGet("PRAGMA user_version").getInt(), 2);
    LUTHIER_FAILS(migrate(database, first, "x.db"), "newer Luthier");
  }

  void aStepThatFailsLeavesTheDatabaseAsItWas() {
    TemporaryFolder folder;
    SQLite::Database database((folder.path() / "x.db").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    const char* const steps[] = {"CREATE TABLE t (a INTEGER);",
                                 "CREATE TABLE u (b INTEGER); CREATE TABLE t (a INTEGER);"};
    QVERIFY_THROWS_EXCEPTION(SQLite::Exception, migrate(database, steps, "x.db"));
    QCOMPARE(database.execAndGet("SELECT count(*) FROM sqlite_schema").getInt(), 0);
    QCOMPARE(database.execAndGet("PRAGMA user_version").getInt(), 0);
  }

  void aNewerDatabaseIsRefused() {
    TemporaryFolder home;
    {
      Store store(home.path());
    }
    SQLite::Database((home.path() / "luthier.db").string(), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 99");
    LUTHIER_FAILS(Store(home.path()), "newer Luthier");
  }

  void somebodyElsesFileIsRefused() {
    TemporaryFolder home;
    {
      SQLite::Database other((home.path() / "luthier.db").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
      other.exec("CREATE TABLE recipes (soup TEXT)");
    }
    LUTHIER_FAILS(Store(home.path()), "does not belong to Luthier");
    testing::write_text(home.path() / "luthier.db", std::string(5000, 'x'));
    LUTHIER_FAILS(Store(home.path()), "damaged");
  }

  void aFolderThatCannotBeMadeIsAnError() {
    TemporaryFolder home;
    testing::write_text(home.path() / "file", "x");
    LUTHIER_FAILS(Store(home.path() / "file"), "LUTHIER_HOME");
  }

  // ---- several processes
  // ------------------------------------------------------------------------------------------------
  void twoProcessesWriteAtOnce() {
    TemporaryFolder home;
    std::string run;
    {
      run = Store(home.path()).create_run("a", "cpu", kRecipe);
    }
    constexpr int kRows = 200;
    const auto writer = [&](const std::string& name) {
      return in_child([&] {
        Store store(home.path());
        for (int i = 0; i < kRows; ++i) store.append(run, {metric(i, name, i)}, {});
        return 0;
      });
    };
    const pid_t first = writer("first"), second = writer("second");
    QCOMPARE(end_of(first), 0);
    QCOMPARE(end_of(second), 0);
    Store store(home.path());
    QCOMPARE(store.metrics(run, 0, "first").size(), std::size_t(kRows));
    QCOMPARE(store.metrics(run, 0, "second").size(), std::size_t(kRows));
  }

  void manyProcessesOpenAFreshStoreAtOnce() {
    TemporaryFolder home;
    std::vector<pid_t> children;
    for (int i = 0; i < 6; ++i)
      children.push_back(in_child([&] {
        Store(home.path()).create_run("a", "cpu", kRecipe);
        return 0;
      }));
    for (const pid_t child : children) QCOMPARE(end_of(child), 0);
    QCOMPARE(Store(home.path()).runs().size(), 6u);
  }

  void killedInATransactionLeavesAllOfTheFormerAndNothingOfItself() {
    TemporaryFolder home;
    std::string run;
    {
      run = Store(home.path()).create_run("a", "cpu", kRecipe);
    }
    const pid_t child = in_child([&] {
      Store store(home.path());
      for (int i = 0; i < 20; ++i) store.append(run, {metric(i, "whole", i)}, {});
      SQLite::Database open((home.path() / "luthier.db").string(), SQLite::OPEN_READWRITE);
      SQLite::Transaction transaction(open, SQLite::TransactionBehavior::IMMEDIATE);
      for (int i = 0; i < 13; ++i)
        open.exec("INSERT INTO metrics (run, step, epoch, name, value) VALUES (1, 1, 0, 'half', 1)");
      ::raise(SIGKILL);
      return 0;
    });
    QCOMPARE(end_of(child), 128 + 9);
    Store store(home.path());
    QCOMPARE(store.metrics(run, 0, "whole").size(), 20u);
    QCOMPARE(store.metrics(run, 0, "half").size(), 0u);
    store.append(run, {metric(1, "after", 1)}, {});
    SQLite::Database check((home.path() / "luthier.db").string());
    QCOMPARE(check.execAndGet("PRAGMA integrity_check").getString(), std::string("ok"));
  }

  // ---- the queue ----------------------------------------------------------------------------------------------------
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

  // ---- deleting
  // -------------------------------------------------------------------------------------------------------
  void deletingFreesTheBytesAndLeavesTheOthers() {
    TemporaryFolder home;
    Store store(home.path());
    const std::string run = store.create_run("a", "cpu", kRecipe), other = store.create_run("b", "cpu", kRecipe);
    store.append(run, {metric(1, "x", 1)}, {event_of("started")});
    store.append(other, {metric(1, "x", 1)}, {});
    testing::write_text(store.run_folder(run) / "checkpoints/step-1/weights", std::string(100'000, 'w'));
    const std::uint64_t freed = store.delete_run(run);
    QVERIFY(freed >= 100'000 && freed < 101'000);
    QVERIFY(!fs::exists(store.run_folder(run)));
    QVERIFY(!store.find_run(run));
    QCOMPARE(store.metrics(other).size(), 1u);
    SQLite::Database check((home.path() / "luthier.db").string());
    QCOMPARE(check.execAndGet("SELECT count(*) FROM metrics").getInt(), 1);
    QCOMPARE(check.execAndGet("SELECT count(*) FROM events").getInt(), 0);
  }

  void aRunThatWorksIsNotDeleted() {
    TemporaryFolder home;
    Store store(home.path());
    const std::string run = store.create_run("a", "cpu", kRecipe);
    const pid_t trainer = holder_of(home.path(), run);
    LUTHIER_FAILS(store.delete_run(run), "another process works on this run");
    kill_child(trainer);
    QVERIFY(fs::exists(store.run_folder(run) / "recipe.json"));
    store.delete_run(run);
    QVERIFY(!fs::exists(store.run_folder(run)));
  }

  void aRunWhoseFolderIsGoneCanBeDeleted() {
    TemporaryFolder home;
    Store store(home.path());
    const std::string run = store.create_run("a", "cpu", kRecipe);
    fs::remove_all(store.run_folder(run));
    QCOMPARE(store.delete_run(run), std::uint64_t(0));
    QVERIFY(store.runs().empty());
  }

  // ---- the disk
  // ---------------------------------------------------------------------------------------------------------
  void aFullDiskIsSaidAndLosesNothing() {
    if (::geteuid() != 0) QSKIP("mounting a small disk needs root");
    TemporaryFolder mount;
    const std::string point = mount.path().string();
    if (testing::run_program({"mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", point}).exit_code != 0)
      QSKIP("this machine does not allow mounting a small disk");
    {
      Store store(mount.path() / "home");
      const std::string run = store.create_run("a", "cpu", kRecipe);
      std::size_t written = 0;
      bool full = false;
      const std::vector<EventRow> events(20, [] {
        EventRow row = event_of("log");
        row.message = std::string(1000, 'x');
        return row;
      }());
      for (int i = 0; i < 100 && !full; ++i) {
        try {
          store.append(run, {}, events);
          written += events.size();
        } catch (const Error& error) {
          QVERIFY2(error.kind == ErrorKind::disk_full, error.what());
          full = true;
        }
      }
      QVERIFY(full);
      QCOMPARE(store.events(run).size(), written);  // all or nothing
    }
    testing::run_program({"umount", point});
  }

  void aLocalDiskWorksWithAWriteAheadLog() {
    TemporaryFolder home;
    Store store(home.path());
    QCOMPARE(store.on_network_disk(), is_network_disk(home.path()));
    SQLite::Database check((home.path() / "luthier.db").string());
    QCOMPARE(check.execAndGet("PRAGMA journal_mode").getString(),
             std::string(store.on_network_disk() ? "delete" : "wal"));
  }
};

QTEST_GUILESS_MAIN(StoreTest)
#include "store_test.moc"
