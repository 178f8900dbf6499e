// DoRA, LoRA+, LoRA in some blocks and on embeddings, IA3, and LoRA on quantised weights. The formulas are those of the
// papers and of PEFT's layers, written out here on whole weights; fixtures of PEFT itself are in peft_test.cpp.
#include <ATen/CPUGeneratorImpl.h>

#include "base/error.h"
#include "fixture_run.h"
#include "methods/lora.h"
#include "nn/conv2d.h"
#include "nn/embedding.h"
#include "recipe/outline.h"
#include "recipe/targets.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

torch::Tensor normal(at::IntArrayRef shape, std::uint64_t seed) {
  return torch::randn(shape, at::detail::createCPUGenerator(seed));
}

double largest(const torch::Tensor& difference) { return difference.abs().max().item<double>(); }

/// Draws everything that an adapter trains.
void move_off_start(const Attached& attached) {
  const torch::NoGradGuard no_grad;
  std::uint64_t seed = 50;
  for (const auto& [name, parameter] : attached.trainable)
    if (is_adapter_parameter(name)) Tensor(parameter).add_(normal(parameter.sizes(), seed++), 0.1);
}

LoraOptions small_lora() {
  LoraOptions options;
  options.rank = 2;
  options.alpha = 4;
  return options;
}

Json saved_config(const Model& model, const fs::path& folder) {
  save_adapter(model, folder, "base");
  return read_json(folder / "adapter_config.json");
}

torch::Tensor logits_of(Model& model, const FixtureBatch& batch) {
  const torch::NoGradGuard no_grad;
  return model.logits(batch.inputs);
}

}  // namespace

class LoraTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void doraLearnsLengthsBesideDirections() {
    for (const auto layout : {nn::WeightLayout::out_in, nn::WeightLayout::in_out}) {
      nn::Linear layer(12, 7, true, layout);
      {
        const torch::NoGradGuard no_grad;
        layer.weight.copy_(normal(layer.weight.sizes(), 1));
        layer.bias.copy_(normal({7}, 2));
      }
      layer.eval();
      const torch::Tensor x = normal({5, 12}, 3), before = layer.forward(x).detach();
      layer.add_lora(3, 2.0, 6.0, 0.0, at::detail::createCPUGenerator(4), /*dora=*/true);
      const nn::Lora& lora = *layer.lora();
      QVERIFY(largest(layer.forward(x) - before) < 1e-5);
      {
        const torch::NoGradGuard no_grad;
        Tensor(lora.b).copy_(normal({7, 3}, 5));
        Tensor(lora.magnitude).copy_(normal({7}, 6));
      }
      const torch::Tensor weight = layout == nn::WeightLayout::in_out ? layer.weight.t() : layer.weight;
      const torch::Tensor a = lora.a.detach().clone().requires_grad_(), b = lora.b.detach().clone().requires_grad_(),
                          m = lora.magnitude.detach().clone().requires_grad_();
      const torch::Tensor updated = weight + 2.0 * b.mm(a);
      const torch::Tensor lengths = updated.norm(2, 1).detach();  // section 4.3: a constant
      const torch::Tensor expected = x.mm((updated * (m / lengths).unsqueeze(1)).t()) + layer.bias;
      const torch::Tensor y = layer.forward(x), pull = normal({5, 7}, 7);
      QVERIFY(largest(y - expected) < 1e-4);
      y.mul(pull).sum().backward();
      expected.mul(pull).sum().backward();
      QVERIFY(largest(lora.a.grad() - a.grad()) < 1e-3);
      QVERIFY(largest(lora.b.grad() - b.grad()) < 1e-3);
      QVERIFY(largest(lora.magnitude.grad() - m.grad()) < 1e-3);
      const torch::Tensor adapted = y.detach();
      layer.merge_adapter();
      QVERIFY(largest(layer.forward(x) - adapted) < 1e-4);
      QCOMPARE(layer.named_parameters().size(), 2u);
    }
  }

  void doraOnConvolutionsMerges() {
    nn::Conv2d layer({.in = 3, .out = 5, .kernel = 3, .padding = 1, .bias = true});
    {
      const torch::NoGradGuard no_grad;
      layer.weight.copy_(normal(layer.weight.sizes(), 1));
      layer.bias.copy_(normal({5}, 2));
    }
    layer.eval();
    const torch::Tensor x = normal({2, 3, 6, 6}, 3), before = layer.forward(x).detach();
    layer.add_lora(2, 0.5, 1, 0, at::detail::createCPUGenerator(4), /*dora=*/true);
    QVERIFY(layer.lora()->magnitude.sizes() == at::IntArrayRef({1, 5, 1, 1}));
    QVERIFY(largest(layer.forward(x) - before) < 1e-4);
    {
      const torch::NoGradGuard no_grad;
      Tensor(layer.lora()->b).normal_();
      Tensor(layer.lora()->magnitude).mul_(1.5);
    }
    const torch::Tensor adapted = layer.forward(x).detach();
    QVERIFY(largest(adapted - before) > 0.1);
    layer.merge_adapter();
    QVERIFY(largest(layer.forward(x) - adapted) < 1e-4);
  }

  void loraPlusLetsTheSecondFactorLearnFaster() {
    LoraOptions options = small_lora();
    options.rate_ratio = 16;
    options.dora = true;
    const auto model = fixture_model("peft/lora-bert-cls");
    const Attached attached = attach_method(*model, options, true, 1);
    QCOMPARE(attached.rate_scales.size(), attached.trainable.size());
    int faster = 0;
    for (std::size_t i = 0; i < attached.trainable.size(); ++i) {
      const bool second = attached.trainable[i].first.ends_with(".lora_B.weight");
      QCOMPARE(attached.rate_scales[i], second ? 16.0 : 1.0);
      faster += second ? 1 : 0;
    }
    QVERIFY(faster > 0 && faster < static_cast<int>(attached.trainable.size()));
  }

  void someBlocksAloneGetAdapters() {
    LoraOptions options = small_lora();
    options.layers = "1";
    const auto model = fixture_model("peft/lora-llama-lm");
    const Attached attached = attach_method(*model, options, false, 1);
    QCOMPARE(attached.trainable.size(), 2u * 7);
    for (const auto& [name, parameter] : attached.trainable) QVERIFY(name.find(".layers.1.") != std::string::npos);
    move_off_start(attached);
    const TemporaryFolder folder;
    const Json config = saved_config(*model, folder.path());
    QCOMPARE(QString::fromStdString(config["layers_to_transform"].dump()), QString("[1]"));
    QCOMPARE(config["target_modules"].size(), 7u);
    const auto again = fixture_model("peft/lora-llama-lm");
    load_adapter(*again, folder.path());
    const FixtureBatch batch = fixture_batch("peft/lora-llama-lm", "batch0");
    QVERIFY(torch::equal(logits_of(*again, batch), logits_of(*model, batch)));
    options.layers = "7";
    LUTHIER_FAILS(attach_method(*fixture_model("peft/lora-llama-lm"), options, false, 1), "blocks");
  }

  void blockNumbersAreRead() {
    QCOMPARE(block_numbers("0-3, 7", "x"), (std::vector<std::int64_t>{0, 1, 2, 3, 7}));
    QCOMPARE(block_numbers(" 5,1 - 2,1", "x"), (std::vector<std::int64_t>{1, 2, 5}));
    QVERIFY(block_numbers(" ", "x").empty());
    for (const char* wrong : {"a", "1-", "3-1", "1,,2", "1 2", "-1", "99999"})
      LUTHIER_FAILS(block_numbers(wrong, "x"), "lists no blocks");
  }

  void tokenTablesTakeALora_data() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("table");
    QTest::addColumn<bool>("tied");
    QTest::newRow("llama") << "peft/lora-llama-lm" << "embed_tokens" << false;
    QTest::newRow("bert") << "peft/lora-bert-mlm" << "word_embeddings" << true;
    QTest::newRow("t5") << "peft/lora-t5-s2s" << "shared" << true;
    QTest::newRow("gpt2") << "peft/lora-gpt2-lm" << "wte" << true;
  }
  void tokenTablesTakeALora() {
    QFETCH(QString, folder);
    QFETCH(QString, table);
    const std::string name = folder.toStdString();
    for (const bool dora : {false, true}) {
      LoraOptions options = small_lora();
      options.targets = {table.toStdString()};
      options.targets_is_list = true;
      options.dora = dora;
      const auto model = fixture_model(name);
      const FixtureBatch batch = fixture_batch(name, "batch0");
      const torch::Tensor before = logits_of(*model, batch);
      const Attached attached = attach_method(*model, options, false, 1);
      QCOMPARE(attached.trainable.size(), dora ? 3u : 2u);
      QVERIFY(attached.trainable[0].first.ends_with("lora_embedding_A") ||
              attached.trainable[0].first.ends_with("lora_magnitude_vector"));
      QVERIFY(relative_difference(logits_of(*model, batch), before, batch.inputs) < 1e-4);
      move_off_start(attached);
      mean_loss(*model, batch).backward();
      for (const auto& [parameter, values] : attached.trainable)
        QVERIFY2(values.grad().defined() && largest(values.grad()) > 0, parameter.c_str());
      const torch::Tensor adapted = logits_of(*model, batch);
      const TemporaryFolder saved;
      save_adapter(*model, saved.path() / "adapter", "base");
      const auto again = fixture_model(name);
      load_adapter(*again, saved.path() / "adapter");
      QVERIFY(relative_difference(logits_of(*again, batch), adapted, batch.inputs) < 1e-5);
      QVERIFY(merge_adapters(*model));
      QVERIFY(relative_difference(logits_of(*model, batch), adapted, batch.inputs) < 1e-4);
      // What is saved keeps the output layer that the table was tied to.
      save_model(*model, saved.path() / "model");
      LoadOptions load;
      load.head = model->head_kind();
      const auto merged = load_model(saved.path() / "model", load);
      QVERIFY(relative_difference(logits_of(*merged, batch), adapted, batch.inputs) < 1e-4);
    }
  }

  void otherTablesAreRefused() {
    LoraOptions options = small_lora();
    options.targets = {"position_embeddings"};
    options.targets_is_list = true;
    LUTHIER_FAILS(attach_method(*fixture_model("peft/lora-bert-mlm"), options, false, 1), "table of tokens");
  }

  void ia3ScalesWhatPeftScales() {
    const auto model = fixture_model("peft/lora-gpt2-lm");
    const Attached attached = attach_method(*model, Ia3Options{}, false, 1);
    // c_attn's outputs, the feed-forward's inner activations; 2 layers of 32 channels, 128 inside.
    for (const auto& [name, factor] : attached.trainable) {
      const bool inner = name.find("mlp.c_proj") != std::string::npos;
      QVERIFY(inner || name.find("attn.c_attn") != std::string::npos);
      QCOMPARE(factor.size(inner ? 0 : 1), std::int64_t{1});
    }
    QCOMPARE(attached.trainable.size(), 4u);
    move_off_start(attached);
    const FixtureBatch batch = fixture_batch("peft/lora-gpt2-lm", "batch0");
    const torch::Tensor adapted = logits_of(*model, batch);
    const TemporaryFolder folder;
    const Json config = saved_config(*model, folder.path());
    QCOMPARE(QString::fromStdString(config["peft_type"].get<std::string>()), QString("IA3"));
    QVERIFY(config["fan_in_fan_out"].get<bool>());
    QCOMPARE(config["feedforward_modules"].size(), 1u);
    const auto again = fixture_model("peft/lora-gpt2-lm");
    load_adapter(*again, folder.path());
    QVERIFY(torch::equal(logits_of(*again, batch), adapted));
    QVERIFY(merge_adapters(*model));
    QVERIFY(relative_difference(logits_of(*model, batch), adapted, batch.inputs) < 1e-5);
  }

  void whatTrainsIsWhatTheOutlineSays_data() {
    QTest::addColumn<QString>("folder");
    for (const char* name : {"bert-cls", "gpt2-lm", "llama-lm", "qwen2-lm", "roberta-cls", "t5-s2s", "vit-cls",
                             "wav2vec2-ctc", "whisper-s2s", "resnet-cls", "efficientnet-cls"})
      QTest::newRow(name) << QString("full/") + name;
  }
  void whatTrainsIsWhatTheOutlineSays() {
    QFETCH(QString, folder);
    const std::string name = folder.toStdString();
    const fs::path base = fixture(name) / "base";
    const ModelOutline outline = outline_model(base);
    LoraOptions dora = small_lora();
    dora.dora = true;
    LoraOptions first_block = small_lora();
    first_block.layers = "0";
    QloraOptions qlora;
    qlora.rank = 2;
    std::vector<MethodOptions> methods = {small_lora(), dora, first_block, Ia3Options{}};
    if (outline.sizes.map_values == 0) methods.push_back(qlora);
    for (std::size_t i = 0; i < methods.size(); ++i) {
      const auto model = fixture_model(name);
      const Attached attached = attach_method(*model, methods[i], false, 1);
      QVERIFY2(attached.trainable_parameters == trainable_parameters(outline, methods[i]),
               (std::to_string(i) + ": " + std::to_string(attached.trainable_parameters) + " train, the outline says " +
                std::to_string(trainable_parameters(outline, methods[i])))
                   .c_str());
      QCOMPARE(attached.all_parameters - adapter_parameters(attached), outline.total_parameters);
    }
  }

  void quantisedLoadingIsTheSameAsQuantisingALoadedModel() {
    const std::string name = "full/llama-lm";
    const Quantisation how{{nn::QuantisedType::nf4, 32, true}, {}};
    LoadOptions options;
    options.quantisation = how;
    const auto read = fixture_model(name, options);
    QloraOptions qlora;
    qlora.block = 32;
    const auto made = fixture_model(name);
    const FixtureBatch batch = fixture_batch(name, "batch0");
    const torch::Tensor full = logits_of(*made, batch);
    attach_method(*made, qlora, false, 3);
    QVERIFY(torch::equal(logits_of(*read, batch), logits_of(*made, batch)));
    QVERIFY(relative_difference(logits_of(*read, batch), full, batch.inputs) > 1e-4);
    // Output layer and embedding stay in full precision.
    for (const auto& parameter : read->named_parameters())
      QVERIFY2(parameter.key().find("proj.weight") == std::string::npos, parameter.key().c_str());
    QVERIFY(read->output_weight().defined() && read->input_embedding().defined());
  }

  void anAdapterOnQuantisedWeightsIsAnAdapter() {
    const std::string name = "full/llama-lm";
    const auto model = fixture_model(name);
    QloraOptions qlora;
    qlora.rank = 4;
    qlora.block = 32;
    const Attached attached = attach_method(*model, qlora, false, 3);
    const std::vector<double> losses = train(*model, attached, name, 6, 0.01);
    QVERIFY(losses[4] < losses[0]);
    const FixtureBatch batch = fixture_batch(name, "batch0");
    const torch::Tensor tuned = logits_of(*model, batch);
    const TemporaryFolder folder;
    save_adapter(*model, folder.path() / "adapter", "base");
    LoadOptions options;
    options.quantisation = Quantisation{{nn::QuantisedType::nf4, 32, true}, {}};
    const auto again = fixture_model(name, options);
    load_adapter(*again, folder.path() / "adapter");
    QVERIFY(torch::equal(logits_of(*again, batch), tuned));
    QVERIFY(merge_adapters(*model));
    QVERIFY(relative_difference(logits_of(*model, batch), tuned, batch.inputs) < 1e-4);
    save_model(*model, folder.path() / "model");
    LoadOptions load;
    load.head = model->head_kind();
    QVERIFY(relative_difference(logits_of(*load_model(folder.path() / "model", load), batch), tuned, batch.inputs) <
            1e-4);
  }

  void whatTrainsWholeIsNotQuantised() {
    QloraOptions qlora;
    qlora.modules_to_save = {"pooler"};
    const auto model = fixture_model("full/bert-cls");
    const Attached attached = attach_method(*model, qlora, false, 3);
    bool pooler = false;
    for (const auto& [name, parameter] : attached.trainable) pooler = pooler || name == "bert.pooler.dense.weight";
    QVERIFY(pooler);
  }

  void convolutionalNetworksAreRefused() {
    LoadOptions options;
    options.quantisation = Quantisation{};
    LUTHIER_FAILS(fixture_model("full/resnet-cls", options), "choose lora");
    LUTHIER_FAILS(attach_method(*fixture_model("full/efficientnet-cls"), QloraOptions{}, false, 1), "choose lora");
  }

 private:
  static std::int64_t adapter_parameters(const Attached& attached) {
    std::int64_t sum = 0;
    for (const auto& [name, parameter] : attached.trainable)
      if (is_adapter_parameter(name)) sum += parameter.numel();
    return sum;
  }
};

QTEST_GUILESS_MAIN(LoraTest)
#include "lora_test.moc"
