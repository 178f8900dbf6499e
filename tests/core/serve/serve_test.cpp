// The HTTP API in this process, on tiny models with random weights and tokenizers made here. Expected answers come from
// predict() and continue_text() on the same models, which have tests of their own.
#include <httplib.h>

#include <atomic>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/error.h"
#include "serve/server.h"
#include "support/testing.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

constexpr const char* kWords = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\ntrain\n##s\nleave\nat\nseven\nno\nwater\n";

/// Byte-level BPE without merges: every token is one byte, so that most tokens end inside a character where the text
/// has any beyond ASCII.
std::string byte_tokenizer() {
  Json vocabulary = Json::object();
  int next = 0;
  const auto add = [&](int code_point) {
    const std::string text = code_point < 0x80 ? std::string(1, static_cast<char>(code_point))
                                               : std::string{static_cast<char>(0xC0 | code_point >> 6),
                                                             static_cast<char>(0x80 | (code_point & 63))};
    vocabulary[text] = next++;
  };
  // GPT-2's alphabet: printable bytes stand for themselves, the others for the code points from 256 on.
  int moved = 256;
  for (int byte = 0; byte < 256; ++byte)
    add((byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174 ? byte : moved++);
  const Json byte_level = {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}};
  return Json{{"version", "1.0"},
              {"added_tokens", Json::array()},
              {"normalizer", nullptr},
              {"pre_tokenizer", byte_level},
              {"post_processor", nullptr},
              {"decoder", byte_level},
              {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", Json::array()}}}}
      .dump();
}

std::shared_ptr<Model> tiny_llama() {
  const TemporaryFolder folder;
  Json config = read_json(fixture("full/llama-lm") / "base/config.json");
  config["vocab_size"] = 256;
  config["eos_token_id"] = nullptr;
  config["max_position_embeddings"] = 400;
  write_json(folder.path() / "config.json", config);
  LoadOptions options;
  options.head = Head::causal_lm;
  options.from_config = true;
  options.seed = 3;
  return load_model(folder.path(), options);
}

/// A model that takes its time, and counts how often it is asked.
class SlowModel : public Model {
 public:
  explicit SlowModel(std::shared_ptr<Model> model)
      : Model(model->config(), "llama", Head::causal_lm, {}), model_(std::move(model)) {}
  Tensor hidden(const Batch& batch, KeyValueCache* cache) override {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    ++asked;
    return model_->hidden(batch, cache);
  }
  Tensor head(const Tensor& hidden, const Batch& batch) override { return model_->head(hidden, batch); }
  Tensor token_logits(const Tensor& rows) override { return model_->token_logits(rows); }
  Tensor input_embedding() override { return model_->input_embedding(); }
  void set_vocabulary(std::int64_t size) override { model_->set_vocabulary(size); }
  std::vector<std::string> head_modules() const override { return model_->head_modules(); }

  std::atomic<int> asked{0};

 private:
  std::shared_ptr<Model> model_;
};

/// A server on its own thread and a client for it.
struct Running {
  Server server;
  std::thread thread;
  httplib::Client client;

  explicit Running(std::vector<std::unique_ptr<ServedModel>> models)
      : server(std::move(models), 0), thread([this] { server.run(); }), client("127.0.0.1", server.port()) {}
  ~Running() {
    server.stop();
    thread.join();
  }

  std::pair<int, Json> post(const std::string& path, const std::string& body) {
    const auto result = client.Post(path, body, "application/json");
    if (!result) return {0, Json()};
    return {result->status, Json::parse(result->body, nullptr, false)};
  }
  std::pair<int, Json> post(const std::string& path, const Json& body) { return post(path, body.dump()); }
};

std::vector<std::unique_ptr<ServedModel>> list_of(std::vector<ServedModel::Parts> parts) {
  std::vector<std::unique_ptr<ServedModel>> models;
  for (auto& one : parts) models.push_back(std::make_unique<ServedModel>(std::move(one)));
  return models;
}

/// The data of every event of a streamed answer.
std::vector<std::string> events_of(const std::string& body) {
  std::vector<std::string> events;
  std::size_t at = 0;
  while (body.compare(at, 6, "data: ") == 0) {
    const auto end = body.find("\n\n", at);
    if (end == std::string::npos) break;
    events.push_back(body.substr(at + 6, end - at - 6));
    at = end + 2;
  }
  if (at != body.size()) events.push_back("rest: " + body.substr(at));
  return events;
}

bool is_utf8(const std::string& text) {
  try {
    return !Json(text).dump().empty();  // nlohmann's strict mode throws on anything else
  } catch (const Json::exception&) {
    return false;
  }
}

}  // namespace

class ServeTest : public QObject {
  Q_OBJECT

  TemporaryFolder folder_;
  std::shared_ptr<const Tokenizer> words_, bytes_;
  std::shared_ptr<Model> classifier_, llama_;

  ServedModel::Parts part(const std::string& id, const std::shared_ptr<Model>& model, std::int64_t max_tokens = 12) {
    return {id, model, model->head_kind() == Head::causal_lm ? bytes_ : words_, "cpu", max_tokens, {}};
  }
  std::shared_ptr<Model> bert(const std::string& name, Head head) {
    LoadOptions load;
    load.head = head;
    return load_model(fixture(name) / "base", load);
  }

 private Q_SLOTS:
  void initTestCase() {
    write_text(folder_.path() / "words/vocab.txt", kWords);
    words_ = std::make_shared<Tokenizer>(Tokenizer::open(folder_.path() / "words"));
    bytes_ = std::make_shared<Tokenizer>(Tokenizer::from_json(byte_tokenizer(), "bytes"));
    classifier_ = bert("full/bert-cls", Head::sequence_classification);
    llama_ = tiny_llama();
  }

  void tellsWhatItServes() {
    Running running(list_of({part("tuned", llama_), part("base", llama_)}));
    QCOMPARE(running.server.url(), "http://127.0.0.1:" + std::to_string(running.server.port()));
    QCOMPARE(Json::parse(running.client.Get("/health")->body), (Json{{"status", "ok"}}));
    const Json models = Json::parse(running.client.Get("/v1/models")->body);
    QCOMPARE(models.at("object").get<std::string>(), std::string("list"));
    QCOMPARE(models.at("data").size(), std::size_t{2});
    QCOMPARE(models.at("data")[0].at("id").get<std::string>(), std::string("tuned"));
    QCOMPARE(models.at("data")[1].at("object").get<std::string>(), std::string("model"));
  }

  void classifiesAsPredictDoes() {
    Running running(list_of({part("tuned", classifier_)}));
    const std::vector<Question> questions = {{"the trains leave at seven", "", {}}, {"no water", "the train", {}}};
    const auto expected = predict(*classifier_, *words_, questions, 12, 1, "cpu");
    for (std::size_t i = 0; i < questions.size(); ++i) {
      Json body = {{"text", questions[i].text}};
      if (i == 1) body["text_pair"] = questions[i].text_pair;
      const auto [status, answer] = running.post("/v1/classify", body);
      QCOMPARE(status, 200);
      const auto& labels = classifier_->label_names();
      QCOMPARE(answer.at("label").get<std::string>(), labels[static_cast<std::size_t>(expected[i].labels[0])]);
      QCOMPARE(answer.at("tokens").get<std::int64_t>(), expected[i].tokens);
      QCOMPARE(answer.at("truncated").get<bool>(), false);
      QVERIFY(answer.at("milliseconds").get<double>() > 0);
      QCOMPARE(answer.at("probabilities").size(), labels.size());
      double sum = 0, before = 1;
      for (const Json& entry : answer.at("probabilities")) {
        const auto index =
            std::find(labels.begin(), labels.end(), entry.at("label").get<std::string>()) - labels.begin();
        const double share = entry.at("probability");
        QVERIFY(std::abs(share - expected[i].probabilities[0][static_cast<std::size_t>(index)]) < 1e-6);
        QVERIFY(share <= before);
        before = share;
        sum += share;
      }
      QVERIFY(std::abs(sum - 1) < 1e-5);
    }
  }

  void classifiesManyTextsInTheirOrder() {
    Running running(list_of({part("tuned", classifier_)}));
    std::vector<std::string> texts;
    for (int i = 0; i < 70; ++i)
      texts.push_back(i % 3 == 0 ? "no water" : i % 3 == 1 ? "the train leave at seven" : "");
    const auto [status, answer] = running.post("/v1/classify", Json{{"texts", texts}});
    QCOMPARE(status, 200);
    QCOMPARE(answer.at("results").size(), texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const Json alone = running.post("/v1/classify", Json{{"text", texts[i]}}).second;
      QCOMPARE(answer.at("results")[i].at("tokens"), alone.at("tokens"));
      const double difference = answer.at("results")[i].at("probabilities")[0].at("probability").get<double>() -
                                alone.at("probabilities")[0].at("probability").get<double>();
      QVERIFY(std::abs(difference) < 1e-5);
    }
    QCOMPARE(running.post("/v1/classify", Json{{"texts", Json::array()}}).second.at("results"), Json::array());
  }

  void cutsLongTextsAsTrainingDoes() {
    Running running(list_of({part("tuned", classifier_, 6)}));
    const Json longer = running.post("/v1/classify", Json{{"text", "no no no no no no no no"}}).second;
    QCOMPARE(longer.at("truncated").get<bool>(), true);
    QCOMPARE(longer.at("tokens").get<int>(), 6);
    const Json cut = running.post("/v1/classify", Json{{"text", "no no no no"}}).second;
    QCOMPARE(cut.at("truncated").get<bool>(), false);
    QCOMPARE(longer.at("probabilities"), cut.at("probabilities"));
  }

  void labelsWordsAndFillsMasks() {
    Running tagging(list_of({part("tuned", bert("full/bert-token", Head::token_classification))}));
    const auto [status, tags] = tagging.post("/v1/tag", Json{{"text", "the trains  leave"}});
    QCOMPARE(status, 200);
    QCOMPARE(tags.at("words").size(), std::size_t{3});
    QCOMPARE(tags.at("words")[1].at("word").get<std::string>(), std::string("trains"));
    QVERIFY(tags.at("words")[1].at("probability").get<double>() > 0);
    QCOMPARE(tagging.post("/v1/tag", Json{{"words", {"the", "trains", "leave"}}}).second.at("words"), tags.at("words"));
    QVERIFY(tagging.post("/v1/tag", Json{{"words", std::vector<std::string>(40, "no")}})
                .second.at("words")[39]
                .at("label")
                .is_null());

    Running filling(list_of({part("tuned", bert("full/bert-mlm", Head::masked_lm))}));
    const auto [code, filled] =
        filling.post("/v1/fill", Json{{"text", "the [MASK] leave at [MASK]"}, {"candidates", 3}});
    QCOMPARE(code, 200);
    QCOMPARE(filled.at("masks").size(), std::size_t{2});
    const Json& best = filled.at("masks")[0].at("candidates");
    QCOMPARE(best.size(), std::size_t{3});
    QVERIFY(best[0].at("probability").get<double>() >= best[2].at("probability").get<double>());
    QCOMPARE(filling.post("/v1/fill", Json{{"text", "the train"}}).first, 400);
  }

  void continuesTextsAsContinueTextDoes() {
    Running running(list_of({part("tuned", llama_)}));
    ContinueOptions options;
    options.max_new_tokens = 40;
    for (const double temperature : {0.0, 1.0}) {
      options.temperature = temperature;
      options.seed = 7;
      const Continuation expected = continue_text(*llama_, *bytes_, "Grüße", options);
      const auto [status, answer] = running.post(
          "/v1/completions", Json{{"prompt", "Grüße"}, {"max_tokens", 40}, {"temperature", temperature}, {"seed", 7}});
      QCOMPARE(status, 200);
      QCOMPARE(answer.at("choices")[0].at("text").get<std::string>(), expected.text);
      QCOMPARE(answer.at("choices")[0].at("finish_reason").get<std::string>(), std::string("length"));
      QCOMPARE(answer.at("object").get<std::string>(), std::string("text_completion"));
      QCOMPARE(answer.at("usage"),
               (Json{{"prompt_tokens", 7}, {"completion_tokens", 40}, {"total_tokens", 47}}));  // ü and ß: two bytes
    }
  }

  void streamsTheSameTextInWholeCharacters() {
    Running running(list_of({part("tuned", llama_)}));
    Json body = {{"prompt", "Grüße"}, {"max_tokens", 200}, {"temperature", 1}, {"seed", 11}};
    const Json whole = running.post("/v1/completions", body).second;
    body["stream"] = true;
    const auto result = running.client.Post("/v1/completions", body.dump(), "application/json");
    QCOMPARE(result->status, 200);
    QVERIFY(result->get_header_value("Content-Type").starts_with("text/event-stream"));
    const auto events = events_of(result->body);
    QVERIFY(events.size() > 10);
    QCOMPARE(events.back(), std::string("[DONE]"));
    std::string text;
    for (std::size_t i = 0; i + 1 < events.size(); ++i) {
      const Json piece = Json::parse(events[i]);
      const std::string part = piece.at("choices")[0].at("text");
      QVERIFY(is_utf8(part));
      text += part;
      QCOMPARE(piece.at("choices")[0].at("finish_reason").is_null(), i + 2 < events.size());
    }
    QCOMPARE(text, whole.at("choices")[0].at("text").get<std::string>());
    const Json last = Json::parse(events[events.size() - 2]);
    QCOMPARE(last.at("usage"), whole.at("usage"));
    QCOMPARE(last.at("choices")[0].at("finish_reason").get<std::string>(), std::string("length"));
  }

  void stopsBeforeAStopText() {
    Running running(list_of({part("tuned", llama_)}));
    Json body = {{"prompt", "abc"}, {"max_tokens", 120}, {"temperature", 1}, {"seed", 2}};
    const std::string free = running.post("/v1/completions", body).second.at("choices")[0].at("text");
    QVERIFY(free.size() > 40);
    std::size_t at = 20;
    while ((free[at] & 0xC0) == 0x80 || (free[at + 3] & 0xC0) == 0x80) ++at;
    const std::string stop = free.substr(at, 3);
    body["stop"] = {"never there at all", stop};
    const Json cut = running.post("/v1/completions", body).second;
    QCOMPARE(cut.at("choices")[0].at("text").get<std::string>(), free.substr(0, free.find(stop)));
    QCOMPARE(cut.at("choices")[0].at("finish_reason").get<std::string>(), std::string("stop"));
    body["stream"] = true;
    std::string streamed;
    const auto events = events_of(running.client.Post("/v1/completions", body.dump(), "application/json")->body);
    for (std::size_t i = 0; i + 1 < events.size(); ++i)
      streamed += Json::parse(events[i]).at("choices")[0].at("text").get<std::string>();
    QCOMPARE(streamed, free.substr(0, free.find(stop)));
  }

  void neverWritesPastWhatTheModelReads() {
    Running running(list_of({part("tuned", llama_)}));
    const Json answer =
        running
            .post("/v1/completions", Json{{"prompt", std::string(390, 'a')}, {"max_tokens", 5000}, {"temperature", 0}})
            .second;
    QCOMPARE(answer.at("usage").at("completion_tokens").get<int>(), 11);  // 400 positions; the last token is not read
    const auto [status, error] = running.post("/v1/completions", Json{{"prompt", std::string(401, 'a')}});
    QCOMPARE(status, 400);
    QVERIFY(error.at("error").at("message").get<std::string>().find("401 tokens") != std::string::npos);
  }

  void endsWhatItsReaderNoLongerWaitsFor() {
    for (const bool stream : {true, false}) {
      const auto slow = std::make_shared<SlowModel>(llama_);
      Running running(list_of({part("tuned", slow)}));
      const Json body = {{"prompt", "a"}, {"max_tokens", 399}, {"stream", stream}, {"temperature", 1}};
      httplib::Client leaving("127.0.0.1", running.server.port());
      if (stream) {
        httplib::Request request;
        request.method = "POST";
        request.path = "/v1/completions";
        request.body = body.dump();
        request.content_receiver = [](const char*, std::size_t, std::uint64_t, std::uint64_t) {
          return false;  // closes the connection
        };
        QVERIFY(!leaving.send(request));
      } else {
        leaving.set_read_timeout(0, 100000);
        QVERIFY(!leaving.Post("/v1/completions", body.dump(), "application/json"));
      }
      leaving.stop();
      // Waits for the model's turn, which comes long before 399 tokens are written.
      QCOMPARE(running.post("/v1/completions", Json{{"prompt", "a"}, {"max_tokens", 1}}).first, 200);
      QVERIFY2(slow->asked < 200, std::to_string(slow->asked).c_str());
    }
  }

  void stoppingEndsWhatIsUnderWay() {
    const auto answered = std::make_shared<std::atomic<int>>(0);
    const auto slow = std::make_shared<SlowModel>(llama_);
    std::thread asking;
    {
      Running running(list_of({part("tuned", slow)}));
      asking = std::thread([port = running.server.port(), answered] {
        httplib::Client client("127.0.0.1", port);
        client.Post("/v1/completions", Json{{"prompt", "a"}, {"max_tokens", 399}, {"stream", true}}.dump(),
                    "application/json");
        ++*answered;
      });
      while (slow->asked < 3) QTest::qWait(5);
    }
    QVERIFY2(slow->asked < 200, std::to_string(slow->asked).c_str());
    asking.join();
    QCOMPARE(answered->load(), 1);
  }

  void answersManyAtTheSameTime() {
    Running running(list_of({part("tuned", llama_), part("base", llama_)}));
    ContinueOptions options;
    options.max_new_tokens = 12;
    const std::string expected = continue_text(*llama_, *bytes_, "the", options).text;
    std::atomic<int> right{0};
    std::vector<std::thread> asking;
    for (int i = 0; i < 12; ++i)
      asking.emplace_back([&, i] {
        httplib::Client client("127.0.0.1", running.server.port());
        const Json body = {{"prompt", "the"}, {"max_tokens", 12}, {"temperature", 0}, {"model", "tuned"}};
        for (int j = 0; j < 3; ++j) {
          if (i % 4 == 0) {
            right += client.Get("/health")->status == 200;
          } else {
            const auto result = client.Post("/v1/completions", body.dump(), "application/json");
            right += result && Json::parse(result->body).at("choices")[0].at("text") == expected;
          }
        }
      });
    for (std::thread& one : asking) one.join();
    QCOMPARE(right.load(), 36);
  }

  void refusesWrongRequests_data() {
    QTest::addColumn<QString>("path");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("words");
    const auto row = [](const char* name, const char* path, const QByteArray& body, int status, const char* words) {
      QTest::newRow(name) << path << body << status << words;
    };
    row("no JSON", "/v1/completions", "prompt=hello", 400, "body");
    row("empty", "/v1/completions", "", 400, "body");
    row("cut JSON", "/v1/completions", "{\"prompt\": \"a", 400, "body");
    row("broken UTF-8", "/v1/completions", "{\"prompt\": \"\xC3(\"}", 400, "body");
    row("deep", "/v1/completions", QByteArray(5000, '['), 400, "body");
    row("a list", "/v1/completions", R"(["a"])", 400, "must be a JSON object");
    row("no prompt", "/v1/completions", R"({"max_tokens": 3})", 400, "prompt is missing");
    row("prompt is no text", "/v1/completions", R"({"prompt": 3})", 400, "prompt must be a text, not 3");
    row("misspelt", "/v1/completions", R"({"prompt": "a", "temprature": 1})", 400, "did you mean temperature?");
    row("max_tokens", "/v1/completions", R"({"prompt": "a", "max_tokens": 0})", 400, "from 1 to");
    row("fraction", "/v1/completions", R"({"prompt": "a", "max_tokens": 1.5})", 400, "whole number");
    row("huge", "/v1/completions", R"({"prompt": "a", "seed": 18446744073709551615})", 400, "seed must be");
    row("temperature", "/v1/completions", R"({"prompt": "a", "temperature": -1})", 400, "temperature must be");
    row("top_p", "/v1/completions", R"({"prompt": "a", "top_p": 0})", 400, "top_p must be");
    row("stream", "/v1/completions", R"({"prompt": "a", "stream": "yes"})", 400, "true or false");
    row("stop", "/v1/completions", R"({"prompt": "a", "stop": ["x", 1]})", 400, "stop must be");
    row("empty stop", "/v1/completions", R"({"prompt": "a", "stop": ""})", 400, "stop text is empty");
    row("no tokens", "/v1/completions", R"({"prompt": ""})", 400, "prompt is empty");
    row("several answers", "/v1/completions", R"({"prompt": "a", "n": 2})", 400, "n is not supported");
    row("logprobs", "/v1/completions", R"({"prompt": "a", "logprobs": 5})", 400, "logprobs is not supported");
    row("model", "/v1/completions", R"({"prompt": "a", "model": "gpt"})", 404, "no model");
    row("model is no text", "/v1/completions", R"({"prompt": "a", "model": 1})", 400, "model must be a text");
    row("other head", "/v1/classify", R"({"text": "a"})", 400, "use POST /v1/completions");
    row("other key", "/v1/classify", R"({"prompt": "a"})", 400, "there is no option");
    row("no messages", "/v1/chat/completions", R"({"messages": []})", 400, "messages");
    row("path", "/v1/embeddings", R"({"input": "a"})", 404, "nothing to ask here");
  }

  void refusesWrongRequests() {
    QFETCH(QString, path);
    QFETCH(QByteArray, body);
    QFETCH(int, status);
    QFETCH(QString, words);
    Running running(list_of({part("tuned", llama_)}));
    const auto [code, answer] = running.post(path.toStdString(), body.toStdString());
    QCOMPARE(code, status);
    const Json& error = answer.at("error");
    for (const char* key : {"message", "where", "hint", "type"}) QVERIFY(error.at(key).is_string());
    QVERIFY2(answer.dump().find(words.toStdString()) != std::string::npos, answer.dump().c_str());
    QCOMPARE(running.post("/v1/completions", Json{{"prompt", "a"}, {"max_tokens", 1}}).first, 200);
  }

  void takesWhatOtherClientsSendBeside() {
    Running running(list_of({part("tuned", llama_)}));
    const Json body = {{"prompt", "a"},
                       {"max_tokens", 2},
                       {"n", 1},
                       {"user", "me"},
                       {"logprobs", nullptr},
                       {"echo", false},
                       {"suffix", nullptr},
                       {"presence_penalty", 0.0},
                       {"stop", nullptr},
                       {"seed", -5},
                       {"best_of", 1},
                       {"frequency_penalty", 0},
                       {"stream_options", {{"include_usage", true}}}};
    QCOMPARE(running.post("/v1/completions", body).first, 200);
  }

  void refusesLargeBodies() {
    Running running(list_of({part("tuned", classifier_)}));
    const auto [status, answer] = running.post("/v1/classify", Json{{"text", std::string(1 << 20, 'a')}});
    QCOMPARE(status, 413);
    QCOMPARE(answer.at("error").at("type").get<std::string>(), std::string("bad_input"));
    const auto [fits, fine] = running.post("/v1/classify", Json{{"text", std::string(1'000'000, 'a')}});
    QCOMPARE(fits, 200);
    QCOMPARE(running.post("/v1/classify", Json{{"texts", std::vector<std::string>(1025, "a")}}).first, 400);
    QCOMPARE(running.post("/v1/classify", Json{{"texts", {"a"}}, {"text", "a"}}).first, 400);
  }

  void pagesFromElsewhereMayNotAsk() {
    Running running(list_of({part("tuned", classifier_)}));
    const auto status = [&](const httplib::Headers& headers) { return running.client.Get("/health", headers)->status; };
    QCOMPARE(status({{"Host", "evil.example:80"}}), 403);
    QCOMPARE(status({{"Origin", "https://evil.example"}}), 403);
    QCOMPARE(status({{"Origin", "null"}}), 403);
    QCOMPARE(status({{"Origin", "http://localhost:3000"}}), 200);
    QCOMPARE(status({{"Host", "localhost:1"}}), 200);
  }

  void refusesAPortThatIsTaken() {
    Running running(list_of({part("tuned", classifier_)}));
    LUTHIER_FAILS(Server(list_of({part("tuned", classifier_)}), running.server.port()), "cannot be taken");
  }
};

QTEST_GUILESS_MAIN(ServeTest)
#include "serve_test.moc"
