// Decoding and scaling of images, against Pillow (tests/reference/media_images.py), and files that lie or are cut off.
#include "media/image.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "media/resample_image.h"
#include "support/testing.h"

using namespace luthier;
using luthier::testing::run_program;

namespace {

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

// Two little-endian int32 (width, height), then the pixels.
Image read_rgb(const fs::path& path) {
  const std::string text = read_file(path);
  Image image;
  std::memcpy(&image.width, text.data(), 4);
  std::memcpy(&image.height, text.data() + 4, 4);
  image.pixels.assign(text.begin() + 8, text.end());
  return image;
}

int largest_difference(const Image& a, const Image& b) {
  if (a.width != b.width || a.height != b.height || a.pixels.size() != b.pixels.size()) return 1000;
  int most = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) most = std::max(most, std::abs(a.pixels[i] - b.pixels[i]));
  return most;
}

std::vector<fs::path> files_in(const fs::path& folder, const std::vector<std::string>& endings) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (std::find(endings.begin(), endings.end(), entry.path().extension()) != endings.end())
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

class ImageTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    if (!testing::has_python("PIL, numpy")) QSKIP("needs python3 with PIL and numpy");
    const auto made = run_program({"python3", script_, folder_.path().string()});
    QVERIFY2(made.exit_code == 0, made.err.c_str());
  }

  void everyKindDecodesAsInPillow() {
    int count = 0;
    for (const auto& path : files_in(folder_.path(), {".jpg", ".png", ".webp"})) {
      const fs::path expected = path.string() + ".rgb";
      if (!fs::exists(expected)) continue;
      const std::string text = read_file(path);
      const Image image = decode_image(bytes_of(text), path.filename().string());
      const int difference = largest_difference(image, read_rgb(expected));
      QVERIFY2(difference == 0, (path.filename().string() + " differs by " + std::to_string(difference)).c_str());
      const ImageInfo info = probe_image(bytes_of(text), path.string());
      QCOMPARE(info.width, image.width);
      QCOMPARE(info.height, image.height);
      ++count;
    }
    QCOMPARE(count, 54);
  }

  void otherFilesAreNamed() {
    const std::vector<std::pair<const char*, const char*>> cases{
        {"empty.png", "is empty"},     {"text.jpg", "this is a text"},      {"page.jpg", "a web page"},
        {"one.gif", "a GIF image"},    {"one.bmp", "a BMP image"},          {"one.tiff", "a TIFF image"},
        {"bomb.png", "60000 x 60000"}, {"bomb-small.png", "cut off"},       {"wide.png", "2147483647 x 1"},
        {"zero.png", "its size is 0"}, {"checksum.png", "damaged"},         {"bomb.jpg", "65535 x 65535"},
        {"zero.jpg", "its size is 0"}, {"headless.jpg", "no frame header"},
    };
    for (const auto& [name, part] : cases) {
      const std::string text = read_file(folder_.path() / name);
      LUTHIER_FAILS(decode_image(bytes_of(text), name), part);
      LUTHIER_FAILS(decode_image(bytes_of(text), name), name);
    }
  }

  void everyCutIsAnErrorOrTheWholePicture() {
    for (const char* name : {"plain.jpg", "progressive.jpg", "plain.png", "interlaced.png", "palette.png", "lossy.webp",
                             "lossless.webp", "animated.webp", "turned6.jpg", "cmyk.jpg"}) {
      const std::string whole = read_file(folder_.path() / name);
      const Image expected = decode_image(bytes_of(whole), name);
      int refused = 0, cuts = 0;
      for (std::size_t size = 0; size < whole.size(); size += 97, ++cuts) {
        const std::string part = whole.substr(0, size);
        try {
          const Image image = decode_image(bytes_of(part), name);
          QCOMPARE(image.pixels.size(), expected.pixels.size());
        } catch (const Error& error) {
          QVERIFY(error.where == name);
          ++refused;
        }
      }
      // The very end may hold nothing that the picture needs.
      QVERIFY2(refused >= cuts - 2,
               (std::string(name) + ": " + std::to_string(refused) + " of " + std::to_string(cuts)).c_str());
    }
  }

  void changedBytesNeverCrash() {
    for (const char* name :
         {"sampled.jpg", "progressive.jpg", "alpha.png", "palette16.png", "lossy.webp", "animated.webp"}) {
      const std::string whole = read_file(folder_.path() / name);
      std::uint64_t state = 1;
      for (int round = 0; round < 300; ++round) {
        std::string changed = whole;
        for (int i = 0; i < 3; ++i) {
          state = state * 6364136223846793005ull + 1442695040888963407ull;
          changed[(state >> 33) % changed.size()] = char(state >> 20);
        }
        try {
          const Image image = decode_image(bytes_of(changed), name);
          QCOMPARE(image.pixels.size(), std::size_t(image.width) * image.height * 3);
        } catch (const Error&) {
        }
      }
    }
  }

  void scalingIsPillowsBitForBit() {
    const TemporaryFolder folder;
    const auto made = run_program({"python3", script_, folder.path().string(), "--resize"});
    QVERIFY2(made.exit_code == 0, made.err.c_str());
    const Image source = read_rgb(folder.path() / "source.rgb");
    int count = 0;
    for (const auto& path : files_in(folder.path(), {".rgb"})) {
      int width = 0, height = 0, filter = 0;
      if (std::sscanf(path.filename().c_str(), "%dx%d-%d", &width, &height, &filter) != 3) continue;
      const int difference = largest_difference(resize(source, width, height, Resample(filter)), read_rgb(path));
      QVERIFY2(difference == 0, (path.filename().string() + " differs by " + std::to_string(difference)).c_str());
      ++count;
    }
    QCOMPARE(count, 48);
  }

  void thumbnailsKeepTheShape() {
    const std::string text = read_file(folder_.path() / "turned6.jpg");  // 43 x 61 when turned
    const Image small = decode_thumbnail(bytes_of(text), 16, "turned6.jpg");
    QCOMPARE(small.height, 16);
    QCOMPARE(small.width, 11);
    QCOMPARE(decode_thumbnail(bytes_of(text), 100, "turned6.jpg").width, 43);
    Image line{1000, 1, std::vector<std::uint8_t>(3000, 200)};
    QCOMPARE(thumbnail(line, 10).height, 1);
    // A JPEG that is unpacked at a fraction of its size looks like the whole one scaled down.
    const Image whole = thumbnail(decode_image(bytes_of(text), "turned6.jpg"), 16);
    double sum = 0;
    for (std::size_t i = 0; i < whole.pixels.size(); ++i) sum += std::abs(whole.pixels[i] - small.pixels[i]);
    QVERIFY(sum / double(whole.pixels.size()) < 8);
  }

  void cropTakesThePart() {
    Image image{4, 3, {}};
    for (int i = 0; i < 36; ++i) image.pixels.push_back(std::uint8_t(i));
    const Image part = crop(image, 1, 1, 2, 2);
    QCOMPARE(part.pixels, (std::vector<std::uint8_t>{15, 16, 17, 18, 19, 20, 27, 28, 29, 30, 31, 32}));
  }

  void realImagesDecode_data() {
    QTest::addColumn<QString>("set");
    for (const char* set : {"img_hymenoptera", "img_cifar10_jpg", "img_mnist_idx", "img_fashion_mnist_png"})
      QTest::newRow(set) << QString("data/") + set;
  }

  void realImagesDecode() {
    QFETCH(QString, set);
    const auto found = testing::shared(set.toStdString());
    if (!found) QSKIP("needs the public data set");
    int count = 0;
    for (const auto& path : files_in(*found, {".jpg", ".png", ".jpeg"})) {
      const std::string text = read_file(path);
      const Image image = decode_image(bytes_of(text), path.string());
      QVERIFY(image.width > 0 && image.pixels.size() == std::size_t(image.width) * image.height * 3);
      ++count;
    }
    QVERIFY(count > 0);
  }

 private:
  TemporaryFolder folder_;
  std::string script_ = (testing::source_folder() / "tests/reference/media_images.py").string();
};

QTEST_GUILESS_MAIN(ImageTest)
#include "image_test.moc"
