// Samples of a language model in training: three steps of the project's own small Llama on its own instruction rows.
#include "engine/samples.h"

#include <ATen/ops/equal.h>

#include <nlohmann/json.hpp>

#include "engine/run.h"
#include "support/testing.h"
#include "train/trainer.h"

using namespace luthier;
using namespace luthier::testing;

class SamplesTest : public QObject {
  Q_OBJECT

  Json recipe() const {
    const fs::path starter = source_folder() / "resources/starters/follow-instructions";
    return {{"luthier", 1},
            {"name", "samples"},
            {"objective", {{"kind", "causal_lm"}}},
            {"model", {{"path", (starter / "model").string()}}},
            {"data",
             {{"train", (starter / "train.jsonl").string()},
              {"validation", (starter / "validation.jsonl").string()},
              {"roles", {{"prompt", "prompt"}, {"completion", "completion"}}},
              {"max_rows", 24},
              {"max_tokens", 64}}},
            {"method", {{"kind", "full"}}},
            {"training",
             {{"max_steps", 3},
              {"batch_size", 4},
              {"threads", 1},
              {"device", "cpu"},
              {"keep_best", false},
              {"evaluate_every", {{"value", 2}, {"unit", "step"}}}}},
            {"export", Json::array()}};
  }

 private Q_SLOTS:
  void everyEvaluationAnswersTheSamePrompts() {
    const TemporaryFolder home;
    Store store(home.path());
    const std::string id = store.create_run("samples", "cpu", recipe());
    execute_run(store, id);
    std::vector<Json> details;
    std::vector<std::int64_t> steps;
    for (const EventRow& event : store.events(id))
      if (event.kind == "sample") {
        details.push_back(Json::parse(event.detail_json));
        steps.push_back(event.step);
      }
    // Three prompts for the base model, after step 2 and at the end (step 3).
    QCOMPARE(steps, (std::vector<std::int64_t>{0, 0, 0, 2, 2, 2, 3, 3, 3}));
    for (std::size_t i = 0; i < details.size(); ++i) {
      QCOMPARE(details[i]["index"].get<std::size_t>(), i % 3);
      QCOMPARE(details[i]["prompt"], details[i % 3]["prompt"]);
      QCOMPARE(details[i]["reference"], details[i % 3]["reference"]);
      QCOMPARE(details[i]["model"].get<std::string>(), std::string(i < 3 ? "base" : "training"));
    }
    // The first row of the validation file, as it stands there.
    const std::string rows =
        read_file(source_folder() / "resources/starters/follow-instructions/validation.jsonl", 1u << 20);
    const Json first = Json::parse(rows.substr(0, rows.find('\n')));
    QCOMPARE(details[0]["prompt"], first["prompt"]);
    QCOMPARE(details[0]["reference"], first["completion"]);
  }

  void samplingChangesNoWeight() {
    std::vector<Tensor> first;
    for (const bool with : {true, false}) {
      const TemporaryFolder home;
      Store store(home.path());
      const std::string id = store.create_run("samples", "cpu", recipe());
      RunLog log(store, id);
      Prepared parts = prepare(recipe_from_json(recipe(), "/", "test"), home.path() / "cache", log);
      const Samples samples(parts);
      QCOMPARE(samples.prompts().size(), 3u);
      int calls = 0;
      Trainer trainer({parts.recipe, *parts.model, parts.attached, parts.data, parts.collate, parts.device,
                       parts.precision, store.run_folder(id), log, [&](std::int64_t step) {
                         ++calls;
                         if (with) samples.write(step, "training", log);
                       }});
      if (with) store.send_command(id, "sample", Json::object());  // once more, before the first step
      trainer.run();
      QCOMPARE(calls, with ? 3 : 2);
      std::size_t index = 0;
      for (const auto& [name, tensor] : parts.attached.trainable) {
        if (with)
          first.push_back(tensor.detach().clone());
        else
          QVERIFY2(at::equal(first[index++], tensor), name.c_str());
      }
    }
  }

  void otherObjectivesHaveNone() {
    const fs::path starter = source_folder() / "resources/starters/classify-text";
    Json other = read_json(starter / "recipe.json");
    other["data"]["max_rows"] = 40;
    const TemporaryFolder home;
    Store store(home.path());
    const std::string id = store.create_run("none", "cpu", other);
    RunLog log(store, id);
    Prepared parts = prepare(recipe_from_json(other, starter, "test"), home.path() / "cache", log);
    QVERIFY(Samples(parts).prompts().empty());
  }
};

QTEST_APPLESS_MAIN(SamplesTest)
#include "samples_test.moc"
