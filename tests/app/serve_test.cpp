// `luthier-cli serve` as a process: its address, runs and folders, and how it ends. What it answers is compared with
// the other commands on the same models.
#include <httplib.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include "store/store.h"
#include "support/tiny_task.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

/// A started server, killed at the end.
struct Serving {
  QProcess process;
  Json told;
  std::unique_ptr<httplib::Client> client;

  explicit Serving(std::vector<std::string> words) {
    QStringList arguments = {"serve", "--json"};
    for (const std::string& word : words) arguments << QString::fromStdString(word);
    process.start(QString::fromStdString(cli_path().string()), arguments);
    while (!process.canReadLine() && process.state() != QProcess::NotRunning && process.waitForReadyRead(60000)) {
    }
    told = Json::parse(process.readLine().toStdString(), nullptr, false);
    if (!told.is_object() || !told.contains("port")) return;
    client = std::make_unique<httplib::Client>("127.0.0.1", told.at("port").get<int>());
    client->set_read_timeout(120);
  }
  ~Serving() {
    process.kill();
    process.waitForFinished(5000);
  }

  Json post(const std::string& path, const Json& body) {
    const auto result = client->Post(path, body.dump(), "application/json");
    return result ? Json::parse(result->body, nullptr, false) : Json();
  }
  std::string text_of(const Json& body) {
    const Json answer = post("/v1/completions", body);
    return answer.contains("choices") ? answer.at("choices")[0].at("text").get<std::string>() : answer.dump();
  }
};

}  // namespace

class ServeTest : public QObject {
  Q_OBJECT

  std::unique_ptr<TemporaryFolder> folder_;
  fs::path at_;
  std::string run_;

  std::string path(const std::string& name) const { return (at_ / name).string(); }

 private Q_SLOTS:
  void initTestCase() {
    folder_ = std::make_unique<TemporaryFolder>();
    at_ = folder_->path();
    qputenv("LUTHIER_HOME", QByteArray::fromStdString(path("home")));
    qputenv("OMP_NUM_THREADS", "1");
    write_tiny_task(at_, 96, 0.0);
    Json recipe = tiny_recipe(at_);
    recipe["training"]["epochs"] = 6;
    recipe["training"]["keep_best"] = false;  // the first that gets all right is hardly sure of anything
    write_text(at_ / "recipe.json", recipe.dump());
    const Output output = run_cli({"train", path("recipe.json"), "--json"});
    QVERIFY2(output.exit_code == 0, output.err.c_str());
    run_ = Store(path("home")).runs().at(0).id;
  }

  void aRunAnswersWithItsCheckpointBesideItsBase() {
    fs::rename(at_ / "train.csv", at_ / "gone.csv");  // serving a checkpoint needs no data
    Serving serving({run_, "--base"});
    fs::rename(at_ / "gone.csv", at_ / "train.csv");
    QVERIFY2(serving.client, serving.process.readAllStandardError().constData());
    QCOMPARE(serving.told.at("kind").get<std::string>(), std::string("classification"));
    QCOMPARE(serving.told.at("models"), (Json{"base", "tuned"}));
    QCOMPARE(serving.told.at("url").get<std::string>(),
             "http://127.0.0.1:" + std::to_string(serving.told.at("port").get<int>()));
    for (const auto& [text, label] :
         {std::pair{"my old apple and a pear", "fruit"}, std::pair{"the new hammer a saw", "tool"}}) {
      const Json tuned = serving.post("/v1/classify", {{"text", text}});
      QCOMPARE(tuned.at("label").get<std::string>(), std::string(label));
      const Json base = serving.post("/v1/classify", {{"text", text}, {"model", "base"}});
      QVERIFY(base.at("probabilities")[0].at("probability") < tuned.at("probabilities")[0].at("probability"));
    }
  }

  /// The export must give what the checkpoint gives, and what `predict` says about the export.
  void aRunsExportAndItsCheckpointAnswerAlike() {
    const std::string text = "a good plum with my lemon";
    Json from_checkpoint;
    {
      Serving serving({run_});
      QVERIFY(serving.client);
      QCOMPARE(serving.told.at("models"), Json::array({"tuned"}));
      from_checkpoint = serving.post("/v1/classify", {{"text", text}});
    }
    const Output exported = run_cli({"export", run_, "--to", "huggingface", "--out", path("exported")});
    QVERIFY2(exported.exit_code == 0, exported.err.c_str());
    write_text(at_ / "new.csv", "text\n" + text + "\n");
    QCOMPARE(run_cli({"predict", "--model", path("exported"), "--data", path("new.csv"), "--out", path("out.jsonl")})
                 .exit_code,
             0);
    const Json predicted = Json::parse(read_file(at_ / "out.jsonl"));
    for (const std::string& source : {run_, path("exported")}) {  // the run now takes its export
      Serving serving({source});
      QVERIFY(serving.client);
      const Json answer = serving.post("/v1/classify", {{"text", text}});
      for (const Json& entry : answer.at("probabilities")) {
        const std::string label = entry.at("label");
        const double share = entry.at("probability");
        QVERIFY(std::abs(share - predicted.at("probabilities").at(label).get<double>()) < 1e-5);
        for (const Json& other : from_checkpoint.at("probabilities"))
          if (other.at("label") == label) QVERIFY(std::abs(share - other.at("probability").get<double>()) < 1e-5);
      }
    }
  }

  void aLanguageModelContinuesAsGenerateDoes() {
    LUTHIER_NEEDS(folder, "weights/llama/stories260K");
    Serving serving({folder.string()});
    QVERIFY(serving.client);
    QCOMPARE(serving.told.at("kind").get<std::string>(), std::string("causal_lm"));
    for (const std::vector<std::string>& more :
         {std::vector<std::string>{},
          {"--temperature", "1", "--seed", "5", "--top-p", "0.9", "--repetition-penalty", "1.2", "--stop", "."}}) {
      std::vector<std::string> words = {"generate",         "--model", folder.string(), "--prompt", "Once upon a time",
                                        "--max-new-tokens", "60",      "--json"};
      words.insert(words.end(), more.begin(), more.end());
      const Json generated = Json::parse(run_cli(words).out);
      Json body = {{"prompt", "Once upon a time"}, {"max_tokens", 60}, {"temperature", 0}};
      if (!more.empty())
        body.update({{"temperature", 1}, {"seed", 5}, {"top_p", 0.9}, {"repetition_penalty", 1.2}, {"stop", "."}});
      const Json answer = serving.post("/v1/completions", body);
      QCOMPARE(answer.at("choices")[0].at("text"), generated.at("text"));
      QCOMPARE(answer.at("choices")[0].at("finish_reason"), generated.at("finish_reason"));
      QCOMPARE(answer.at("usage").at("completion_tokens").get<std::size_t>(), generated.at("ids").size());
      body["stream"] = true;
      const std::string stream = serving.client->Post("/v1/completions", body.dump(), "application/json")->body;
      std::string streamed;
      for (std::size_t at = 0, end; (end = stream.find("\n\n", at)) != std::string::npos; at = end + 2)
        if (const std::string data = stream.substr(at + 6, end - at - 6); data != "[DONE]")
          streamed += Json::parse(data).at("choices")[0].at("text").get<std::string>();
      QCOMPARE(streamed, generated.at("text").get<std::string>());
    }
  }

  void anAdapterIsServedBesideItsBase() {
    fs::copy(fixture("peft/lora-llama-lm") / "base", at_ / "llama");
    fs::copy(fixture("peft/lora-llama-lm") / "adapter-final", at_ / "adapter");
    Json vocabulary = Json::object();  // a token a character; the model has 96
    for (int i = 0; i < 90; ++i) vocabulary[std::string(1, static_cast<char>('!' + i))] = i;
    write_text(at_ / "llama/tokenizer.json",
               Json{{"version", "1.0"},
                    {"added_tokens", Json::array()},
                    {"normalizer", nullptr},
                    {"pre_tokenizer", nullptr},
                    {"post_processor", nullptr},
                    {"decoder", {{"type", "Fuse"}}},
                    {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", Json::array()}}}}
                   .dump());
    Serving serving({path("llama"), "--adapter", path("adapter"), "--base"});
    QVERIFY2(serving.client, serving.process.readAllStandardError().constData());
    Json body = {{"prompt", "abc"}, {"max_tokens", 20}, {"temperature", 0}};
    const std::string tuned = serving.text_of(body);
    body["model"] = "base";
    const std::string base = serving.text_of(body);
    QVERIFY(tuned != base);
    const auto generated = [&](std::vector<std::string> more) {
      more.insert(more.begin(),
                  {"generate", "--model", path("llama"), "--prompt", "abc", "--max-new-tokens", "20", "--json"});
      return Json::parse(run_cli(more).out).at("text").get<std::string>();
    };
    QCOMPARE(base, generated({}));
    QCOMPARE(tuned, generated({"--adapter", path("adapter")}));
  }

  void endsWithSignalsAndWithItsStarter() {
    for (const int signal : {SIGTERM, SIGINT}) {
      Serving serving({run_});
      QVERIFY(serving.client);
      QCOMPARE(serving.client->Get("/health")->status, 200);
      serving.process.closeWriteChannel();  // not watched
      QVERIFY(!serving.process.waitForFinished(300));
      ::kill(static_cast<pid_t>(serving.process.processId()), signal);
      QVERIFY(serving.process.waitForFinished(10000));
      QCOMPARE(serving.process.exitCode(), 0);
    }
    Serving serving({run_, "--until-stdin-closes"});
    QVERIFY(serving.client);
    serving.process.write("ignored\n");
    QVERIFY(!serving.process.waitForFinished(300));
    serving.process.closeWriteChannel();
    QVERIFY(serving.process.waitForFinished(10000));
    QCOMPARE(serving.process.exitCode(), 0);
  }

  void refusesWhatItCannotServe() {
    const auto fails = [&](const std::vector<std::string>& words, const std::string& part) {
      std::vector<std::string> all = {"serve"};
      all.insert(all.end(), words.begin(), words.end());
      const Output output = run_cli(all, {}, 60);
      return output.exit_code == 2 && output.err.find(part) != std::string::npos;
    };
    QVERIFY(fails({"no-such-run"}, "neither a run nor a folder"));
    QVERIFY(fails({}, "RUN or DIR"));
    QVERIFY(fails({run_, "--port", "70000"}, "--port"));
    QVERIFY(fails({run_, "--adapter", path("exported")}, "--adapter"));
    QVERIFY(fails({path("exported"), "--base"}, "made from"));
    QVERIFY(fails({path("model")}, "safetensors") || fails({path("model")}, "weights"));
    Store store(path("home"));
    const std::string fresh = store.create_run("fresh", "cpu", read_json(at_ / "recipe.json"));
    QVERIFY(fails({fresh}, "no checkpoint"));
  }
};

QTEST_GUILESS_MAIN(ServeTest)
#include "serve_test.moc"
