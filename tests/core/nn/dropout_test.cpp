#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <torch/nn/module.h>

#include "nn/attention.h"
#include "nn/dropout.h"
#include "support/testing.h"

using namespace luthier;
using at::Tensor;

namespace {
void seed(std::uint64_t value) { at::manual_seed(value); }

double largest(const Tensor& difference) { return difference.abs().max().item<double>(); }
}  // namespace

class DropoutTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void dropsTheWantedShareAndKeepsTheMean_data() {
    QTest::addColumn<double>("p");
    for (const double p : {0.05, 0.1, 0.5, 0.9}) QTest::addRow("%g", p) << p;
  }

  void dropsTheWantedShareAndKeepsTheMean() {
    QFETCH(double, p);
    seed(1);
    const std::int64_t count = 1000003;  // no multiple of the kernel's step
    const Tensor y = nn::dropout(at::ones({count}), p, true);
    const double dropped = y.eq(0).sum().item<double>() / count;
    const double deviation = std::sqrt(p * (1 - p) / count);
    QVERIFY2(std::abs(dropped - p) < 5 * deviation + 1.0 / 65536, std::to_string(dropped).c_str());
    QVERIFY(std::abs(y.mean().item<double>() - 1) < 6 * deviation / (1 - p));
    const Tensor kept = y.masked_select(y.ne(0));
    QCOMPARE(kept.max().item<float>(), kept.min().item<float>());
  }

  void neighboursAreDroppedIndependently() {
    seed(2);
    const Tensor gone = nn::dropout(at::ones({1 << 20}), 0.5, true).eq(0).to(at::kDouble);
    for (const std::int64_t lag : {1, 2, 3, 4, 5, 16, 1024}) {
      const Tensor a = gone.narrow(0, 0, gone.size(0) - lag), b = gone.narrow(0, lag, gone.size(0) - lag);
      const double correlation = ((a - 0.5) * (b - 0.5)).mean().item<double>() * 4;
      QVERIFY2(std::abs(correlation) < 0.006, std::to_string(correlation).c_str());  // six deviations
    }
  }

  void theGeneratorsSeedGovernsTheMask() {
    const Tensor x = at::randn({64, 33});
    seed(3);
    const Tensor first = nn::dropout(x, 0.3, true), second = nn::dropout(x, 0.3, true);
    seed(3);
    QVERIFY(nn::dropout(x, 0.3, true).equal(first));
    QVERIFY(nn::dropout(x, 0.3, true).equal(second));
    QVERIFY(!first.equal(second));
  }

  void theMaskDoesNotDependOnThreads() {
    const Tensor x = at::randn({300, 257});
    const int threads = at::get_num_threads();
    seed(4);
    at::set_num_threads(1);
    const Tensor one = nn::dropout(x, 0.3, true);
    seed(4);
    at::set_num_threads(3);
    const Tensor three = nn::dropout(x, 0.3, true);
    at::set_num_threads(threads);
    QVERIFY(one.equal(three));
  }

  void theBackwardPassUsesTheSameMask() {
    seed(5);
    Tensor x = at::ones({50, 11}).requires_grad_(true);
    const Tensor y = nn::dropout(x, 0.4, true);
    y.sum().backward();
    QVERIFY(x.grad().equal(y.detach()));  // y = x * mask and x = 1
  }

  void addsTheResidualInOnePass() {
    const Tensor residual = at::randn({9, 7}).requires_grad_(true), x = at::randn({9, 7}).requires_grad_(true);
    seed(6);
    const Tensor dropped = nn::dropout(x.detach(), 0.4, true);
    seed(6);
    const Tensor y = nn::add_dropout(residual, x, 0.4, true);
    QVERIFY(largest(y - (residual + dropped)) < 1e-6);
    y.sum().backward();
    QVERIFY(residual.grad().equal(at::ones({9, 7})));
    QVERIFY(largest(x.grad() * x - dropped) < 1e-6);
  }

  void doesNothingOutsideTraining() {
    const Tensor x = at::randn({5});
    QVERIFY(nn::dropout(x, 0.5, false).is_same(x));
    QVERIFY(nn::add_dropout(x, x, 0.5, false).equal(x + x));
  }
};

QTEST_GUILESS_MAIN(DropoutTest)
#include "dropout_test.moc"
