// Weights in few bits. Codes, scales and dequantised values are those of bitsandbytes 0.50 (tests/fixtures/nf4);
// products are held against the same weights in full precision.
#include "nn/quantised.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "models/tensors.h"
#include "nn/initialise.h"
#include "nn/linear.h"
#include "support/testing.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

Tensor normal(at::IntArrayRef shape, std::uint64_t seed) {
  return at::randn(shape, at::detail::createCPUGenerator(seed), at::TensorOptions(at::kFloat));
}

double largest(const Tensor& difference) { return difference.abs().max().item<double>(); }

std::shared_ptr<const nn::QuantisedWeight> quantised(const Tensor& weight, const std::string& type, std::int64_t block,
                                                     bool twice) {
  return std::make_shared<nn::QuantisedWeight>(weight, nn::QuantiseOptions{nn::quantised_type(type), block, twice});
}

void kinds() {
  QTest::addColumn<QString>("type");
  QTest::addColumn<bool>("twice");
  for (const char* type : {"nf4", "fp4"})
    for (const bool twice : {false, true}) QTest::addRow("%s%s", type, twice ? " twice" : "") << type << twice;
  QTest::newRow("int8") << "int8" << false;
}

}  // namespace

class QuantisedTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void hasTheBitsOfBitsandbytes() {
    const Json cases = read_json(fixture("nf4") / "nf4.json");
    std::map<std::string, Tensor> tensors;
    for (const auto& [name, tensor] : read_tensors(fixture("nf4") / "nf4.safetensors")) tensors[name] = tensor;
    int compared = 0;
    for (const auto& [name, about] : cases.items()) {
      const bool twice = name.ends_with(".double");
      const auto ours = quantised(tensors.at(name + ".weight"), about["quant_type"], about["blocksize"], twice);
      const auto same = [&](const char* part, const Tensor& found) {
        QVERIFY2(at::equal(found, tensors.at(name + "." + part)), (name + "." + part).c_str());
      };
      same("packed", ours->packed);
      same("absmax", ours->absmax);
      same("dequantized", ours->dequantised());
      if (!twice) same("code", nn::four_bit_values(nn::quantised_type(about["quant_type"])));
      if (twice) same("absmax.absmax", ours->absmax_absmax);
      if (twice) same("absmax.code", nn::dynamic_values(true));
      if (twice) same("offset", ours->absmax_offset);
      ++compared;
    }
    QCOMPARE(compared, 8);
  }

  void int8RoundsEachRowToItsLargest() {
    const Tensor weight = at::tensor({0.5f, -2.0f, 1.0f, 0.0f, 0.0f, 0.0f}).view({2, 3});
    const auto ours = quantised(weight, "int8", 64, true);
    // 127 * 0.5 / 2 = 31.75, -127, 63.5: to the even neighbour.
    QVERIFY(at::equal(ours->packed, at::tensor({32, -127, 64, 0, 0, 0}, at::kChar).view({2, 3})));
    QVERIFY(at::equal(ours->absmax, at::tensor({2.0f, 0.0f})));
    QVERIFY(largest(ours->dequantised() - weight) <= 1.0 / 127);
    QVERIFY(!ours->absmax_offset.defined());
  }

  void blocksMayEndAnywhere_data() { kinds(); }
  void blocksMayEndAnywhere() {
    QFETCH(QString, type);
    QFETCH(bool, twice);
    // Rows of odd length: blocks cross them, and bytes hold the end of one and the start of the next.
    const auto ours = quantised(normal({7, 53}, 1), type.toStdString(), 64, twice);
    const Tensor whole = ours->dequantised();
    for (std::int64_t begin = 0; begin < 7; ++begin) {
      Tensor rows = at::zeros({7 - begin, 53});
      ours->dequantise_rows(begin, 7 - begin, rows);
      QVERIFY(at::equal(rows, whole.slice(0, begin)));
    }
  }

  void zerosStayZero_data() { kinds(); }
  void zerosStayZero() {
    QFETCH(QString, type);
    QFETCH(bool, twice);
    const auto ours = quantised(at::zeros({4, 64}), type.toStdString(), 64, twice);
    QCOMPARE(largest(ours->dequantised()), 0.0);
  }

  void multipliesAsTheDequantisedWeightDoes_data() { kinds(); }
  void multipliesAsTheDequantisedWeightDoes() {
    QFETCH(QString, type);
    QFETCH(bool, twice);
    // Several panels of rows, the last of which is smaller.
    for (const auto& [out, in] : {std::pair<std::int64_t, std::int64_t>{700, 600}, {5, 33}, {1, 1}}) {
      const auto ours = quantised(normal({out, in}, 2), type.toStdString(), 64, twice);
      const Tensor x = normal({2, 9, in}, 3).requires_grad_(true), same = x.detach().clone().requires_grad_(true);
      const Tensor bias = normal({out}, 4), pull = normal({2, 9, out}, 5);
      const Tensor y = nn::quantised_linear(x, ours, bias), expected = at::linear(same, ours->dequantised(), bias);
      QVERIFY(y.sizes() == expected.sizes());
      QVERIFY(largest(y - expected) < 1e-4);
      y.mul(pull).sum().backward();
      expected.mul(pull).sum().backward();
      QVERIFY(largest(x.grad() - same.grad()) < 1e-4);
    }
  }

  void aLinearLayerKeepsNoParameterOfItsWeight() {
    for (const auto layout : {nn::WeightLayout::out_in, nn::WeightLayout::in_out}) {
      const auto owner = std::make_shared<nn::Linear>(32, 24, true, layout);
      nn::Linear& layer = *owner;
      nn::initialise(layer, 0.5, 3, [](const std::string&) { return true; });
      const Tensor weight = layer.weight.detach().clone(), x = normal({3, 32}, 6);
      layer.quantise(layer.weight, {nn::QuantisedType::nf4, 32, true});
      QCOMPARE(layer.named_parameters().keys(), std::vector<std::string>{"bias"});
      QVERIFY(layer.weight_values().sizes() == weight.sizes());
      QVERIFY(largest(layer.weight_values() - weight) < 0.3);  // half of NF4's widest gap, times the largest of a block
      const Tensor y = layer.forward(x);
      for (const auto& buffer : layer.named_buffers()) QVERIFY(nn::is_quantised_buffer("layer." + buffer.key()));
      layer.dequantise();
      QVERIFY(largest(layer.forward(x) - y) < 1e-5);
      QVERIFY(layer.named_buffers().is_empty());
      QVERIFY(!layer.weight.requires_grad());
    }
  }

  void adaptersOnQuantisedLayersMerge() {
    for (const bool dora : {false, true}) {
      const auto owner = std::make_shared<nn::Linear>(40, 24);
      nn::Linear& layer = *owner;
      nn::initialise(layer, 0.5, 3, [](const std::string&) { return true; });
      layer.quantise(layer.weight, {nn::QuantisedType::nf4, 64, false});
      layer.eval();
      const Tensor x = normal({5, 40}, 7), before = layer.forward(x);
      layer.add_lora(4, 2.0, 8.0, 0.0, at::detail::createCPUGenerator(1), dora);
      QVERIFY(largest(layer.forward(x) - before) < 1e-5);
      const c10::NoGradGuard no_grad;
      Tensor(layer.lora()->b).copy_(normal({24, 4}, 8));
      const Tensor adapted = layer.forward(x);
      QVERIFY(largest(adapted - before) > 0.1);
      layer.merge_adapter();
      QVERIFY(!layer.quantised());
      QVERIFY(largest(layer.forward(x) - adapted) < 1e-4);
    }
  }

  void namesOfTypesAreChecked() { LUTHIER_FAILS(nn::quantised_type("nf5"), "nf4, fp4 or int8"); }
};

QTEST_GUILESS_MAIN(QuantisedTest)
#include "quantised_test.moc"
