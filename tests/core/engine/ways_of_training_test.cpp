// Gradual unfreezing, averaged weights, staying near the base, packed rows and the rate test, on a tiny task through
// the same preparation as any run.
#include <ATen/ops/equal.h>

#include <map>

#include "base/error.h"
#include "engine/rate_test.h"
#include "session.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

double distance(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]).square().sum().item<double>();
  return std::sqrt(sum);
}

std::vector<std::pair<std::int64_t, std::string>> joins(Session& session) {
  session.log.flush();
  std::vector<std::pair<std::int64_t, std::string>> found;
  for (const EventRow& event : session.store.events(session.id))
    if (event.kind == "block_joined") found.emplace_back(event.step, event.message);
  return found;
}

}  // namespace

class WaysOfTrainingTest : public QObject {
  Q_OBJECT
  TemporaryFolder folder_;

  /// From the base with weights of its own.
  Json recipe(const Json& method, const Json& training) {
    Json json = tiny_recipe(folder_.path());
    json["model"] = {{"path", (folder_.path() / "base").string()}};
    json["method"] = method;
    json["training"].update(training);
    return json;
  }
  Json masked(const Json& training) {
    Json json = tiny_recipe(folder_.path());
    json["objective"] = {{"kind", "masked_lm"}};
    json["data"]["roles"] = {{"text", "text"}};
    json["training"].update(training);
    return json;
  }

 private Q_SLOTS:
  void initTestCase() { write_tiny_base(folder_.path()); }

  void blocksJoinAtTheirStepsAndLearnFromThenOn() {
    const Json method = {{"kind", "layerwise"}, {"unfreeze_every", {{"value", 3}, {"unit", "step"}}}};
    for (const std::int64_t steps : {3, 4, 10}) {
      Session session(folder_.path() / ("joins-" + std::to_string(steps)),
                      recipe(method, {{"max_steps", steps}, {"keep_best", false}}));
      const auto before = weights_of(session);
      session.trainer().run();
      const auto after = weights_of(session);
      const Attached& attached = session.parts.attached;
      const std::vector<std::string> names = {"head", "layer.1", "layer.0", "embeddings"};
      QCOMPARE(attached.blocks.size(), names.size());
      for (std::size_t i = 0; i < names.size(); ++i) {
        QCOMPARE(attached.blocks[i].name, names[i]);
        bool moved = false;
        for (const std::size_t one : attached.blocks[i].parameters)
          moved = moved || !at::equal(before[one], after[one]);
        // Block i joins before step 3i, counted from 0.
        QVERIFY2(moved == (steps > static_cast<std::int64_t>(3 * i)), names[i].c_str());
      }
      if (steps != 10) continue;
      const auto told = joins(session);
      QCOMPARE(told.size(), std::size_t{3});
      for (std::size_t i = 0; i < 3; ++i) {
        QCOMPARE(told[i].first, static_cast<std::int64_t>(3 * (i + 1)));
        QVERIFY(told[i].second.find(names[i + 1]) != std::string::npos);
      }
    }
  }

  void theOptimizerKnowsNothingOfWhatHasNotJoined() {
    const Json method = {{"kind", "layerwise"}, {"unfreeze", "given"}, {"starts", {{"layer.0", 100}}}};
    Session session(folder_.path() / "waiting", recipe(method, {{"max_steps", 3}}));
    session.trainer().run();
    nn::AdamW optimizer = make_optimizer(session.parts.recipe.training, session.parts.attached);
    const auto kept = kept_tensors(*session.parts.model, session.parts.attached.trainable);
    QVERIFY(Checkpoints(session.store.run_folder(session.id)).load_latest(kept, optimizer, nullptr));
    std::map<std::string, Tensor> state;
    for (const auto& [name, tensor] : optimizer.state()) state.emplace(name, tensor);
    for (const Block& block : session.parts.attached.blocks)
      for (const std::size_t i : block.parameters) {
        const double moments = state.at("exp_avg_sq." + std::to_string(i)).abs().sum().item<double>();
        if (block.name == "layer.0") QCOMPARE(moments, 0.0);
        if (block.name == "head" && i == block.parameters.front()) QVERIFY(moments > 0);
      }
  }

  void blocksThatWaitForAPlateauJoinOneByOne() {
    // No evaluation improves by 10: each lets a block join, and lowers the rate where it waits for that.
    Session session(folder_.path() / "plateau",
                    recipe({{"kind", "layerwise"}, {"unfreeze", "plateau"}},
                           {{"max_steps", 12},
                            {"schedule", "plateau"},
                            {"plateau_patience", 0},
                            {"warmup", {{"value", 0}, {"unit", "step"}}},
                            {"evaluate_every", {{"value", 2}, {"unit", "step"}}},
                            {"early_stopping", {{"metric", "loss"}, {"patience", 100}, {"min_delta", 10}}}}));
    const TrainResult result = session.trainer().run();
    // The first evaluation, after step 2, is the best so far; those after 4, 6, 8, 10 and 12 do not improve.
    QCOMPARE(result.state.plateau_joins, std::vector<std::int64_t>({4, 6, 8}));
    const auto told = joins(session);
    QCOMPARE(told.size(), std::size_t{3});
    QCOMPARE(told[0].first, std::int64_t{4});
    const auto rates = session.store.metrics(session.id, 0, "learning_rate");
    QCOMPARE(rates.size(), std::size_t{12});
    QCOMPARE(rates[3].value, 2e-3);
    QCOMPARE(rates[4].value, 1e-3);
    QCOMPARE(rates[10].value, 2e-3 / 16);
  }

  void aBlockThatTheModelHasNotIsNamed() {
    Json json = recipe({{"kind", "layerwise"}, {"unfreeze", "given"}, {"starts", {{"layer.7", 1}}}}, Json::object());
    LUTHIER_FAILS(Session(folder_.path() / "unknown", json), "layer.7");
    json["method"]["starts"] = {{"head", 1}, {"layer.1", 1}, {"layer.0", 1}, {"embeddings", 1}};
    LUTHIER_FAILS(Session(folder_.path() / "never", json).trainer().run(), "no block trains");
  }

  void deeperBlocksTakeSmallerSteps() {
    // AdamW's first step moves every weight by the rate, whatever the gradient's size.
    const Json training = {{"max_steps", 1},
                           {"weight_decay", 0.0},
                           {"schedule", "constant"},
                           {"warmup", {{"value", 0}, {"unit", "step"}}}};
    Session session(folder_.path() / "rates",
                    recipe({{"kind", "layerwise"}, {"unfreeze", "none"}, {"rate_decay", 0.5}}, training));
    const auto before = weights_of(session);
    session.trainer().run();
    const auto after = weights_of(session);
    const auto& blocks = session.parts.attached.blocks;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      double largest = 0;
      for (const std::size_t one : blocks[i].parameters)
        largest = std::max(largest, (after[one] - before[one]).abs().max().item<double>());
      const double rate = 2e-3 * std::pow(0.5, static_cast<double>(i));
      QVERIFY2(std::abs(largest - rate) < 0.02 * rate, blocks[i].name.c_str());
    }
  }

  void theAverageIsWhatIsEvaluatedAndKept() {
    const Json training = {
        {"max_steps", 8}, {"average_decay", 0.9}, {"evaluate_every", {{"value", 4}, {"unit", "step"}}}};
    Session session(folder_.path() / "average", recipe({{"kind", "full"}}, training)),
        plain(folder_.path() / "plain", recipe({{"kind", "full"}}, {{"max_steps", 8}, {"keep_best", false}}));
    const auto start = weights_of(session);
    const TrainResult result = session.trainer().run();
    plain.trainer().run();
    const auto averaged = weights_of(session), last = weights_of(plain);
    QVERIFY(distance(averaged, start) > 0);
    QVERIFY(distance(averaged, start) < 0.95 * distance(last, start));  // it lags behind
    const Evaluation again = evaluate(*session.parts.model, session.parts.data.validation, session.parts.collate,
                                      session.parts.data.label_names, {});
    QVERIFY(std::abs(again.metric("loss") - result.state.best_loss) < 1e-6);
    // A checkpoint's weights are the average; those that go on training stand beside them.
    const auto kept = kept_tensors(*session.parts.model, session.parts.attached.trainable);
    QVERIFY(Checkpoints(session.store.run_folder(session.id)).load_weights(kept));
    NamedTensors live;
    for (const auto& [name, tensor] : session.parts.attached.trainable)
      live.emplace_back("training." + name, tensor.detach().clone());
    QVERIFY(Checkpoints(session.store.run_folder(session.id)).load_weights(live));
    for (std::size_t i = 0; i < live.size(); ++i) QVERIFY(at::equal(live[i].second, last[i]));
  }

  void aPullTowardsTheBaseKeepsWeightsNearIt() {
    std::vector<double> distances;
    for (const double alpha : {0.0, 0.1, 10.0}) {
      Session session(folder_.path() / ("near-" + std::to_string(alpha)),
                      recipe({{"kind", "full"}}, {{"max_steps", 30},
                                                  {"stay_near_base", alpha},
                                                  {"weight_decay", 0.0},
                                                  {"schedule", "constant"},
                                                  {"keep_best", false}}));
      const auto start = weights_of(session);
      session.trainer().run();
      distances.push_back(distance(weights_of(session), start));
    }
    QVERIFY2(distances[1] < 0.95 * distances[0] && distances[2] < 0.5 * distances[0],
             qPrintable(QString("%1 %2 %3").arg(distances[0]).arg(distances[1]).arg(distances[2])));
  }

  void packedRowsGiveTheNumbersOfPaddedOnes() {
    const auto run = [&](const char* batching) {
      auto session = std::make_unique<Session>(folder_.path() / ("batching-" + std::string(batching)),
                                               masked({{"max_steps", 6}, {"batching", batching}, {"dropout", 0.0}}));
      session->trainer().run();
      session->log.flush();
      return session;
    };
    const auto packed = run("packed"), padded = run("shuffled");
    for (const char* name : {"train.loss", "grad_norm"}) {
      const auto a = packed->store.metrics(packed->id, 0, name), b = padded->store.metrics(padded->id, 0, name);
      QCOMPARE(a.size(), std::size_t{6});
      for (std::size_t i = 0; i < a.size(); ++i) QVERIFY2(std::abs(a[i].value - b[i].value) < 1e-4 * b[i].value, name);
    }
  }

  void whatCannotBePackedIsRefusedWithTheReason() {
    LUTHIER_FAILS(Session(folder_.path() / "unpacked", recipe({{"kind", "full"}}, {{"batching", "packed"}})),
                  "needs its rows one by one");
  }

  void aRateTestLeavesEverythingAsItWas() {
    Session session(folder_.path() / "rate-test", recipe({{"kind", "full"}}, {{"dropout", 0.0}}));
    const auto before = weights_of(session);
    double last = 0;
    const RateTest test = find_rate(session.parts, {.from = 1e-6, .to = 10, .steps = 60}, [&](double share) {
      QVERIFY(share >= last);
      last = share;
    });
    QCOMPARE(last, 1.0);
    const auto after = weights_of(session);
    for (std::size_t i = 0; i < before.size(); ++i) QVERIFY(at::equal(before[i], after[i]));
    for (const auto& [name, tensor] : session.parts.attached.trainable) QVERIFY(!tensor.grad().defined());
    QVERIFY(test.points.size() > 20);
    QVERIFY(test.suggested());
    QVERIFY2(*test.suggested() > 1e-5 && *test.suggested() < 0.1, qPrintable(QString::number(*test.suggested())));
    // Training with the rate that it suggests learns the task, as it does with the recipe's.
    Json json = recipe({{"kind", "full"}}, {{"epochs", 20}, {"learning_rate", *test.suggested()}});
    Session trained(folder_.path() / "suggested", json);
    trained.trainer().run();
    QVERIFY(last_value(trained, "validation.accuracy") >= 0.9);
  }
};

QTEST_GUILESS_MAIN(WaysOfTrainingTest)
#include "ways_of_training_test.moc"
