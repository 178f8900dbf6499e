#pragma once
// SpecAugment (Park et al. 2019): training hides stretches of time and of the features.
#include <cstdint>
#include <vector>

#include "base/random.h"
#include "models/model.h"

namespace luthier {

struct SpecAugment {
  double time_share = 0, feature_share = 0;            ///< at most this share of the axis is hidden; 0: none
  std::int64_t time_length = 10, feature_length = 10;  ///< of one stretch
  std::int64_t least_time = 0, least_feature = 0;      ///< stretches a row
};

/// config.json's apply_spec_augment (`applied` where it is absent), mask_time_* and mask_feature_*; all zero when it is
/// off.
SpecAugment spec_augment_of(const Json& config, bool applied);

/// Which of `length` steps are hidden in each row, [rows, length] bool: about share * length / stretch stretches a row,
/// and at least `least`, that begin at different steps and end within the row's own length (`lengths`; empty: all are
/// `length` long). Rows shorter than a stretch stay whole. Drawn as transformers draws them, from `random`.
Tensor hidden_spans(std::int64_t rows, std::int64_t length, const std::vector<std::int64_t>& lengths, double share,
                    std::int64_t stretch, std::int64_t least, Random& random);

/// A generator whose seed is one draw from LibTorch's default one, so that seeding and saving that governs it.
Random drawn_random();

}  // namespace luthier
