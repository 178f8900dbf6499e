#pragma once
// Losses that prefer one answer to another, as the TRL library defines them. A value a pair, fp32 [P]; reducing them is
// the caller's business. Log-probabilities are sums over an answer's tokens, [P] fp32.
#include <ATen/core/Tensor.h>

namespace luthier::nn {

using at::Tensor;

/// What a model says to the answers of P pairs (or single answers): sums of their tokens' log-probabilities, and how
/// many tokens those are.
struct AnswerScores {
  Tensor sums;    ///< [P] fp32
  Tensor tokens;  ///< [P] fp32, above 0
  Tensor means() const { return sums.div(tokens); }
};

/// Rafailov et al. 2023: -log sigmoid(beta margin), where the margin is how much more the chosen answer gained over the
/// reference than the rejected one. With smoothing s (conservative DPO, Mitchell 2023) the pair is the wrong way round
/// with probability s.
Tensor dpo_loss(const Tensor& margin, double beta, double smoothing = 0);
/// Zhao et al. 2023 (SLiC): max(0, 1 - beta margin).
Tensor hinge_loss(const Tensor& margin, double beta);
/// Azar et al. 2023: (margin - 1 / (2 beta))^2, the margin of means a token.
Tensor ipo_loss(const Tensor& mean_margin, double beta);
/// Meng et al. 2024: -log sigmoid(beta (difference of means - gamma / beta)); no reference.
Tensor simpo_loss(const AnswerScores& chosen, const AnswerScores& rejected, double beta, double gamma_over_beta);
/// Hong et al. 2024: -log sigmoid of the log odds ratio of the means; no reference. Beta and the chosen answer's own
/// loss are put on top by the caller.
Tensor orpo_loss(const AnswerScores& chosen, const AnswerScores& rejected);
/// Ethayarajh et al. 2024: 1 - sigmoid(beta (gain - kl)) of good answers, 1 - sigmoid(beta (kl - gain)) of bad ones.
/// gain [B]: how much likelier the answer is than for the reference; desirable [B]: 1 or 0; kl: 0-d, at least 0.
Tensor kto_loss(const Tensor& gain, const Tensor& desirable, const Tensor& kl, double beta);

}  // namespace luthier::nn
