// What may be changed of a run that has begun.
#include "recipe/amendment.h"

#include <QTest>
#include <nlohmann/json.hpp>

#include "base/error.h"

using namespace luthier;

class AmendmentTest : public QObject {
  Q_OBJECT
  static Recipe recipe() {
    return recipe_from_json(
        {{"luthier", 1},
         {"name", "run"},
         {"objective", {{"kind", "classification"}}},
         {"model", {{"path", "/models/tiny"}}},
         {"data", {{"train", "/data/train.csv"}, {"roles", {{"text", "text"}, {"label", "label"}}}}},
         {"method", {{"kind", "full"}}},
         {"training", {{"batch_size", 6}, {"gradient_accumulation", 2}, {"learning_rate", 1e-3}}}},
        "/", "test");
  }
  static std::string refusal(const Json& changes) {
    try {
      amended(recipe(), changes);
    } catch (const Error& error) {
      return error.message + " | " + error.where + " | " + error.hint;
    }
    return {};
  }

 private Q_SLOTS:
  void rateAndEvaluationsChange() {
    const Recipe changed = amended(
        recipe(), {{"training.learning_rate", 5e-4}, {"training.evaluate_every", {{"value", 20}, {"unit", "step"}}}});
    QCOMPARE(changed.training.learning_rate, 5e-4);
    QVERIFY(changed.training.evaluate_every == (HowOften{20, "step"}));
    QCOMPARE(changed.training.batch_size, std::int64_t{6});
    QCOMPARE(changed.training.gradient_accumulation, std::int64_t{2});
  }

  void aStepKeepsItsRows() {
    QCOMPARE(amendable_batch_sizes(recipe().training), (std::vector<std::int64_t>{1, 2, 3, 4, 6, 12}));
    for (const std::int64_t size : amendable_batch_sizes(recipe().training)) {
      const TrainingOptions changed = amended(recipe(), {{"training.batch_size", size}}).training;
      QCOMPARE(changed.batch_size * changed.gradient_accumulation, std::int64_t{12});
    }
    QVERIFY2(refusal({{"training.batch_size", 5}}).find("choose one of 1, 2, 3, 4, 6, 12") != std::string::npos,
             refusal({{"training.batch_size", 5}}).c_str());
  }

  void whatTheStepsSoFarDependOnIsRefused() {
    for (const char* path : {"training.epochs", "training.gradient_accumulation", "seed", "method.rank", "data.train"})
      QVERIFY2(refusal({{path, 1}}).find("cannot be changed once a run has begun") != std::string::npos, path);
    QVERIFY(!refusal({{"training.learning_rate", -1}}).empty());
    QVERIFY(!refusal({{"training.learning_rate", "fast"}}).empty());
    QVERIFY(!refusal(Json::array({1})).empty());
    QVERIFY(!refusal(Json(Json::value_t::discarded)).empty());
    QVERIFY(refusal(Json::object()).empty());
  }
};

QTEST_APPLESS_MAIN(AmendmentTest)
#include "amendment_test.moc"
