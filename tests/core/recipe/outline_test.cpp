#include "recipe/outline.h"

#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "recipe/memory.h"
#include "recipe/targets.h"
#include "support/testing.h"
#include "weights/weights.h"

using namespace luthier;
using luthier::testing::write_text;

namespace {

using Shapes = std::map<std::string, std::vector<std::int64_t>>;

Shapes shapes_of(const ModelOutline& model) {
  Shapes shapes;
  for (const ParameterOutline& one : model.parameters)
    if (one.tied_to.empty()) shapes[one.name] = one.shape;
  return shapes;
}

std::string text_of(const Shapes& shapes) { return Json(shapes).dump(); }

bool has_finding(const ModelOutline& model, const std::string& id) {
  for (const OutlineFinding& one : model.findings)
    if (one.id == id) return true;
  return false;
}

Json small_bert() {
  return {{"model_type", "bert"},         {"vocab_size", 96},        {"hidden_size", 32},
          {"num_hidden_layers", 2},       {"intermediate_size", 64}, {"num_attention_heads", 4},
          {"max_position_embeddings", 40}};
}

fs::path put(const TemporaryFolder& folder, const Json& config) {
  write_text(folder.path() / "config.json", config.dump());
  return folder.path();
}

}  // namespace

class OutlineTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void knowsEveryTensorOfTheFixtures_data() {
    QTest::addColumn<QString>("name");
    for (const char* name :
         {"bert-cls", "bert-mlm", "bert-token", "gpt2-lm", "llama-lm", "qwen2-lm", "roberta-cls", "t5-s2s"})
      QTest::newRow(name) << name;
  }
  /// Names and shapes from the checkpoint; the count from transformers (expect.json).
  void knowsEveryTensorOfTheFixtures() {
    QFETCH(QString, name);
    const fs::path folder = luthier::testing::fixture("full/" + name.toStdString());
    const ModelOutline model = outline_model(folder / "base");
    Shapes stored;
    const Weights weights = Weights::open(folder / "base");
    for (const TensorEntry& entry : weights.tensors()) stored[entry.name] = entry.shape;
    QCOMPARE(text_of(shapes_of(model)), text_of(stored));
    QCOMPARE(Json(model.total_parameters), read_json(folder / "expect.json")["trainable_parameters"]);
    QCOMPARE(trainable_parameters(model, FullOptions{}), model.total_parameters);
    QVERIFY(!model.head_replaced);
    QCOMPARE(model.tree.parameters, model.total_parameters);
    QVERIFY(has_finding(model, "no_tokenizer"));
    QCOMPARE(model.findings.size(), 1u);
  }

  void namesTensorsThatHaveNoPlace() {
    const ModelOutline model =
        outline_model(luthier::testing::fixture("full/bert-mlm") / "base", "sequence_classification", 3);
    const auto extra = std::find_if(model.findings.begin(), model.findings.end(),
                                    [](const OutlineFinding& one) { return one.id == "extra_weights"; });
    QVERIFY(extra != model.findings.end());
    QCOMPARE(extra->severity, std::string("note"));
    QVERIFY2(extra->message.find("cls.predictions.") != std::string::npos, extra->message.c_str());
  }

  void countsWhatALoraTrains_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"lora-bert-cls", "lora-bert-mlm", "lora-bert-token", "lora-llama-lm", "lora-qwen2-lm",
                             "lora-roberta-cls", "rslora-llama-lm", "lora-gpt2-lm", "lora-t5-s2s"})
      QTest::newRow(name) << name;
  }
  /// The count is PEFT's own (expect.json).
  void countsWhatALoraTrains() {
    QFETCH(QString, name);
    const fs::path folder = luthier::testing::fixture("peft/" + name.toStdString());
    if (!fs::exists(folder)) QSKIP("this fixture is not part of the project");
    const Json adapter = read_json(folder / "adapter/adapter_config.json");
    LoraOptions lora;
    lora.rank = adapter["r"].get<std::int64_t>();
    lora.targets = adapter["target_modules"].get<std::vector<std::string>>();
    lora.targets_is_list = true;
    QCOMPARE(Json(trainable_parameters(outline_model(folder / "base"), lora)),
             read_json(folder / "expect.json")["trainable_parameters"]);
  }

  void countsWhatOtherMethodsTrain_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"ia3-llama-lm", "prefix-gpt2-lm", "prefix-llama-lm", "prompt-bert-cls", "prompt-t5-s2s",
                             "prompt-gpt2-lm", "prompt-llama-lm", "dora-llama-lm"})
      QTest::newRow(name) << name;
  }
  /// The count is PEFT's own (expect.json).
  void countsWhatOtherMethodsTrain() {
    QFETCH(QString, name);
    LUTHIER_NEEDS(all, "fixtures/peft");
    const fs::path folder = all / name.toStdString();
    const Json adapter = read_json(folder / "adapter/adapter_config.json");
    MethodOptions method = Ia3Options{};
    if (name.startsWith("prompt")) method = PromptTuningOptions{adapter["num_virtual_tokens"].get<std::int64_t>()};
    if (name.startsWith("prefix")) method = PrefixTuningOptions{adapter["num_virtual_tokens"].get<std::int64_t>()};
    if (name.startsWith("dora")) {
      LoraOptions lora;
      lora.rank = adapter["r"].get<std::int64_t>();
      lora.targets = adapter["target_modules"].get<std::vector<std::string>>();
      lora.targets_is_list = lora.dora = true;
      method = lora;
    }
    QCOMPARE(Json(trainable_parameters(outline_model(folder / "base"), method)),
             read_json(folder / "expect.json")["trainable_parameters"]);
  }

  void choosesLayersAsPeftDoes() {
    const TemporaryFolder folder;
    const ModelOutline model = outline_model(put(folder, small_bert()), "sequence_classification", 3);
    LoraOptions lora;
    QCOMPARE(lora_layers(model, lora).size(), 2u * 6 + 1);  // all but the classifier; the pooler is one more
    lora.targets = {".*layer\\.1\\..*query"};
    QCOMPARE(lora_layers(model, lora), std::vector<std::string>{"bert.encoder.layer.1.attention.self.query"});
    lora.targets = {"layer.1"};  // a text must match the whole name
    QVERIFY(lora_layers(model, lora).empty());
    lora.targets = {"self.query", "dense", "uery"};  // a list matches at dots only
    lora.targets_is_list = true;
    QCOMPARE(lora_layers(model, lora).size(), 2u * 4 + 1);
    lora.modules_to_save = {"pooler"};
    QCOMPARE(lora_layers(model, lora).size(), 2u * 4);
    lora.targets = {"query"};
    lora.modules_to_save.clear();
    lora.rank_pattern = {{"layer.0.attention.self.query", 2}};
    QCOMPARE(lora_parameters(model, lora), (2 + 8) * 64);
    lora.targets = {"("};
    lora.targets_is_list = false;
    LUTHIER_FAILS(lora_layers(model, lora), "not a valid regular expression");
  }

  void leavesTheOutputLayerOutOfAllLinear() {
    const ModelOutline model = outline_model(luthier::testing::fixture("full/llama-lm/base"));
    const std::vector<std::string> layers = lora_layers(model, LoraOptions{});
    QCOMPARE(layers.size(), 2u * 7);
    for (const std::string& layer : layers) QVERIFY(layer != "lm_head");
  }

  void countsWhatFeatureExtractionTrains() {
    const TemporaryFolder folder;
    const ModelOutline model = outline_model(put(folder, small_bert()), "sequence_classification", 3);
    QCOMPARE(trainable_parameters(model, FeatureExtractionOptions{}), 32 * 3 + 3);
    QCOMPARE(trainable_parameters(model, FullOptions{.train_embeddings = false}),
             model.total_parameters - (96 + 40 + 2 + 2) * 32);  // three tables and their norm
  }

  /// PEFT reads "classifier" as an ending, so DistilBERT's pre_classifier is trained whole too.
  void trainsAllOfALabelHeadWhole() {
    const TemporaryFolder folder;
    const Json config = {{"model_type", "distilbert"},
                         {"vocab_size", 96},
                         {"dim", 32},
                         {"n_layers", 2},
                         {"hidden_dim", 64},
                         {"n_heads", 4},
                         {"max_position_embeddings", 40}};
    const ModelOutline model = outline_model(put(folder, config), "sequence_classification", 3);
    QCOMPARE(lora_layers(model, LoraOptions{}).size(), 2u * 6);
    QCOMPARE(trainable_parameters(model, LoraOptions{}) - lora_parameters(model, LoraOptions{}),
             32 * 32 + 32 + 32 * 3 + 3);
  }

  void seesThatTheHeadIsReplaced() {
    const fs::path base = luthier::testing::fixture("full/bert-cls/base");
    QVERIFY(!outline_model(base, "sequence_classification", 3).head_replaced);
    QVERIFY(outline_model(base, "sequence_classification", 5).head_replaced);
    QVERIFY(outline_model(base, "token_classification", 5).head_replaced);
    QVERIFY(outline_model(base, "masked_lm").head_replaced);
    QVERIFY(!has_finding(outline_model(base, "masked_lm"), "missing_weights"));
  }

  void findsWhatIsWrongWithAFolder() {
    const TemporaryFolder folder;
    Json config = small_bert();
    QVERIFY(has_finding(outline_model(put(folder, config)), "no_weights"));
    write_text(folder.path() / "pytorch_model.bin", "PK");
    QVERIFY(has_finding(outline_model(put(folder, config)), "pickle"));
    write_text(folder.path() / "model.safetensors", "damaged");
    QVERIFY(has_finding(outline_model(put(folder, config)), "broken_weights"));
    write_safetensors(folder.path() / "model.safetensors", {});
    QVERIFY(has_finding(outline_model(put(folder, config)), "missing_weights"));
    QVERIFY(has_finding(outline_model(put(folder, config), "causal_lm"), "wrong_head"));
    config["auto_map"] = {{"AutoModel", "modeling_evil.Evil"}};
    QVERIFY(has_finding(outline_model(put(folder, config)), "remote_code"));
    config["model_type"] = "evil";
    LUTHIER_FAILS(outline_model(put(folder, config)), "Python code of its own");
    config.erase("auto_map");
    LUTHIER_FAILS(outline_model(put(folder, config)), "of type \"evil\"");
  }

  void seesATokenizerThatDoesNotFit() {
    const TemporaryFolder folder;
    put(folder, small_bert());
    const auto size_with = [&](const std::string& file, const std::string& text) {
      write_text(folder.path() / file, text);
      const ModelOutline model = outline_model(folder.path());
      return std::pair(model.tokenizer_tokens, has_finding(model, "tokenizer_too_large"));
    };
    QCOMPARE(size_with("vocab.txt", "a\nb\nc"), (std::pair<std::int64_t, bool>(3, false)));
    QCOMPARE(size_with("tokenizer.json", R"({"model": {"vocab": {"a": 0, "b": 95}}})"),
             (std::pair<std::int64_t, bool>(96, false)));
    QCOMPARE(
        size_with("tokenizer.json", R"({"model": {"vocab": {"a": 0}}, "added_tokens": [{"id": 96, "content": "x"}]})"),
        (std::pair<std::int64_t, bool>(97, true)));
    write_text(folder.path() / "tokenizer.json", "{}");
    QVERIFY(has_finding(outline_model(folder.path()), "tokenizer_broken"));
  }

  void refusesAbsurdConfigs_data() {
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    QTest::newRow("a billion layers") << "num_hidden_layers" << "1000000000";
    QTest::newRow("negative") << "hidden_size" << "-32";
    QTest::newRow("zero") << "vocab_size" << "0";
    QTest::newRow("text") << "intermediate_size" << "\"64\"";
    QTest::newRow("null") << "num_attention_heads" << "null";
    QTest::newRow("huge") << "vocab_size" << "18446744073709551615";
  }
  void refusesAbsurdConfigs() {
    QFETCH(QString, key);
    QFETCH(QString, value);
    const TemporaryFolder folder;
    Json config = small_bert();
    config[key.toStdString()] = Json::parse(value.toStdString());
    LUTHIER_FAILS(outline_model(put(folder, config)), key.toStdString());
  }

  void estimatesMemoryInTheRightOrder() {
    const TemporaryFolder folder;
    Json config = small_bert();
    config.update({{"vocab_size", 30522},
                   {"hidden_size", 768},
                   {"num_hidden_layers", 12},
                   {"intermediate_size", 3072},
                   {"num_attention_heads", 12},
                   {"max_position_embeddings", 512}});
    const ModelOutline model = outline_model(put(folder, config), "sequence_classification", 2);
    QCOMPARE(model.total_parameters, 109483778);  // bert-base with two labels: transformers' num_parameters()
    TrainingOptions training;
    training.batch_size = 32;
    const MemoryEstimate full = estimate_memory(model, FullOptions{}, training, 128);
    QCOMPARE(full.weights_bytes, 4 * model.total_parameters);
    QCOMPARE(full.optimizer_bytes, 8 * model.total_parameters);
    QCOMPARE(full.mapped_bytes, 0);
    const MemoryEstimate lora = estimate_memory(model, LoraOptions{}, training, 128);
    const MemoryEstimate features = estimate_memory(model, FeatureExtractionOptions{}, training, 128);
    QVERIFY(lora.total() < full.total());
    QVERIFY(features.total() < lora.total());
    training.batch_size = 64;
    const std::int64_t twice = estimate_memory(model, FullOptions{}, training, 128).activations_bytes;
    QVERIFY(std::abs(twice - 2 * full.activations_bytes) <= 1);  // whole bytes
    // Between one and four gigabytes for the activations of a 32 x 128 batch.
    QVERIFY(full.activations_bytes > 1'000'000'000 && full.activations_bytes < 4'000'000'000);
  }
};

QTEST_GUILESS_MAIN(OutlineTest)
#include "outline_test.moc"
