#include "nn/preference_loss.h"

#include <ATen/ops/log_sigmoid.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/where.h>

namespace luthier::nn {

Tensor dpo_loss(const Tensor& margin, double beta, double smoothing) {
  const Tensor gained = margin * beta;
  if (smoothing == 0) return -at::log_sigmoid(gained);
  return -(at::log_sigmoid(gained) * (1 - smoothing) + at::log_sigmoid(-gained) * smoothing);
}

Tensor hinge_loss(const Tensor& margin, double beta) { return (1 - margin * beta).relu(); }

Tensor ipo_loss(const Tensor& mean_margin, double beta) { return (mean_margin - 1 / (2 * beta)).square(); }

Tensor simpo_loss(const AnswerScores& chosen, const AnswerScores& rejected, double beta, double gamma_over_beta) {
  return -at::log_sigmoid((chosen.means() - rejected.means() - gamma_over_beta) * beta);
}

Tensor orpo_loss(const AnswerScores& chosen, const AnswerScores& rejected) {
  // log(p / (1 - p)) of a mean log-probability; exp(mean) < 1 unless every token is certain.
  const auto log_odds = [](const Tensor& mean) { return mean - (-mean.clamp_max(-1e-6).exp()).log1p(); };
  return -at::log_sigmoid(log_odds(chosen.means()) - log_odds(rejected.means()));
}

Tensor kto_loss(const Tensor& gain, const Tensor& desirable, const Tensor& kl, double beta) {
  const Tensor above = (gain - kl) * beta;
  return 1 - at::sigmoid(at::where(desirable.gt(0.5), above, -above));
}

}  // namespace luthier::nn
