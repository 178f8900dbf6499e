#pragma once
// Losses as sums over the labels that are not kNoLabel: normalising is the caller's business, so that any split of a
// batch gives the same gradient.
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace luthier::nn {

using at::Tensor;

constexpr std::int64_t kNoLabel = -100;  ///< positions that carry no loss

/// Cross entropy summed over the labelled rows: logits [N, L], labels [N] int64 -> 0-d fp32. Smoothing as in Szegedy et
/// al. 2016 (and torch): the target is (1 - s) one-hot + s / L.
Tensor cross_entropy_sum(const Tensor& logits, const Tensor& labels, double label_smoothing = 0);

/// How many labels carry loss: 0-d int64 on the labels' device.
Tensor label_count(const Tensor& labels);

/// cross_entropy_sum(rows @ weight^T + bias, labels) with at most `chunk` rows of logits in memory at a time (on a GPU
/// at least 2048). rows [N,
/// C], weight [V, C], bias [V] or undefined, labels [N] int64. Gradients (for rows, weight and bias, where they are
/// wanted) are made in the forward pass and kept: backward works once.
Tensor linear_cross_entropy_sum(const Tensor& rows, const Tensor& weight, const Tensor& bias, const Tensor& labels,
                                std::int64_t chunk = 256);

}  // namespace luthier::nn
