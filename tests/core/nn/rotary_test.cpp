// Expected values: the formula of the paper, written with LibTorch's own operations.
#include "nn/rotary.h"

#include <torch/autograd.h>
#include <torch/types.h>

#include "support/testing.h"

using namespace luthier;

namespace {
double difference(const torch::Tensor& a, const torch::Tensor& b) { return (a - b).abs().max().item<double>(); }
}  // namespace

class RotaryTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void llama3FrequenciesKeepShortWavesAndStretchLongOnes() {
    nn::RotaryOptions plain{.head_size = 64, .theta = 500000}, scaled = plain;
    scaled.scaling = nn::RotaryOptions::Scaling::llama3;
    scaled.factor = 8;
    scaled.trained_positions = 8192;
    const torch::Tensor a = nn::rotary_tables(plain, 1, 1, torch::kCPU).sine[0];
    const torch::Tensor b = nn::rotary_tables(scaled, 1, 1, torch::kCPU).sine[0];
    QCOMPARE(a[0].item<float>(), b[0].item<float>());
    QVERIFY(std::abs(a[31].item<double>() / b[31].item<double>() - 8) < 1e-3);
    const double middle = a[16].item<double>() / b[16].item<double>();
    QVERIFY(middle >= 1 && middle <= 8);
  }

  void rotatingEqualsTheTextbookFormulaBothWays() {
    const nn::RotaryTables tables = nn::rotary_tables({.head_size = 6}, 3, 4, torch::kCPU);
    const torch::Tensor x = torch::randn({2, 4, 3, 6}).requires_grad_(true), y = torch::randn({2, 4, 3, 6});
    const torch::Tensor c = tables.cosine.unsqueeze(1), s = tables.sine.unsqueeze(1);
    const torch::Tensor first = x.slice(3, 0, 3), second = x.slice(3, 3);
    const torch::Tensor expected = torch::cat({first * c - second * s, second * c + first * s}, 3);
    QVERIFY(difference(nn::rotate(x, tables), expected) < 1e-6);
    const auto ours = torch::autograd::grad({(nn::rotate(x, tables) * y).sum()}, {x});
    const auto theirs = torch::autograd::grad({(expected * y).sum()}, {x});
    QVERIFY(difference(ours[0], theirs[0]) < 1e-6);
    const torch::Tensor wide = nn::rotate(x.to(torch::kDouble), tables);
    QVERIFY(difference(wide, expected.to(torch::kDouble)) < 1e-6);
  }
};

QTEST_GUILESS_MAIN(RotaryTest)
#include "rotary_test.moc"
