// A disk that fills up in mid-run pauses the run; with space again it goes on and ends as if nothing had been.
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "store/store.h"
#include "support/small_disk.h"
#include "support/tiny_task.h"
#include "support/trainer_process.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

std::vector<std::pair<std::int64_t, double>> losses(const Store& store, const std::string& run) {
  std::vector<std::pair<std::int64_t, double>> found;
  for (const MetricRow& row : store.metrics(run, 0, "train.loss")) found.emplace_back(row.step, row.value);
  return found;
}

}  // namespace

class FullDiskLongTest : public QObject {
  Q_OBJECT
  TemporaryFolder folder_;
  Json recipe_;

 private Q_SLOTS:
  void initTestCase() {
    if (!fs::exists(cli_path())) QSKIP("luthier-cli is not built");
    const SmallDisk attempt(folder_.path() / "attempt", 1 << 20);
    if (!attempt.mounted()) QSKIP("needs the right to mount a small tmpfs");
    write_tiny_task(folder_.path(), 96);
    recipe_ = tiny_recipe(folder_.path());
    recipe_["training"]["max_steps"] = 60;
  }

  void pausesAndGoesOnAfterwards_data() {
    QTest::addColumn<int>("every");  // steps from one checkpoint and evaluation to the next
    QTest::addColumn<int>("steps");
    QTest::newRow("while checkpoints are written") << 5 << 60;
    QTest::newRow("while nothing but the database is written") << 10000 << 600;
  }

  void pausesAndGoesOnAfterwards() {
    QFETCH(int, every);
    QFETCH(int, steps);
    const fs::path home = folder_.path() / std::to_string(every);
    const SmallDisk disk(home, 12 << 20);
    Json recipe = recipe_;
    recipe["training"]["max_steps"] = steps;
    for (const char* what : {"checkpoint_every", "evaluate_every"}) recipe["training"][what]["value"] = every;
    Store store(home);
    const std::string id = store.create_run("full", "cpu", recipe);
    TrainerProcess trainer(home, id);
    QVERIFY(trainer.until([&] { return store.run(id).step >= 8; }));
    {
      std::ofstream filler(home / "filler", std::ios::binary);
      const std::string block(4096, 'x');
      while (filler.write(block.data(), 4096) && filler.flush()) {
      }
    }
    QVERIFY(trainer.until([&] { return store.run(id).status == RunStatus::paused; }));
    const std::string reason = store.run(id).reason;
    QVERIFY2(reason.find("disk") != std::string::npos, reason.c_str());
    QVERIFY2(every < 100 || reason.find("database") != std::string::npos, reason.c_str());
    fs::remove(home / "filler");
    store.send_command(id, "resume", Json::object());
    QVERIFY2(trainer.until([&] { return store.run(id).status == RunStatus::success; }), store.run(id).reason.c_str());
    QCOMPARE(losses(store, id).size(), static_cast<std::size_t>(steps));
  }

  void staysPausedUntilThereIsRoom() {
    const fs::path home = folder_.path() / "stays";
    const SmallDisk disk(home, 3 << 20);
    Store store(home);
    const std::string id = store.create_run("full", "cpu", recipe_);
    TrainerProcess trainer(home, id);
    QVERIFY(trainer.until([&] { return store.run(id).status == RunStatus::paused; }));
    store.send_command(id, "resume", Json::object());
    const auto told = [&](const std::string& kind) {
      const auto events = store.events(id);
      return std::any_of(events.begin(), events.end(), [&](const EventRow& event) { return event.kind == kind; });
    };
    QVERIFY(trainer.until([&] { return told("refused"); }));
    QVERIFY(store.run(id).status == RunStatus::paused);
    store.send_command(id, "stop", Json::object());
    QVERIFY(trainer.until([&] { return store.run(id).status == RunStatus::stopped; }));
  }

  void anExportIsNotMadeAgain() {
    const fs::path home = folder_.path() / "again";
    Json recipe = recipe_;
    recipe["export"] = Json::array({{{"format", "huggingface"}}});
    Store store(home);
    const std::string id = store.create_run("again", "cpu", recipe);
    for (int time = 0; time < 2; ++time) {
      if (time > 0) store.requeue(id);  // as if it had been interrupted behind the export
      TrainerProcess trainer(home, id);
      QVERIFY(trainer.finished(30000));
      QVERIFY(store.run(id).status == RunStatus::success);
      QCOMPARE(losses(store, id).size(), std::size_t{60});
      QCOMPARE(store.metrics(id, 0, "tuned.test.accuracy").size(), std::size_t{1});
      QCOMPARE(store.artefacts(id).size(), std::size_t{1});
      QVERIFY(!fs::exists(store.run_folder(id) / "export-huggingface-2"));
    }
  }

  // Whichever write finds the disk full: checkpoints, best weights, what evaluation came to, an export.
  void pausesWhateverIsWritten_data() {
    QTest::addColumn<bool>("with_export");
    QTest::newRow("training") << false;
    QTest::newRow("export") << true;
  }

  void pausesWhateverIsWritten() {
    QFETCH(bool, with_export);
    Json recipe = recipe_;
    if (with_export) recipe["export"] = Json::array({{{"format", "huggingface"}}, {{"format", "torchscript"}}});
    std::vector<std::pair<std::int64_t, double>> wanted;
    std::set<std::int64_t> steps;
    int paused = 0, paused_by_export = 0;
    const auto run_on = [&](std::uint64_t kib) {
      const fs::path home = folder_.path() / (std::to_string(kib) + (with_export ? "e" : "t"));
      const SmallDisk disk(home, kib << 10);
      Store store(home);
      const std::string id = store.create_run("full", "cpu", recipe);
      TrainerProcess trainer(home, id);
      const auto is = [&](RunStatus status) { return store.run(id).status == status; };
      if (trainer.until([&] { return is(RunStatus::paused) || is(RunStatus::success); }) && is(RunStatus::paused)) {
        const RunRow row = store.run(id);
        ++paused;
        paused_by_export += row.reason.find("export") != std::string::npos ? 1 : 0;
        steps.insert(row.step);
        QVERIFY(disk.resize(64 << 20));
        store.send_command(id, "resume", Json::object());
      }
      const bool success = trainer.until([&] { return is(RunStatus::success); });
      QVERIFY2(success, (std::to_string(kib) + " KiB: " + store.run(id).reason).c_str());
      if (wanted.empty()) wanted = losses(store, id);
      QCOMPARE(wanted.size(), std::size_t{60});
      QVERIFY(losses(store, id) == wanted);
      QCOMPARE(store.metrics(id, 0, "tuned.test.accuracy").size(), std::size_t{1});
      QCOMPARE(store.artefacts(id).size(), recipe["export"].size());
      for (const ArtefactRow& artefact : store.artefacts(id)) {
        QVERIFY(fs::exists(artefact.path));
        QVERIFY(Json::parse(artefact.proof_json).at("passed").get<bool>());
      }
      QVERIFY(trainer.finished(30000));
      QVERIFY(!fs::exists(store.run_folder(id) / "reserve"));
    };
    run_on(64 << 10);
    QCOMPARE(paused, 0);
    if (with_export) {
      for (const std::uint64_t kib : {7168, 5120}) run_on(kib);
      QVERIFY(paused_by_export >= 1);
    } else {
      for (std::uint64_t kib = 3712; kib >= 2816; kib -= 128) run_on(kib);
      QVERIFY(steps.size() >= 4);
    }
  }
};

QTEST_GUILESS_MAIN(FullDiskLongTest)
#include "full_disk_long_test.moc"
