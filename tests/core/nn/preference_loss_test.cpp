// Losses over a vocabulary in pieces against the same written out whole, and preference losses against their formulas
// and numbers of TRL (../shared/fixtures/dpo, four pairs of real models).
#include "nn/preference_loss.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "nn/chunked_loss.h"
#include "nn/loss.h"
#include "support/testing.h"

using namespace luthier;
using at::Tensor;

namespace {

Tensor list(const std::vector<double>& values) {
  std::vector<float> plain(values.begin(), values.end());
  return at::tensor(at::ArrayRef<float>(plain));
}

bool near(const Tensor& got, const std::vector<double>& wanted, double tolerance = 1e-5) {
  return at::allclose(got.to(at::kFloat), list(wanted), tolerance, tolerance);
}

/// Gradients of `loss` for the leaves, which are cleared.
std::vector<Tensor> gradients(const Tensor& loss, const std::vector<Tensor>& leaves) {
  loss.backward();
  std::vector<Tensor> found;
  for (const Tensor& leaf : leaves) {
    found.push_back(leaf.grad().clone());
    leaf.mutable_grad() = Tensor();
  }
  return found;
}

}  // namespace

class PreferenceLossTest : public QObject {
  Q_OBJECT

  // 7 rows of 5 channels over 11 tokens, in pieces of 3: the last piece is not full.
  Tensor rows_ = at::randn({7, 5}).requires_grad_(true), weight_ = at::randn({11, 5}).requires_grad_(true),
         bias_ = at::randn({11}).requires_grad_(true), labels_ = at::randint(0, 11, {7}, at::kLong);

  void compare(const Tensor& whole, const Tensor& pieces, const std::vector<Tensor>& leaves) {
    QVERIFY(at::allclose(whole, pieces, 1e-5, 1e-6));
    const auto expected = gradients(whole, leaves), got = gradients(pieces, leaves);
    for (std::size_t i = 0; i < leaves.size(); ++i) QVERIFY(at::allclose(expected[i], got[i], 1e-4, 1e-6));
  }

 private Q_SLOTS:
  void logProbabilitiesInPiecesAreThoseOfTheWhole() {
    const Tensor logits = at::linear(rows_, weight_, bias_);
    const Tensor whole = at::log_softmax(logits, 1).gather(1, labels_.unsqueeze(1)).squeeze(1);
    const Tensor pieces = nn::linear_log_probabilities(rows_, {weight_, bias_}, labels_, 3);
    QVERIFY(at::allclose(whole, pieces, 1e-5, 1e-6));
    // A loss that is not the sum, so that every row has its own slope.
    const Tensor slopes = at::arange(1.0, 8.0);
    compare((whole * slopes).square().sum(), (pieces * slopes).square().sum(), {rows_, weight_, bias_});
  }

  void distillationInPiecesIsThatOfTheWhole() {
    const Tensor teacher = at::randn({7, 4}), teacher_weight = at::randn({11, 4});
    const double heat = 3;
    const Tensor said = at::log_softmax(at::linear(rows_, weight_, bias_) / heat, 1),
                 taught = at::log_softmax(at::linear(teacher, teacher_weight) / heat, 1);
    const Tensor whole = (taught.exp() * (taught - said)).sum() * (heat * heat);
    compare(whole, nn::linear_distillation_sum(rows_, {weight_, bias_}, teacher, {teacher_weight, {}}, heat, 3),
            {rows_, weight_, bias_});
    QVERIFY(at::allclose(
        whole.detach(),
        nn::distillation_sum(at::linear(rows_, weight_, bias_), at::linear(teacher, teacher_weight), heat).detach(),
        1e-5, 1e-6));
    // A row that counts twice stands there twice.
    const Tensor twice = at::arange(8).clamp_max(6), weights = list({1, 1, 1, 1, 1, 1, 2});
    const Tensor longer = at::linear(rows_, weight_, bias_).index_select(0, twice),
                 taught_longer = at::linear(teacher, teacher_weight).index_select(0, twice);
    compare(nn::distillation_sum(longer, taught_longer, heat),
            nn::linear_distillation_sum(rows_, {weight_, bias_}, teacher, {teacher_weight, {}}, heat, 3, weights),
            {rows_, weight_, bias_});
    // The same model teaches nothing.
    QVERIFY(nn::distillation_sum(teacher, teacher, heat).abs().item<double>() < 1e-6);
  }

  void lossesAreThoseOfTrl() {
    LUTHIER_NEEDS(folder, "fixtures/dpo");
    const Json expect = read_json(folder / "expect.json");
    const auto values = [&](const char* key) { return expect.at(key).get<std::vector<double>>(); };
    // Rewards are beta times the gain, so they give the margins back.
    const Tensor margin = (list(values("rewards_chosen")) - list(values("rewards_rejected"))) / 0.1;
    QVERIFY(near(nn::dpo_loss(margin, 0.1), values("sigmoid")));
    QVERIFY(near(nn::dpo_loss(margin, 0.1, 0.1), values("sigmoid_label_smoothing_0_1")));
    QVERIFY(near(nn::hinge_loss(margin, 0.1), values("hinge")));
    QVERIFY(near(nn::ipo_loss(margin, 0.1), values("ipo_sum")));
  }

  void ktoFollowsItsFormula() {
    // 1 - sigmoid(0.5 (2 - 1)) for the good answer, 1 - sigmoid(0.5 (1 + 3)) for the bad one.
    const Tensor losses = nn::kto_loss(list({2, -3}), list({1, 0}), at::tensor(1.0), 0.5);
    QVERIFY(near(losses, {1 - 1 / (1 + std::exp(-0.5)), 1 - 1 / (1 + std::exp(-2.0))}));
  }

  void weightsOfLabelsAndFocalLossFollowTheirFormulas() {
    const Tensor logits = at::tensor(at::ArrayRef<float>({1.f, 0.f, 0.f, 2.f})).view({2, 2});
    const Tensor labels = at::tensor(at::ArrayRef<std::int64_t>({0, 1}));
    const double p0 = 1 / (1 + std::exp(-1.0)), p1 = 1 / (1 + std::exp(-2.0));
    const Tensor weighted = nn::cross_entropy_sum(logits, labels, 0, list({3, 0.5}));
    QVERIFY(near(weighted, {-3 * std::log(p0) - 0.5 * std::log(p1)}));
    const Tensor focal = nn::cross_entropy_sum(logits, labels, 0, {}, 2);
    QVERIFY(near(focal, {-std::pow(1 - p0, 2) * std::log(p0) - std::pow(1 - p1, 2) * std::log(p1)}));
    // Sets of labels: scores 1 (given) and 2 (not given).
    const Tensor scores = at::tensor(at::ArrayRef<float>({1.f, 2.f})).view({1, 2});
    const Tensor given = at::tensor(at::ArrayRef<float>({1.f, 0.f})).view({1, 2});
    QVERIFY(near(nn::binary_cross_entropy_sum(scores, given, list({4, 4})), {-4 * std::log(p0) - std::log(1 - p1)}));
    QVERIFY(
        near(nn::binary_cross_entropy_sum(scores, given, {}, 1), {-(1 - p0) * std::log(p0) - p1 * std::log(1 - p1)}));
  }
};

QTEST_APPLESS_MAIN(PreferenceLossTest)
#include "preference_loss_test.moc"
