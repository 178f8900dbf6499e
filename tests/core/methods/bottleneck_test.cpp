// Bottleneck adapters. tests/fixtures/adapters holds folders whose weights were drawn, and logits of the models in
// tests/fixtures/full with them, computed by the adapters library's own Adapter class (version 1.2.0, configurations
// seq_bn and double_seq_bn with reduction factor 4) inside transformers' models.
#include "fixture_run.h"

#include <map>

#include "base/error.h"
#include "methods/bottleneck.h"
#include "support/tiny_models.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

using Names = std::vector<std::string>;

Names names_of(const NamedTensors& tensors) {
  Names names;
  for (const auto& [name, tensor] : tensors) names.push_back(name);
  return names;
}

std::string case_name() { return QString(QTest::currentDataTag()).toStdString(); }
/// "full/bert-cls" of "seq_bn-bert-cls".
std::string base_of(const std::string& name) { return "full/" + name.substr(name.find('-') + 1); }

void fill_with_noise(const Attached& attached) {
  const torch::NoGradGuard no_grad;
  for (const auto& [name, parameter] : attached.trainable)
    torch::Tensor(parameter).copy_(torch::randn(parameter.sizes()) * 0.3);
}

}  // namespace

class BottleneckTest : public QObject {
  Q_OBJECT

  void cases() {
    QTest::addColumn<int>("unused");
    for (const char* name : {"seq_bn-bert-cls", "double_seq_bn-bert-cls", "seq_bn-llama-lm", "double_seq_bn-llama-lm"})
      QTest::newRow(name) << 0;
  }

 private Q_SLOTS:
  void init() { torch::manual_seed(3); }

  void givesTheLogitsThatTheLibraryGives_data() { cases(); }
  void givesTheLogitsThatTheLibraryGives() {
    const std::string name = case_name(), base = base_of(name);
    const fs::path folder = fixture("adapters/" + name);
    const auto model = fixture_model(base);
    load_adapter(*model, folder);
    const FixtureBatch batch = fixture_batch(base, "batch0");
    const torch::Tensor expected = find_tensor(read_tensors(folder / "expect.safetensors"), "expect.logits");
    const torch::NoGradGuard no_grad;
    QVERIFY(relative_difference(model->logits(batch.inputs), expected, batch.inputs) < 1e-5);
  }

  void savesWhatTheLibrarySaves_data() { cases(); }
  void savesWhatTheLibrarySaves() {
    const std::string name = case_name();
    const fs::path theirs = fixture("adapters/" + name);
    const auto model = fixture_model(base_of(name));
    load_adapter(*model, theirs);
    const TemporaryFolder folder;
    save_adapter(*model, folder.path(), name.ends_with("bert-cls") ? "bert" : "llama");
    for (const char* file : {"adapter.safetensors", "model_head.safetensors"}) {
      QCOMPARE(fs::exists(folder.path() / file), fs::exists(theirs / file));
      if (!fs::exists(theirs / file)) continue;
      const NamedTensors ours = read_tensors(folder.path() / file), wanted = read_tensors(theirs / file);
      QVERIFY(names_of(ours) == names_of(wanted));
      for (std::size_t i = 0; i < ours.size(); ++i) QVERIFY(torch::equal(ours[i].second, wanted[i].second));
    }
    Json our_config = read_json(folder.path() / "adapter_config.json"),
         their_config = read_json(theirs / "adapter_config.json");
    for (Json* config : {&our_config, &their_config}) (*config)["config"].erase("init_weights");  // how it was drawn
    QCOMPARE(QString::fromStdString(our_config.dump()), QString::fromStdString(their_config.dump()));
  }

  void namesThePlacesAsTheLibraryDoes() {
    const auto sites = [](const std::string& type, const std::string& head) {
      Names names;
      for (const auto& [name, site] : adapter_sites(*tiny_model(type, head))) names.push_back(name);
      return names;
    };
    QVERIFY(sites("distilbert", "masked_lm") == (Names{"distilbert.transformer.layer.0.attention_adapters.adapters",
                                                       "distilbert.transformer.layer.0.output_adapters.adapters",
                                                       "distilbert.transformer.layer.1.attention_adapters.adapters",
                                                       "distilbert.transformer.layer.1.output_adapters.adapters"}));
    QVERIFY(sites("gpt2", "causal_lm")[1] == "transformer.h.0.output_adapters.adapters");
    QVERIFY(sites("vit", "image_classification")[0] == "vit.encoder.layer.0.attention_adapters.adapters" ||
            sites("vit", "image_classification")[1] == "vit.encoder.layer.0.attention_adapters.adapters");
    const Names t5 = sites("t5", "seq2seq_lm");
    for (const char* name : {"encoder.block.0.layer.0.adapters", "encoder.block.0.layer.1.adapters",
                             "decoder.block.1.layer.0.adapters", "decoder.block.1.layer.2.adapters"})
      QVERIFY2(std::find(t5.begin(), t5.end(), name) != t5.end(), name);
    QCOMPARE(t5.size(), std::size_t{8});  // none after the attention to the encoder
    QCOMPARE(sites("whisper", "seq2seq_lm").size(), std::size_t{8});
    QVERIFY(sites("resnet", "image_classification").empty());
  }

  void convolutionsHaveNoPlaceForIt() {
    for (const char* type : {"resnet", "efficientnet"})
      LUTHIER_FAILS(attach_method(*tiny_model(type, "image_classification"), AdapterOptions{}, false, 1),
                    "choose lora");
  }

  void placementAndReductionSayWhatTrains() {
    const auto count = [](const AdapterOptions& options) {
      return attach_method(*fixture_model("full/llama-lm"), options, false, 1).trainable_parameters;
    };
    // Two layers of 32 channels.
    QCOMPARE(count({.reduction = 4, .modules_to_save = {}}), 2 * (2 * 32 * 8 + 8 + 32));
    QCOMPARE(count({.reduction = 4, .placement = "houlsby", .modules_to_save = {}}), 4 * (2 * 32 * 8 + 8 + 32));
    QCOMPARE(count({.reduction = 1000, .modules_to_save = {}}), 2 * (2 * 32 + 1 + 32));
  }

  void dropoutActsInTrainingAlone() {
    const auto model = fixture_model("full/llama-lm", {.dropout = 0});
    const FixtureBatch batch = fixture_batch("full/llama-lm", "batch0");
    fill_with_noise(
        attach_method(*model, AdapterOptions{.reduction = 4, .dropout = 0.5, .modules_to_save = {}}, false, 1));
    const torch::NoGradGuard no_grad;
    QVERIFY(torch::equal(model->logits(batch.inputs), model->logits(batch.inputs)));
    model->train();
    QVERIFY(!torch::equal(model->logits(batch.inputs), model->logits(batch.inputs)));
  }

  void readsNamesWithoutTheBackbonesPrefix() {
    const std::string name = "double_seq_bn-llama-lm";
    const TemporaryFolder folder;
    NamedTensors tensors;
    for (const auto& [full, tensor] : read_tensors(fixture("adapters/" + name) / "adapter.safetensors"))
      tensors.emplace_back(full.substr(std::string("model.").size()), tensor.clone());
    write_tensors(folder.path() / "adapter.safetensors", tensors);
    fs::copy_file(fixture("adapters/" + name) / "adapter_config.json", folder.path() / "adapter_config.json");
    const auto one = fixture_model("full/llama-lm"), other = fixture_model("full/llama-lm");
    load_adapter(*one, folder.path());
    load_adapter(*other, fixture("adapters/" + name));
    const FixtureBatch batch = fixture_batch("full/llama-lm", "batch0");
    QVERIFY(torch::equal(one->logits(batch.inputs), other->logits(batch.inputs)));
  }

  void refusesWhatItDoesNotCompute() {
    const auto refused = [](const std::function<void(Json&)>& edit, const std::string& part) {
      const TemporaryFolder folder;
      const fs::path source = fixture("adapters/seq_bn-llama-lm");
      fs::copy_file(source / "adapter.safetensors", folder.path() / "adapter.safetensors");
      Json config = read_json(source / "adapter_config.json");
      edit(config);
      write_json(folder.path() / "adapter_config.json", config);
      LUTHIER_FAILS(load_adapter(*fixture_model("full/llama-lm"), folder.path()), part);
    };
    const auto setting = [](const char* key, const Json& value) {
      return [key, value](Json& config) { config["config"][key] = value; };
    };
    refused(setting("architecture", "lora"), "lora");
    refused(setting("is_parallel", true), "is_parallel");
    refused(setting("ln_after", true), "ln_after");
    refused(setting("scaling", "learned"), "scaling");
    refused(setting("leave_out", {0}), "leave_out");
    refused(setting("inv_adapter", "nice"), "inv_adapter");
    refused(setting("phm_layer", true), "phm_layer");
    refused(setting("residual_before_ln", "post_add"), "residual_before_ln");
    refused(setting("reduction_factor", -1), "reduction_factor");
    refused(setting("reduction_factor", {{"default", 16}}), "reduction_factor");
    refused(setting("reduction_factor", 8), "do not fit");
    refused(setting("non_linearity", "nothing"), "nothing");
    refused(setting("mh_adapter", true), "tensors");
    refused(setting("output_adapter", "yes"), "output_adapter");
    refused([](Json& config) { config["name"] = "other"; }, "does not have");
    refused([](Json& config) { config["name"] = 3; }, "name");
    refused([](Json& config) { config["name"] = "a.b"; }, "dots");
    LUTHIER_FAILS(load_adapter(*fixture_model("full/llama-lm"), fixture("adapters/seq_bn-bert-cls")), "does not have");
  }

  void trainsAndComesBack() {
    const std::string name = "full/bert-cls";
    const auto model = fixture_model(name);
    const Attached attached =
        attach_method(*model, AdapterOptions{.reduction = 4, .placement = "houlsby", .modules_to_save = {}}, true, 2);
    const std::vector<double> losses = train(*model, attached, name, 20, 0.01);
    QVERIFY(losses[18] < losses[0]);
    const TemporaryFolder folder;
    save_adapter(*model, folder.path(), "base");
    QCOMPARE(read_json(folder.path() / "head_config.json")["num_labels"].get<int>(), 3);
    const auto again = fixture_model(name);
    QCOMPARE(load_adapter(*again, folder.path()).trainable_parameters, attached.trainable_parameters);
    const FixtureBatch batch = fixture_batch(name, "batch0");
    QVERIFY(torch::equal(again->logits(batch.inputs), model->logits(batch.inputs)));
  }
};

QTEST_GUILESS_MAIN(BottleneckTest)
#include "bottleneck_test.moc"
