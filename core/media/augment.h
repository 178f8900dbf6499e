#pragma once
// Random variations of training images. Every draw comes from a Random that is a function of (seed, epoch, row), so
// that an epoch shows the same pictures whatever the number of threads, and after a resume.
#include <cstdint>
#include <vector>

#include "base/random.h"
#include "media/image.h"

namespace luthier {

struct AugmentSettings {
  bool flip = false;           ///< left and right are swapped in half of the images
  double smallest_crop = 1.0;  ///< a random part of at least this share of the area is taken; 1: the whole image
  double brightness = 0.0, contrast = 0.0, saturation = 0.0;  ///< factors are drawn from 1 - x to 1 + x
};

/// The draws for one image.
Random augment_random(std::uint64_t seed, std::uint64_t epoch, std::uint64_t row);

/// A varied copy, in this order: a random part (share of the area uniform, aspect ratio log-uniform from 3/4 to 4/3 as
/// far as so large a part can have it: the "random resized crop" of Szegedy et al. 2015, without the resize, which the
/// image processor does), a mirrored copy, brightness, contrast, saturation. The number of draws does not depend on the
/// settings that are on.
Image augment(const Image& image, const AugmentSettings& settings, Random& random);

enum class MixKind { none, mixup, cutmix };

/// How a batch of images is blended with a permutation of itself: row i with row partner[i]. Labels become
/// share * label(i) + (1 - share) * label(partner[i]), in both kinds.
struct Mix {
  MixKind kind = MixKind::none;
  double share = 1.0;                            ///< the part that stays of the row's own image
  int left = 0, top = 0, right = 0, bottom = 0;  ///< cutmix: pixels of the partner, right and bottom exclusive
  std::vector<std::int64_t> partner;             ///< [B]
};

/// Draws for one batch of `rows` images of width x height pixels. mixup: share from Beta(alpha, alpha), Zhang et al.
/// 2018. cutmix: a box with the area 1 - Beta(alpha, alpha) at a random place, cut at the border, and the share set to
/// what is left, Yun et al. 2019. An alpha of 0 is off; with both on, either is taken with the same chance.
Mix draw_mix(std::int64_t rows, int width, int height, double mixup_alpha, double cutmix_alpha, Random& random);

/// Blends in place: `pixels` is [B, 3, height, width] with the size that the mix was drawn for.
void apply_mix(const Mix& mix, int width, int height, std::vector<float>& pixels);

/// A draw from Beta(alpha, alpha), alpha > 0.
double draw_beta(double alpha, Random& random);

}  // namespace luthier
