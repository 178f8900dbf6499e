// Expected values: the formulas, written with LibTorch's own operations.
#include "nn/rms_norm.h"

#include <torch/autograd.h>
#include <torch/types.h>

#include "support/testing.h"

using namespace luthier;

namespace {
double difference(const torch::Tensor& a, const torch::Tensor& b) { return (a - b).abs().max().item<double>(); }
}  // namespace

class RmsNormTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void normAndGateEqualTheirFormulasWithGradients() {
    for (const std::int64_t channels : {1, 7, 33, 64}) {
      const torch::Tensor x = torch::randn({5, 40, channels}).requires_grad_(true);
      const torch::Tensor w = torch::randn({channels}).requires_grad_(true), y = torch::randn({5, 40, channels});
      const torch::Tensor expected = x * torch::rsqrt(x.pow(2).mean(-1, true) + 1e-5) * w;
      QVERIFY(difference(nn::rms_norm(x, w, 1e-5), expected) < 1e-5);
      const auto ours = torch::autograd::grad({(nn::rms_norm(x, w, 1e-5) * y).sum()}, {x, w});
      const auto theirs = torch::autograd::grad({(expected * y).sum()}, {x, w});
      QVERIFY(difference(ours[0], theirs[0]) < 1e-4 * std::max(1.0, theirs[0].abs().max().item<double>()));
      QVERIFY(difference(ours[1], theirs[1]) < 1e-4 * std::max(1.0, theirs[1].abs().max().item<double>()));
    }
    const torch::Tensor gate = torch::randn({6, 9}).requires_grad_(true),
                        up = torch::randn({6, 9}).requires_grad_(true);
    const torch::Tensor expected = torch::silu(gate) * up;
    QVERIFY(difference(nn::gated_silu(gate, up), expected) < 1e-6);
    const auto ours = torch::autograd::grad({nn::gated_silu(gate, up).pow(2).sum()}, {gate, up});
    const auto theirs = torch::autograd::grad({expected.pow(2).sum()}, {gate, up});
    for (std::size_t i = 0; i < 2; ++i) QVERIFY(difference(ours[i], theirs[i]) < 1e-5);
  }
};

QTEST_GUILESS_MAIN(RmsNormTest)
#include "rms_norm_test.moc"
