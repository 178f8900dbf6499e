// Preferences end to end: the public pairs and single answers on the project's own small Llama, split into
// micro-batches in different ways, with the reference switched on or computed before.
#include "eval/preference.h"

#include <ATen/ops/allclose.h>

#include <map>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "engine/prepare.h"
#include "engine/reference.h"
#include "engine/run.h"
#include "support/testing.h"
#include "train/trainer.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

/// Eight pairs of short sentences.
std::string pairs_text() {
  std::string rows;
  for (const char* thing : {"a cat", "the sun", "a tree", "rain", "a song", "the sea", "a book", "bread"})
    rows += Json{{"prompt", std::string("Say something about ") + thing + "."},
                 {"chosen", std::string(" I like ") + thing + " very much."},
                 {"rejected", std::string(" No.")}}
                .dump() +
            "\n";
  return rows;
}

std::string singles_text() {
  std::string rows;
  int number = 0;
  for (const char* thing : {"a cat", "the sun", "a tree", "rain", "a song", "the sea", "a book", "bread"})
    rows += Json{{"prompt", std::string("Say something about ") + thing + "."},
                 {"completion", ++number % 2 ? std::string(" I like ") + thing + " very much." : std::string(" No.")},
                 {"desirable", number % 2 == 1}}
                .dump() +
            "\n";
  return rows;
}

struct Session {
  Session(const fs::path& home, const Json& json)
      : store(home),
        id(store.create_run("test", "cpu", json)),
        log(store, id),
        parts(prepare(recipe_from_json(json, "/", "test"), home / "cache", log)) {
    set_reference(parts, store.run_folder(id), log);
  }
  TrainResult train() {
    return Trainer({parts.recipe, *parts.model, parts.attached, parts.data, parts.collate, parts.device,
                    parts.precision, store.run_folder(id), log})
        .run();
  }
  std::vector<double> metric(const std::string& name) {
    std::vector<double> values;
    for (const MetricRow& row : store.metrics(id, 0, name)) values.push_back(row.value);
    return values;
  }
  Store store;
  std::string id;
  RunLog log;
  Prepared parts;
};

}  // namespace

class PreferenceTest : public QObject {
  Q_OBJECT
  TemporaryFolder folder_;

  Json recipe(const Json& objective, const Json& data, const Json& method, const Json& training) const {
    Json json = {{"luthier", 1},
                 {"name", "preference"},
                 {"objective", {{"kind", "preference"}}},
                 {"model", {{"path", (source_folder() / "resources/starters/follow-instructions/model").string()}}},
                 {"data", {{"max_tokens", 96}}},
                 {"method", method},
                 {"training",
                  {{"max_steps", 6},
                   {"batch_size", 4},
                   {"learning_rate", 1e-3},
                   {"warmup", {{"value", 0}, {"unit", "step"}}},
                   {"schedule", "constant"},
                   {"threads", 1},
                   {"device", "cpu"},
                   {"log_every", 1},
                   {"evaluate_base", false}}},
                 {"export", Json::array()}};
    json["objective"].update(objective);
    json["data"].update(data);
    json["training"].update(training);
    return json;
  }
  Json pairs(const Json& objective, const Json& method, const Json& training = Json::object()) const {
    return recipe(objective,
                  {{"train", (folder_.path() / "pairs.jsonl").string()},
                   {"roles", {{"prompt", "prompt"}, {"chosen", "chosen"}, {"rejected", "rejected"}}}},
                  method, training);
  }
  Json singles(const Json& method, const Json& training = Json::object()) const {
    return recipe({{"loss", "kto"}},
                  {{"train", (folder_.path() / "singles.jsonl").string()},
                   {"roles", {{"prompt", "prompt"}, {"completion", "completion"}, {"desirable", "desirable"}}}},
                  method, training);
  }
  const Json lora_ = {{"kind", "lora"}, {"rank", 4}, {"alpha", 8}};
  const Json full_ = {{"kind", "full"}};

 private Q_SLOTS:
  void initTestCase() {
    write_text(folder_.path() / "pairs.jsonl", pairs_text());
    write_text(folder_.path() / "singles.jsonl", singles_text());
  }

  void everyLossMakesTheBetterAnswerLikelier_data() {
    QTest::addColumn<QString>("loss");
    for (const char* loss : {"dpo", "ipo", "hinge", "simpo", "orpo"}) QTest::newRow(loss) << loss;
  }
  void everyLossMakesTheBetterAnswerLikelier() {
    QFETCH(QString, loss);
    Session session(folder_.path() / ("loss-" + loss.toStdString()), pairs({{"loss", loss.toStdString()}}, lora_));
    session.train();
    const auto losses = session.metric("train.loss"), margins = session.metric("train.reward_margin");
    QCOMPARE(losses.size(), 6u);
    QVERIFY2(losses.back() < losses.front(), qPrintable(QString::number(losses.back())));
    QVERIFY(margins.back() > margins.front());
    // Before the first step the policy is the reference: -log sigmoid(0), 1 / (2 beta)^2, 1.
    const std::map<QString, double> start = {{"dpo", std::log(2.0)}, {"ipo", 25.0}, {"hinge", 1.0}};
    if (start.count(loss)) QVERIFY(std::abs(losses.front() - start.at(loss)) < 1e-4 * start.at(loss));
    if (start.count(loss)) QVERIFY(std::abs(margins.front()) < 1e-5);
  }

  void microBatchesChangeNothing_data() {
    QTest::addColumn<bool>("kto");
    QTest::newRow("pairs") << false;
    QTest::newRow("single answers") << true;
  }
  void microBatchesChangeNothing() {
    QFETCH(bool, kto);
    const auto session = [&](const char* name, std::int64_t batch, std::int64_t pieces) {
      const Json training = {{"batch_size", batch}, {"gradient_accumulation", pieces}, {"max_steps", 3}};
      const Json json = kto ? singles(lora_, training) : pairs({{"loss", "dpo"}}, lora_, training);
      return std::make_unique<Session>(folder_.path() / (std::string(name) + (kto ? "-kto" : "-dpo")), json);
    };
    const auto whole = session("whole", 8, 1), parts = session("parts", 2, 4);
    whole->train();
    parts->train();
    for (const char* name : {"train.loss", "grad_norm", "train.chosen_reward"}) {
      const auto a = whole->metric(name), b = parts->metric(name);
      QCOMPARE(a.size(), 3u);
      for (std::size_t i = 0; i < 3; ++i)
        QVERIFY2(std::abs(a[i] - b[i]) <= 1e-4 * std::abs(a[i]) + 1e-5,
                 qPrintable(QString("%1 step %2: %3 against %4").arg(name).arg(i).arg(a[i]).arg(b[i])));
    }
    QVERIFY(whole->metric("grad_norm").front() > 0);
  }

  void theReferenceIsTheModelBeforeItLearnt() {
    // What adapters switched off say, and what was computed before training, are the same numbers.
    Session adapters(folder_.path() / "switched", pairs({{"loss", "dpo"}}, lora_)),
        weights(folder_.path() / "computed", pairs({{"loss", "dpo"}}, full_));
    adapters.train();
    weights.train();
    QVERIFY(fs::exists(weights.store.run_folder(weights.id) / "reference.safetensors"));
    QVERIFY(!fs::exists(adapters.store.run_folder(adapters.id) / "reference.safetensors"));
    const std::vector<std::int64_t> rows = {0, 1, 2};
    std::vector<Tensor> found;
    for (Session* session : {&adapters, &weights}) {
      LabelledBatch batch = collate(session->parts.data.train, rows, session->parts.collate, 0);
      complete_preferences(*session->parts.model, {&batch, 1}, session->parts.collate);
      found.push_back(batch.reference);
      QVERIFY(!at::allclose(answer_scores(*session->parts.model, batch).sums.detach(), batch.reference, 1e-3, 1e-3));
    }
    QVERIFY(at::allclose(found[0], found[1], 1e-4, 1e-4));
    // A run that goes on finds its table again.
    Prepared again = prepare(weights.parts.recipe, folder_.path() / "cache", weights.log);
    set_reference(again, weights.store.run_folder(weights.id), weights.log);
    QVERIFY(at::allclose(again.collate.reference->tables.at(again.data.train.state.get()),
                         weights.parts.collate.reference->tables.at(weights.parts.data.train.state.get())));
  }

  void publicPairsTrainEndToEnd() {
    LUTHIER_NEEDS(packed, "data/dpo_hh_rlhf_harmless/test.jsonl.gz");
    const Json json = recipe({{"loss", "dpo"}},
                             {{"train", packed.string()},
                              {"roles", {{"chosen", "chosen"}, {"rejected", "rejected"}}},
                              {"max_rows", 48},
                              {"max_tokens", 192},
                              {"validation_share", 0.25}},
                             lora_, {{"max_steps", 4}, {"evaluate_base", true}});
    const TemporaryFolder home;
    Store store(home.path());
    const std::string id = store.create_run("hh", "cpu", json);
    execute_run(store, id);
    QCOMPARE(store.run(id).status, RunStatus::success);
    const Json evaluation = read_json(store.run_folder(id) / "evaluation.json");
    // Before training nothing has gained on anything: every pair is a tie.
    QCOMPARE(evaluation.at("base").at("metrics").at("preference_accuracy").get<double>(), 0.5);
    QVERIFY(std::abs(evaluation.at("base").at("metrics").at("loss").get<double>() - std::log(2.0)) < 1e-4);
    for (const char* name : {"preference_accuracy", "reward_margin", "chosen_reward", "rejected_reward", "loss"})
      QVERIFY2(evaluation.at("tuned").at("metrics").contains(name), name);
  }

  void publicVerdictsTrainEndToEnd() {
    LUTHIER_NEEDS(file, "data/dpo_kto_demo/kto_en_demo.json");
    const Json json = recipe({{"loss", "kto"}},
                             {{"train", file.string()},
                              {"roles", {{"messages", "messages"}, {"desirable", "label"}}},
                              {"max_rows", 40},
                              {"max_tokens", 192},
                              {"validation_share", 0.25}},
                             full_, {{"max_steps", 4}, {"learning_rate", 1e-4}});
    const TemporaryFolder home;
    Store store(home.path());
    const std::string id = store.create_run("kto", "cpu", json);
    execute_run(store, id);
    QCOMPARE(store.run(id).status, RunStatus::success);
    const Json tuned = read_json(store.run_folder(id) / "evaluation.json").at("tuned").at("metrics");
    QVERIFY(tuned.at("loss").get<double>() > 0 && tuned.at("loss").get<double>() < 1);
  }

  void whatCannotBeIsRefused() {
    const auto problem = [&](const Json& json) {
      const auto problems = recipe_problems(json);
      return problems.empty() ? std::string() : problems[0].path + ": " + problems[0].message;
    };
    QCOMPARE(problem(pairs({{"loss", "kto"}}, lora_)),
             std::string("objective.loss: kto learns from single answers that are good or bad, and these are pairs"));
    Json none = pairs({{"loss", "dpo"}}, lora_);
    none["data"]["roles"] = {{"prompt", "prompt"}, {"completion", "chosen"}};
    QVERIFY(problem(none).starts_with("data.roles.desirable: is missing"));
    Json distilled = pairs({{"loss", "dpo"}}, lora_);
    distilled["training"]["distillation"] = {{"teacher", "somewhere"}};
    QVERIFY(problem(distilled).starts_with("training.distillation: needs probabilities"));
    // An encoder has no answers: refused before any data is read.
    Json encoder = pairs({{"loss", "dpo"}}, lora_);
    encoder["model"]["path"] = fixture("full/bert-cls/base").string();
    encoder["data"]["train"] = "/nowhere.jsonl";
    const Recipe read = recipe_from_json(encoder, "/", "test");
    LUTHIER_FAILS(prepare_data(read, folder_.path() / "cache", {}), "have no head for the objective \"preference\"");
  }
};

QTEST_APPLESS_MAIN(PreferenceTest)
#include "preference_test.moc"
