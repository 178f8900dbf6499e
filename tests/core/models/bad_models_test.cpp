// Folders that are no model, or not the one they say: each is refused with a message that names the culprit.
#include <ATen/ops/ones.h>

#include "base/error.h"
#include "core/models/numbers.h"

using namespace luthier;
using namespace luthier::testing;

class BadModelsTest : public QObject {
  Q_OBJECT

  TemporaryFolder folder_;
  fs::path path_;

  Json config() { return read_json(path_ / "config.json"); }
  void put(const Json& config) { write_json(path_ / "config.json", config); }
  void set(const std::string& key, const Json& value) {
    Json changed = config();
    changed[key] = value;
    put(changed);
  }
  void rewrite(const std::function<bool(const std::string&, Tensor&)>& keeps) {
    NamedTensors tensors;
    for (auto [name, tensor] : read_tensors(path_ / "model.safetensors"))
      if (keeps(name, tensor)) tensors.emplace_back(name, tensor.clone());
    write_tensors(path_ / "model.safetensors", tensors);
  }
  void open() { open_model(path_); }

 private Q_SLOTS:
  void init() {
    path_ = folder_.path() / QTest::currentTestFunction();
    fs::remove_all(path_);
    fs::copy(fixture("full/bert-cls/base"), path_);
  }

  void anEmptyOrMissingFolder() {
    fs::remove(path_ / "config.json");
    LUTHIER_FAILS(load_model(path_, {}), "config.json");
    LUTHIER_FAILS(load_model(path_ / "nowhere", {}), "config.json");
  }

  void aConfigThatIsNoJson() {
    write_text(path_ / "config.json", "{\"model_type\": ");
    LUTHIER_FAILS(open(), "config.json");
    write_text(path_ / "config.json", "[1, 2]");
    LUTHIER_FAILS(load_model(path_, {}), "not an object");
  }

  void anUnknownFamily() {
    set("model_type", "mamba9");
    LUTHIER_FAILS(open(), "mamba9");
    Json without = config();
    without.erase("model_type");
    put(without);
    LUTHIER_FAILS(open(), "model_type");
    set("model_type", 7);
    LUTHIER_FAILS(open(), "model_type");
  }

  void remoteCode() {
    set("auto_map", {{"AutoModel", "modeling_x.X"}});
    LUTHIER_FAILS(open(), "auto_map");
  }

  void aQuantisedCheckpoint() {
    set("quantization_config", {{"quant_method", "gptq"}});
    LUTHIER_FAILS(open(), "quantised");
  }

  void aPickleThatRunsAProgram() {
    fs::remove(path_ / "model.safetensors");
    luthier::testing::write_text(path_ / "pytorch_model.bin",
                                 "\x80\x02"
                                 "cposix\nsystem\n");
    LUTHIER_FAILS(open(), "wants to run posix.system");
  }

  void aTruncatedFile() {
    fs::resize_file(path_ / "model.safetensors", fs::file_size(path_ / "model.safetensors") / 2);
    LUTHIER_FAILS(open(), "model.safetensors");
    fs::resize_file(path_ / "model.safetensors", 0);
    LUTHIER_FAILS(open(), "model.safetensors");
  }

  void aMissingTensorOfTheBackbone() {
    rewrite([](const std::string& name, Tensor&) { return name != "bert.encoder.layer.1.output.dense.weight"; });
    LUTHIER_FAILS(open(), "bert.encoder.layer.1.output.dense.weight");
  }

  void aTensorOfAnotherShape() {
    rewrite([](const std::string& name, Tensor& tensor) {
      if (name == "bert.encoder.layer.1.output.dense.weight") tensor = tensor.t().contiguous();
      return true;
    });
    LUTHIER_FAILS(open(), "bert.encoder.layer.1.output.dense.weight");
  }

  void aTensorOfWholeNumbers() {
    rewrite([](const std::string& name, Tensor& tensor) {
      if (name == "classifier.bias") tensor = tensor.to(at::kLong);
      return true;
    });
    LUTHIER_FAILS(open(), "classifier.bias");
  }

  void aConfigOfAnotherSize() {
    set("hidden_size", 64);
    LUTHIER_FAILS(open(), "bert.embeddings.word_embeddings.weight");
  }

  void absurdSettings_data() {
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    const std::pair<const char*, const char*> cases[] = {{"hidden_size", "0"},
                                                         {"hidden_size", "-8"},
                                                         {"hidden_size", "1e30"},
                                                         {"hidden_size", "\"32\""},
                                                         {"hidden_size", "999999999999"},
                                                         {"num_hidden_layers", "1000000"},
                                                         {"num_attention_heads", "5"},
                                                         {"vocab_size", "[96]"},
                                                         {"hidden_dropout_prob", "1.5"},
                                                         {"hidden_act", "\"nosuch\""},
                                                         {"layer_norm_eps", "\"x\""},
                                                         {"id2label", R"({"0": "a", "2": "b"})"},
                                                         {"id2label", R"({"x": "a"})"},
                                                         {"id2label", "[]"},
                                                         {"is_decoder", "true"},
                                                         {"position_embedding_type", "\"relative_key\""}};
    for (const auto& [key, value] : cases) QTest::addRow("%s %s", key, value) << key << value;
  }

  void absurdSettings() {
    QFETCH(QString, key);
    QFETCH(QString, value);
    set(key.toStdString(), parse_json(value.toStdString(), "value"));
    LUTHIER_FAILS(open(), "config.json");
  }

  void aLabelTwice() {
    LoadOptions options;
    options.labels = {"yes", "no", "yes"};
    LUTHIER_FAILS(load_model(path_, options), "yes");
  }

  void aHeadThatTheFamilyLacks() {
    LoadOptions options;
    options.head = Head::causal_lm;
    LUTHIER_FAILS(load_model(path_, options), "causal_lm");
  }

  void anInputLongerThanThePositions() {
    const auto model = open_model(path_);
    Batch batch;
    batch.input_ids = at::ones({1, 41}, at::kLong);
    LUTHIER_FAILS(model->logits(batch), "40");
  }

  void theHeadIsReadFromTheArchitecture() {
    const auto head = [](const char* name) { return head_of_config({{"architectures", {name}}}); };
    QVERIFY(head("BertForMaskedLM") == Head::masked_lm && head("BertForPreTraining") == Head::masked_lm);
    QVERIFY(head("LlamaForCausalLM") == Head::causal_lm);
    QVERIFY(head("RobertaForTokenClassification") == Head::token_classification);
    QVERIFY(head("BertModel") == Head::sequence_classification);
    QVERIFY(head_of_config({{"architectures", 3}}) == Head::sequence_classification);
    for (const Head each :
         {Head::sequence_classification, Head::token_classification, Head::masked_lm, Head::causal_lm})
      QVERIFY(head_from(to_string(each)) == each);
    LUTHIER_FAILS(head_from("regression"), "regression");
  }
};

QTEST_GUILESS_MAIN(BadModelsTest)
#include "bad_models_test.moc"
