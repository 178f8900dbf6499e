#pragma once
// Losses over a vocabulary that need more than the sum of cross entropies, and never make all logits either: rows of
// hidden states go through the output matrix in pieces, which the backward pass makes again.
#include <ATen/core/Tensor.h>

#include <cstdint>

#include "nn/loss.h"

namespace luthier::nn {

using at::Tensor;

/// A matrix that makes logits: rows [N, C] @ weight^T [C, V] + bias.
struct OutputLayer {
  Tensor weight;  ///< [V, C]
  Tensor bias;    ///< [V] or undefined
};

/// log P(label) of every row, fp32 [N]: rows [N, C], labels [N] int64 from 0 to V - 1. At most `chunk` rows of logits
/// exist at a time (on a GPU at least 2048).
Tensor linear_log_probabilities(const Tensor& rows, const OutputLayer& output, const Tensor& labels,
                                std::int64_t chunk = kVocabularyChunk);

/// Sum over rows of T^2 KL(teacher || student), both softened by the temperature T (Hinton et al. 2015), 0-d fp32. rows
/// [N, C] of the student, teacher_rows [N, C'] (no gradient), both outputs over the same V. Gradients are made in the
/// forward pass and kept: backward works once. `row_weights` [N] fp32: how much each row counts; undefined: all alike.
Tensor linear_distillation_sum(const Tensor& rows, const OutputLayer& output, const Tensor& teacher_rows,
                               const OutputLayer& teacher_output, double temperature,
                               std::int64_t chunk = kVocabularyChunk, const Tensor& row_weights = {});

/// The same for logits that are there already: [N, ..., L] each -> 0-d fp32.
Tensor distillation_sum(const Tensor& logits, const Tensor& teacher_logits, double temperature,
                        const Tensor& row_weights = {});

}  // namespace luthier::nn
