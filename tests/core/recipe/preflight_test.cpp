// Figures and fixes of the preflight that need no model in memory.
#include "recipe/preflight.h"

#include <nlohmann/json.hpp>

#include "support/tiny_task.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

/// bert-base with two labels, from its config alone.
ModelOutline bert_base(const fs::path& folder) {
  Json config = read_json(folder / "model/config.json");
  config.update({{"vocab_size", 30522},
                 {"hidden_size", 768},
                 {"num_hidden_layers", 12},
                 {"intermediate_size", 3072},
                 {"num_attention_heads", 12},
                 {"max_position_embeddings", 512}});
  write_text(folder / "base.json", config.dump());
  return outline_model(folder / "base.json", "sequence_classification", 2);
}

/// 990 rows of 100 tokens, 6 of 300, 4 of 700.
RowLengths lengths() { return {{{100, 990}, {300, 6}, {700, 4}}}; }

/// The recipe's JSON with a fix applied, read again: what a Fix button does.
Recipe fixed(Json json, const PreflightFix& fix) {
  for (const std::string& edit : fix.set) set_path(json, edit);
  return recipe_from_json(json, "/", "fixed");
}

}  // namespace

class PreflightTest : public QObject {
  Q_OBJECT
  TemporaryFolder folder_;
  ModelOutline model_;
  Json json_;

 private Q_SLOTS:
  void initTestCase() {
    write_tiny_task(folder_.path());
    model_ = bert_base(folder_.path());
    json_ = tiny_recipe(folder_.path());
    json_["model"]["from_config"] = false;
    json_["data"]["max_tokens"] = 128;
    json_["training"]["batch_size"] = 32;
  }

  void lengthsAreCountedBeforeCutting() {
    const RowLengths profile = lengths();
    QCOMPARE(profile.rows(), 1000);
    QCOMPARE(profile.tokens(), 990 * 100 + 6 * 300 + 4 * 700);
    QCOMPARE(profile.longest(), 700);
    QCOMPARE(profile.rows_above(128), 10);
    QCOMPARE(profile.rows_above(300), 4);
    QCOMPARE(profile.tokens_above(128), 6 * 172 + 4 * 572);
    QCOMPARE(profile.length_of(0.99), 100);
    QCOMPARE(profile.length_of(0.995), 300);
    QCOMPARE(profile.length_of(1), 700);
    QCOMPARE(RowLengths{}.longest(), 0);
  }

  void everyMemoryFixBringsTheRunBelowTheLimit() {
    const Recipe recipe = recipe_from_json(json_, "/", "test");
    const RowLengths profile = lengths();
    const MemorySetting setting{recipe, model_, profile};
    const std::int64_t needed = estimated_total(setting), limit = needed * 9 / 10;
    const auto fixes = memory_fixes(setting, limit);
    QVERIFY(fixes.size() >= 4);
    for (const PreflightFix& fix : fixes) {
      const Recipe changed = fixed(json_, fix);
      const std::int64_t total = estimated_total({changed, model_, profile});
      QVERIFY2(total <= limit, fix.label.c_str());
      QVERIFY2(fix.label.find(size_text(total)) != std::string::npos,
               fix.label.c_str());  // the label says what it brings
    }
    QCOMPARE(fixes.front().set.front(), std::string("training.batch_size=16"));
    // The same rows go into a step as before.
    QCOMPARE(fixed(json_, fixes.front()).training.gradient_accumulation, 2);
  }

  void whereOneEditIsTooLittleTwoAreJoined() {
    const Recipe recipe = recipe_from_json(json_, "/", "test");
    const RowLengths profile = lengths();
    // Weights and moments of bert-base come to 1.3 GB: no batch is small enough, LoRA is.
    const auto fixes = memory_fixes({recipe, model_, profile}, 800'000'000);
    QVERIFY(!fixes.empty());
    for (const PreflightFix& fix : fixes) QVERIFY2(fix.set.front().rfind("method=", 0) == 0, fix.label.c_str());
    QVERIFY(memory_fixes({recipe, model_, profile}, 100'000'000).empty());  // its weights alone are 440 MB
  }

  void weightsDrawnAnewAreNotFrozenByAFix() {
    Json json = json_;
    json["model"]["from_config"] = true;
    const Recipe recipe = recipe_from_json(json, "/", "test");
    const RowLengths profile = lengths();
    for (const PreflightFix& fix :
         memory_fixes({recipe, model_, profile}, estimated_total({recipe, model_, profile}) / 2)) {
      fixed(json, fix);  // throws where a combination is refused
      QVERIFY2(fix.set.front().rfind("method=", 0) != 0, fix.label.c_str());
    }
  }

  void aBatchThatFitsIsFound() {
    const Recipe recipe = recipe_from_json(json_, "/", "test");
    const RowLengths profile = lengths();
    const MemorySetting setting{recipe, model_, profile};
    QCOMPARE(largest_batch(setting, estimated_total(setting)), 32);
    Recipe larger = recipe;
    larger.training.batch_size = 128;
    QCOMPARE(largest_batch(setting, estimated_total({larger, model_, profile})), 128);
  }

  void theFixForCutRowsRemovesTheWarning() {
    Json json = json_;
    json["data"]["max_tokens"] = 64;
    const Recipe recipe = recipe_from_json(json, "/", "test");
    const RowLengths profile = lengths();
    const PreflightCheck check = cut_rows_check({recipe, model_, profile}, 512);
    QCOMPARE(check.severity, std::string("warning"));
    QCOMPARE(check.value, std::string("1,000 (100%)"));
    QCOMPARE(check.fixes.size(), std::size_t{2});
    QCOMPARE(check.fixes[0].set.front(), std::string("data.max_tokens=100"));  // 99% of the rows
    QCOMPARE(check.fixes[1].set.front(), std::string("data.max_tokens=512"));  // all, as far as the model reads
    for (const PreflightFix& fix : check.fixes) {
      const Recipe changed = fixed(json, fix);
      QCOMPARE(cut_rows_check({changed, model_, profile}, 512).severity, std::string("pass"));
    }
  }

  void fewCutRowsAreToldWithoutAWarning() {
    const Recipe recipe = recipe_from_json(json_, "/", "test");  // cut at 128: 10 of 1000 rows
    const RowLengths profile = lengths();
    const PreflightCheck check = cut_rows_check({recipe, model_, profile}, 128);
    QCOMPARE(check.severity, std::string("pass"));
    QVERIFY(check.fixes.empty());  // the model reads no more
    QVERIFY(check.message.find("128") != std::string::npos);
  }

  void theVerdictFollowsTheWorstCheck() {
    PreflightReport report;
    QCOMPARE(report.verdict(), std::string("ready"));
    report.checks.push_back({"a", "data", "A", "pass", "", ""});
    report.checks.push_back({"b", "data", "B", "warning", "", ""});
    QCOMPARE(report.verdict(), std::string("warnings"));
    report.checks.push_back({"c", "data", "C", "error", "", ""});
    QCOMPARE(report.verdict(), std::string("blocked"));
    QCOMPARE(preflight_to_json(report).at("verdict").get<std::string>(), std::string("blocked"));
  }

  void figuresAreWrittenForPeople() {
    QCOMPARE(size_text(12'860'000'000), std::string("12.9 GB"));
    QCOMPARE(size_text(213'400'000), std::string("213 MB"));
    QCOMPARE(size_text(0), std::string("0 B"));
    QCOMPARE(grouped(49172), std::string("49,172"));
    QCOMPARE(grouped(-1234567), std::string("-1,234,567"));
    QCOMPARE(grouped(12), std::string("12"));
    QCOMPARE(percent_text(0.0213), std::string("2.1%"));
    QCOMPARE(percent_text(0.5), std::string("50%"));
    QCOMPARE(percent_text(0), std::string("0%"));
  }
};

QTEST_APPLESS_MAIN(PreflightTest)
#include "preflight_test.moc"
