// Linear with its adapter slot, embeddings, initialisation, activations.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>

#include "base/error.h"
#include "nn/activation.h"
#include "nn/embedding.h"
#include "nn/initialise.h"
#include "nn/linear.h"
#include "nn/norm.h"
#include "support/testing.h"

using namespace luthier;
using at::Tensor;

namespace {

double largest(const Tensor& difference) { return difference.abs().max().item<double>(); }

std::shared_ptr<nn::Linear> linear(std::int64_t in, std::int64_t out) {
  auto layer = std::make_shared<nn::Linear>(in, out);
  nn::initialise(*layer, 0.5, 3, [](const std::string&) { return true; });
  layer->eval();
  return layer;
}

std::vector<std::string> names(const torch::nn::Module& module) { return module.named_parameters().keys(); }

class Pair : public torch::nn::Module {
 public:
  Pair() {
    words = register_module("words", std::make_shared<nn::Embedding>(1000, 64, 2));
    norm = register_module("norm", std::make_shared<nn::LayerNorm>(64, 1e-5));
    out = register_module("out", std::make_shared<nn::Linear>(64, 1000));
    out->tie_weight(words->weight);
  }
  std::shared_ptr<nn::Embedding> words;
  std::shared_ptr<nn::LayerNorm> norm;
  std::shared_ptr<nn::Linear> out;
};

}  // namespace

class LayersTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void aFreshLoraChangesNothingAndFreezesTheBase() {
    const auto layer = linear(5, 3);
    const Tensor x = at::randn({2, 4, 5}), before = layer->forward(x);
    layer->add_lora(2, 4.0, 8.0, 0.0, at::detail::createCPUGenerator(1));
    QVERIFY(largest(layer->forward(x) - before) < 1e-6);
    QCOMPARE(names(*layer), (std::vector<std::string>{"weight", "bias", "lora_A.weight", "lora_B.weight"}));
    QVERIFY(!layer->weight.requires_grad() && !layer->bias.requires_grad());
    QVERIFY(layer->lora()->a.requires_grad() && layer->lora()->b.requires_grad());
    QVERIFY(largest(layer->lora()->a) <= 1 / std::sqrt(5.0));  // Kaiming-uniform with a = sqrt(5)
    LUTHIER_FAILS(layer->add_lora(2, 4.0, 8.0, 0.0, at::detail::createCPUGenerator(1)), "already");
  }

  void aLoraAddsItsScaledProductAndMergesIntoTheWeight() {
    const auto layer = linear(5, 3);
    layer->add_lora(2, 4.0, 8.0, 0.0, at::detail::createCPUGenerator(1));
    {
      const at::NoGradGuard no_grad;
      layer->lora()->b.fill_(0.25);
    }
    const Tensor x = at::randn({2, 4, 5}), base = at::linear(x, layer->weight, layer->bias);
    const Tensor expected = base + 4.0 * x.matmul(layer->lora()->a.t()).matmul(layer->lora()->b.t());
    QVERIFY(largest(layer->forward(x) - expected) < 1e-5);
    QVERIFY(largest(layer->forward(x[0][0].unsqueeze(0)) - expected[0][0]) < 1e-5);
    layer->set_adapter_active(false);
    QVERIFY(largest(layer->forward(x) - base) < 1e-6);
    layer->set_adapter_active(true);
    layer->merge_adapter();
    QVERIFY(!layer->lora());
    QCOMPARE(names(*layer), (std::vector<std::string>{"weight", "bias"}));
    QVERIFY(largest(layer->forward(x) - expected) < 1e-5);
  }

  void aTransposedWeightComputesAndMergesTheSame() {
    const at::NoGradGuard no_grad;
    nn::Linear plain(5, 3), transposed(5, 3, true, nn::WeightLayout::in_out);
    QCOMPARE(transposed.weight.sizes(), (at::IntArrayRef{5, 3}));
    plain.weight.normal_();
    plain.bias.normal_();
    transposed.weight.copy_(plain.weight.t());
    transposed.bias.copy_(plain.bias);
    const Tensor x = at::randn({2, 4, 5});
    for (nn::Linear* layer : {&plain, &transposed}) {
      layer->add_lora(2, 4.0, 8.0, 0.0, at::detail::createCPUGenerator(1));
      layer->lora()->b.fill_(0.25);
    }
    const Tensor adapted = plain.forward(x);
    QVERIFY(largest(transposed.forward(x) - adapted) < 1e-5);
    transposed.merge_adapter();
    QVERIFY(largest(transposed.forward(x) - adapted) < 1e-5);
    transposed.grow_outputs(5);
    QCOMPARE(transposed.weight.sizes(), (at::IntArrayRef{5, 5}));
    const Tensor grown = transposed.forward(x);
    QVERIFY(largest(grown.narrow(-1, 0, 3) - adapted) < 1e-5);
    QVERIFY(largest(grown.select(-1, 4) - adapted.mean(-1)) < 1e-5);  // new rows are the mean of the old ones
  }

  void loraGradientsReachFactorsAndInput() {
    const auto layer = linear(5, 3);
    layer->add_lora(2, 4.0, 8.0, 0.0, at::detail::createCPUGenerator(1));
    {
      const at::NoGradGuard no_grad;
      layer->lora()->b.fill_(0.25);
    }
    const Tensor x = at::randn({7, 5}).requires_grad_(true), g = at::randn({7, 3});
    (layer->forward(x) * g).sum().backward();
    const nn::Lora& lora = *layer->lora();
    const at::NoGradGuard no_grad;
    QVERIFY(largest(lora.b.grad() - 4.0 * g.t().matmul(x.matmul(lora.a.t()))) < 1e-4);
    QVERIFY(largest(lora.a.grad() - 4.0 * g.matmul(lora.b).t().matmul(x)) < 1e-4);
    QVERIFY(largest(x.grad() - g.matmul(layer->weight + 4.0 * lora.b.matmul(lora.a))) < 1e-4);
    QVERIFY(!layer->weight.grad().defined());
  }

  void thePaddingRowGetsNoGradient() {
    const auto table = std::make_shared<nn::Embedding>(4, 3, 1);
    nn::initialise(*table, 1.0, 1, [](const std::string&) { return true; });
    table->forward(at::tensor({1, 2, 2}, at::kLong)).sum().backward();
    QVERIFY(table->weight.grad().equal(at::tensor({0, 0, 2, 0}, at::kFloat).unsqueeze(1).expand({4, 3})));
  }

  void growingKeepsTheRowsAndAddsTheirMean() {
    const auto pair = std::make_shared<Pair>();
    nn::initialise(*pair, 0.02, 1, [](const std::string&) { return true; });
    const Tensor before = pair->words->weight.detach().clone();
    pair->words->grow(1003);
    pair->out->grow_outputs(1003);
    QVERIFY(pair->out->weight.is_same(pair->words->weight));
    QCOMPARE(pair->out->weight.size(0), 1003);
    QCOMPARE(pair->out->bias.size(0), 1003);
    QVERIFY(pair->words->weight.narrow(0, 0, 1000).equal(before));
    QVERIFY(largest(pair->words->weight[1002] - before.mean(0)) < 1e-7);
    QVERIFY(pair->words->weight.requires_grad());
  }

  void drawsAsTransformersDoes() {
    const auto pair = std::make_shared<Pair>();
    nn::initialise(*pair, 0.02, 5, [](const std::string&) { return true; });
    const Tensor words = pair->words->weight.detach();
    // 64000 draws: five deviations of the mean and of the deviation
    QVERIFY(std::abs(words.mean().item<double>()) < 5 * 0.02 / std::sqrt(64000.0));
    QVERIFY(std::abs(words.std().item<double>() - 0.02) < 5 * 0.02 / std::sqrt(2 * 64000.0) + 0.02 / 1000);
    QCOMPARE(largest(words[2]), 0.0);  // the padding row, also through the tied layer
    QCOMPARE(pair->norm->weight.min().item<float>(), 1.0f);
    QCOMPARE(pair->norm->weight.max().item<float>(), 1.0f);
    QCOMPARE(largest(pair->norm->bias), 0.0);
    QCOMPARE(largest(pair->out->bias), 0.0);
  }

  void whatIsDrawnDependsOnSeedAndNameAlone() {
    const auto all = std::make_shared<Pair>(), some = std::make_shared<Pair>(), other = std::make_shared<Pair>();
    nn::initialise(*all, 0.02, 5, [](const std::string&) { return true; });
    nn::initialise(*some, 0.02, 5, [](const std::string& name) { return name == "words.weight"; });
    nn::initialise(*other, 0.02, 6, [](const std::string&) { return true; });
    QVERIFY(some->words->weight.equal(all->words->weight));
    QVERIFY(!other->words->weight.equal(all->words->weight));
  }

  void unknownActivationsAreNamed() {
    const Tensor x = at::tensor({-1.0, 0.5});
    // gelu(0.5) = 0.5 * Phi(0.5); its tanh form is near but not equal (Hendrycks, Gimpel 2016)
    QVERIFY(std::abs(nn::activation_named("gelu")(x)[1].item<double>() - 0.34573123) < 1e-6);
    QVERIFY(std::abs(nn::activation_named("gelu_new")(x)[1].item<double>() - 0.34571401) < 1e-6);
    LUTHIER_FAILS(nn::activation_named("mish2"), "mish2");
  }
};

QTEST_GUILESS_MAIN(LayersTest)
#include "layers_test.moc"
