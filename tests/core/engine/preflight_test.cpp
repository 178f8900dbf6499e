// The preflight on a tiny task: figures against what a run really does, checks that fire and fixes that help.
#include "engine/preflight.h"

#include <algorithm>

#include "base/error.h"
#include "engine/preflight_data.h"
#include "support/tiny_task.h"

using namespace luthier;
using namespace luthier::testing;

class PreflightTest : public QObject {
  Q_OBJECT
  TemporaryFolder folder_;

  Json recipe(const Json& changes = Json::object()) {
    Json json = tiny_recipe(folder_.path());
    json["model"] = {{"path", (folder_.path() / "base").string()}};
    json["training"]["threads"] = 1;
    for (const auto& [section, values] : changes.items()) json[section].update(values);
    return json;
  }

  PreflightReport report(const Json& json, std::optional<std::int64_t> memory = {}) {
    PreflightOptions options;
    options.cache_folder = folder_.path() / "cache";
    options.disk_folder = folder_.path();
    options.memory_available_bytes = memory;
    return run_preflight(recipe_from_json(json, "/", "test"), options);
  }

  static PreflightCheck check_of(const PreflightReport& report, const std::string& id) {
    for (const PreflightCheck& check : report.checks)
      if (check.id == id) return check;
    return {"missing", "", "", "missing", "", id};
  }

  static Json applied(Json json, const PreflightFix& fix) {
    for (const std::string& edit : fix.set) set_path(json, edit);
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

  void aSoundTaskIsReady() {
    const PreflightReport found = report(recipe());
    for (const PreflightCheck& check : found.checks)
      QVERIFY2(check.severity == "pass" || check.id == "threads", (check.id + ": " + check.message).c_str());
    for (const char* id : {"memory", "step_time", "disk", "precision", "threads", "cut_rows", "loss_tokens", "classes",
                           "duplicate_rows", "leakage", "first_loss", "gradients", "resume"})
      QCOMPARE(check_of(found, id).id, std::string(id));
    QCOMPARE(found.steps, 48);        // 96 rows in batches of 8, four times
    QCOMPARE(found.evaluations, 8);   // every 6 steps
    QCOMPARE(found.checkpoints, 10);  // every 5 steps and at the end
    QCOMPARE(found.rows, 96);
    QCOMPARE(found.loss_tokens, 96);
    QCOMPARE(found.tokens, found.loss_tokens + found.context_tokens + found.cut_tokens);
    QVERIFY(found.padding_share >= 0 && found.padding_share < 0.5);
    QVERIFY(found.step_seconds > 0 && found.total_seconds > 48 * 0.9 * found.step_seconds);
    QVERIFY(found.measured.total > 0);
    QVERIFY(found.disk_needed_bytes > 0 && found.disk_free_bytes > 0);
    // 2 layers of 32 channels: AdamW keeps two numbers for each weight.
    QVERIFY(std::abs(found.measured.optimizer - 2 * found.measured.weights) < 1000);
    QCOMPARE(found.measured.gradients, found.measured.weights);
    QCOMPARE(found.estimate.weights, found.measured.weights);
  }

  void weightsOnDiskStayAsTheyAre() {
    const std::string before = read_file(folder_.path() / "base/model.safetensors");
    report(recipe());
    QVERIFY(read_file(folder_.path() / "base/model.safetensors") == before);
  }

  void aModelTooLargeIsBlockedBeforeItIsLoaded() {
    const fs::path model = folder_.path() / "huge";
    fs::create_directories(model);
    Json config = read_json(folder_.path() / "model/config.json");
    config.update({{"hidden_size", 65536}, {"num_hidden_layers", 200}, {"intermediate_size", 262144}});
    write_text(model / "config.json", config.dump());
    fs::copy(folder_.path() / "model/vocab.txt", model / "vocab.txt");
    const PreflightReport found = report(recipe({{"model", {{"path", model.string()}, {"from_config", true}}}}));
    QCOMPARE(found.verdict(), std::string("blocked"));
    QCOMPARE(check_of(found, "memory").severity, std::string("error"));
    QCOMPARE(found.measured.total, 0);
    QVERIFY(found.estimate.total > 1'000'000'000'000);
  }

  void aBatchTooLargeIsBlockedAndTheFixHelps() {
    const fs::path model = folder_.path() / "wide";
    fs::copy(folder_.path() / "model", model);
    Json config = read_json(model / "config.json");
    config.update({{"hidden_size", 128}, {"num_hidden_layers", 4}, {"intermediate_size", 512}});
    write_text(model / "config.json", config.dump());
    const Json large =
        recipe({{"model", {{"path", model.string()}, {"from_config", true}}}, {"training", {{"batch_size", 96}}}});
    const PreflightReport free = report(large);
    QVERIFY(free.verdict() != "blocked");
    const std::int64_t limit = free.estimate.total / 2;
    const PreflightReport found = report(large, limit);
    QCOMPARE(found.verdict(), std::string("blocked"));
    QCOMPARE(found.measured.total, 0);
    QCOMPARE(found.steps, 4);  // what needs no dry step is told all the same
    QVERIFY(found.disk_needed_bytes > 0);
    const PreflightCheck memory = check_of(found, "memory");
    QCOMPARE(memory.severity, std::string("error"));
    QVERIFY(memory.message.find("dry step was left out") != std::string::npos);
    QVERIFY(!memory.fixes.empty());
    for (const PreflightFix& fix : memory.fixes) {
      const PreflightReport again = report(applied(large, fix), limit);
      QVERIFY2(again.verdict() != "blocked" && again.measured.total <= limit, fix.label.c_str());
    }
  }

  void cutRowsAreFoundAndTheFixRemovesTheWarning() {
    Json json = recipe({{"data", {{"max_tokens", 8}}}});
    const PreflightReport found = report(json);
    const PreflightCheck cut = check_of(found, "cut_rows");
    QCOMPARE(cut.severity, std::string("warning"));
    QCOMPARE(found.verdict(), std::string("warnings"));
    // Texts have 4 to 12 words and two special tokens: six of nine lengths are above 8.
    QVERIFY(found.cut_rows > 60 && found.cut_rows < 68);
    QVERIFY(found.cut_tokens > found.cut_rows);
    QVERIFY(!cut.fixes.empty());
    QCOMPARE(cut.fixes.front().set.front(), std::string("data.max_tokens=14"));
    const PreflightReport again = report(applied(json, cut.fixes.front()));
    QCOMPARE(check_of(again, "cut_rows").severity, std::string("pass"));
    QCOMPARE(again.cut_tokens, 0);
    QCOMPARE(again.tokens, found.tokens);  // before cutting they are the same
  }

  void everyMethodGetsItsChecks() {
    for (const Json& method : {Json{{"kind", "full"}}, Json{{"kind", "feature_extraction"}},
                               Json{{"kind", "lora"}, {"rank", 4}, {"alpha", 8}}}) {
      Json json = recipe();
      json["method"] = method;
      const PreflightReport found = report(json);
      const PreflightCheck gradients = check_of(found, "gradients");
      QVERIFY2(gradients.severity == "pass", (method.dump() + gradients.message).c_str());
      const bool lora = method["kind"] == "lora";
      QCOMPARE(check_of(found, "fresh_adapter").severity, std::string(lora ? "pass" : "missing"));
    }
  }

  void findingsOfTheDataBecomeChecks() {
    const fs::path folder = folder_.path() / "dirty";
    std::string csv = "text,label\n";
    for (int i = 0; i < 30; ++i)
      csv += tiny_text(static_cast<std::uint64_t>(i), i % 2, 6) + (i % 2 ? ",tool\n" : ",fruit\n");
    csv += tiny_text(0, 0, 6) + ",fruit\n,fruit\nan apple,\n";  // a repeated row, one without text, one without label
    write_text(folder / "train.csv", csv);
    write_text(folder / "validation.csv",
               "text,label\n" + tiny_text(0, 0, 6) + ",fruit\n" + tiny_text(901, 1, 7) + ",tool\n");
    const PreflightReport found = report(
        recipe({{"data",
                 {{"train", (folder / "train.csv").string()}, {"validation", (folder / "validation.csv").string()}}}}));
    QCOMPARE(check_of(found, "duplicate_rows").value, std::string("1"));
    QCOMPARE(check_of(found, "leakage").severity, std::string("warning"));
    QCOMPARE(check_of(found, "empty_text").severity, std::string("warning"));
    QCOMPARE(check_of(found, "missing_label").severity, std::string("warning"));
    QCOMPARE(found.verdict(), std::string("warnings"));
  }

  void whatIsWrongWithDataOrModelBlocks() {
    const PreflightReport one_class = report(recipe({{"data", {{"labels", {"fruit", "vegetable"}}}}}));
    QCOMPARE(one_class.verdict(), std::string("blocked"));
    QVERIFY(!one_class.checks.empty());
    QVERIFY(!one_class.checks.back().message.empty());
    const PreflightReport too_long = report(recipe({{"data", {{"max_tokens", 200}}}}));
    QCOMPARE(too_long.verdict(), std::string("blocked"));
    QCOMPARE(too_long.checks.back().fixes.front().set.front(), std::string("data.max_tokens=64"));
    const PreflightReport device = report(recipe({{"training", {{"device", "cuda:99"}}}}));
    QCOMPARE(device.verdict(), std::string("blocked"));
    QCOMPARE(check_of(device, "precision").fixes.front().set.front(), std::string("training.device=auto"));
    LUTHIER_FAILS(report(recipe({{"data", {{"train", "/no/such/file.csv"}}}})), "/no/such/file.csv");
  }

  void accumulationCountsAllOfAStepsBatches() {
    const Json json = recipe({{"training", {{"batch_size", 4}, {"gradient_accumulation", 4}}}});
    const PreflightReport found = report(json);
    QCOMPARE(found.steps, 24);  // 96 rows, 16 a step, four times
    const Recipe read = recipe_from_json(json, "/", "test");
    const Prepared parts = prepare_data(read, folder_.path() / "cache", {});
    const BatchPlan plan = plan_batches(parts, loader_options(read, parts.data.train));
    QCOMPARE(plan.batches.size(), std::size_t{24});
    QCOMPARE(plan.micro_batches_a_step, 4);
    QVERIFY(std::is_sorted(plan.padded_tokens.begin(), plan.padded_tokens.end()));
  }

  void languageModelsLearnWhereToStop() {
    LUTHIER_NEEDS(model, "weights/llama/stories260K");
    const fs::path folder = folder_.path() / "llama";
    fs::create_directories(folder);
    std::string csv = "prompt,completion\n";
    for (int i = 0; i < 24; ++i)
      csv += "name a " + std::to_string(i) + ",the answer is " + std::to_string(i * 7) + "\n";
    write_text(folder / "pairs.csv", csv);
    Json json = recipe();
    json["objective"] = {{"kind", "causal_lm"}};
    json["model"] = {{"path", model.string()}};
    json["data"] = {{"train", (folder / "pairs.csv").string()},
                    {"roles", {{"prompt", "prompt"}, {"completion", "completion"}}},
                    {"max_tokens", 48}};
    const PreflightReport found = report(json);
    QVERIFY(found.loss_tokens > 0 && found.loss_tokens < found.tokens);
    QCOMPARE(check_of(found, "end_and_padding").id, std::string("end_and_padding"));
    QCOMPARE(check_of(found, "gradients").severity, std::string("pass"));
  }

  void itStopsWhereItIsAskedTo() {
    for (const char* stage : {"reading the data", "loading the model", "taking a dry step"}) {
      PreflightOptions options;
      TemporaryFolder cache;
      options.cache_folder = cache.path();
      options.disk_folder = folder_.path();
      options.progress = [stage](const std::string& name, double) {
        if (name == stage) fail(ErrorKind::cancelled, "stopped");
      };
      LUTHIER_FAILS(run_preflight(recipe_from_json(recipe(), "/", "test"), options), "stopped");
    }
  }
};

QTEST_GUILESS_MAIN(PreflightTest)
#include "preflight_test.moc"
