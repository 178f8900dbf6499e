// The losses against the plain formulas, in double precision where rounding would blur the comparison.
#include <ATen/autocast_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <torch/nn/module.h>

#include "nn/loss.h"
#include "support/testing.h"

using namespace luthier;
using at::Tensor;

namespace {

struct Case {
  Tensor rows, weight, bias, labels;
};

Case make(bool with_bias, std::int64_t count = 37, std::int64_t vocabulary = 53) {
  at::manual_seed(7);
  Case made{at::randn({count, 12}), at::randn({vocabulary, 12}), with_bias ? at::randn({vocabulary}) : Tensor(),
            at::randint(vocabulary, {count}, at::kLong)};
  for (const std::int64_t unlabelled : {0, 5, 6, 36}) made.labels[unlabelled] = nn::kNoLabel;
  made.rows.requires_grad_(true);
  made.weight.requires_grad_(true);
  if (with_bias) made.bias.requires_grad_(true);
  return made;
}

/// Sum of -log p(label), written out.
Tensor plain(const Case& c) {
  const std::optional<Tensor> bias = c.bias.defined() ? std::optional(c.bias) : std::nullopt;
  const Tensor log_p = at::linear(c.rows, c.weight, bias).log_softmax(1);
  const Tensor carries = c.labels.ne(nn::kNoLabel);
  return log_p.gather(1, c.labels.clamp_min(0).unsqueeze(1)).squeeze(1).mul(carries).sum().neg();
}

double relative(const Tensor& got, const Tensor& expected) {
  return ((got - expected).abs().max() / expected.abs().max()).item<double>();
}

}  // namespace

class LossTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void smoothedLabelsGiveTorchsLossAndGradients() {
    for (const std::int64_t chunk : {8, 256}) {
      const Case got = make(true), expected = make(true);
      const Tensor loss = nn::linear_cross_entropy_sum(got.rows, got.weight, got.bias, got.labels, chunk, 0.1);
      const Tensor logits = at::linear(expected.rows, expected.weight, expected.bias);
      const Tensor plain = nn::cross_entropy_sum(logits, expected.labels, 0.1);  // at::cross_entropy_loss
      QVERIFY(relative(loss, plain) < 1e-6);
      loss.backward();
      plain.backward();
      QVERIFY(relative(got.rows.grad(), expected.rows.grad()) < 1e-5);
      QVERIFY(relative(got.weight.grad(), expected.weight.grad()) < 1e-5);
      QVERIFY(relative(got.bias.grad(), expected.bias.grad()) < 1e-5);
    }
  }

  void chunkedLossAndGradientsEqualThePlainOnes_data() {
    QTest::addColumn<bool>("with_bias");
    QTest::addColumn<int>("chunk");
    for (const int chunk : {1, 8, 37, 256})
      for (const bool with_bias : {false, true})
        QTest::addRow("chunk %d bias %d", chunk, with_bias) << with_bias << chunk;
  }

  void chunkedLossAndGradientsEqualThePlainOnes() {
    QFETCH(bool, with_bias);
    QFETCH(int, chunk);
    Case expected = make(with_bias), got = make(with_bias);
    const Tensor wanted = plain(expected);
    const Tensor loss = nn::linear_cross_entropy_sum(got.rows, got.weight, got.bias, got.labels, chunk);
    QVERIFY(relative(loss, wanted) < 1e-6);
    wanted.div(11).backward();  // the caller's normalisation reaches the gradients
    loss.div(11).backward();
    QVERIFY(relative(got.rows.grad(), expected.rows.grad()) < 1e-5);
    QVERIFY(relative(got.weight.grad(), expected.weight.grad()) < 1e-5);
    if (with_bias) QVERIFY(relative(got.bias.grad(), expected.bias.grad()) < 1e-5);
    QCOMPARE(got.rows.grad()[5].abs().max().item<double>(), 0.0);  // carries no label
  }

  void rowsCountAsTheirWeightsSay() {
    // A row of weight w is w copies of it.
    Case expected = make(true), got = make(true);
    const Tensor weights = at::ones({37});
    weights[1] = 3;
    weights[9] = 2;
    const Tensor copies = at::cat({at::arange(37), at::tensor({1, 1, 9, 5}, at::kLong)});  // 5 carries no label
    const Tensor logits = at::linear(expected.rows, expected.weight, expected.bias).index_select(0, copies);
    const Tensor wanted = nn::cross_entropy_sum(logits, expected.labels.index_select(0, copies), 0.1);
    const Tensor loss = nn::linear_cross_entropy_sum(got.rows, got.weight, got.bias, got.labels, 8, 0.1, weights);
    QVERIFY(relative(loss, wanted) < 1e-6);
    wanted.backward();
    loss.backward();
    QVERIFY(relative(got.rows.grad(), expected.rows.grad()) < 1e-5);
    QVERIFY(relative(got.weight.grad(), expected.weight.grad()) < 1e-5);
    QVERIFY(relative(got.bias.grad(), expected.bias.grad()) < 1e-5);
    const Tensor whole = at::linear(got.rows, got.weight, got.bias).detach();
    QVERIFY(relative(nn::cross_entropy_sum(whole, got.labels, 0.1, {}, 0, weights), wanted.detach()) < 1e-6);
  }

  void aFrozenOutputLayerGetsNoGradient() {
    Case expected = make(true), got = make(true);
    got.weight.requires_grad_(false);
    got.bias.requires_grad_(false);
    plain(expected).backward();
    nn::linear_cross_entropy_sum(got.rows, got.weight, got.bias, got.labels, 8).backward();
    QVERIFY(!got.weight.grad().defined() && !got.bias.grad().defined());
    QVERIFY(relative(got.rows.grad(), expected.rows.grad()) < 1e-5);
  }

  void frozenRowsGetNoGradient() {
    Case expected = make(false), got = make(false);
    got.rows.requires_grad_(false);
    plain(expected).backward();
    nn::linear_cross_entropy_sum(got.rows, got.weight, got.bias, got.labels, 8).backward();
    QVERIFY(!got.rows.grad().defined());
    QVERIFY(relative(got.weight.grad(), expected.weight.grad()) < 1e-5);
  }

  void withoutGradientsItOnlyCounts() {
    const Case c = make(true);
    const at::NoGradGuard no_grad;
    const Tensor loss = nn::linear_cross_entropy_sum(c.rows, c.weight, c.bias, c.labels, 8);
    QVERIFY(!loss.requires_grad());
    QVERIFY(relative(loss, plain(c)) < 1e-6);
  }

  void noLabelAtAllGivesZeroLossAndZeroGradients() {
    Case c = make(true);
    c.labels.fill_(nn::kNoLabel);
    const Tensor loss = nn::linear_cross_entropy_sum(c.rows, c.weight, c.bias, c.labels, 8);
    loss.backward();
    QCOMPARE(loss.item<double>(), 0.0);
    QCOMPARE(c.weight.grad().abs().max().item<double>(), 0.0);
    QCOMPARE(nn::label_count(c.labels).item<std::int64_t>(), 0);
  }

  void autocastMultipliesInLowerPrecision() {
    Case expected = make(true), got = make(true);
    plain(expected).backward();
    at::autocast::set_autocast_enabled(at::kCPU, true);
    at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
    const Tensor loss = nn::linear_cross_entropy_sum(got.rows, got.weight, got.bias, got.labels, 8);
    at::autocast::set_autocast_enabled(at::kCPU, false);
    at::autocast::clear_cache();
    loss.backward();
    QVERIFY(loss.scalar_type() == at::kFloat && got.weight.grad().scalar_type() == at::kFloat);
    const double error = relative(got.weight.grad(), expected.weight.grad());
    QVERIFY2(error > 1e-5 && error < 3e-2, std::to_string(error).c_str());  // bf16 keeps 8 bits
    QVERIFY(relative(got.rows.grad(), expected.rows.grad()) < 3e-2);
    QVERIFY(relative(loss, plain(expected)) < 1e-2);
  }

  void sumsOnlyOverLabels() {
    Case c = make(false);
    const Tensor logits = at::linear(c.rows, c.weight);
    QVERIFY(relative(nn::cross_entropy_sum(logits, c.labels), plain(c)) < 1e-6);
    QCOMPARE(nn::label_count(c.labels).item<std::int64_t>(), 33);
  }

  void smoothingMixesInTheUniformTarget() {
    // Two classes, logits 0 and ln 3: p = 1/4, 3/4; smoothing 0.2 makes the target 0.9 on the label, 0.1 on the other.
    const Tensor logits = at::tensor({0.0, std::log(3.0)}).unsqueeze(0), labels = at::tensor({1}, at::kLong);
    const double expected = -(0.9 * std::log(0.75) + 0.1 * std::log(0.25));
    QVERIFY(std::abs(nn::cross_entropy_sum(logits, labels, 0.2).item<double>() - expected) < 1e-6);
  }
};

QTEST_GUILESS_MAIN(LossTest)
#include "loss_test.moc"
