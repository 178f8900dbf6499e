#include "models/spec_augment.h"

#include <ATen/ops/zeros.h>

#include <algorithm>

#include "base/error.h"
#include "models/config.h"
#include "nn/dropout.h"

namespace luthier {

namespace {

double share_of(const Json& config, const char* key, double fallback) {
  const double share = config_number(config, key, fallback);
  if (share < 0 || share > 1)
    fail(ErrorKind::bad_input, "this must be from 0 to 1", std::string("config.json: ") + key,
         "get the model's config.json again from where it came");
  return share;
}

std::int64_t count_of(const Json& config, const char* key, double fallback) {
  return static_cast<std::int64_t>(std::clamp(config_number(config, key, fallback), 0.0, 1e6));
}

}  // namespace

SpecAugment spec_augment_of(const Json& config, bool applied) {
  SpecAugment augment;
  if (!config_flag(config, "apply_spec_augment", applied)) return augment;
  augment.time_share = share_of(config, "mask_time_prob", 0.05);
  augment.feature_share = share_of(config, "mask_feature_prob", 0);
  augment.time_length = config_size(config, "mask_time_length", 10);
  augment.feature_length = config_size(config, "mask_feature_length", 10);
  augment.least_time = count_of(config, "mask_time_min_masks", 2);
  augment.least_feature = count_of(config, "mask_feature_min_masks", 0);
  return augment;
}

Tensor hidden_spans(std::int64_t rows, std::int64_t length, const std::vector<std::int64_t>& lengths, double share,
                    std::int64_t stretch, std::int64_t least, Random& random) {
  const Tensor hidden = at::zeros({rows, length}, at::kBool);
  if (share <= 0) return hidden;
  const double rounding = random.uniform();  // one for the batch: rounds up as often as the fraction is large
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::int64_t own = lengths.empty() ? length : lengths[static_cast<std::size_t>(row)];
    const std::int64_t starts = std::min(own, length) - stretch + 1;
    if (starts < 1) continue;
    const double wanted = share * static_cast<double>(own) / static_cast<double>(stretch) + rounding;
    std::int64_t count = std::max(static_cast<std::int64_t>(wanted), least);
    count = std::min({count, length / stretch, starts});
    std::vector<std::int64_t> begins(static_cast<std::size_t>(starts));
    for (std::int64_t i = 0; i < starts; ++i) begins[static_cast<std::size_t>(i)] = i;
    bool* const steps = hidden.mutable_data_ptr<bool>() + row * length;
    for (std::int64_t i = 0; i < count; ++i) {  // the first steps of a Fisher-Yates shuffle: different begins
      const auto other = i + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(starts - i)));
      std::swap(begins[static_cast<std::size_t>(i)], begins[static_cast<std::size_t>(other)]);
      std::fill_n(steps + begins[static_cast<std::size_t>(i)], stretch, true);
    }
  }
  return hidden;
}

Random drawn_random() { return Random(nn::draw_dropout_key()); }

}  // namespace luthier
