// The command line without LibTorch: what it prints, how it fails, and what it does to the run store.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "base/error.h"
#include "base/json.h"
#include "store/store.h"
#include "support/testing.h"

using namespace luthier;
using testing::Output;
using testing::run_cli;

namespace {
const Json kRecipe = {{"luthier", 1}, {"name", "test"}, {"training", {{"epochs", 3}}}};

Json json_of(const Output& output) { return parse_json(output.out, "standard output"); }

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// A recipe that is right as far as its own text goes.
Json good_recipe(const fs::path& folder) {
  testing::write_text(folder / "data/train.tsv", "text\tlabel\ngood\t1\nbad\t0\n");
  return {{"luthier", 1},
          {"name", "cli"},
          {"objective", {{"kind", "classification"}}},
          {"model", {{"path", testing::fixture("full/bert-cls/base").string()}}},
          {"data", {{"train", "data/train.tsv"}, {"roles", {{"text", "text"}, {"label", "label"}}}}},
          {"method", {{"kind", "full"}}},
          {"training", {{"epochs", 1}}}};
}
}  // namespace

class CliTest : public QObject {
  Q_OBJECT

  std::unique_ptr<TemporaryFolder> home_;

 private Q_SLOTS:
  void initTestCase() {
    if (!fs::exists(testing::cli_path())) QSKIP("luthier-cli is not built");
  }
  void init() {
    home_ = std::make_unique<TemporaryFolder>();
    qputenv("LUTHIER_HOME", QByteArray::fromStdString(home_->path().string()));
  }

  // ---- what it says of itself
  // ------------------------------------------------------------------------------------------
  void aloneItListsItsCommands() {
    const Output alone = run_cli({});
    QCOMPARE(alone.exit_code, 0);
    for (const char* command : {"describe", "inspect", "tokenize", "train", "runs", "evaluate", "export", "lab"})
      QVERIFY2(has(alone.out, std::string("  ") + command), command);
    QCOMPARE(run_cli({"--help"}).out, alone.out);
    QVERIFY(has(run_cli({"--version"}).out, "luthier 0."));
  }

  void everyListedCommandHasHelp() {
    std::istringstream lines(run_cli({"--help"}).out);
    int commands = 0;
    for (std::string line; std::getline(lines, line);) {
      if (!line.starts_with("  ") || line.size() < 4) continue;
      const std::string name = line.substr(2, line.find(' ', 2) - 2);
      const Output help = run_cli({name, "--help"});
      QCOMPARE(help.exit_code, 0);
      QVERIFY2(has(help.out, "usage: luthier-cli " + name), help.out.c_str());
      ++commands;
    }
    QVERIFY(commands >= 10);
  }

  void describeNamesWhatEveryCatalogHolds() {
    const Json all = json_of(run_cli({"describe", "--json"}));
    for (const char* catalog : {"families", "objectives", "methods", "metrics", "exporters"}) {
      QVERIFY2(all[catalog].is_array() && !all[catalog].empty(), catalog);
      for (const Json& entry : all[catalog]) QVERIFY(entry["kind"].is_string() && entry["help"].is_string());
    }
    const Output text = run_cli({"describe"});
    QVERIFY(has(text.out, "lora") && has(text.out, "rank"));
  }

  // ---- errors
  // -----------------------------------------------------------------------------------------------------------
  void anUnknownCommandIsBadInputWithTheClosestOne() {
    const Output output = run_cli({"inspec"});
    QCOMPARE(output.exit_code, 2);
    QVERIFY(output.out.empty());
    QVERIFY(has(output.err, "there is no command \"inspec\""));
    QVERIFY(has(output.err, "did you mean inspect?"));
  }

  void errorsSayWhatWhereAndWhatToDo() {
    const Output output = run_cli({"inspect", "data", "/no/such/file.csv"});
    QCOMPARE(output.exit_code, 2);
    QVERIFY(output.out.empty());
    QVERIFY2(has(output.err, "luthier-cli: ") && has(output.err, "\n  where: ") && has(output.err, "\n  do: "),
             output.err.c_str());
    QVERIFY(has(output.err, "/no/such/file.csv"));
  }

  void withJsonErrorsAreAnObjectOnStandardOutput() {
    const Output output = run_cli({"inspect", "model", "/no/such/folder", "--json"});
    QCOMPARE(output.exit_code, 2);
    const Json error = json_of(output)["error"];
    QCOMPARE(error["kind"], Json("not_found"));
    QVERIFY(!error["message"].get<std::string>().empty());
    QCOMPARE(error["where"], Json("/no/such/folder"));
    QVERIFY(error["hint"].is_string());
  }

  void wrongArgumentsAreBadInput_data() {
    QTest::addColumn<QStringList>("words");
    QTest::addColumn<QString>("part");
    QTest::newRow("unknown option") << QStringList{"describe", "--jsn"} << "unknown option --jsn";
    QTest::newRow("one word too many") << QStringList{"describe", "x"} << "one word too many";
    QTest::newRow("missing value") << QStringList{"tokenize", "--model"} << "--model needs a value";
    QTest::newRow("missing option") << QStringList{"tokenize"} << "--model is missing";
    QTest::newRow("missing position") << QStringList{"inspect", "data"} << "PATH is missing";
    QTest::newRow("nothing to inspect") << QStringList{"inspect", "soup", "x"} << "data or at a model";
    QTest::newRow("unknown action") << QStringList{"runs", "lst"} << "did you mean list?";
    QTest::newRow("no run") << QStringList{"work"} << "RUN is missing";
    QTest::newRow("no recipe") << QStringList{"train"} << "RECIPE is missing";
    QTest::newRow("resume with --set") << QStringList{"train", "--resume", "x", "--set", "a=1"} << "--set does not go";
    QTest::newRow("escape sequences are not repeated") << QStringList{"\x1b[31mred"} << "·[31mred";
  }
  void wrongArgumentsAreBadInput() {
    QFETCH(QStringList, words);
    QFETCH(QString, part);
    std::vector<std::string> list;
    for (const QString& word : words) list.push_back(word.toStdString());
    const Output output = run_cli(list);
    QCOMPARE(output.exit_code, 2);
    QVERIFY2(has(output.err, part.toStdString()), output.err.c_str());
  }

  void aHomeThatCannotBeWrittenIsAFailure() {
    testing::write_text(home_->path() / "file", "x");
    qputenv("LUTHIER_HOME", QByteArray::fromStdString((home_->path() / "file").string()));
    const Output output = run_cli({"runs"});
    QCOMPARE(output.exit_code, 1);
    QVERIFY(has(output.err, "LUTHIER_HOME"));
  }

  // ---- inspect and tokenize
  // -----------------------------------------------------------------------------------------------
  void inspectDataTellsColumnsRowsAndFindings() {
    const fs::path file = home_->path() / "a.csv";
    testing::write_text(file, "text,label\n\"one, two\",yes\nthree,no\nfour,no\nfive,yes\n");
    const Json report = json_of(run_cli({"inspect", "data", file.string(), "--json"}));
    QCOMPARE(report["rows"], Json(4));
    QCOMPARE(report["columns"][0]["name"], Json("text"));
    QCOMPARE(report["first_rows"][0][0], Json("one, two"));
    const Output text = run_cli({"inspect", "data", file.string()});
    QCOMPARE(text.exit_code, 0);
    QVERIFY(has(text.out, "4 rows, csv") && has(text.out, "no (2)"));
  }

  void inspectModelTellsFamilyAndParameters() {
    const std::string folder = testing::fixture("full/bert-cls/base").string();
    const Json report = json_of(run_cli({"inspect", "model", folder, "--json"}));
    QCOMPARE(report["family"], Json("bert"));
    QVERIFY(report["parameters"].get<std::int64_t>() > 0);
    QVERIFY(report["tensors"]["elements"].get<std::int64_t>() >= report["parameters"].get<std::int64_t>());
    QVERIFY(has(run_cli({"inspect", "model", folder}).out, "bert"));
  }

  void inspectModelListsTheTensorsOfWeightsAlone() {
    const std::string file = testing::fixture("full/bert-cls/base/model.safetensors").string();
    const Json report = json_of(run_cli({"inspect", "model", file, "--json"}));
    QCOMPARE(report["tensors"]["list"].size(), report["tensors"]["count"].get<std::size_t>());
    QCOMPARE(report["findings"][0]["id"], Json("no_config"));
    QVERIFY(has(run_cli({"inspect", "model", file}).out, "bert.embeddings.word_embeddings.weight"));
    testing::write_text(home_->path() / "evil.pth",
                        "\x80\x02"
                        "cposix\nsystem\n");
    const Output output = run_cli({"inspect", "model", (home_->path() / "evil.pth").string()});
    QCOMPARE(output.exit_code, 2);
    QVERIFY(has(output.err, "wants to run posix.system"));
  }

  void aModelOfAnUnknownFamilyIsUnsupported() {
    testing::write_text(home_->path() / "model/config.json", R"({"model_type": "soup"})");
    const Output output = run_cli({"inspect", "model", (home_->path() / "model").string(), "--json"});
    QCOMPARE(output.exit_code, 2);
    QCOMPARE(json_of(output)["error"]["kind"], Json("unsupported"));
  }

  void tokenizeAnswersALineForEachLine() {
    const fs::path model = home_->path() / "model";
    testing::write_text(model / "vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\nworld\n##s\n");
    const std::string folder = model.string();
    // Ids are the lines of the vocabulary, counted from 0.
    QCOMPARE(run_cli({"tokenize", "--model", folder}, "Hello worlds\n\nsoup").out,
             std::string("[2, 5, 6, 7, 3]\n[2, 3]\n[2, 1, 3]\n"));
    QCOMPARE(run_cli({"tokenize", "--model", folder, "--json-lines"}, "\"hello\\nworld\"\n").out,
             std::string("[2, 5, 6, 3]\n"));
    const Json with = json_of(run_cli({"tokenize", "--model", folder, "--offsets", "--decode"}, "hello worlds\n"));
    QCOMPARE(with["ids"], Json({2, 5, 6, 7, 3}));
    QCOMPARE(with["offsets"], Json::parse("[[0,0],[0,5],[6,11],[11,12],[0,0]]"));
    QCOMPARE(with["decoded"], Json("hello worlds"));
    QCOMPARE(run_cli({"tokenize", "--model", folder, "--decode"}, "[5, 6, 7]\n").out,
             std::string("\"hello worlds\"\n"));
    QCOMPARE(run_cli({"tokenize", "--model", folder}, "").out, std::string());
  }

  void tokenizeKeepsTheOrderOfManyLines() {
    const fs::path model = home_->path() / "model";
    testing::write_text(model / "vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##a\n");
    std::string input, expected;
    for (int i = 0; i < 3000; ++i) {
      input += std::string(1 + i % 7, 'a') + "\n";
      expected += "[2, 5" + [&] {
        std::string more;
        for (int j = 0; j < i % 7; ++j) more += ", 6";
        return more;
      }() + ", 3]\n";
    }
    QCOMPARE(run_cli({"tokenize", "--model", model.string()}, input).out, expected);
  }

  void tokenizeNamesTheLineThatIsWrong() {
    const fs::path model = home_->path() / "model";
    testing::write_text(model / "vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n");
    const Output output = run_cli({"tokenize", "--model", model.string(), "--json-lines"}, "\"a\"\nnot json\n");
    QCOMPARE(output.exit_code, 2);
    QCOMPARE(output.out, std::string("[2, 5, 3]\n"));
    QVERIFY(has(output.err, "standard input, line 2"));
    const Output range = run_cli({"tokenize", "--model", model.string(), "--decode"}, "[7]\n");
    QCOMPARE(range.exit_code, 2);
    QVERIFY(has(range.err, "there is no token 7"));
  }

  // ---- runs
  // -----------------------------------------------------------------------------------------------------------------
  void runsAreListedShownAndCompared() {
    Store store(home_->path());
    const std::string first = store.create_run("first", "cpu", kRecipe);
    Json other = kRecipe;
    other["training"]["epochs"] = 5;
    const std::string second = store.create_run("second", "cpu", other);
    for (const std::string& id : {first, second}) {
      RunRow row = store.run(id);
      row.status = RunStatus::success;
      row.summary_json =
          R"({"base": {"accuracy": 0.5}, "tuned": {"accuracy": 0.75}, "watch": "accuracy", "split": "test"})";
      row.step = row.total_steps = 10;
      store.update_run(row);
    }
    EventRow event;
    event.kind = "evaluation";
    event.message = "evaluated";
    MetricRow metric;
    metric.step = 10;
    metric.name = "train.loss";
    metric.value = 0.25;
    store.append(first, {metric}, {event});

    const Json list = json_of(run_cli({"runs", "--json"}));
    QCOMPARE(list.size(), 2u);
    QCOMPARE(list[0]["id"], Json(second));
    QCOMPARE(list[1]["summary"]["tuned"]["accuracy"], Json(0.75));
    const Output table = run_cli({"runs", "list"});
    QVERIFY(has(table.out, first) && has(table.out, "accuracy 0.5 -> 0.75"));

    const Json shown = json_of(run_cli({"runs", "show", first, "--json"}));
    QCOMPARE(shown["metrics"]["train.loss"]["value"], Json(0.25));
    QCOMPARE(shown["events"][0]["kind"], Json("evaluation"));
    QVERIFY(has(run_cli({"runs", "show", first}).out, "train.loss"));

    const Json compared = json_of(run_cli({"runs", "compare", first, second, "--json"}));
    QCOMPARE(compared["options"], (Json{{"training.epochs", {3, 5}}}));
    QCOMPARE(compared["results"]["tuned.accuracy"], Json({0.75, 0.75}));
    QVERIFY(has(run_cli({"runs", "compare", first, second}).out, "training.epochs"));
  }

  void aRunIsDeletedWithItsBytes() {
    Store store(home_->path());
    const std::string id = store.create_run("a", "cpu", kRecipe);
    store.set_status(id, RunStatus::stopped);
    testing::write_text(store.run_folder(id) / "checkpoints/x", std::string(5000, 'x'));
    const Json done = json_of(run_cli({"runs", "delete", id, "--json"}));
    QVERIFY(done["freed_bytes"].get<std::int64_t>() >= 5000);
    QVERIFY(!store.find_run(id));
    QCOMPARE(run_cli({"runs", "delete", id}).exit_code, 2);
  }

  void whatDoesNotFitARunsStatusIsAConflict() {
    Store store(home_->path());
    const std::string id = store.create_run("a", "cpu", kRecipe);
    store.set_status(id, RunStatus::stopped);
    for (const char* action : {"pause", "stop", "resume"}) {
      const Output output = run_cli({"runs", action, id});
      QCOMPARE(output.exit_code, 1);
      QVERIFY2(has(output.err, "the run is stopped"), output.err.c_str());
    }
    QVERIFY(has(run_cli({"runs", "resume", id}).err, "train --resume " + id));
    QVERIFY(store.take_commands(id).empty());
    store.set_status(id, RunStatus::success);
    QVERIFY(has(run_cli({"train", "--resume", id}).err, "succeeded already"));
  }

  void commandsReachALiveRun() {
    Store store(home_->path());
    const std::string id = store.create_run("a", "cpu", kRecipe);
    const FileLock trainer = store.take_lock(id);
    store.set_status(id, RunStatus::running);
    QCOMPARE(run_cli({"runs", "delete", id}).exit_code, 1);
    QCOMPARE(run_cli({"runs", "pause", id}).exit_code, 0);
    QCOMPARE(store.take_commands(id).at(0).kind, std::string("pause"));
    store.set_status(id, RunStatus::paused);
    QCOMPARE(run_cli({"runs", "resume", id}).exit_code, 0);
    QCOMPARE(run_cli({"runs", "stop", id}).exit_code, 0);
    QCOMPARE(store.take_commands(id).size(), 2u);
    for (const char* action : {"checkpoint", "sample"}) QCOMPARE(run_cli({"runs", action, id}).exit_code, 0);
    QCOMPARE(run_cli({"runs", "stop", id, "--discard"}).exit_code, 0);
    const auto commands = store.take_commands(id);
    QCOMPARE(commands.size(), 3u);
    QCOMPARE(Json::parse(commands[2].detail_json), Json({{"discard", true}}));
  }

  void aPausedRunCanBeChanged() {
    Store store(home_->path());
    Json recipe = good_recipe(home_->path());
    recipe["training"] = {{"batch_size", 4}};
    const std::string id = store.create_run("a", "cpu", recipe);
    const FileLock trainer = store.take_lock(id);
    store.set_status(id, RunStatus::running);
    const std::string rate = "training.learning_rate=0.0001";
    QVERIFY(has(run_cli({"runs", "amend", id, "--set", rate}).err, "runs pause " + id));
    store.set_status(id, RunStatus::paused);
    QVERIFY(has(run_cli({"runs", "amend", id}).err, "nothing to change"));
    QVERIFY(has(run_cli({"runs", "amend", id, "--set", "seed=7"}).err, "cannot be changed once a run has begun"));
    QVERIFY(has(run_cli({"runs", "amend", id, "--set", "training.batch_size=5"}).err, "choose one of 1, 2, 4"));
    QVERIFY(store.take_commands(id).empty());
    QCOMPARE(run_cli({"runs", "amend", id, "--set", rate}).exit_code, 0);
    QCOMPARE(Json::parse(store.take_commands(id).at(0).detail_json), Json({{"training.learning_rate", 0.0001}}));
  }

  void theNextCommandCleansUpAfterADeadRun() {
    Store store(home_->path());
    const std::string id = store.create_run("a", "cpu", kRecipe);
    {
      const FileLock gone = store.take_lock(id);
    }
    RunRow row = store.run(id);
    row.status = RunStatus::running;
    row.started = 1;
    store.update_run(row);
    QCOMPARE(json_of(run_cli({"runs", "--json"}))[0]["status"], Json("interrupted"));
  }

  // ---- train, as far as it goes without a trainer
  // -------------------------------------------------------------------------
  void aWrongRecipeListsAllItsProblemsAndMakesNoRun() {
    Json recipe = good_recipe(home_->path());
    recipe["training"]["epochs"] = "many";
    recipe["training"]["batchsize"] = 3;
    const fs::path file = home_->path() / "recipe.json";
    write_json(file, recipe);
    const Output output = run_cli({"train", file.string()});
    QCOMPARE(output.exit_code, 2);
    QVERIFY(output.out.empty());
    QVERIFY2(has(output.err, "training.epochs") && has(output.err, "training.batchsize"), output.err.c_str());
    QVERIFY(Store(home_->path()).runs().empty());
  }

  void missingFilesAreToldTogetherBeforeARunIsMade() {
    Json recipe = good_recipe(home_->path());
    recipe["model"]["path"] = "no-model";
    recipe["data"]["test"] = "no-test.tsv";
    const fs::path file = home_->path() / "recipe.json";
    write_json(file, recipe);
    const Output output = run_cli({"train", file.string(), "--json"});
    QCOMPARE(output.exit_code, 2);
    const std::string message = json_of(output)["error"].dump();
    QVERIFY2(has(message, "model.path") && has(message, "data.test"), message.c_str());
    QVERIFY(Store(home_->path()).runs().empty());
  }

  void aRecipeThatIsNoJsonSaysWhere() {
    const fs::path file = home_->path() / "recipe.json";
    testing::write_text(file, "{\"luthier\": 1,\n oops}");
    const Output output = run_cli({"train", file.string()});
    QCOMPARE(output.exit_code, 2);
    QVERIFY(has(output.err, "recipe.json, line 2"));
  }

  // A run that waits behind another one: its recipe is stored with absolute paths and changes; stopping it in the queue
  // needs no trainer.
  void aDetachedRunQueuesAndCanBeStoppedThere() {
    Store store(home_->path());
    const std::string busy = store.create_run("busy", "cpu", kRecipe);
    const FileLock trainer = store.take_lock(busy);
    store.set_status(busy, RunStatus::running);
    const fs::path file = home_->path() / "recipe.json";
    Json recipe = good_recipe(home_->path());
    recipe["training"]["device"] = "cpu";
    write_json(file, recipe);
    const Output output = run_cli({"train", file.string(), "--set", "training.epochs=2", "--detach"});
    QVERIFY2(output.exit_code == 0, output.err.c_str());
    const std::string id = output.out.substr(0, output.out.find('\n'));
    QVERIFY(store.run(id).status == RunStatus::queued);
    const Json stored = read_json(store.run_folder(id) / "recipe.json");
    QCOMPARE(stored["training"]["epochs"], Json(2));
    QCOMPARE(stored["data"]["train"], Json((home_->path() / "data/train.tsv").string()));
    QCOMPARE(run_cli({"runs", "stop", id}).exit_code, 0);
    for (int i = 0; i < 400 && store.run(id).status == RunStatus::queued; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
    QVERIFY(store.run(id).status == RunStatus::stopped);
    for (int i = 0; i < 400 && store.is_alive(id); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }

  // Two Ctrl+C: the first sends the stop, the second leaves.
  void controlCStopsTheRunItFollows() {
    Store store(home_->path());
    const std::string busy = store.create_run("busy", "cpu", kRecipe);
    const FileLock trainer = store.take_lock(busy);
    store.set_status(busy, RunStatus::running);
    const fs::path file = home_->path() / "recipe.json";
    Json recipe = good_recipe(home_->path());
    recipe["training"]["device"] = "cpu";
    write_json(file, recipe);
    QProcess process;
    process.start(QString::fromStdString(testing::cli_path().string()),
                  {"train", QString::fromStdString(file.string())});
    QVERIFY(process.waitForReadyRead(10'000));
    const std::string id = process.readLine().trimmed().toStdString();
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    QVERIFY(process.waitForFinished(15'000));
    QCOMPARE(process.exitCode(), 1);
    QVERIFY(store.run(id).status == RunStatus::stopped);
    QVERIFY(has(process.readAllStandardOutput().toStdString(), "stopping"));
  }
};

QTEST_GUILESS_MAIN(CliTest)
#include "cli_test.moc"
