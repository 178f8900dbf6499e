// The run store: rows, transactions, deleting, and what is left after a process was killed.
#include "store/store.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <signal.h>
#include <unistd.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/error.h"
#include "store/database.h"
#include "store/schema.h"
#include "support/small_disk.h"
#include "support/store_rows.h"
#include "support/testing.h"

using namespace luthier;
using namespace luthier::testing;

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
    store.append(run, {metric(9, "tuned.test.loss", 3), metric(9, "tuned.test_loss", 4)}, {});
    store.supersede(run, "tuned.test.");  // as it stands, not a pattern
    QCOMPARE(store.metrics(run).size(), 9u);
    QCOMPARE(store.metrics(run).back().name, std::string("tuned.test_loss"));
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
    const TemporaryFolder mount;
    const SmallDisk disk(mount.path(), 400 << 10);
    if (!disk.mounted()) QSKIP("needs the right to mount a small tmpfs");
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
