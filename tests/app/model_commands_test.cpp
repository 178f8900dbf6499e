// export, evaluate and predict from the command line: on a run of a tiny task and on model folders.
#include <nlohmann/json.hpp>
#include <sstream>

#include "store/store.h"
#include "support/tiny_task.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

Json json_of(const Output& output) {
  const auto start = output.out.find('{');
  return start == std::string::npos ? Json() : Json::parse(output.out.substr(start), nullptr, false);
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::vector<std::string> lines_of(const fs::path& file) {
  std::vector<std::string> lines;
  std::istringstream content(read_file(file));
  for (std::string line; std::getline(content, line);) lines.push_back(line);
  return lines;
}

}  // namespace

class ModelCommandsTest : public QObject {
  Q_OBJECT

  std::unique_ptr<TemporaryFolder> folder_;
  fs::path at_, exported_;
  std::string run_;

  std::string path(const std::string& name) const { return (at_ / name).string(); }

 private Q_SLOTS:
  void initTestCase() {
    folder_ = std::make_unique<TemporaryFolder>();
    at_ = folder_->path();
    qputenv("LUTHIER_HOME", QByteArray::fromStdString(path("home")));
    qputenv("OMP_NUM_THREADS", "1");
    write_tiny_task(at_, 64, 0.0);
    Json recipe = tiny_recipe(at_);
    recipe["training"]["epochs"] = 3;
    write_text(at_ / "recipe.json", recipe.dump());
    const Output output = run_cli({"train", path("recipe.json"), "--json"});
    QVERIFY2(output.exit_code == 0, output.err.c_str());
    const Store store(path("home"));
    QCOMPARE(store.runs().size(), std::size_t{1});
    run_ = store.runs()[0].id;
  }

  void aRunIsExportedWithItsOwnWeights() {
    exported_ = at_ / "exported";
    const Output output = run_cli({"export", run_, "--to", "huggingface", "--out", exported_.string(), "--json"});
    QVERIFY2(output.exit_code == 0, (output.out + output.err).c_str());
    const Json told = json_of(output);
    QCOMPARE(told.at("proven").get<bool>(), true);
    QCOMPARE(told.at("proof").at("rows").get<int>(), 24);  // the whole test file
    QVERIFY(has(read_file(exported_ / "README.md"), "| Accuracy |"));
    QCOMPARE(read_json(exported_ / "config.json").at("id2label").at("0").get<std::string>(), std::string("fruit"));
    const Store store(path("home"));
    QCOMPARE(store.artefacts(run_).size(), std::size_t{1});
    for (const EventRow& event : store.events(run_))
      QVERIFY(event.kind != "exported");  // the run's history stays as it was
  }

  void theProofJudgesAsTheEvaluationDoes() {
    QVERIFY(fs::exists(exported_));
    const Json tuned = Json::parse(Store(path("home")).run(run_).summary_json).at("tuned");
    const Json recipe = read_json(path("recipe.json"));
    const std::string test = (at_ / recipe.at("data").at("test").get<std::string>()).string();
    const Output named = run_cli({"export", exported_.string(), "--to", "huggingface", "--out", path("named"), "--data",
                                  test, "--roles", recipe.at("data").at("roles").dump(), "--json"});
    QVERIFY2(named.exit_code == 0, (named.out + named.err).c_str());
    for (const Json& proof : {read_json(exported_ / "proof.json"), json_of(named).at("proof")}) {
      const Json& metrics = proof.at("metrics");  // by name
      QCOMPARE(metrics.size(), 2u);
      QCOMPARE(metrics[0].at("name").get<std::string>(), std::string("accuracy"));
      QCOMPARE(metrics[0].at("artefact").get<double>(), tuned.at("accuracy").get<double>());
      QVERIFY(std::abs(metrics[1].at("artefact").get<double>() - tuned.at("loss").get<double>()) < 1e-5);
      QCOMPARE(metrics[0].at("delta").get<double>(), 0.0);
    }
  }

  void aFolderThatReadsImagesIsProvenWithThoseThatAreNamed() {
    const fs::path starter = source_folder() / "resources/starters/classify-images";
    const Output output = run_cli({"export", (starter / "model").string(), "--to", "huggingface", "--data",
                                   (starter / "test").string(), "--max-rows", "4", "--out", path("images"), "--json"});
    QVERIFY2(output.exit_code == 0, (output.out + output.err).c_str());
    QCOMPARE(json_of(output).at("proof").at("rows").get<int>(), 4);
    const Output without =
        run_cli({"export", (starter / "model").string(), "--to", "huggingface", "--out", path("none")});
    QCOMPARE(without.exit_code, 2);
    QVERIFY2(has(without.err, "--data"), without.err.c_str());
  }

  void evaluatingTheExportGivesTheRunsOwnFigures() {
    QVERIFY(fs::exists(exported_));
    const Output output = run_cli({"evaluate", "--model", exported_.string(), "--data", path("test.csv"), "--roles",
                                   R"({"text": "text", "label": "label"})", "--json"});
    QVERIFY2(output.exit_code == 0, output.err.c_str());
    const Json told = json_of(output), tuned = read_json(at_ / "home/runs" / run_ / "evaluation.json").at("tuned");
    QCOMPARE(told.at("rows").get<int>(), 24);
    for (const auto& [name, value] : tuned.at("metrics").items())
      QVERIFY2(std::abs(told.at("metrics").at(name).get<double>() - value.get<double>()) < 1e-5, name.c_str());
    QVERIFY(told.at("detail").at("confusion") == tuned.at("detail").at("confusion"));
    const Output table = run_cli({"evaluate", "--model", exported_.string(), "--data", path("test.csv")});
    QCOMPARE(table.exit_code, 0);
    QVERIFY2(has(table.out, "Accuracy") && has(table.out, "fruit") && has(table.out, "tool"), table.out.c_str());
  }

  void predictingWritesALabelAndProbabilitiesForEveryRow() {
    QVERIFY(fs::exists(exported_));
    write_text(at_ / "new.csv", "text\nmy old apple and a pear\n\"the new hammer, a saw\"\nplum\n");
    const Output csv = run_cli(
        {"predict", "--model", exported_.string(), "--data", path("new.csv"), "--out", path("out.csv"), "--json"});
    QVERIFY2(csv.exit_code == 0, csv.err.c_str());
    QCOMPARE(json_of(csv).at("rows").get<int>(), 3);
    const auto lines = lines_of(at_ / "out.csv");
    QCOMPARE(lines.size(), std::size_t{4});
    QCOMPARE(lines[0], std::string("row,text,label,probability fruit,probability tool"));
    QVERIFY2(has(lines[2], "\"the new hammer, a saw\","), lines[2].c_str());
    QCOMPARE(run_cli({"predict", "--model", exported_.string(), "--data", path("new.csv"), "--out", path("out.jsonl")})
                 .exit_code,
             0);
    const auto objects = lines_of(at_ / "out.jsonl");
    QCOMPARE(objects.size(), std::size_t{3});
    for (std::size_t i = 0; i < 3; ++i) {
      const Json one = Json::parse(objects[i]);
      const double fruit = one.at("probabilities").at("fruit"), tool = one.at("probabilities").at("tool");
      QVERIFY(std::abs(fruit + tool - 1) < 1e-5);
      QCOMPARE(one.at("label").get<std::string>(), std::string(fruit > tool ? "fruit" : "tool"));
      QVERIFY(has(lines[i + 1], one.at("label").get<std::string>()));
    }
  }

  void taggingAnswersEveryWord() {
    fs::copy(fixture("full/bert-token/base"), at_ / "tagger");
    write_text(at_ / "tagger/vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nrome\nis\nold\n");
    write_text(at_ / "words.jsonl", "{\"tokens\": [\"rome\", \"is\", \"old\"]}\n{\"tokens\": [\"old\", \"rome\"]}\n");
    const Output output =
        run_cli({"predict", "--model", path("tagger"), "--data", path("words.jsonl"), "--out", path("tags.jsonl")});
    QVERIFY2(output.exit_code == 0, output.err.c_str());
    const auto lines = lines_of(at_ / "tags.jsonl");
    QCOMPARE(lines.size(), std::size_t{2});
    QCOMPARE(Json::parse(lines[0]).at("tags").size(), std::size_t{3});
    QCOMPARE(Json::parse(lines[1]).at("probabilities")[0].size(), std::size_t{5});
  }

  void aFolderIsExportedAgainWithAnotherPrecision() {
    QVERIFY(fs::exists(exported_));
    const Output output = run_cli(
        {"export", exported_.string(), "--to", "huggingface", "--precision", "bf16", "--out", path("half"), "--json"});
    QVERIFY2(output.exit_code == 0, (output.out + output.err).c_str());
    QCOMPARE(json_of(output).at("proof").at("rows").get<int>(), 24);  // the rows of the first proof
    QCOMPARE(run_cli({"export", "--verify", path("half")}).exit_code, 0);
  }

  void progressComesAsLinesBeforeTheResult() {
    QVERIFY(fs::exists(exported_));
    const Output output = run_cli({"export", "--verify", exported_.string(), "--json", "--progress"});
    QCOMPARE(output.exit_code, 0);
    const QStringList lines = QString::fromStdString(output.out).split('\n', Qt::SkipEmptyParts);
    QVERIFY(lines.size() > 2);
    for (qsizetype i = 0; i + 1 < lines.size(); ++i) {
      const Json progress = Json::parse(lines[i].toStdString()).at("progress");
      QVERIFY(!progress.at("stage").get<std::string>().empty());
      QVERIFY(progress.at("share").get<double>() <= 1);
    }
    QCOMPARE(Json::parse(lines.last().toStdString()).at("proven").get<bool>(), true);
  }

  void wrongWordsAreExplained_data() {
    QTest::addColumn<QStringList>("words");
    QTest::addColumn<QString>("part");
    const QString model = QString::fromStdString(fixture("full/bert-cls/base").string());
    const QString llama = "llama";
    QTest::newRow("no such run") << QStringList{"export", "nobody", "--to", "huggingface", "--out", "x"}
                                 << "neither a run nor a folder";
    QTest::newRow("format") << QStringList{"export", model, "--to", "gguf2", "--out", "x"} << "gguf2";
    QTest::newRow("precision") << QStringList{"export", model, "--to",        "huggingface",
                                              "--out",  "x",   "--precision", "fp8"}
                               << "fp8";
    QTest::newRow("verify nothing") << QStringList{"export", "--verify", "nowhere"} << "no such folder";
    QTest::newRow("no target") << QStringList{"export", model, "--to", "huggingface"} << "--out is missing";
    QTest::newRow("no data") << QStringList{"evaluate", "--model", "tagger"} << "--data is missing";
    QTest::newRow("no model") << QStringList{"predict", "--model", "nowhere", "--data", "new.csv", "--out", "o.csv"}
                              << "no such folder";
    QTest::newRow("roles") << QStringList{"evaluate", "--model", "tagger", "--data", "new.csv", "--roles", "[1]"}
                           << "JSON object";
    QTest::newRow("ending") << QStringList{"predict", "--model", "exported", "--data", "new.csv", "--out", "o.doc"}
                            << ".csv, .tsv or .jsonl";
    QTest::newRow("objective") << QStringList{"evaluate", "--model",     "exported", "--data",
                                              "new.csv",  "--objective", "tagging"}
                               << "classification";
    QTest::newRow("language model") << QStringList{"predict", "--model", llama, "--data", "new.csv", "--out", "o.csv"}
                                    << "luthier-cli generate";
    QTest::newRow("untrained head") << QStringList{"evaluate",       "--model", "masked", "--objective",
                                                   "classification", "--data",  "new.csv"}
                                    << "not on the disk";
  }

  void wrongWordsAreExplained() {
    QFETCH(QStringList, words);
    QFETCH(QString, part);
    if (!fs::exists(at_ / "llama")) {
      fs::copy(fixture("full/llama-lm/base"), at_ / "llama");
      fs::copy(fixture("full/bert-mlm/base"), at_ / "masked");
      for (const char* name : {"llama", "masked"}) fs::copy(at_ / "tagger/vocab.txt", at_ / name / "vocab.txt");
    }
    std::vector<std::string> arguments;
    for (const QString& word : words) {
      const std::string plain = word.toStdString();
      arguments.push_back(fs::exists(at_ / plain) ? path(plain) : plain);
    }
    const Output output = run_cli(arguments);
    QCOMPARE(output.exit_code, 2);
    QVERIFY2(has(output.err, part.toStdString()), output.err.c_str());
  }
};

QTEST_GUILESS_MAIN(ModelCommandsTest)
#include "model_commands_test.moc"
