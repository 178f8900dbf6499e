// Which methods are recommended, in which order, and why; and whether to fine-tune at all.
#include "recipe/advice.h"

#include <nlohmann/json.hpp>
#include <set>

#include "recipe/advice_texts.h"
#include "support/testing.h"

using namespace luthier;
using namespace luthier::testing;

namespace {
AdviceFacts facts(std::int64_t rows, std::int64_t parameters) {
  AdviceFacts known;
  known.rows = rows;
  known.parameters = parameters;
  known.label_task = true;
  return known;
}
constexpr std::int64_t kGiga = 1'000'000'000;

const RankedMethod& ranked(const Advice& advice, const std::string& kind) {
  for (const RankedMethod& method : advice.methods)
    if (method.kind == kind) return method;
  qFatal("no such method");
}

/// bert-base with two labels, from its config alone.
ModelOutline outline(const fs::path& folder, const std::string& head, const Json& config) {
  write_text(folder / "config.json", config.dump());
  return outline_model(folder / "config.json", head, 2);
}
const Json kBert = {{"model_type", "bert"},          {"vocab_size", 30522},       {"hidden_size", 768},
                    {"num_hidden_layers", 12},       {"num_attention_heads", 12}, {"intermediate_size", 3072},
                    {"max_position_embeddings", 512}};
const Json kQwen = {{"model_type", "qwen2"},     {"vocab_size", 151936},       {"hidden_size", 896},
                    {"num_hidden_layers", 24},   {"num_attention_heads", 14},  {"num_key_value_heads", 2},
                    {"intermediate_size", 4864}, {"tie_word_embeddings", true}};
const Json kResNet = {{"model_type", "resnet"}};

Recipe recipe_for(ObjectiveOptions objective) {
  Recipe recipe;
  recipe.objective = std::move(objective);
  return recipe;
}
}  // namespace

class AdviceTest : public QObject {
  Q_OBJECT
  TemporaryFolder folder_;

 private Q_SLOTS:
  void saysNothingBeforeRowsAndModelAreKnown() {
    QCOMPARE(advise(facts(0, 5'000'000)).reason, AdviceReason::unknown);
    QVERIFY(advise(facts(1000, 0)).kind().empty());
  }

  void ranksEveryMethodOnce() {
    for (const std::int64_t parameters : {std::int64_t{5'000'000}, std::int64_t{500'000'000}, 8 * kGiga}) {
      std::set<std::string> kinds;
      for (const RankedMethod& method : advise(facts(1000, parameters)).methods) {
        QVERIFY(kinds.insert(method.kind).second);
        QVERIFY2(!method.remark.text.empty(), method.kind.c_str());
      }
      QCOMPARE(kinds.size(), methods().size());
    }
  }

  void fewRowsTrainTheHeadAlone() {
    const Advice advice = advise(facts(60, 5'000'000));
    QCOMPARE(advice.kind(), "feature_extraction");
    QCOMPARE(advice.reason, AdviceReason::few_rows);
    QCOMPARE(advice.before, Before::nothing);
    AdviceFacts language = facts(60, 5'000'000);
    language.label_task = false;  // there is no new head that could learn alone
    QCOMPARE(advise(language).kind(), "full");
  }

  void fewerThanFiftyRowsBeginWithAPrompt() {
    QCOMPARE(advise(facts(49, 5'000'000)).before, Before::prompt);
    QCOMPARE(advise(facts(50, 5'000'000)).before, Before::nothing);
  }

  void factsThatChangeOrMustBeCitedCallForRetrieval() {
    AdviceFacts known = facts(5000, 500'000'000);
    known.label_task = false;
    known.change = Change::daily;
    QCOMPARE(advise(known).before, Before::retrieval);
    known.change = Change::rarely;
    QCOMPARE(advise(known).before, Before::nothing);
    known.cites = true;
    QCOMPARE(advise(known).before, Before::retrieval);
    known.rows = 10;  // a citation counts before the number of rows
    QCOMPARE(advise(known).before, Before::retrieval);
    AdviceFacts labels = facts(5000, 500'000'000);
    labels.change = Change::daily;  // new texts come in every day, but what a label means stays
    QCOMPARE(advise(labels).before, Before::nothing);
  }

  void smallModelsAreTrainedWholeAndLargeOnesWithLora() {
    QCOMPARE(advise(facts(1152, 1'800'000)).kind(), "full");
    QCOMPARE(advise(facts(1152, 1'800'000)).reason, AdviceReason::small_model);
    QCOMPARE(advise(facts(49'172, 494'000'000)).kind(), "lora");
    QCOMPARE(advise(facts(49'172, 494'000'000)).reason, AdviceReason::rows_per_weight);
    QCOMPARE(advise(facts(49'172, 8 * kGiga)).kind(), "qlora");
    QCOMPARE(advise(facts(49'172, 8 * kGiga)).reason, AdviceReason::very_large);
    AdviceFacts pairs = facts(5000, 5'000'000);
    pairs.label_task = false;
    pairs.preference = true;
    QCOMPARE(advise(pairs).kind(), "lora");
    QCOMPARE(advise(pairs).reason, AdviceReason::reference);
  }

  void memoryDecidesWhereTheFirstDoesNotFit() {
    AdviceFacts known = facts(5000, 100'000'000);
    known.memory_bytes = 1 * kGiga;
    known.costs = {
        {"full", {2 * kGiga}}, {"layerwise", {2 * kGiga}}, {"lora", {kGiga / 2}}, {"feature_extraction", {kGiga / 4}}};
    Advice advice = advise(known);
    QCOMPARE(advice.kind(), "lora");
    QCOMPARE(advice.reason, AdviceReason::memory);
    QVERIFY(!ranked(advice, "full").fits);
    QCOMPARE(ranked(advice, "full").remark.text, std::string(advice_text::does_not_fit));
    // What does not fit stands behind all that does.
    QCOMPARE(advice.methods.back().fits, false);
    for (const char* kind : {"lora", "adapter", "ia3", "qlora", "prompt_tuning", "prefix_tuning"})
      known.costs[kind] = {3 * kGiga};
    QCOMPARE(advise(known).kind(), "feature_extraction");
  }

  void whatCannotBeUsedStandsLast() {
    AdviceFacts known = facts(5000, 500'000'000);
    known.obstacles["lora"] = {"there is no reason", "full"};
    const Advice advice = advise(known);
    QCOMPARE(advice.kind(), "adapter");
    QCOMPARE(advice.methods.back().kind, "lora");
  }

  void freshWeightsAreAllTrained() {
    AdviceFacts known = facts(0, 0);
    known.from_config = true;
    const Advice advice = advise(known);
    QCOMPARE(advice.kind(), "full");
    QCOMPARE(advice.reason, AdviceReason::from_scratch);
    QVERIFY(!ranked(advice, "lora").obstacle.reason.empty());
  }

  void namesWhatKeepsAMethodFromWorking() {
    Recipe recipe;
    recipe.model.from_config = true;
    QCOMPARE(method_obstacle("lora", recipe, nullptr).instead, "full");
    QVERIFY(method_obstacle("full", recipe, nullptr).reason.empty());
    const ModelOutline decoder = outline(folder_.path(), "causal_lm", kQwen);
    const Recipe language = recipe_for(CausalLmOptions{});
    QCOMPARE(method_obstacle("feature_extraction", language, &decoder).reason, std::string(advice_text::tied_head));
    QVERIFY(method_obstacle("qlora", language, &decoder).reason.empty());
    QVERIFY(method_obstacle("prefix_tuning", language, &decoder).reason.empty());
    const Recipe pairs = recipe_for(PreferenceOptions{});
    QVERIFY(!method_obstacle("prompt_tuning", pairs, &decoder).reason.empty());
    const ModelOutline images = outline(folder_.path(), "image_classification", kResNet);
    for (const char* kind : {"adapter", "qlora", "prompt_tuning", "prefix_tuning"}) {
      const Refusal refusal = method_obstacle(kind, Recipe{}, &images);
      QVERIFY2(!refusal.reason.empty(), kind);
      QVERIFY2(method_obstacle(refusal.instead, Recipe{}, &images).reason.empty(), kind);  // what to choose works
    }
  }

  void costsFollowFromTheModel() {
    const ModelOutline bert = outline(folder_.path(), "sequence_classification", kBert);
    const AdviceFacts known = advice_facts(Recipe{}, bert, 1000, 128, 8 * kGiga);
    QCOMPARE(known.costs.size(), methods().size());
    const auto cost = [&](const char* kind) { return known.costs.at(kind); };
    QCOMPARE(cost("full").relative_time, 1.0);
    QVERIFY(cost("lora").relative_time > 0.6 && cost("lora").relative_time < 0.75);
    QVERIFY(cost("feature_extraction").relative_time < 0.4);
    QVERIFY(cost("qlora").relative_time > cost("lora").relative_time);
    QVERIFY(cost("qlora").needed_bytes < cost("lora").needed_bytes);
    QVERIFY(cost("lora").needed_bytes < cost("full").needed_bytes);
    // 20 virtual tokens of 768 channels, the pooler (drawn anew without a checkpoint's weights: not here) and the head.
    QCOMPARE(cost("prompt_tuning").trainable, 20 * 768 + 2 * 768 + 2);
    // Keys and values of 20 tokens in 12 layers.
    QCOMPARE(cost("prefix_tuning").trainable, 20 * 2 * 12 * 768 + 2 * 768 + 2);
    // A bottleneck of 48 channels with biases after each feed-forward.
    QCOMPARE(cost("adapter").trainable, 12 * (2 * 768 * 48 + 48 + 768) + 2 * 768 + 2);
    // Keys, values, the attention's output layer (its name ends alike) and the feed-forward's inner channels.
    QCOMPARE(cost("ia3").trainable, 12 * (768 + 768 + 768 + 3072) + 2 * 768 + 2);
  }

  void firstAnswersGiveAnAdvice_data() {
    QTest::addColumn<int>("purpose");
    QTest::addColumn<int>("change");
    QTest::addColumn<int>("examples");
    QTest::addColumn<bool>("cites");
    QTest::addColumn<QString>("title");
    const int facts = int(Purpose::facts), style = int(Purpose::style), label = int(Purpose::label);
    const int daily = int(Change::daily), monthly = int(Change::monthly), rarely = int(Change::rarely);
    const int few = int(Examples::few), some = int(Examples::some), many = int(Examples::many);
    QTest::newRow("picture") << style << rarely << some << false << "Fine-tune with LoRA";
    QTest::newRow("daily facts") << facts << daily << many << false << "Use retrieval first";
    QTest::newRow("monthly facts") << facts << monthly << many << false << "Use retrieval first";
    QTest::newRow("daily style") << style << daily << many << false << "Use retrieval first";
    QTest::newRow("citations") << label << rarely << many << true << "Use retrieval first";
    QTest::newRow("few") << style << rarely << few << false << "Write a prompt first";
    QTest::newRow("few labels") << label << daily << few << false << "Write a prompt first";
    QTest::newRow("some facts") << facts << rarely << some << false << "Use retrieval first";
    QTest::newRow("a field") << facts << rarely << many << false << "Adapt to the field, then fine-tune";
    QTest::newRow("some labels") << label << rarely << some << false << "Train the head on a frozen model";
    QTest::newRow("many labels") << label << monthly << many << false << "Fine-tune with LoRA";
  }
  void firstAnswersGiveAnAdvice() {
    QFETCH(int, purpose);
    QFETCH(int, change);
    QFETCH(int, examples);
    QFETCH(bool, cites);
    QFETCH(QString, title);
    const FirstAdvice advice = first_advice({Purpose(purpose), Change(change), Examples(examples), cites});
    QCOMPARE(QString::fromStdString(advice.title), title);
    QCOMPARE(advice.method.empty(), advice.before != Before::nothing);
    QVERIFY(!advice.text.empty() && !advice.more.empty());
  }

  void everySentenceIsListedForTranslation() {
    const std::vector<std::string> listed = advice_texts();
    const std::set<std::string> all(listed.begin(), listed.end());
    QCOMPARE(all.size(), listed.size());
    for (const Purpose purpose : {Purpose::facts, Purpose::style, Purpose::label})
      for (const Change change : {Change::daily, Change::monthly, Change::rarely})
        for (const Examples examples : {Examples::few, Examples::some, Examples::many})
          for (const bool cites : {false, true}) {
            const FirstAdvice advice = first_advice({purpose, change, examples, cites});
            QVERIFY(all.count(advice.title) && all.count(advice.text) && all.count(advice.more));
          }
    for (const std::int64_t parameters : {std::int64_t{5'000'000}, std::int64_t{500'000'000}, 8 * kGiga})
      for (const std::int64_t rows : {20, 80, 5000}) {
        const Advice advice = advise(facts(rows, parameters));
        QVERIFY(all.count(advice.why.text));
        for (const RankedMethod& method : advice.methods) QVERIFY(all.count(method.remark.text));
      }
  }
};

QTEST_GUILESS_MAIN(AdviceTest)
#include "advice_test.moc"
