// luthier-cli preflight as other programs call it: JSON lines, exit codes, cancelling.
#include <signal.h>

#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "store/store.h"
#include "support/tiny_task.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

std::vector<Json> lines_of(const std::string& text) {
  std::vector<Json> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(Json::parse(line, nullptr, false));
  return lines;
}

/// Every key of the contract with the window, and a value to show its type.
const Json& contract() {
  static const Json parts = {{"weights", 1}, {"gradients", 1}, {"optimizer", 1}, {"activations", 1}, {"total", 1}};
  static const Json json = {
      {"verdict", "ready"},
      {"seconds", 1.5},
      {"steps", 1},
      {"epochs", 1.5},
      {"step_seconds", 1.5},
      {"longest_step_seconds", 1.5},
      {"total_seconds", 1.5},
      {"evaluations", 1},
      {"checkpoints", 1},
      {"memory", {{"estimate", parts}, {"measured", parts}, {"available", 1}, {"limit", 1}}},
      {"disk", {{"needed", 1}, {"free", 1}, {"folder", ""}}},
      {"tokens",
       {{"total", 1}, {"rows", 1}, {"loss", 1}, {"context", 1}, {"cut", 1}, {"cut_rows", 1}, {"padding_share", 0.5}}},
      {"checks", Json::array()}};
  return json;
}

void compare_keys(const Json& found, const Json& wanted, const std::string& where) {
  QVERIFY2(found.is_object() == wanted.is_object(), where.c_str());
  QVERIFY2(found.is_number() == wanted.is_number(), where.c_str());
  if (!wanted.is_object()) return;
  QCOMPARE(found.size(), wanted.size());
  for (const auto& [key, value] : wanted.items()) {
    QVERIFY2(found.contains(key), (where + "." + key).c_str());
    compare_keys(found.at(key), value, where + "." + key);
  }
}

}  // namespace

class PreflightTest : public QObject {
  Q_OBJECT
  std::unique_ptr<TemporaryFolder> folder_;

  std::string path(const std::string& name) const { return (folder_->path() / name).string(); }

 private Q_SLOTS:
  void initTestCase() {
    folder_ = std::make_unique<TemporaryFolder>();
    qputenv("LUTHIER_HOME", QByteArray::fromStdString(path("home")));
    qputenv("OMP_NUM_THREADS", "1");
    write_tiny_task(folder_->path());
    Json recipe = tiny_recipe(folder_->path());
    recipe["training"]["threads"] = 1;
    write_text(path("recipe.json"), recipe.dump());
  }

  void ratesAreTriedOnRequest() {
    const Output output = run_cli({"preflight", path("recipe.json"), "--rate-test", "--json"});
    QCOMPARE(output.exit_code, 0);
    const std::vector<Json> lines = lines_of(output.out);
    const Json& test = lines.back().at("rate_test");
    QVERIFY(test.at("points").size() > 20 && test.at("points").size() <= 100);
    QCOMPARE(test.at("points").at(0).at("rate"), Json(1e-7));
    for (const char* key : {"diverged", "seconds", "steepest", "below_minimum", "suggested"})
      QVERIFY2(test.contains(key), key);
    // A recipe's rate of 2e-3 learns this task; the test finds one within a factor of 20.
    QVERIFY2(test.at("suggested").is_number() && test.at("suggested") > 1e-4 && test.at("suggested") < 4e-2,
             test.dump().c_str());
  }

  void theLastLineKeepsTheContract() {
    const Output output = run_cli({"preflight", path("recipe.json"), "--json"});
    QVERIFY2(output.exit_code == 0, (output.out + output.err).c_str());
    const std::vector<Json> lines = lines_of(output.out);
    QVERIFY(lines.size() > 1);
    for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
      const Json& progress = lines[i].at("progress");
      QVERIFY(!progress.at("stage").get<std::string>().empty());
      QVERIFY(progress.at("share").get<double>() >= 0 && progress.at("share").get<double>() <= 1);
    }
    const Json& report = lines.back().at("preflight");
    compare_keys(report, contract(), "preflight");
    QVERIFY(report.at("verdict") == "ready" || report.at("verdict") == "warnings");
    QVERIFY(!report.at("checks").empty());
    std::set<std::string> ids;
    for (const Json& check : report.at("checks")) {
      for (const char* key : {"id", "group", "label", "severity", "value", "message"})
        QVERIFY2(check.at(key).is_string(), key);
      QVERIFY2(ids.insert(check.at("id").get<std::string>()).second, check.dump().c_str());
      for (const Json& fix : check.at("fixes")) QVERIFY(fix.at("label").is_string() && fix.at("set").is_array());
    }
    const Json& parts = report.at("memory").at("measured");
    QCOMPARE(parts.at("total").get<std::int64_t>(),
             parts.at("weights").get<std::int64_t>() + parts.at("gradients").get<std::int64_t>() +
                 parts.at("optimizer").get<std::int64_t>() + parts.at("activations").get<std::int64_t>());
  }

  void theEstimateIsNearWhatIsMeasured() {
    const fs::path model = folder_->path() / "wide";
    fs::copy(folder_->path() / "model", model);
    Json config = read_json(model / "config.json");
    config.update({{"hidden_size", 128}, {"num_hidden_layers", 6}, {"intermediate_size", 512}});
    write_text(model / "config.json", config.dump());
    for (const char* setting : {"training.dropout=-1", "training.dropout=0", "training.gradient_accumulation=2"}) {
      const Output output = run_cli({"preflight", path("recipe.json"), "--set", "model.path=" + model.string(), "--set",
                                     "training.batch_size=48", "--set", setting, "--json"});
      const Json memory = lines_of(output.out).back().at("preflight").at("memory");
      const double ratio =
          memory.at("estimate").at("total").get<double>() / memory.at("measured").at("total").get<double>();
      // Within 10% for models of any size worth the name; the heap's holes weigh more in one as small as this.
      QVERIFY2(ratio > 0.8 && ratio < 1.25, (setting + std::string(" ") + std::to_string(ratio)).c_str());
    }
  }

  void nothingIsWrittenToTheRunStore() {
    run_cli({"preflight", path("recipe.json"), "--json"});
    QVERIFY(!fs::exists(folder_->path() / "home/runs"));
    QVERIFY(Store(path("home")).runs().empty());
  }

  void aCheckThatBlocksExitsWithOne() {
    const Output output =
        run_cli({"preflight", path("recipe.json"), "--set", "data.max_tokens=200", "--json"});  // the model reads 64
    QCOMPARE(output.exit_code, 1);
    const Json report = lines_of(output.out).back().at("preflight");
    QCOMPARE(report.at("verdict").get<std::string>(), std::string("blocked"));
    const Json fix = report.at("checks").back().at("fixes").at(0);
    std::vector<std::string> words = {"preflight", path("recipe.json"), "--set", "data.max_tokens=200"};
    for (const Json& edit : fix.at("set")) words.insert(words.end(), {"--set", edit.get<std::string>()});
    QCOMPARE(run_cli(words).exit_code, 0);  // the later --set wins: the fix is one
  }

  void badInputExitsWithTwo() {
    QCOMPARE(run_cli({"preflight", path("none.json"), "--json"}).exit_code, 2);
    QCOMPARE(run_cli({"preflight", path("recipe.json"), "--set", "training.batch_size=none"}).exit_code, 2);
    QCOMPARE(run_cli({"preflight", path("recipe.json"), "--set", "data.train=none.csv"}).exit_code, 2);
    QCOMPARE(run_cli({"preflight"}).exit_code, 2);
  }

  void peopleReadATable() {
    const Output output = run_cli({"preflight", path("recipe.json"), "--set", "data.max_tokens=8"});
    QCOMPARE(output.exit_code, 0);
    for (const char* part : {"Ready, with warnings", "measured", "Cut rows", "--set 'data.max_tokens=14'"})
      QVERIFY2(output.out.find(part) != std::string::npos, (std::string(part) + "\n" + output.out).c_str());
  }

  void terminatingItEndsItCleanly() {
    QProcess process;
    process.start(QString::fromStdString(cli_path().string()),
                  {"preflight", QString::fromStdString(path("recipe.json")), "--json"});
    QVERIFY(process.waitForReadyRead(60000));  // it is at work
    process.terminate();
    QVERIFY(process.waitForFinished(60000));
    QCOMPARE(process.exitStatus(), QProcess::NormalExit);
    const std::vector<Json> lines = lines_of(process.readAllStandardOutput().toStdString());
    // A machine quick enough may have finished first.
    QVERIFY(process.exitCode() == 0 || lines.back().at("error").at("kind") == "cancelled");
    for (const auto& entry : fs::recursive_directory_iterator(path("home")))
      QVERIFY2(!entry.path().extension().string().starts_with(".tmp"), entry.path().c_str());
  }
};

QTEST_GUILESS_MAIN(PreflightTest)
#include "preflight_test.moc"
