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

  void memoryFixesCoverRecomputationMomentsAndFewBits() {
    Json json = json_;
    json["training"]["dropout"] = 0;
    json["training"]["batch_size"] = 1;
    json["data"]["max_tokens"] = 8;
    const RowLengths profile = {{{8, 100}}};
    const auto labels = [&](const Json& changed, double share) {
      const Recipe recipe = recipe_from_json(changed, "/", "test");
      const MemorySetting setting{recipe, model_, profile};
      std::string all;
      for (const PreflightFix& fix :
           memory_fixes(setting, static_cast<std::int64_t>(share * static_cast<double>(estimated_total(setting))))) {
        fixed(changed, fix);
        all += fix.label + "\n";
      }
      return all;
    };
    // With one short row weights and moments are all there is: 8-bit moments take a quarter.
    QVERIFY2(labels(json, 0.75).find("8 bits") != std::string::npos, labels(json, 0.75).c_str());
    json["method"] = {{"kind", "lora"}, {"rank", 4}};
    const std::string lora = labels(json, 0.8);
    QVERIFY2(lora.find("QLoRA") != std::string::npos, lora.c_str());
    QVERIFY(lora.find("Train a LoRA") == std::string::npos);
    // The recipe's own rank stays.
    const Recipe recipe = recipe_from_json(json, "/", "test");
    for (const PreflightFix& fix : memory_fixes({recipe, model_, profile}, 300'000'000))
      if (fix.label.find("QLoRA") != std::string::npos) QCOMPARE(lora_of(fixed(json, fix).method)->rank, 4);
    // Long rows: activations are most of it.
    json = json_;
    json["training"]["batch_size"] = 64;
    json["training"]["dropout"] = 0;
    const Recipe large = recipe_from_json(json, "/", "test");
    const RowLengths longer = lengths();
    bool recomputes = false;
    for (const PreflightFix& fix :
         memory_fixes({large, model_, longer}, estimated_total({large, model_, longer}) * 8 / 10))
      recomputes = recomputes || fix.set.front() == "training.recompute=true";
    QVERIFY(recomputes);
  }

  void whatRecipeAndModelCannotBeIsToldWithAFix() {
    const auto checks = [&](const Json& json, const ModelOutline& model) {
      return recipe_checks(recipe_from_json(json, "/", "test"), model);
    };
    QVERIFY(checks(json_, model_).empty());
    // Virtual tokens and rows share the model's 512 positions.
    Json json = json_;
    json["method"] = {{"kind", "prompt_tuning"}, {"virtual_tokens", 20}};
    json["data"]["max_tokens"] = 500;
    const auto found = checks(json, model_);
    QCOMPARE(found.size(), std::size_t{1});
    QCOMPARE(found[0].id, std::string("virtual_tokens"));
    QCOMPARE(found[0].severity, std::string("error"));
    QCOMPARE(found[0].fixes[0].set.front(), std::string("data.max_tokens=492"));
    for (const PreflightFix& fix : found[0].fixes) QVERIFY(recipe_checks(fixed(json, fix), model_).empty());
    // Random numbers to start from: told, and put right.
    json["data"]["max_tokens"] = 64;
    json["method"]["init"] = "random";
    const auto random = checks(json, model_);
    QCOMPARE(random.size(), std::size_t{1});
    QCOMPARE(random[0].severity, std::string("warning"));
    QVERIFY(random[0].message.find("0.34") != std::string::npos);
    QVERIFY(recipe_checks(fixed(json, random[0].fixes[0]), model_).empty());
    // A method that the family cannot have.
    write_text(folder_.path() / "resnet.json", R"({"model_type": "resnet"})");
    const ModelOutline images = outline_model(folder_.path() / "resnet.json", "image_classification", 2);
    const auto refused = checks(json, images);
    QCOMPARE(refused[0].id, std::string("method"));
    QCOMPARE(refused[0].severity, std::string("error"));
    QVERIFY(recipe_checks(fixed(json, refused[0].fixes[0]), images).empty());
    // A precision that the family's activations exceed.
    write_text(folder_.path() / "t5.json", R"({"model_type": "t5", "d_model": 32, "d_ff": 64, "d_kv": 16,
      "num_layers": 2, "num_heads": 2, "vocab_size": 40})");
    Recipe translation = recipe_from_json(json_, "/", "test");
    translation.objective = Seq2SeqOptions{};
    translation.training.precision = "fp16";
    const auto unsafe = recipe_checks(translation, outline_model(folder_.path() / "t5.json", "seq2seq_lm"));
    QCOMPARE(unsafe.size(), std::size_t{1});
    QCOMPARE(unsafe[0].id, std::string("precision"));
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
