// Attention against the formula written out.
#include <ATen/Context.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros.h>
#include <torch/nn/module.h>

#include <limits>

#include "nn/attention.h"
#include "nn/dropout.h"
#include "support/testing.h"

using namespace luthier;
using at::Tensor;

namespace {

void seed(std::uint64_t value) { at::manual_seed(value); }

/// [B, T, H * D]; `keep`: what the probabilities are multiplied by.
Tensor written_out(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask, const Tensor& keep = {}) {
  const std::int64_t groups = q.size(1) / k.size(1);
  const Tensor keys = k.repeat_interleave(groups, 1), values = v.repeat_interleave(groups, 1);
  Tensor scores = q.matmul(keys.transpose(2, 3)) / std::sqrt(static_cast<double>(q.size(3)));
  if (mask.defined()) scores = scores.masked_fill(mask.logical_not(), -std::numeric_limits<float>::infinity());
  Tensor p = scores.softmax(-1);
  if (keep.defined()) p = p * keep;
  return p.matmul(values).transpose(1, 2).flatten(2, 3);
}

double largest(const Tensor& difference) { return difference.abs().max().item<double>(); }

Tensor padding(std::int64_t rows, std::int64_t tokens) {  // row i has i tokens of padding at its end
  Tensor mask = at::ones({rows, tokens}, at::kBool);
  for (std::int64_t i = 1; i < rows; ++i) mask[i].narrow(0, tokens - i, i).fill_(false);
  return mask;
}

}  // namespace

class AttentionTest : public QObject {
  Q_OBJECT

  Tensor q_, k_, v_;

 private Q_SLOTS:
  void init() {
    seed(1);
    q_ = at::randn({3, 4, 6, 8}).requires_grad_(true);
    k_ = at::randn({3, 4, 6, 8}).requires_grad_(true);
    v_ = at::randn({3, 4, 6, 8}).requires_grad_(true);
  }

  void equalsTheFormulaWithAndWithoutPadding() {
    QVERIFY(largest(nn::attention(q_, k_, v_, {}, false, 0) - written_out(q_, k_, v_, {})) < 1e-5);
    const Tensor mask = nn::padding_mask(padding(3, 6));
    QVERIFY(largest(nn::attention(q_, k_, v_, mask, false, 0) - written_out(q_, k_, v_, mask)) < 1e-5);
  }

  void causalAttentionSeesThePastAlone() {
    const Tensor lower = at::ones({6, 6}, at::kBool).tril();
    QVERIFY(largest(nn::attention(q_, k_, v_, {}, true, 0) - written_out(q_, k_, v_, lower)) < 1e-5);
    const Tensor mask = nn::padding_mask(padding(3, 6));
    QVERIFY(largest(nn::attention(q_, k_, v_, mask, true, 0) - written_out(q_, k_, v_, mask.logical_and(lower))) <
            1e-5);
  }

  void groupedQueriesShareTheirKeys() {
    const Tensor k = at::randn({3, 2, 6, 8}), v = at::randn({3, 2, 6, 8});
    QVERIFY(largest(nn::attention(q_, k, v, {}, true, 0) - written_out(q_, k, v, at::ones({6, 6}, at::kBool).tril())) <
            1e-5);
  }

  void dropoutAndItsGradientsEqualTheFormula_data() {
    QTest::addColumn<bool>("causal");
    QTest::addColumn<bool>("padded");
    for (const bool causal : {false, true})
      for (const bool padded : {false, true}) QTest::addRow("causal %d padded %d", causal, padded) << causal << padded;
  }

  void dropoutAndItsGradientsEqualTheFormula() {
    QFETCH(bool, causal);
    QFETCH(bool, padded);
    const Tensor given = padded ? nn::padding_mask(padding(3, 6)) : Tensor();
    Tensor seen = given;
    if (causal)
      seen = padded ? given.logical_and(at::ones({6, 6}, at::kBool).tril()) : at::ones({6, 6}, at::kBool).tril();
    const Tensor weights = at::randn({3, 6, 32});

    seed(9);
    const Tensor keep = nn::dropout(at::ones({3, 4, 6, 6}), 0.3, true);
    (written_out(q_, k_, v_, seen, keep) * weights).sum().backward();
    const Tensor expected[] = {q_.grad().clone(), k_.grad().clone(), v_.grad().clone()};
    for (Tensor* tensor : {&q_, &k_, &v_}) tensor->mutable_grad().reset();

    seed(9);
    const Tensor y = nn::attention(q_, k_, v_, given, causal, 0.3);
    QVERIFY(largest(y - written_out(q_, k_, v_, seen, keep)) < 1e-5);
    (y * weights).sum().backward();
    QVERIFY(largest(q_.grad() - expected[0]) < 1e-5);
    QVERIFY(largest(k_.grad() - expected[1]) < 1e-5);
    QVERIFY(largest(v_.grad() - expected[2]) < 1e-5);
  }

  void aRowOfPaddingAloneStaysFinite() {
    Tensor mask = padding(3, 6);
    mask[2].fill_(false);
    for (const double p : {0.0, 0.3}) {
      const Tensor y = nn::attention(q_, k_, v_, nn::padding_mask(mask), false, p);
      y.sum().backward();
      QVERIFY(y.isfinite().all().item<bool>() && q_.grad().isfinite().all().item<bool>());
    }
  }
};

QTEST_GUILESS_MAIN(AttentionTest)
#include "attention_test.moc"
