// What a run learns from beside its labels: weights of labels, a teacher, plain text read before the task.
#include <ATen/ops/allclose.h>
#include <ATen/ops/equal.h>

#include "base/error.h"
#include "engine/adaptation.h"
#include "engine/prepare.h"
#include "engine/run.h"
#include "eval/label_weights.h"
#include "support/tiny_task.h"
#include "train/trainer.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

struct Session {
  Session(const fs::path& home, const Json& json)
      : store(home),
        id(store.create_run("test", "cpu", json)),
        log(store, id),
        parts(prepare(recipe_from_json(json, "/", "test"), home / "cache", log)) {}
  TrainResult train() {
    return Trainer({parts.recipe,
                    *parts.model,
                    parts.attached,
                    parts.data,
                    parts.collate,
                    parts.device,
                    parts.precision,
                    store.run_folder(id),
                    log,
                    {},
                    parts.base,
                    parts.teacher.get()})
        .run();
  }
  std::vector<double> metric(const std::string& name) {
    std::vector<double> values;
    for (const MetricRow& row : store.metrics(id, 0, name)) values.push_back(row.value);
    return values;
  }
  Store store;
  std::string id;
  RunLog log;
  Prepared parts;
};

}  // namespace

class StagesTest : public QObject {
  Q_OBJECT
  TemporaryFolder folder_;

  Json recipe(const Json& objective = Json::object(), const Json& training = Json::object()) {
    Json json = tiny_recipe(folder_.path());
    if (!objective.is_null()) json["objective"].update(objective);
    if (!training.is_null()) json["training"].update(training);
    json["training"]["log_every"] = 1;
    json["training"]["dropout"] = 0.0;
    json["training"]["evaluate_base"] = false;
    json["export"] = Json::array();
    return json;
  }

  /// The tiny task's words as sentences of plain text.
  void write_texts() {
    std::string text;
    for (std::uint64_t i = 0; i < 60; ++i) text += tiny_text(i, i % 2, 8) + "\n";
    write_text(folder_.path() / "field.txt", text);
  }

  Json adapted_recipe() {
    Json json = recipe({}, {{"epochs", 1}, {"max_steps", 4}});
    json["adaptation"] = {{"train", (folder_.path() / "field.txt").string()},
                          {"roles", {{"text", "text"}}},
                          {"max_steps", 6},
                          {"batch_size", 8},
                          {"max_tokens", 16},
                          {"learning_rate", 1e-3}};
    return json;
  }

 private Q_SLOTS:
  void initTestCase() {
    write_tiny_task(folder_.path(), 96, 0.0);
    write_texts();
  }

  // ---- weights of labels ----------------------------------------------------------------------------------------
  void balancedWeightsAreThoseOfScikitLearn() {
    // 6 rows of "a", 2 of "b": 8 / (2 * 6) and 8 / (2 * 2).
    std::string csv = "text,label\n";
    for (int i = 0; i < 8; ++i) csv += "the apple" + std::string(i % 3 == 0 ? " fig," : ",") + (i < 6 ? "a\n" : "b\n");
    write_text(folder_.path() / "uneven.csv", csv);
    Json json = recipe({{"class_weights", "balanced"}});
    json["data"] = {{"train", (folder_.path() / "uneven.csv").string()},
                    {"max_tokens", 32},
                    {"roles", {{"text", "text"}, {"label", "label"}}}};
    Session session(folder_.path() / "uneven", json);
    QCOMPARE(session.parts.collate.label_weights, (std::vector<float>{8.0f / 12, 2.0f}));
    ClassificationOptions given;
    given.class_weights = "given";
    given.label_weights = {{"b", 5}};
    QCOMPARE(label_weights_of(given, session.parts.data.train, {"a", "b"}), (std::vector<float>{1, 5}));
    given.label_weights = {{"bb", 5}};
    LUTHIER_FAILS(label_weights_of(given, session.parts.data.train, {"a", "bb2"}), "is not a label of the data");
    // torch's weighted mean: 8 rows weigh 6 * 2/3 + 2 * 2 = 8.
    std::vector<std::int64_t> rows = {0, 1, 2, 3, 4, 5, 6, 7};
    const LabelledBatch training = collate(session.parts.data.train, rows, session.parts.collate, 0, true),
                        judged = collate(session.parts.data.train, rows, session.parts.collate, 0, false);
    QVERIFY(std::abs(training.divisor() - 8) < 1e-6);
    QVERIFY(!judged.label_weights.defined());
  }

  void weightsOfLabelsDoNotDependOnMicroBatches() {
    const Json objective = {{"class_weights", "given"}, {"label_weights", {{"tool", 7.0}}}, {"focal_gamma", 2.0}};
    Session whole(folder_.path() / "w-whole", recipe(objective, {{"batch_size", 16}, {"max_steps", 3}})),
        parts(folder_.path() / "w-parts",
              recipe(objective, {{"batch_size", 4}, {"gradient_accumulation", 4}, {"max_steps", 3}}));
    whole.train();
    parts.train();
    for (const char* name : {"train.loss", "grad_norm"}) {
      const auto a = whole.metric(name), b = parts.metric(name);
      QCOMPARE(a.size(), 3u);
      for (std::size_t i = 0; i < 3; ++i) QVERIFY(std::abs(a[i] - b[i]) <= 1e-4 * a[i]);
    }
  }

  // ---- a teacher ------------------------------------------------------------------------------------------------
  void aTeacherIsFollowed() {
    Json json = recipe({}, {{"epochs", 10}});
    json["training"].erase("max_steps");
    Session teacher(folder_.path() / "teacher", json);
    teacher.train();
    const fs::path folder = folder_.path() / "taught";
    save_model(*teacher.parts.model, folder);
    teacher.parts.tokenizer->save(folder);

    const Json distillation = {{"teacher", folder.string()}, {"temperature", 2.0}, {"weight", 1.0}};
    // Drawn weights learn next to nothing from anything in their first 30 steps at the task's own rate.
    Session student(folder_.path() / "student",
                    recipe({}, {{"max_steps", 60}, {"learning_rate", 5e-3}, {"distillation", distillation}}));
    QVERIFY(student.parts.teacher && !student.parts.teacher->is_training());
    student.train();
    const auto divergence = student.metric("train.distillation_loss");
    QCOMPARE(divergence.size(), 60u);
    QVERIFY2(divergence.back() < 0.5 * divergence.front(),
             qPrintable(QString("%1 then %2").arg(divergence.front()).arg(divergence.back())));
    // With the teacher alone, its divergence is the loss.
    QVERIFY(std::abs(student.metric("train.loss").front() - divergence.front()) < 1e-5);
  }

  void anotherTeacherIsRefused() {
    const auto fails = [&](const std::string& teacher, const char* name) {
      const Json distillation = {{"teacher", teacher}};
      Session session(folder_.path() / name, recipe({}, {{"distillation", distillation}}));
    };
    LUTHIER_FAILS(fails(fixture("full/bert-cls/base").string(), "other-labels"), "the teacher's labels are");
    LUTHIER_FAILS(fails((folder_.path() / "nowhere").string(), "no-teacher"), "there is no teacher in");
    // The right labels, but nothing that says which tokens its ids stand for.
    LoadOptions drawn;
    drawn.from_config = true;
    drawn.labels = {"fruit", "tool"};
    save_model(*load_model(folder_.path() / "model", drawn), folder_.path() / "mute");
    LUTHIER_FAILS(fails((folder_.path() / "mute").string(), "no-tokenizer"), "the teacher's tokenizer cannot be read");
  }

  // ---- plain text before the task -------------------------------------------------------------------------------
  void plainTextIsReadBeforeTheTask() {
    const TemporaryFolder home;
    Store store(home.path());
    const std::string id = store.create_run("adapted", "cpu", adapted_recipe());
    execute_run(store, id);
    QCOMPARE(store.run(id).status, RunStatus::success);
    const fs::path adapted = store.run_folder(id) / "adapted";
    QVERIFY(fs::exists(adapted / "model.safetensors") && fs::exists(adapted / "vocab.txt"));
    QVERIFY(!fs::exists(store.run_folder(id) / "adaptation"));
    // Each stage has its own steps under its own names.
    std::vector<std::int64_t> before, task;
    for (const MetricRow& row : store.metrics(id, 0, "adaptation.train.loss")) before.push_back(row.step);
    for (const MetricRow& row : store.metrics(id, 0, "train.loss")) task.push_back(row.step);
    QCOMPARE(before, (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6}));
    QCOMPARE(task, (std::vector<std::int64_t>{1, 2, 3, 4}));
    // The task's encoder starts from the adapted one.
    const Recipe recipe = task_recipe(read_recipe(store.run_folder(id) / "recipe.json"), store.run_folder(id));
    QCOMPARE(recipe.model.path, adapted.string());
    QVERIFY(!recipe.model.from_config);
  }

  void aRunThatWasStoppedInEitherStageGoesOnBitForBit() {
    const auto weights = [&](Store& store, const std::string& id) {
      return read_tensors(store.run_folder(id) / "checkpoints/step-0000000004/trainable.safetensors");
    };
    const TemporaryFolder home;
    Store store(home.path());
    const std::string whole = store.create_run("whole", "cpu", adapted_recipe());
    execute_run(store, whole);
    // A stop that waits is obeyed before the first step of the first stage; the next one in the task.
    const std::string stopped = store.create_run("stopped", "cpu", adapted_recipe());
    store.send_command(stopped, "stop", Json::object());
    execute_run(store, stopped);
    QCOMPARE(store.run(stopped).status, RunStatus::stopped);
    QVERIFY(!fs::exists(store.run_folder(stopped) / "adapted"));
    QVERIFY(adapt(store, stopped, read_recipe(store.run_folder(stopped) / "recipe.json")).has_value());
    store.send_command(stopped, "stop", Json::object());
    execute_run(store, stopped);
    QCOMPARE(store.run(stopped).status, RunStatus::stopped);
    execute_run(store, stopped);
    QCOMPARE(store.run(stopped).status, RunStatus::success);
    const auto a = weights(store, whole), b = weights(store, stopped);
    QCOMPARE(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) QVERIFY2(at::equal(a[i].second, b[i].second), a[i].first.c_str());
    // No row of the first stage was lost when the second went on.
    QCOMPARE(store.metrics(stopped, 0, "adaptation.train.loss").size(), 6u);
  }

  void modelsThatCannotBeAdaptedAreRefused() {
    Json json = adapted_recipe();
    json["model"] = {{"path", fixture("full/t5-s2s/base").string()}};
    json["objective"] = {{"kind", "seq2seq"}};
    json["data"]["roles"] = {{"text", "text"}, {"target", "label"}};
    json["training"].erase("early_stopping");
    LUTHIER_FAILS(adaptation_recipe(recipe_from_json(json, "/", "test")), "cannot be adapted to plain text");
    json = adapted_recipe();
    json["adaptation"]["train"] = "";
    QCOMPARE(recipe_problems(json).front().path, std::string("adaptation.train"));
  }
};

QTEST_APPLESS_MAIN(StagesTest)
#include "stages_test.moc"
