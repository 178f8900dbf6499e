// Training in this process, on a tiny task, through the same preparation as any run.
#include <ATen/ops/allclose.h>
#include <ATen/ops/equal.h>

#include <map>
#include <thread>

#include "base/error.h"
#include "engine/prepare.h"
#include "engine/run.h"
#include "support/tiny_task.h"
#include "train/trainer.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

/// A run in a store of its own, prepared for training in this process.
struct Session {
  Session(const fs::path& home, const Json& json)
      : store(home),
        id(store.create_run("test", "cpu", json)),
        log(store, id),
        parts(prepare(recipe_from_json(json, "/", "test"), home / "cache", log)) {}

  Trainer trainer() {
    return Trainer({parts.recipe, *parts.model, parts.attached, parts.data, parts.collate, parts.device,
                    parts.precision, store.run_folder(id), log});
  }
  Store store;
  std::string id;
  RunLog log;
  Prepared parts;
};

std::vector<Tensor> weights_of(const Session& session) {
  std::vector<Tensor> copies;
  for (const auto& [name, tensor] : session.parts.attached.trainable) copies.push_back(tensor.detach().clone());
  return copies;
}

double last_value(Session& session, const std::string& name) {
  const auto rows = session.store.metrics(session.id, 0, name);
  return rows.empty() ? -1 : rows.back().value;
}

bool wait_for_status(Session& session, RunStatus status) {
  Store watcher(session.store.home());
  for (int i = 0; i < 600; ++i) {
    if (watcher.run(session.id).status == status) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return false;
}

}  // namespace

class TrainingTest : public QObject {
  Q_OBJECT
  TemporaryFolder folder_;

  Json recipe(const Json& training = Json::object()) {
    Json json = tiny_recipe(folder_.path());
    json["training"].update(training);
    return json;
  }

 private Q_SLOTS:
  void initTestCase() {
    write_tiny_task(folder_.path());
    LoadOptions drawn;
    drawn.from_config = true;
    drawn.labels = {"fruit", "tool"};
    fs::create_directories(folder_.path() / "base");
    save_model(*load_model(folder_.path() / "model", drawn), folder_.path() / "base");
    fs::copy(folder_.path() / "model/vocab.txt", folder_.path() / "base/vocab.txt");
  }

  void learnsTheTask() {
    Session session(folder_.path() / "learn", recipe({{"epochs", 12}}));
    const TrainResult result = session.trainer().run();
    QCOMPARE(result.end, TrainEnd::completed);
    QVERIFY2(last_value(session, "validation.accuracy") >= 0.95,
             qPrintable(QString::number(last_value(session, "validation.accuracy"))));
    QVERIFY(last_value(session, "train.loss") < 0.2);
  }

  void everyMethodTrainsItsParametersAndNoOther() {
    for (const Json& method : {Json{{"kind", "full"}}, Json{{"kind", "feature_extraction"}},
                               Json{{"kind", "lora"}, {"rank", 4}, {"alpha", 8}}}) {
      Json json = recipe({{"max_steps", 3}});
      json["method"] = method;
      json["model"] = {{"path", (folder_.path() / "base").string()}};
      Session session(folder_.path() / ("method-" + method["kind"].get<std::string>()), json);
      std::map<std::string, Tensor> before;
      for (const auto& parameter : session.parts.model->named_parameters())
        before[parameter.key()] = parameter.value().detach().clone();
      session.trainer().run();
      std::int64_t changed = 0;
      for (const auto& parameter : session.parts.model->named_parameters()) {
        const bool moved = !at::equal(before.at(parameter.key()), parameter.value().detach());
        QVERIFY2(!moved || parameter.value().requires_grad(), parameter.key().c_str());
        changed += moved;
      }
      QVERIFY2(changed > 0, method.dump().c_str());
    }
  }

  void microBatchesGiveTheGradientOfTheWholeBatch() {
    Json whole = recipe({{"batch_size", 16}, {"max_steps", 4}, {"dropout", 0.0}});
    Json parts = recipe({{"batch_size", 4}, {"gradient_accumulation", 4}, {"max_steps", 4}, {"dropout", 0.0}});
    Session a(folder_.path() / "whole", whole), b(folder_.path() / "micro", parts);
    a.trainer().run();
    b.trainer().run();
    const auto x = weights_of(a), y = weights_of(b);
    for (std::size_t i = 0; i < x.size(); ++i)
      QVERIFY2(at::allclose(x[i], y[i], 1e-4, 1e-5), a.parts.attached.trainable[i].first.c_str());
    for (const auto& row : a.store.metrics(a.id, 0, "grad_norm")) {
      const auto others = b.store.metrics(b.id, 0, "grad_norm");
      const auto& other = others.at(static_cast<std::size_t>(row.step - 1));
      QVERIFY(std::abs(row.value - other.value) <= 1e-4 * row.value);
    }
  }

  void theSameRecipeGivesTheSameNumbers() {
    Session a(folder_.path() / "same-a", recipe({{"max_steps", 6}})),
        b(folder_.path() / "same-b", recipe({{"max_steps", 6}}));
    a.trainer().run();
    b.trainer().run();
    const auto x = weights_of(a), y = weights_of(b);
    for (std::size_t i = 0; i < x.size(); ++i) QVERIFY(at::equal(x[i], y[i]));
  }

  void aPauseChangesNothing() {
    Session plain(folder_.path() / "plain", recipe({{"max_steps", 6}})),
        paused(folder_.path() / "paused", recipe({{"max_steps", 6}}));
    plain.trainer().run();
    paused.store.send_command(paused.id, "pause", Json::object());
    std::thread other([&] {
      if (!wait_for_status(paused, RunStatus::paused)) return;
      Store(paused.store.home()).send_command(paused.id, "resume", Json::object());
    });
    paused.trainer().run();
    other.join();
    const auto events = paused.store.events(paused.id);
    QVERIFY(std::any_of(events.begin(), events.end(), [](const EventRow& event) { return event.kind == "resumed"; }));
    const auto x = weights_of(plain), y = weights_of(paused);
    for (std::size_t i = 0; i < x.size(); ++i) QVERIFY(at::equal(x[i], y[i]));
  }

  void aNonFiniteStepIsNotTakenAndPausesTheRun() {
    Session session(folder_.path() / "broken", recipe({{"learning_rate", 1}, {"max_steps", 8}}));
    {
      const c10::NoGradGuard no_grad;
      session.parts.attached.trainable.front().second.fill_(std::numeric_limits<float>::infinity());
    }
    const auto before = weights_of(session);
    std::thread other([&] {
      if (wait_for_status(session, RunStatus::paused))
        Store(session.store.home()).send_command(session.id, "stop", Json::object());
    });
    const TrainResult result = session.trainer().run();
    other.join();
    QCOMPARE(result.end, TrainEnd::stopped);
    QCOMPARE(result.state.skipped_steps.size(), std::size_t{1});
    const auto after = weights_of(session);
    for (std::size_t i = 1; i < before.size(); ++i) QVERIFY(at::equal(before[i], after[i]));
    QVERIFY(fs::exists(session.store.run_folder(session.id) / "non-finite-step-1.safetensors"));
    const auto events = session.store.events(session.id);
    QVERIFY(
        std::any_of(events.begin(), events.end(), [](const EventRow& event) { return event.kind == "non_finite"; }));
  }

  void stopsEarlyAndEndsWithTheBestWeights() {
    Json json = recipe({{"epochs", 40},
                        {"learning_rate", 2e-3},
                        {"early_stopping", {{"metric", "loss"}, {"patience", 2}}},
                        {"weight_decay", 0.0}});
    json["training"]["learning_rate"] = 2e-2;  // overshoots soon, so that later evaluations are worse
    Session session(folder_.path() / "early", json);
    const TrainResult result = session.trainer().run();
    QCOMPARE(result.end, TrainEnd::early_stopped);
    QVERIFY(result.state.best_step < result.state.step);
    EvaluateOptions options;
    const Evaluation again = evaluate(*session.parts.model, session.parts.data.validation, session.parts.collate,
                                      session.parts.data.label_names, options);
    QVERIFY(std::abs(again.metric("loss") - result.state.best_value) < 1e-5);
  }

  void ofEqualEvaluationsTheSurerIsKept() {
    // Steps so small that no prediction changes, while the loss does.
    Session session(folder_.path() / "tie", recipe({{"max_steps", 6},
                                                    {"learning_rate", 1e-6},
                                                    {"schedule", "constant"},
                                                    {"evaluate_every", {{"value", 1}, {"unit", "step"}}}}));
    const TrainResult result = session.trainer().run();
    session.log.flush();
    const auto accuracies = session.store.metrics(session.id, 0, "validation.accuracy"),
               losses = session.store.metrics(session.id, 0, "validation.loss");
    QCOMPARE(accuracies.size(), std::size_t{6});
    std::size_t best = 0, equal = 0;
    for (std::size_t i = 0; i < accuracies.size(); ++i) {
      if (std::pair(accuracies[i].value, -losses[i].value) > std::pair(accuracies[best].value, -losses[best].value))
        best = i;
      equal += accuracies[i].value == accuracies[0].value;
    }
    QCOMPARE(equal, accuracies.size());
    QVERIFY(losses[0].value != losses[5].value);
    QCOMPARE(result.state.best_step, static_cast<std::int64_t>(best) + 1);
    QCOMPARE(result.state.best_loss, losses[best].value);
    QCOMPARE(result.state.bad_evaluations, 5);  // a tie is nothing to wait for
  }

  void aModelTooLargeForTheMemoryIsRefusedBeforeItIsLoaded() {
    const fs::path model = folder_.path() / "huge";
    fs::copy(folder_.path() / "model", model);
    Json config = read_json(model / "config.json");
    config.update({{"hidden_size", 65536}, {"num_hidden_layers", 200}, {"intermediate_size", 262144}});
    write_text(model / "config.json", config.dump());
    Json json = recipe();
    json["model"]["path"] = model.string();
    LUTHIER_FAILS(Session(folder_.path() / "memory", json), "of memory");
  }

  void aTokenizerOfAnotherModelIsRefused() {
    const fs::path model = folder_.path() / "other";
    fs::copy(folder_.path() / "model", model);
    write_text(model / "vocab.txt", read_file(model / "vocab.txt") + "one\ntwo\n");
    Json json = recipe();
    json["model"]["path"] = model.string();
    LUTHIER_FAILS(Session(folder_.path() / "mismatch", json), "31");
  }

  void rowsLongerThanTheModelReadsAreRefused() {
    Json json = recipe();
    json["data"]["max_tokens"] = 200;
    LUTHIER_FAILS(Session(folder_.path() / "long", json), "data.max_tokens");
  }
};

QTEST_GUILESS_MAIN(TrainingTest)
#include "training_test.moc"
