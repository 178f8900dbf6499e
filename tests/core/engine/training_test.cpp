// Training in this process, on a tiny task, through the same preparation as any run.
#include <ATen/ops/allclose.h>
#include <ATen/ops/equal.h>

#include <map>
#include <thread>

#include "base/error.h"
#include "engine/run.h"
#include "session.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

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
  void initTestCase() { write_tiny_base(folder_.path()); }

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

  void whatIsChangedInAPauseHoldsFromTheNextStepOn() {
    const Json halves = {{"batch_size", 4}, {"gradient_accumulation", 2}, {"learning_rate", 5e-4}};
    Json begun = recipe({{"max_steps", 6}, {"batch_size", 8}, {"learning_rate", 1e-3}});
    Json changed = begun;
    changed["training"].update(halves);
    Session plain(folder_.path() / "begun-so", changed), amended(folder_.path() / "amended", begun);
    plain.trainer().run();
    const std::string id = amended.id;
    amended.store.send_command(id, "amend", {{"training.learning_rate", 5e-4}});  // not while it trains
    amended.store.send_command(id, "pause", Json::object());
    std::thread other([&] {
      if (!wait_for_status(amended, RunStatus::paused)) return;
      Store store(amended.store.home());
      store.send_command(id, "amend", {{"training.batch_size", 3}});
      store.send_command(id, "amend", {{"seed", 7}});
      store.send_command(id, "amend",
                         {{"training.learning_rate", 5e-4},
                          {"training.batch_size", 4},
                          {"training.evaluate_every", {{"value", 2}, {"unit", "step"}}}});
      store.send_command(id, "resume", Json::object());
    });
    amended.trainer().run();
    other.join();
    std::vector<std::string> kinds;
    for (const EventRow& event : amended.store.events(id))
      if (event.kind == "refused" || event.kind == "amended") kinds.push_back(event.kind);
    QCOMPARE(kinds, (std::vector<std::string>{"refused", "refused", "refused", "amended"}));
    const auto x = weights_of(plain), y = weights_of(amended);
    for (std::size_t i = 0; i < x.size(); ++i) QVERIFY(at::equal(x[i], y[i]));
    QCOMPARE(amended.store.metrics(id, 0, "validation.loss").size(), std::size_t{3});  // after steps 2, 4, 6
    // The run's own recipe says so, and a resume would begin behind the change.
    const Json kept = read_json(amended.store.run_folder(id) / "recipe.json")["training"];
    QCOMPARE(kept["gradient_accumulation"].get<int>(), 2);
    QCOMPARE(kept["learning_rate"].get<double>(), 5e-4);
    QVERIFY(fs::exists(amended.store.run_folder(id) / "checkpoints"));
  }

  void aDiscardedRunKeepsNoCheckpoint() {
    Session session(folder_.path() / "discard", recipe({{"max_steps", 50}}));
    session.store.send_command(session.id, "checkpoint", Json::object());
    session.store.send_command(session.id, "stop", {{"discard", true}});
    const fs::path checkpoints = session.store.run_folder(session.id) / "checkpoints";
    QCOMPARE(session.trainer().run().end, TrainEnd::discarded);
    QVERIFY(!fs::exists(checkpoints));
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
