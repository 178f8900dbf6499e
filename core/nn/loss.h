#pragma once
// Losses as sums over the labels that are not kNoLabel: normalising is the caller's business, so that any split of a
// batch gives the same gradient. `row_weights` [N or B] fp32 say how much each row counts; undefined: all alike.
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace luthier::nn {

using at::Tensor;

constexpr std::int64_t kNoLabel = -100;         ///< positions that carry no loss
constexpr std::int64_t kVocabularyChunk = 256;  ///< rows of logits that exist at once (fp32 [256, V])

/// Cross entropy summed over the labelled rows: logits [N, L], labels [N] int64 -> 0-d fp32. Smoothing as in Szegedy et
/// al. 2016 (and torch): the target is (1 - s) one-hot + s / L. `weights` [L]: how much a row of each label counts, as
/// in torch; undefined: all alike. `focal_gamma`: rows count (1 - p)^gamma times as much, p being what the model gives
/// the right label (Lin et al. 2017).
Tensor cross_entropy_sum(const Tensor& logits, const Tensor& labels, double label_smoothing = 0,
                         const Tensor& weights = {}, double focal_gamma = 0, const Tensor& row_weights = {});

/// Sum of (value - target)^2: values [B, K] or [B, 1], targets of as many elements -> 0-d fp32.
Tensor squared_error_sum(const Tensor& values, const Tensor& targets, const Tensor& row_weights = {});

/// Binary cross entropy of independent labels: logits [B, L], targets [B, L] from 0 to 1, summed -> 0-d fp32.
/// `given_weights` [L]: how much a label that is given counts (torch's pos_weight); undefined: 1. `focal_gamma` as
/// above.
Tensor binary_cross_entropy_sum(const Tensor& logits, const Tensor& targets, const Tensor& given_weights = {},
                                double focal_gamma = 0, const Tensor& row_weights = {});

/// -log P(labels | frames) by CTC (Graves et al. 2006), a value a row, [B] fp32. logits [B, F, V]; `frames` [B] int64:
/// how many of the F count; labels [B, U] int64, negative ones are padding. A row whose labels cannot be spelled in so
/// few frames is infinite, or 0 without gradient when `skip_impossible`.
Tensor ctc_loss(const Tensor& logits, const Tensor& frames, const Tensor& labels, std::int64_t blank,
                bool skip_impossible);

/// How many labels carry loss: 0-d int64 on the labels' device.
Tensor label_count(const Tensor& labels);

/// cross_entropy_sum(rows @ weight^T + bias, labels) with at most `chunk` rows of logits in memory at a time (on a GPU
/// at least 2048). rows [N, C], weight [V, C], bias [V] or undefined, labels [N] int64. Gradients (for rows, weight and
/// bias, where they are wanted) are made in the forward pass and kept: backward works once.
Tensor linear_cross_entropy_sum(const Tensor& rows, const Tensor& weight, const Tensor& bias, const Tensor& labels,
                                std::int64_t chunk = kVocabularyChunk, double label_smoothing = 0,
                                const Tensor& row_weights = {});

}  // namespace luthier::nn
