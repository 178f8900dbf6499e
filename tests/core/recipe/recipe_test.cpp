#include "recipe/recipe.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "recipe/catalog.h"
#include "support/testing.h"

using namespace luthier;
using luthier::testing::write_text;

namespace {

const char* kExample = R"({ "luthier": 1, "name": "sst2-lora", "seed": 42,
  "objective": {"kind": "classification"},
  "model":  {"path": "models/bert-tiny"},
  "data":   {"train": "sst2/train.tsv", "validation": "sst2/dev.tsv", "test": "sst2/test.tsv", "header": false,
             "roles": {"text": "column0", "label": "column1"}, "labels": ["negative", "positive"], "max_tokens": 128},
  "method": {"kind": "lora", "rank": 8, "alpha": 16, "dropout": 0.05, "targets": "all-linear"},
  "training": {"epochs": 3, "batch_size": 32, "gradient_accumulation": 1, "learning_rate": 2e-4, "schedule": "cosine",
               "warmup": {"value": 0.06, "unit": "run"}, "weight_decay": 0.01, "max_grad_norm": 1.0,
               "label_smoothing": 0.0, "precision": "auto", "device": "auto",
               "evaluate_every": {"value": 1, "unit": "epoch"},
               "early_stopping": {"metric": "accuracy", "patience": 2},
               "checkpoint_every": {"value": 5, "unit": "minute"}},
  "export": [{"format": "huggingface"}, {"format": "peft"}] })";

Json example() { return Json::parse(kExample); }

/// The example after assignments such as "training.epochs=0".
Json changed(const std::vector<std::string>& assignments) {
  Json json = example();
  for (const std::string& assignment : assignments) set_path(json, assignment);
  return json;
}

std::string listed(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& one : problems) text += one.path + ": " + one.message + " (" + one.hint + ")\n";
  return text;
}

}  // namespace

class RecipeTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void readsTheExample() {
    const Recipe recipe = recipe_from_json(example(), "/folder", "example");
    QCOMPARE(recipe.name, std::string("sst2-lora"));
    QCOMPARE(kind_of(recipe.objective), std::string("classification"));
    QCOMPARE(kind_of(recipe.method), std::string("lora"));
    QCOMPARE(std::get<LoraOptions>(recipe.method).dropout, 0.05);
    QCOMPARE(std::get<LoraOptions>(recipe.method).targets_is_list, false);
    QCOMPARE(recipe.data.header, std::string("no"));
    QCOMPARE(recipe.data.labels.size(), 2u);
    QCOMPARE(recipe.training.early_stopping->metric, std::string("accuracy"));
    QCOMPARE(recipe.training.warmup, (HowOften{0.06, "run"}));
    QCOMPARE(recipe.exports.size(), 2u);
    QCOMPARE(recipe.folder.string(), std::string("/folder"));
  }

  void writesWhatItReads() {
    for (const char* method : {"lora", "full", "feature_extraction"}) {
      Json json = changed({R"(export=[{"format": "huggingface", "path": "out", "precision": "bf16"}])"});
      json["method"] = {{"kind", method}};
      const Json written = recipe_to_json(recipe_from_json(json, {}, "first"));
      QCOMPARE(recipe_to_json(recipe_from_json(written, {}, "second")), written);
      QCOMPARE(written["method"]["kind"], Json(method));
    }
    Json lora = changed({R"(method.targets=["q_proj", "v_proj"])", R"(method.rank_pattern={"layer.0": 4})"});
    const Json written = recipe_to_json(recipe_from_json(lora, {}, "lora"));
    QCOMPARE(written["method"]["targets"], Json({"q_proj", "v_proj"}));
    QCOMPARE(written["method"]["rank_pattern"]["layer.0"], Json(4.0));
    QCOMPARE(written["training"]["early_stopping"]["patience"], Json(2));
  }

  void roundTripsEveryObjective() {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {R"({"kind": "tagging", "label_on": "all"})", R"({"tokens": "words", "tags": "ner"})"},
        {R"({"kind": "masked_lm", "mask_share": 0.3})", R"({"text": "column0"})"},
        {R"({"kind": "causal_lm", "loss_on": "all"})", R"({"prompt": "q", "completion": "a"})"},
        {R"({"kind": "causal_lm"})", R"({"text": "story"})"},
        {R"({"kind": "causal_lm", "chat_template": "alpaca"})",
         R"({"instruction": "i", "input": "n", "response": "r"})"},
        {R"({"kind": "causal_lm", "system": "Be brief."})", R"({"messages": "m", "tools": "t"})"},
        {R"({"kind": "preference", "beta": 0.2})", R"({"chosen": "c", "rejected": "r"})"},
        {R"({"kind": "preference", "loss": "kto"})", R"({"messages": "m", "desirable": "d"})"},
        {R"({"kind": "classification"})", R"({"text": "a", "text_pair": "b", "label": "c", "split": "d"})"}};
    for (const auto& [objective, roles] : cases) {
      Json json =
          changed({"objective=" + objective, "data.roles=" + roles, "data.labels=[]", "training.early_stopping=null"});
      QVERIFY2(recipe_problems(json).empty(), listed(recipe_problems(json)).c_str());
      const Json written = recipe_to_json(recipe_from_json(json, {}, "first"));
      QCOMPARE(recipe_to_json(recipe_from_json(written, {}, "second")), written);
    }
  }

  void reportsAllProblemsAtOnce() {
    const Json json =
        changed({"objectiv={}", "training.batch_sise=8", "training.epochs=\"three\"", "training.dropout=7",
                 "data.roles.txt=column3", "method.rank=0", "training.early_stopping.metric=acuracy"});
    const std::vector<Problem> problems = recipe_problems(json);
    const std::string text = listed(problems);
    for (const char* part :
         {"objectiv: is not known here", "training.batch_sise: is not known here (did you mean \"batch_size\"?)",
          "training.epochs: must be a number, not \"three\"", "training.dropout: must be from -1 to 0.95",
          "data.roles.txt: is not a role (did you mean \"text\"?)", "method.rank: must be from 1 to 4096",
          "training.early_stopping.metric: \"acuracy\" is not a metric", "did you mean \"accuracy\"?"})
      QVERIFY2(text.find(part) != std::string::npos, (std::string(part) + "\nnot in\n" + text).c_str());
    QCOMPARE(problems.size(), 7u);
    LUTHIER_FAILS(recipe_from_json(json, {}, "here.json"), "did you mean \"batch_size\"?");
    LUTHIER_FAILS(recipe_from_json(json, {}, "here.json"), "here.json");
  }

  void suggestsTheSectionThatWasMeant() {
    Json json = example();
    json["trainning"] = json["training"];
    json.erase("training");
    QVERIFY2(listed(recipe_problems(json)).find("did you mean \"training\"?") != std::string::npos,
             listed(recipe_problems(json)).c_str());
  }

  void namesWhatIsWrong_data() {
    QTest::addColumn<QStringList>("assignments");
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("part");
    const auto row = [](const char* name, QStringList assignments, const char* path, const char* part) {
      QTest::newRow(name) << assignments << path << part;
    };
    row("version 0", {"luthier=0"}, "luthier", "must be the recipe's version");
    row("version as text", {"luthier=\"1\""}, "luthier", "must be the recipe's version");
    row("objective unknown", {"objective.kind=clasification"}, "objective.kind", "must be one of");
    row("objective is a text", {"objective=classification"}, "objective", "must be an object");
    row("method unknown", {"method.kind=loha"}, "method.kind", "must be one of");
    row("option of another method", {"method={\"kind\": \"full\", \"rank\": 8}", "export=[]"}, "method.rank",
        "is not known");
    row("exports no list", {"export={}"}, "export", "must be a list");
    row("format unknown", {"export.0.format=floppy"}, "export.0.format", "must be one of");
    row("no format", {"export.0={}"}, "export.0.format", "is missing");
    row("peft without adapter", {"method={\"kind\": \"full\"}"}, "export.1.format", "cannot hold");
    row("exports to one folder", {"export.0.path=out", "export.1.path=out"}, "export.1.path", "the same folder");
    row("no training file", {"data.train="}, "data.train", "names no file");
    row("no model", {"model.path="}, "model.path", "names no model");
    row("header number", {"data.header=1"}, "data.header", "must be one of");
    row("label role missing", {"data.roles={\"text\": \"column0\"}"}, "data.roles.label", "is missing");
    row("role not used", {"data.roles.tags=column2"}, "data.roles.tags", "is not used by");
    row("answers of two kinds",
        {"objective.kind=preference", "data.roles={\"chosen\": \"a\", \"rejected\": \"b\", \"desirable\": \"c\"}",
         "training.early_stopping=null", "data.labels=[]"},
        "data.roles.desirable", "cannot stand beside chosen, rejected");
    row("weights without names", {"objective={\"kind\": \"classification\", \"class_weights\": \"given\"}"},
        "objective.label_weights", "names no label");
    row("column twice", {"data.roles.label=column0"}, "data.roles.text", "has two roles");
    row("column empty", {"data.roles.label="}, "data.roles.label", "names no column");
    row("text beside completion",
        {"objective.kind=causal_lm", "data.labels=[]", "training.early_stopping=null",
         "data.roles={\"prompt\": \"a\", \"completion\": \"b\", \"text\": \"c\"}"},
        "data.roles.text", "cannot stand beside");
    row("completion without prompt",
        {"objective.kind=causal_lm", "data.labels=[]", "training.early_stopping=null",
         "data.roles={\"completion\": \"b\"}"},
        "data.roles.prompt", "is missing");
    row("labels without labels",
        {"objective.kind=masked_lm", "data.roles={\"text\": \"a\"}", "training.early_stopping=null"}, "data.labels",
        "has no labels");
    row("label twice", {"data.labels=[\"a\", \"a\"]"}, "data.labels", "twice");
    row("one label", {"data.labels=[\"a\"]"}, "data.labels", "nothing to learn");
    row("delimiter of two", {"data.delimiter=;;"}, "data.delimiter", "one ASCII character");
    row("share and file", {"data.validation_share=0.1"}, "data.validation_share", "file as well");
    row("share and split", {"data.validation=", "data.validation_share=0.1", "data.roles.split=column2"},
        "data.validation_share", "role split");
    row("nothing left", {"data.validation=", "data.test=", "data.validation_share=0.6", "data.test_share=0.4"},
        "data.test_share", "nothing to train on");
    row("metric of another objective", {"training.early_stopping.metric=perplexity"}, "training.early_stopping.metric",
        "is not a metric");
    row("stopping without validation", {"data.validation="}, "training.early_stopping", "no validation part");
    row("stopping without evaluation", {"training.evaluate_every.value=0"}, "training.early_stopping",
        "nothing is evaluated");
    row("warm-up in minutes", {"training.warmup.unit=minute"}, "training.warmup", "could not be repeated");
    row("warm-up over the end", {"training.warmup.value=2"}, "training.warmup", "share of the run");
    row("unit unknown", {"training.warmup.unit=hour"}, "training.warmup", "units are");
    row("no step", {"training.epochs=0"}, "training.epochs", "no step");
    row("dropout between", {"training.dropout=-0.5"}, "training.dropout", "must be -1 or");
    row("device", {"training.device=gpu"}, "training.device", "cuda:N");
    row("fp16 on cpu", {"training.device=cpu", "training.precision=fp16"}, "training.precision", "fp16");
    row("batch of a half", {"training.batch_size=0.5"}, "training.batch_size", "whole number");
    row("huge batch", {"training.batch_size=1e30"}, "training.batch_size", "whole number");
    row("fixed ranges of another type", {R"(export=[{"format": "onnx", "calibrate": true}])"}, "export.0.calibrate",
        "int8 alone");
    row("fixed ranges of another format", {R"(export=[{"format": "gguf", "precision": "q8_0", "calibrate": true}])"},
        "export.0.calibrate", "no activation ranges");
    row("frozen random weights", {"model.from_config=true"}, "model.from_config", "cannot stay frozen");
    row("no targets", {"method.targets=[]"}, "method.targets", "names no layer");
    row("rank of a half", {"method.rank_pattern={\"q\": 1.5}"}, "method.rank_pattern.q", "whole number");
    row("masks over one",
        {"objective={\"kind\": \"masked_lm\", \"random_token\": 0.5}", "data.roles={\"text\": \"a\"}", "data.labels=[]",
         "training.early_stopping=null"},
        "objective.random_token", "more than 1");
  }
  void namesWhatIsWrong() {
    QFETCH(QStringList, assignments);
    QFETCH(QString, path);
    QFETCH(QString, part);
    std::vector<std::string> texts;
    for (const QString& one : assignments) texts.push_back(one.toStdString());
    const std::vector<Problem> problems = recipe_problems(changed(texts));
    QVERIFY2(problems.size() == 1, listed(problems).c_str());
    QCOMPARE(QString::fromStdString(problems[0].path), path);
    QVERIFY2(QString::fromStdString(problems[0].message).contains(part), listed(problems).c_str());
  }

  void refusesANewerVersionWithoutGuessing() {
    const Json json = changed({"luthier=2", "future={}"});
    const std::vector<Problem> problems = recipe_problems(json);
    QCOMPARE(problems.size(), 1u);
    LUTHIER_FAILS(recipe_from_json(json, {}, "x"), "install a newer Luthier");
    Json none = example();
    none.erase("luthier");
    LUTHIER_FAILS(recipe_from_json(none, {}, "x"), "luthier: is missing");
  }

  void refusesWhatIsNoRecipe() {
    for (const char* text : {"[]", "null", "1", "\"text\"", "{}"})
      QVERIFY2(!recipe_problems(Json::parse(text)).empty(), text);
    const TemporaryFolder folder;
    write_text(folder.path() / "cut.json", std::string(kExample).substr(0, 300));
    LUTHIER_FAILS(read_recipe(folder.path() / "cut.json"), "line 5");
    LUTHIER_FAILS(read_recipe(folder.path() / "gone.json"), "no such file");
  }

  /// Whatever stands in the place of any value: problems or a recipe, never a crash.
  void survivesAnyTypeAnywhere() {
    const Json flat = example().flatten();
    std::int64_t refused = 0;
    for (const auto& [pointer, value] : flat.items())
      for (const char* text : {"null", "true", "-1", "1e308", "\"\"", "[]", "{}", "[[null]]", "{\"kind\": 1}"}) {
        Json json = example();
        json[Json::json_pointer(pointer)] = Json::parse(text);
        refused += recipe_problems(json).empty() ? 0 : 1;
      }
    QVERIFY(refused > 150);
  }

  void setsValuesByPath() {
    Json json = example();
    set_path(json, "training.learning_rate=1e-3");
    set_path(json, "name=run 1=2");
    set_path(json, "export.1.path=out");
    set_path(json, "export.2.format=huggingface");
    set_path(json, "training.early_stopping=null");
    set_path(json, "training.early_stopping.metric=f1");
    QCOMPARE(json["training"]["learning_rate"], Json(1e-3));
    QCOMPARE(json["name"], Json("run 1=2"));
    QCOMPARE(json["export"][1]["path"], Json("out"));
    QCOMPARE(json["export"][2]["format"], Json("huggingface"));
    QCOMPARE(json["training"]["early_stopping"], Json({{"metric", "f1"}}));
    LUTHIER_FAILS(set_path(json, "training.epochs"), "path=value");
    LUTHIER_FAILS(set_path(json, "=1"), "path=value");
    LUTHIER_FAILS(set_path(json, "a..b=1"), "path=value");
    LUTHIER_FAILS(set_path(json, "export.7.path=x"), "not an entry of a list of 3");
    LUTHIER_FAILS(set_path(json, "name.first=x"), "nothing below that value");
  }

  void acceptsTheRecipesThatTheProjectShows() {
    const fs::path root = luthier::testing::source_folder();
    const std::string page = read_file(root / "README.md");
    const std::size_t begin = page.find("```json") + 7;
    const std::vector<Problem> shown =
        recipe_problems(Json::parse(page.substr(begin, page.find("```", begin) - begin)));
    QVERIFY2(shown.empty(), listed(shown).c_str());
    for (const auto& entry : fs::recursive_directory_iterator(root / "resources/starters"))
      if (entry.path().filename() == "recipe.json") QVERIFY(!read_recipe(entry.path()).data.train.empty());
  }

  void readsRelativeToItsFolder() {
    const TemporaryFolder folder;
    write_text(folder.path() / "recipe.json", kExample);
    const Recipe recipe = read_recipe(folder.path() / "recipe.json");
    QCOMPARE(resolve_path(recipe.data.train, recipe.folder), folder.path() / "sst2/train.tsv");
  }
};

QTEST_GUILESS_MAIN(RecipeTest)
#include "recipe_test.moc"
