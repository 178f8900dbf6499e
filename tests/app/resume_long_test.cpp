// A run that is killed and resumed gives the very same weights, optimizer state and metric rows as one that is not.
#include <map>
#include <thread>

#include "base/error.h"
#include "store/store.h"
#include "support/tiny_task.h"
#include "support/trainer_process.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

constexpr std::int64_t kSteps = 48;

std::string make_run(const fs::path& home, const fs::path& task, const Json& changes = Json::object()) {
  Store store(home);
  Json recipe = tiny_recipe(task);
  recipe["training"]["epochs"] = 1;
  recipe["training"]["max_steps"] = kSteps;
  recipe.merge_patch(changes);
  if (recipe["objective"]["kind"] != "classification") recipe["data"]["roles"].erase("label");
  return store.create_run("resume", "cpu", recipe);
}

/// Two answers to a few words, and one that is good or not.
void write_answers(const fs::path& folder) {
  std::size_t number = 5000;
  for (const auto& [name, rows] : std::vector<std::pair<std::string, std::size_t>>{{"pairs", 64}, {"judged", 16}}) {
    std::string csv = "prompt,chosen,rejected,completion,good\n";
    for (std::size_t i = 0; i < rows; ++i, number += 3)
      csv += tiny_text(number, 0, 3 + i % 4) + "," + tiny_text(number + 1, 0, 3 + i % 3) + "," +
             tiny_text(number + 2, 1, 2 + i % 5) + "," + tiny_text(number + 1, i % 2, 4) + "," +
             (i % 2 ? "false\n" : "true\n");
    write_text(folder / (name + ".csv"), csv);
  }
}

/// The last checkpoint's files by content, and the metric rows that do not measure time.
std::map<std::string, std::string> traces(const fs::path& home, const std::string& id) {
  Store store(home);
  std::map<std::string, std::string> found;
  char name[32];
  std::snprintf(name, sizeof name, "step-%010lld", static_cast<long long>(kSteps));
  const fs::path checkpoint = store.run_folder(id) / "checkpoints" / name;
  for (const char* file : {"trainable.safetensors", "optimizer.safetensors", "state.json"}) {
    const std::string content = read_file(checkpoint / file);
    found[file] = hex(hash_bytes(content.data(), content.size()));
  }
  for (const MetricRow& row : store.metrics(id)) {
    if (row.name.find("per_second") != std::string::npos || row.name.ends_with("memory_bytes") ||
        row.name.rfind("base.", 0) == 0)
      continue;
    char value[64];
    std::snprintf(value, sizeof value, "%a", row.value);
    const std::string key = std::to_string(row.step) + " " + row.name;
    if (found.count(key)) found[key + " twice"] = value;
    found[key] = value;
  }
  return found;
}

std::int64_t last_step(const fs::path& home, const std::string& id) { return Store(home).run(id).step; }

}  // namespace

class ResumeLongTest : public QObject {
  Q_OBJECT
  TemporaryFolder folder_;
  std::map<std::string, std::string> expected_;

  fs::path base() const { return folder_.path() / "base"; }
  fs::path speaker() const { return folder_.path() / "speaker"; }

  /// The model of an earlier run in place of drawn weights.
  static Json tuned(const fs::path& model) { return {{"path", model.string()}, {"from_config", nullptr}}; }

  /// Trains to the end; what it leaves behind.
  std::map<std::string, std::string> whole_run(const fs::path& home, const Json& changes = Json::object()) {
    const std::string id = make_run(home, folder_.path(), changes);
    TrainerProcess whole(home, id);
    if (!whole.finished(240000) || whole.exit_code() != 0) return {};
    return traces(home, id);
  }

  /// A small GPT-2 that has read the task's texts.
  Json speaker_changes() {
    const fs::path drawn = folder_.path() / "drawn-speaker";
    write_text(drawn / "config.json", R"({"model_type": "gpt2", "n_embd": 32, "n_layer": 2, "n_head": 2,
        "vocab_size": 31, "n_positions": 64, "pad_token_id": 0, "bos_token_id": 3, "eos_token_id": 3})");
    fs::copy_file(folder_.path() / "model/vocab.txt", drawn / "vocab.txt");
    return {{"objective", {{"kind", "causal_lm"}, {"loss_on", "all"}}},
            {"model", {{"path", drawn.string()}}},
            {"export", {{{"format", "huggingface"}, {"path", speaker().string()}}}}};
  }

  void finish(const fs::path& home, const std::string& id) { finish(home, id, expected_); }
  void finish(const fs::path& home, const std::string& id, const std::map<std::string, std::string>& expected) {
    TrainerProcess again(home, id);
    QVERIFY(again.finished(240000));
    QCOMPARE(again.exit_code(), 0);
    QCOMPARE(Store(home).run(id).status, RunStatus::success);
    const auto found = traces(home, id);
    for (const auto& [key, value] : expected) {
      QVERIFY2(found.count(key), key.c_str());
      QVERIFY2(found.at(key) == value, key.c_str());
    }
    QCOMPARE(found.size(), expected.size());
  }

 private Q_SLOTS:
  void initTestCase() {
    if (!fs::exists(cli_path())) QSKIP("luthier-cli is not built");
    write_tiny_task(folder_.path(), 96, 0.1);
    write_answers(folder_.path());
    write_text(folder_.path() / "field.txt", [] {
      std::string text;
      for (std::uint64_t i = 0; i < 60; ++i) text += tiny_text(i, i % 2, 8) + "\n";
      return text;
    }());
    expected_ =
        whole_run(folder_.path() / "whole", {{"export", {{{"format", "huggingface"}, {"path", base().string()}}}}});
    QVERIFY(expected_.size() > 3 * kSteps);
    QVERIFY(!whole_run(folder_.path() / "speaking", speaker_changes()).empty());
  }

  void killedAtRandomPoints_data() {
    QTest::addColumn<int>("after_step");
    const auto draw = [](std::uint64_t i) {
      return static_cast<int>(
          2 + Random(static_cast<std::uint64_t>(QDateTime::currentMSecsSinceEpoch()), i).below(kSteps - 6));
    };
    for (std::uint64_t i = 0; i < 3; ++i)
      QTest::addRow("at step %d (draw %d)", draw(i), static_cast<int>(i)) << draw(i);
  }
  void killedAtRandomPoints() {
    QFETCH(int, after_step);
    const fs::path home = folder_.path() / ("killed-" + std::to_string(after_step) + "-" +
                                            std::to_string(QRandomGenerator::global()->generate()));
    const std::string id = make_run(home, folder_.path());
    {
      TrainerProcess first(home, id);
      while (!first.finished(1) && last_step(home, id) < after_step) {
      }
      first.kill();
    }
    finish(home, id);
  }

  void everyKindOfTrainingGoesOnBitForBit_data() {
    QTest::addColumn<QByteArray>("changes");
    const auto row = [](const char* name, const Json& changes) {
      QTest::newRow(name) << QByteArray::fromStdString(changes.dump());
    };
    const auto method = [&](const char* name, const Json& options, Json training = Json::object()) {
      row(name, {{"method", options}, {"training", std::move(training)}, {"model", tuned(base())}});
    };
    method("layer-wise, a block every 9 steps",
           {{"kind", "layerwise"}, {"unfreeze_every", {{"value", 9}, {"unit", "step"}}}});
    // No evaluation improves by 10, so that each lets a block join and each second one lowers the rate.
    method("layer-wise and rate by plateau", {{"kind", "layerwise"}, {"unfreeze", "plateau"}},
           {{"schedule", "plateau"}, {"early_stopping", {{"metric", "loss"}, {"patience", 100}, {"min_delta", 10}}}});
    method("feature extraction", {{"kind", "feature_extraction"}});
    method("adapters", {{"kind", "adapter"}});
    method("lora, its second factor faster", {{"kind", "lora"}, {"rank", 4}, {"dropout", 0.1}, {"rate_ratio", 16}});
    method("dora", {{"kind", "lora"}, {"rank", 4}, {"dropout", 0.1}, {"dora", true}});
    method("qlora", {{"kind", "qlora"}, {"rank", 4}, {"dropout", 0.1}});
    method("ia3", {{"kind", "ia3"}});
    method("prompt tuning", {{"kind", "prompt_tuning"}, {"virtual_tokens", 4}});
    method("prefix tuning", {{"kind", "prefix_tuning"}, {"virtual_tokens", 4}});
    method("moments in 8 bits", {{"kind", "lora"}, {"rank", 128}}, {{"optimizer", "adamw_8bit"}});
    method("near the base", {{"kind", "full"}}, {{"stay_near_base", 0.1}});
    method("averaged weights", {{"kind", "full"}}, {{"average_decay", 0.9}});
    method("recomputed, noise, accumulated", {{"kind", "full"}},
           {{"recompute", true}, {"embedding_noise", 5.0}, {"batch_size", 4}, {"gradient_accumulation", 2}});
    method("a teacher", {{"kind", "full"}}, {{"distillation", {{"teacher", base().string()}}}});
    row("packed rows", {{"objective", {{"kind", "masked_lm"}}}, {"training", {{"batching", "packed"}}}});
    row("plain text before the task", {{"adaptation",
                                        {{"train", (folder_.path() / "field.txt").string()},
                                         {"roles", {{"text", "text"}}},
                                         {"max_steps", 24},
                                         {"batch_size", 8},
                                         {"max_tokens", 16},
                                         {"learning_rate", 1e-3}}}});
    const auto preference = [&](const char* name, const char* loss, const Json& options, const Json& roles) {
      row(name, {{"objective", {{"kind", "preference"}, {"loss", loss}}},
                 {"method", options},
                 {"model", tuned(speaker())},
                 {"data",
                  {{"train", (folder_.path() / "pairs.csv").string()},
                   {"validation", (folder_.path() / "judged.csv").string()},
                   {"test", (folder_.path() / "judged.csv").string()},
                   {"roles", roles}}}});
    };
    preference("pairs of answers", "dpo", {{"kind", "full"}},
               {{"text", nullptr}, {"prompt", "prompt"}, {"chosen", "chosen"}, {"rejected", "rejected"}});
    preference("single answers", "kto", {{"kind", "lora"}, {"rank", 4}, {"dropout", 0.1}},
               {{"text", nullptr}, {"prompt", "prompt"}, {"completion", "completion"}, {"desirable", "good"}});
  }
  void everyKindOfTrainingGoesOnBitForBit() {
    QFETCH(QByteArray, changes);
    const Json edits = Json::parse(changes.toStdString());
    const fs::path whole = folder_.path() / ("whole-" + std::string(QTest::currentDataTag())),
                   killed = folder_.path() / ("killed-" + std::string(QTest::currentDataTag()));
    const auto expected = whole_run(whole, edits);
    QVERIFY(expected.size() > 3 * kSteps);
    const std::string again = make_run(killed, folder_.path(), edits);
    {
      TrainerProcess first(killed, again);
      const auto after_step = static_cast<std::int64_t>(12 + QRandomGenerator::global()->bounded(28));
      while (!first.finished(1) && last_step(killed, again) < after_step) {
      }
      first.kill();
    }
    finish(killed, again, expected);
  }

  void killedWhileACheckpointIsWritten() {
    const fs::path home = folder_.path() / "checkpoint";
    const std::string id = make_run(home, folder_.path());
    const fs::path checkpoints = Store(home).run_folder(id) / "checkpoints";
    bool caught = false;
    {
      TrainerProcess first(home, id);
      while (!caught && last_step(home, id) < kSteps - 2) {
        std::error_code absent;
        for (const auto& entry : fs::directory_iterator(checkpoints, absent))
          caught = caught || (entry.path().filename().string().rfind(".writing-", 0) == 0 && last_step(home, id) > 6);
      }
      first.kill();
    }
    QVERIFY2(caught, "no checkpoint was seen being written");
    finish(home, id);
  }

  void killedInEvaluation() {
    const fs::path home = folder_.path() / "evaluation";
    const std::string id = make_run(home, folder_.path());
    {
      TrainerProcess first(home, id);
      // Step 12 ends with an evaluation, step 15 with a checkpoint: progress past 11 and no event of step 12 yet.
      while (!first.finished(1) && last_step(home, id) < 12) {
      }
      first.kill();
    }
    finish(home, id);
  }
};

QTEST_GUILESS_MAIN(ResumeLongTest)
#include "resume_long_test.moc"
