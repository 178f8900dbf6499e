// Which method is recommended, and why.
#include "recipe/advice.h"

#include "support/testing.h"

using namespace luthier;

namespace {
AdviceFacts facts(std::int64_t rows, std::int64_t parameters) {
  AdviceFacts known;
  known.rows = rows;
  known.parameters = parameters;
  known.label_task = true;
  return known;
}
constexpr std::int64_t kGiga = 1'000'000'000;
}  // namespace

class AdviceTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void saysNothingBeforeRowsAndModelAreKnown() {
    QCOMPARE(advise_method(facts(0, 5'000'000)).reason, AdviceReason::unknown);
    QVERIFY(advise_method(facts(1000, 0)).kind.empty());
  }

  void fewRowsTrainTheHeadAlone() {
    const Advice advice = advise_method(facts(60, 5'000'000));
    QCOMPARE(advice.kind, "feature_extraction");
    QCOMPARE(advice.reason, AdviceReason::few_rows);
    AdviceFacts language = facts(60, 5'000'000);
    language.label_task = false;  // there is no new head that could learn alone
    QCOMPARE(advise_method(language).kind, "full");
  }

  void smallModelsAreTrainedWhole() {
    const Advice advice = advise_method(facts(1152, 1'800'000));
    QCOMPARE(advice.kind, "full");
    QCOMPARE(advice.reason, AdviceReason::small_model);
  }

  void largeModelsGetALora() {
    const Advice advice = advise_method(facts(49'172, 494'000'000));
    QCOMPARE(advice.kind, "lora");
    QCOMPARE(advice.reason, AdviceReason::rows_per_weight);
  }

  void memoryDecidesWhereFullDoesNotFit() {
    AdviceFacts known = facts(5000, 100'000'000);
    known.memory_bytes = 1 * kGiga;
    known.needed_bytes = {{"full", 2 * kGiga}, {"lora", kGiga / 2}, {"feature_extraction", kGiga / 4}};
    QCOMPARE(advise_method(known).kind, "lora");
    QCOMPARE(advise_method(known).reason, AdviceReason::memory);
    known.needed_bytes["lora"] = 3 * kGiga;
    QCOMPARE(advise_method(known).kind, "feature_extraction");
  }

  void freshWeightsAreAllTrained() {
    AdviceFacts known = facts(0, 0);
    known.from_config = true;
    QCOMPARE(advise_method(known).kind, "full");
    QCOMPARE(advise_method(known).reason, AdviceReason::from_scratch);
  }

  void namesWhatKeepsAMethodFromWorking() {
    Recipe recipe;
    recipe.model.from_config = true;
    QCOMPARE(method_obstacle("lora", recipe, nullptr), MethodObstacle::from_scratch);
    QCOMPARE(method_obstacle("full", recipe, nullptr), MethodObstacle::none);
    recipe.model.from_config = false;
    ModelOutline model;
    ParameterOutline head;
    head.name = "lm_head.weight";
    head.in_head = true;
    head.tied_to = "model.embed_tokens.weight";
    model.parameters = {head};
    QCOMPARE(method_obstacle("feature_extraction", recipe, &model), MethodObstacle::tied_head);
    model.parameters[0].tied_to.clear();
    QCOMPARE(method_obstacle("feature_extraction", recipe, &model), MethodObstacle::none);
    QCOMPARE(method_obstacle("lora", recipe, &model), MethodObstacle::none);
  }
};

QTEST_GUILESS_MAIN(AdviceTest)
#include "advice_test.moc"
