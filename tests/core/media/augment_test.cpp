// Variations of images and mixes of batches.
#include "media/augment.h"

#include <set>

#include "support/testing.h"

using namespace luthier;

namespace {

Image gradient(int width, int height) {
  Image image{width, height, {}};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c : {x * 255 / width, y * 255 / height, (x * y) % 256}) image.pixels.push_back(std::uint8_t(c));
  return image;
}

}  // namespace

class AugmentTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void nothingSwitchedOnLeavesTheImage() {
    const Image image = gradient(31, 17);
    for (int row = 0; row < 20; ++row) {
      Random random = augment_random(1, 2, row);
      QVERIFY(augment(image, {}, random).pixels == image.pixels);
    }
  }

  void isAFunctionOfSeedEpochAndRow() {
    const Image image = gradient(64, 48);
    const AugmentSettings all{true, 0.2, 0.4, 0.4, 0.4};
    std::set<std::vector<std::uint8_t>> seen;
    for (int seed = 0; seed < 3; ++seed)
      for (int epoch = 0; epoch < 3; ++epoch)
        for (int row = 0; row < 3; ++row) {
          Random first = augment_random(seed, epoch, row), second = augment_random(seed, epoch, row);
          const Image varied = augment(image, all, first);
          QVERIFY(varied.pixels == augment(image, all, second).pixels);
          QCOMPARE(first.next(), second.next());
          seen.insert(varied.pixels);
        }
    QCOMPARE(seen.size(), std::size_t(27));
  }

  void theNumberOfDrawsDoesNotDependOnTheSettings() {
    const Image image = gradient(20, 20);
    Random one = augment_random(5, 0, 0), other = augment_random(5, 0, 0);
    augment(image, {}, one);
    augment(image, {true, 0.1, 1, 1, 1}, other);
    QCOMPARE(one.next(), other.next());
  }

  void mirrorsHalfOfTheImages() {
    const Image image = gradient(16, 4);
    int mirrored = 0;
    for (int row = 0; row < 400; ++row) {
      Random random = augment_random(9, 0, row);
      const Image varied = augment(image, {.flip = true}, random);
      if (varied.pixels == image.pixels) continue;
      ++mirrored;
      for (int x = 0; x < 16; ++x)
        for (int c = 0; c < 3; ++c) QCOMPARE(varied.row(2)[x * 3 + c], image.row(2)[(15 - x) * 3 + c]);
    }
    QVERIFY2(mirrored > 150 && mirrored < 250, std::to_string(mirrored).c_str());
  }

  void cropsKeepTheirShareAndShape() {
    const std::vector<std::pair<int, int>> sizes{{200, 150}, {150, 200}, {300, 40}, {1, 1}, {3, 500}};
    for (const auto& [width, height] : sizes) {
      const Image image = gradient(width, height);
      for (int row = 0; row < 100; ++row) {
        Random random = augment_random(3, 1, row);
        const Image part = augment(image, {.smallest_crop = 0.3}, random);
        QVERIFY(part.width >= 1 && part.width <= width && part.height >= 1 && part.height <= height);
        QCOMPARE(part.pixels.size(), std::size_t(part.width) * part.height * 3);
        const double share = double(part.width) * part.height / (double(width) * height);
        if (width > 10 && height > 10) {
          QVERIFY2(share > 0.27 && share <= 1, std::to_string(share).c_str());
          const double ratio = double(part.width) / part.height;
          if (width < 2 * height && height < 2 * width)
            QVERIFY2(ratio > 0.7 && ratio < 1.4, std::to_string(ratio).c_str());
        }
      }
    }
  }

  void brightnessContrastAndSaturationMoveWhatTheyShould() {
    const Image image = gradient(32, 32);
    const auto spread = [](const Image& i) {
      double sum = 0, squares = 0;
      for (const auto p : i.pixels) sum += p, squares += double(p) * p;
      const double mean = sum / double(i.pixels.size());
      return std::pair(mean, squares / double(i.pixels.size()) - mean * mean);
    };
    bool brighter = false, darker = false, flatter = false;
    for (int row = 0; row < 50; ++row) {
      Random one = augment_random(1, 1, row), two = augment_random(1, 1, row), three = augment_random(1, 1, row);
      const auto before = spread(image), bright = spread(augment(image, {.brightness = 0.5}, one));
      brighter |= bright.first > before.first + 10;
      darker |= bright.first < before.first - 10;
      const auto contrast = spread(augment(image, {.contrast = 0.5}, two));
      flatter |= contrast.second < before.second * 0.7;
      const Image grey = augment(image, {.saturation = 1}, three);
      QCOMPARE(grey.pixels.size(), image.pixels.size());
    }
    QVERIFY(brighter && darker && flatter);
  }

  // Beta(a, a) has mean 1/2 and variance 1 / (4 (2 a + 1)).
  void betaHasItsMeanAndVariance() {
    for (const double alpha : {0.2, 1.0, 5.0}) {
      Random random(7);
      double sum = 0, squares = 0;
      const int count = 20000;
      for (int i = 0; i < count; ++i) {
        const double x = draw_beta(alpha, random);
        QVERIFY(x >= 0 && x <= 1);
        sum += x, squares += x * x;
      }
      const double mean = sum / count, variance = squares / count - mean * mean;
      QVERIFY2(std::abs(mean - 0.5) < 0.01, std::to_string(mean).c_str());
      QVERIFY2(std::abs(variance - 1 / (4 * (2 * alpha + 1))) < 0.006, std::to_string(variance).c_str());
    }
    Random random(1);
    for (int i = 0; i < 200; ++i) {
      const double x = draw_beta(0.001, random);
      QVERIFY(x >= 0 && x <= 1);
    }
  }

  void mixupBlendsWithThePartner() {
    Random random(11);
    const Mix mix = draw_mix(4, 2, 2, 0.4, 0, random);
    QVERIFY(mix.kind == MixKind::mixup);
    QCOMPARE(mix.partner.size(), std::size_t(4));
    QCOMPARE(std::set<std::int64_t>(mix.partner.begin(), mix.partner.end()).size(), std::size_t(4));
    std::vector<float> pixels(4 * 3 * 4);
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = float(i);
    const auto before = pixels;
    apply_mix(mix, 2, 2, pixels);
    for (int row = 0; row < 4; ++row)
      for (int k = 0; k < 12; ++k) {
        const double expected = mix.share * before[row * 12 + k] + (1 - mix.share) * before[mix.partner[row] * 12 + k];
        QVERIFY(std::abs(pixels[row * 12 + k] - expected) < 1e-4);
      }
  }

  void cutmixPastesABoxAndCountsIt() {
    int boxes = 0;
    for (int draw = 0; draw < 50; ++draw) {
      Random random(13, draw);
      const int width = 12, height = 8;
      const Mix mix = draw_mix(3, width, height, 0, 1, random);
      QVERIFY(mix.kind == MixKind::cutmix);
      std::vector<float> pixels(3 * 3 * width * height);
      for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = float(i / (3 * width * height));  // the row
      apply_mix(mix, width, height, pixels);
      for (int row = 0; row < 3; ++row) {
        if (mix.partner[row] == row) continue;
        const auto first = pixels.begin() + row * 3 * width * height;
        const auto own = std::count(first, first + 3 * width * height, float(row));
        QVERIFY(std::abs(double(own) / (3 * width * height) - mix.share) < 1e-9);
        ++boxes;
      }
    }
    QVERIFY(boxes > 20);
  }

  void oneRowOrNoAlphaMixesNothing() {
    Random random(1);
    QVERIFY(draw_mix(1, 8, 8, 1, 1, random).kind == MixKind::none);
    QVERIFY(draw_mix(8, 8, 8, 0, 0, random).kind == MixKind::none);
    bool mixup = false, cutmix = false;
    for (int i = 0; i < 30; ++i) {
      const auto kind = draw_mix(8, 8, 8, 1, 1, random).kind;
      mixup |= kind == MixKind::mixup, cutmix |= kind == MixKind::cutmix;
    }
    QVERIFY(mixup && cutmix);
  }
};

QTEST_GUILESS_MAIN(AugmentTest)
#include "augment_test.moc"
