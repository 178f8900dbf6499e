// A run that is killed and resumed gives the very same weights, optimizer state and metric rows as one that is not.
#include <signal.h>

#include <map>
#include <thread>

#include "base/error.h"
#include "store/store.h"
#include "support/tiny_task.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

constexpr std::int64_t kSteps = 48;

/// A trainer process of its own for a run in `home`.
class TrainerProcess {
 public:
  TrainerProcess(const fs::path& home, const std::string& id) {
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("LUTHIER_HOME", QString::fromStdString(home.string()));
    process_.setProcessEnvironment(environment);
    process_.setProcessChannelMode(QProcess::ForwardedChannels);
    process_.start(QString::fromStdString(cli_path().string()), {"train-worker", QString::fromStdString(id)});
    process_.waitForStarted();
  }
  bool finished(int milliseconds) { return process_.waitForFinished(milliseconds); }
  int exit_code() const { return process_.exitStatus() == QProcess::NormalExit ? process_.exitCode() : -1; }
  void kill() {
    ::kill(static_cast<pid_t>(process_.processId()), SIGKILL);
    process_.waitForFinished();
  }

 private:
  QProcess process_;
};

std::string make_run(const fs::path& home, const fs::path& task) {
  Store store(home);
  Json recipe = tiny_recipe(task);
  recipe["training"]["epochs"] = 1;
  recipe["training"]["max_steps"] = kSteps;
  return store.create_run("resume", "cpu", recipe);
}

/// The last checkpoint's files by content, and the metric rows that do not measure time.
std::map<std::string, std::string> traces(const fs::path& home, const std::string& id) {
  Store store(home);
  std::map<std::string, std::string> found;
  char name[32];
  std::snprintf(name, sizeof name, "step-%010lld", static_cast<long long>(kSteps));
  const fs::path checkpoint = store.run_folder(id) / "checkpoints" / name;
  for (const char* file : {"trainable.safetensors", "optimizer.safetensors", "state.json"}) {
    const std::string content = read_file(checkpoint / file);
    found[file] = hex(hash_bytes(content.data(), content.size()));
  }
  for (const MetricRow& row : store.metrics(id)) {
    if (row.name.find("per_second") != std::string::npos || row.name == "memory_bytes" ||
        row.name.rfind("base.", 0) == 0)
      continue;
    char value[64];
    std::snprintf(value, sizeof value, "%a", row.value);
    const std::string key = std::to_string(row.step) + " " + row.name;
    if (found.count(key)) found[key + " twice"] = value;
    found[key] = value;
  }
  return found;
}

std::int64_t last_step(const fs::path& home, const std::string& id) { return Store(home).run(id).step; }

}  // namespace

class ResumeLongTest : public QObject {
  Q_OBJECT
  TemporaryFolder folder_;
  std::map<std::string, std::string> expected_;

  void finish(const fs::path& home, const std::string& id) {
    TrainerProcess again(home, id);
    QVERIFY(again.finished(240000));
    QCOMPARE(again.exit_code(), 0);
    QCOMPARE(Store(home).run(id).status, RunStatus::success);
    const auto found = traces(home, id);
    for (const auto& [key, value] : expected_) {
      QVERIFY2(found.count(key), key.c_str());
      QVERIFY2(found.at(key) == value, key.c_str());
    }
    QCOMPARE(found.size(), expected_.size());
  }

 private Q_SLOTS:
  void initTestCase() {
    if (!fs::exists(cli_path())) QSKIP("luthier-cli is not built");
    write_tiny_task(folder_.path(), 96, 0.1);
    const fs::path home = folder_.path() / "whole";
    const std::string id = make_run(home, folder_.path());
    TrainerProcess whole(home, id);
    QVERIFY(whole.finished(240000));
    QCOMPARE(whole.exit_code(), 0);
    expected_ = traces(home, id);
    QVERIFY(expected_.size() > 3 * kSteps);
  }

  void killedAtRandomPoints_data() {
    QTest::addColumn<int>("after_step");
    const auto draw = [](std::uint64_t i) {
      return static_cast<int>(
          2 + Random(static_cast<std::uint64_t>(QDateTime::currentMSecsSinceEpoch()), i).below(kSteps - 6));
    };
    for (std::uint64_t i = 0; i < 3; ++i)
      QTest::addRow("at step %d (draw %d)", draw(i), static_cast<int>(i)) << draw(i);
  }
  void killedAtRandomPoints() {
    QFETCH(int, after_step);
    const fs::path home = folder_.path() / ("killed-" + std::to_string(after_step) + "-" +
                                            std::to_string(QRandomGenerator::global()->generate()));
    const std::string id = make_run(home, folder_.path());
    {
      TrainerProcess first(home, id);
      while (!first.finished(1) && last_step(home, id) < after_step) {
      }
      first.kill();
    }
    finish(home, id);
  }

  void killedWhileACheckpointIsWritten() {
    const fs::path home = folder_.path() / "checkpoint";
    const std::string id = make_run(home, folder_.path());
    const fs::path checkpoints = Store(home).run_folder(id) / "checkpoints";
    bool caught = false;
    {
      TrainerProcess first(home, id);
      while (!caught && last_step(home, id) < kSteps - 2) {
        std::error_code absent;
        for (const auto& entry : fs::directory_iterator(checkpoints, absent))
          caught = caught || (entry.path().filename().string().rfind(".writing-", 0) == 0 && last_step(home, id) > 6);
      }
      first.kill();
    }
    QVERIFY2(caught, "no checkpoint was seen being written");
    finish(home, id);
  }

  void killedInEvaluation() {
    const fs::path home = folder_.path() / "evaluation";
    const std::string id = make_run(home, folder_.path());
    {
      TrainerProcess first(home, id);
      // Step 12 ends with an evaluation, step 15 with a checkpoint: progress past 11 and no event of step 12 yet.
      while (!first.finished(1) && last_step(home, id) < 12) {
      }
      first.kill();
    }
    finish(home, id);
  }
};

QTEST_GUILESS_MAIN(ResumeLongTest)
#include "resume_long_test.moc"
