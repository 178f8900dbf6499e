// Which parameters a method trains, and that gradients reach exactly these.
#include "fixture_run.h"

#include "base/error.h"
#include "methods/lora.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

const std::vector<std::string> kModels = {"bert-cls", "bert-token", "bert-mlm", "roberta-cls", "llama-lm", "qwen2-lm"};

std::vector<std::string> names_of(const Attached& attached) {
  std::vector<std::string> names;
  for (const auto& [name, parameter] : attached.trainable) names.push_back(name);
  return names;
}

LoraOptions lora_on(std::vector<std::string> targets, bool is_list) {
  LoraOptions options;
  options.targets = std::move(targets);
  options.targets_is_list = is_list;
  return options;
}

std::vector<std::string> adapted_layers(Model& model) {
  std::vector<std::string> names;
  for (const auto& [name, layer] : adaptable_layers(model))
    if (layer->lora()) names.push_back(name);
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

class AttachTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void gradientsReachExactlyTheTrainableParameters_data() {
    QTest::addColumn<QString>("model");
    QTest::addColumn<QString>("method");
    for (const std::string& model : kModels)
      for (const char* method : {"full", "frozen embeddings", "feature_extraction", "lora"})
        QTest::addRow("%s %s", model.c_str(), method) << QString::fromStdString(model) << method;
  }
  void gradientsReachExactlyTheTrainableParameters() {
    QFETCH(QString, model);
    QFETCH(QString, method);
    const std::string name = "full/" + model.toStdString();
    const auto net = fixture_model(name);
    MethodOptions options = FullOptions{};
    if (method == "frozen embeddings") options = FullOptions{.train_embeddings = false};
    if (method == "feature_extraction") options = FeatureExtractionOptions{};
    if (method == "lora") options = LoraOptions{};
    const Attached attached = attach_method(*net, options, false, 1);
    QCOMPARE(attached.frozen_backbone, method == "feature_extraction");
    // B starts at zero, so A's gradient appears after a step.
    if (method == "lora") train(*net, attached, name, 1, 0.01);
    mean_loss(*net, fixture_batch(name, "batch0")).backward();
    const Names trainable = names_of(attached);
    QVERIFY(!trainable.empty());
    std::int64_t numbers = 0, all = 0;
    for (const auto& [parameter_name, parameter] : net->unique_parameters()) {
      const bool listed = std::find(trainable.begin(), trainable.end(), parameter_name) != trainable.end();
      QCOMPARE(parameter.requires_grad(), listed);
      const bool reached = parameter.grad().defined() && parameter.grad().abs().sum().item<double>() > 0;
      // Segment 1 is unused, and key biases cancel in the softmax: their gradients are rounding noise.
      if (parameter_name.find("key.bias") == std::string::npos &&
          parameter_name.find("k_proj.bias") == std::string::npos)
        QVERIFY2(reached == listed, parameter_name.c_str());
      numbers += listed ? parameter.numel() : 0;
      all += parameter.numel();
    }
    QCOMPARE(attached.trainable_parameters, numbers);
    QCOMPARE(attached.all_parameters, all);
  }

  void allLinearLeavesTheOutputLayerOut() {
    const auto llama = fixture_model("full/llama-lm");
    attach_method(*llama, lora_on({"all-linear"}, false), false, 0);
    const Names adapted = adapted_layers(*llama);
    QCOMPARE(adapted.size(), std::size_t{14});
    QVERIFY(std::find(adapted.begin(), adapted.end(), "lm_head") == adapted.end());

    const auto bert = fixture_model("full/bert-cls");
    const Attached attached = attach_method(*bert, lora_on({"All-Linear"}, false), true, 0);
    for (const std::string& name : adapted_layers(*bert)) QVERIFY(name != "classifier");
    const Names names = names_of(attached);
    QVERIFY(std::find(names.begin(), names.end(), "classifier.weight") != names.end());

    // PEFT leaves a masked LM's decoder out, not the layer before it.
    const auto masked = fixture_model("full/bert-mlm");
    attach_method(*masked, lora_on({"all-linear"}, false), false, 0);
    const Names in_masked = adapted_layers(*masked);
    QVERIFY(std::find(in_masked.begin(), in_masked.end(), "cls.predictions.transform.dense") != in_masked.end());
    QVERIFY(std::find(in_masked.begin(), in_masked.end(), "cls.predictions.decoder") == in_masked.end());
  }

  void listsMatchEndingsAndTextsMatchWhole() {
    const auto adapted = [](const LoraOptions& options) {
      const auto model = fixture_model("full/llama-lm");
      attach_method(*model, options, false, 0);
      return adapted_layers(*model);
    };
    QCOMPARE(adapted(lora_on({"q_proj"}, true)),
             (Names{"model.layers.0.self_attn.q_proj", "model.layers.1.self_attn.q_proj"}));
    QCOMPARE(adapted(lora_on({"0.self_attn.q_proj", "model.layers.1.mlp.up_proj"}, true)),
             (Names{"model.layers.0.self_attn.q_proj", "model.layers.1.mlp.up_proj"}));
    QCOMPARE(adapted(lora_on({".*\\.1\\..*(q|k)_proj"}, false)),
             (Names{"model.layers.1.self_attn.q_proj", "model.layers.1.self_attn.k_proj"}));
    LUTHIER_FAILS(adapted(lora_on({"proj"}, true)), "match no layer");
    LUTHIER_FAILS(adapted(lora_on({"q_proj"}, false)), "match no layer");
    LUTHIER_FAILS(adapted(lora_on({"nothing"}, true)), "model.layers.0.self_attn.q_proj");
    LUTHIER_FAILS(adapted(lora_on({"lm_head"}, true)), "lm_head");
    LUTHIER_FAILS(adapted(lora_on({"(("}, false)), "regular expression");
  }

  void patternsGiveRankAndScale() {
    const auto model = fixture_model("full/llama-lm");
    LoraOptions options = lora_on({"q_proj", "v_proj", "up_proj"}, true);
    options.rank = 4;
    options.alpha = 8;
    options.rank_pattern = {{"layers\\.0\\..*q_proj", 2}, {"q_proj", 6}};
    options.alpha_pattern = {{"v_proj", 3}};
    options.rank_stabilised = true;
    attach_method(*model, options, false, 0);
    for (const auto& [name, layer] : adaptable_layers(*model)) {
      if (!layer->lora()) continue;
      const std::int64_t rank = name == "model.layers.0.self_attn.q_proj" ? 2 : name.ends_with("q_proj") ? 6 : 4;
      const double alpha = name.ends_with("v_proj") ? 3 : 8;
      QCOMPARE(layer->lora()->a.size(0), rank);
      QCOMPARE(layer->lora()->scale, alpha / std::sqrt(static_cast<double>(rank)));
    }
  }

  void modulesToSaveTrainWholeAndTakeNoAdapter() {
    const auto model = fixture_model("full/llama-lm");
    LoraOptions options = lora_on({"q_proj", "up_proj"}, true);
    options.modules_to_save = {"layers.1.mlp", "model.norm"};
    const Names names = names_of(attach_method(*model, options, false, 0));
    const auto trains = [&](const std::string& name) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    QVERIFY(trains("model.layers.1.mlp.up_proj.weight"));
    QVERIFY(trains("model.norm.weight"));
    QVERIFY(!trains("model.layers.1.mlp.up_proj.lora_A.weight"));
    QVERIFY(trains("model.layers.0.mlp.up_proj.lora_A.weight"));
    const auto other = fixture_model("full/llama-lm");
    options.modules_to_save = {"nothing"};
    LUTHIER_FAILS(attach_method(*other, options, false, 0), "nothing");
  }

  void startsFromTheBaseModelsOutputs() {
    for (const std::string& name : kModels) {
      const auto model = fixture_model("full/" + name);
      const FixtureBatch batch = fixture_batch("full/" + name, "batch0");
      const torch::Tensor before = model->logits(batch.inputs).detach();
      attach_method(*model, LoraOptions{}, false, 3);
      QVERIFY(torch::equal(model->logits(batch.inputs).detach(), before));
    }
  }

  void theSeedDecidesTheFirstValues() {
    const auto first = [](std::uint64_t seed) {
      const auto model = fixture_model("full/llama-lm");
      return attach_method(*model, LoraOptions{}, false, seed).trainable[0].second.detach().clone();
    };
    QVERIFY(torch::equal(first(1), first(1)));
    QVERIFY(!torch::equal(first(1), first(2)));
  }
};

QTEST_GUILESS_MAIN(AttachTest)
#include "attach_test.moc"
