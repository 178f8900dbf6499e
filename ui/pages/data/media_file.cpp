#include "pages/data/media_file.h"

#include <QCoreApplication>
#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "media/audio_features.h"
#include "media/augment.h"
#include "media/image_processor.h"
#include "widgets/format.h"

namespace luthier {

namespace {

struct MediaWords {
  Q_DECLARE_TR_FUNCTIONS(MediaFile)
};

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 30;
constexpr int kVariations = 6;
constexpr int kWholeSide = 720;  ///< pixels of the longer side that a screen shows

std::span<const std::byte> bytesOf(const std::string& text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

/// The model's own preprocessing, where its folder has one; nullopt stands for the standard one.
fs::path processorFile(const Recipe& recipe) {
  std::error_code absent;
  const fs::path file = fs::path(recipe.model.path) / "preprocessor_config.json";
  return !recipe.model.path.empty() && fs::exists(file, absent) ? file : fs::path();
}

QString nameOf(const RoleRow& row) {
  return QString::fromStdString(row.media_name.empty() ? fs::path(row.media_path).filename().string() : row.media_name);
}

}  // namespace

QImage toQImage(const Image& image) {
  return QImage(image.pixels.data(), image.width, image.height, image.width * 3, QImage::Format_RGB888).copy();
}

std::string mediaBytes(const RoleRow& row) {
  if (!row.media_bytes.empty()) return row.media_bytes;
  if (row.media_path.empty())
    fail(ErrorKind::bad_input, "the row names no file", row.media_name, "look at the row's cell in the table");
  std::error_code error;
  const auto size = fs::file_size(row.media_path, error);
  if (!error && size > kMostBytes) fail(ErrorKind::bad_input, "the file is larger than 1 GB", row.media_path);
  return read_file(row.media_path);
}

QImage readThumbnail(const RoleRow& row, int side) {
  const std::string bytes = mediaBytes(row);
  return toQImage(decode_thumbnail(bytesOf(bytes), side, row.media_name));
}

ShownImage readShownImage(const RoleRow& row, const Recipe& recipe, std::uint64_t draw) {
  const std::string bytes = mediaBytes(row);
  const ImageInfo info = probe_image(bytesOf(bytes), row.media_name);
  const Image image = decode_image(bytesOf(bytes), row.media_name);
  ShownImage shown;
  shown.name = nameOf(row);
  shown.facts = MediaWords::tr("%1, %2 × %3, %4")
                    .arg(QString::fromUtf8(to_string(info.format).data(), qsizetype(to_string(info.format).size())))
                    .arg(info.width)
                    .arg(info.height)
                    .arg(bytesText(double(bytes.size())));
  shown.whole = toQImage(thumbnail(image, kWholeSide));
  const fs::path file = processorFile(recipe);
  const ImageProcessor processor = file.empty() ? ImageProcessor::standard() : ImageProcessor::open(file);
  shown.processor = QString::fromStdString(processor.text());
  shown.seen = toQImage(processor.fit(image));
  if (recipe.data.augment) {
    const AugmentOptions& options = *recipe.data.augment;
    const AugmentSettings settings{options.flip, options.smallest_crop, options.brightness, options.contrast,
                                   options.saturation};
    for (int i = 0; i < kVariations; ++i) {
      Random random = augment_random(std::uint64_t(recipe.seed), draw * kVariations + std::uint64_t(i),
                                     std::uint64_t(row.source_row));
      shown.varied.push_back(toQImage(processor.fit(augment(image, settings, random))));
    }
  }
  return shown;
}

ShownSound readShownSound(const RoleRow& row, const Recipe& recipe) {
  const std::string bytes = mediaBytes(row);
  const AudioInfo info = probe_audio(bytesOf(bytes), row.media_name);
  ShownSound shown;
  shown.name = nameOf(row);
  shown.facts = MediaWords::tr("%1, %2 Hz, %n channels, %3 s, %4", nullptr, info.channels)
                    .arg(QString::fromStdString(info.format), countText(info.rate),
                         QLocale().toString(info.seconds(), 'f', 1), bytesText(double(bytes.size())));
  const fs::path file = processorFile(recipe);
  const AudioFeatures features = file.empty() ? AudioFeatures::standard_waveform() : AudioFeatures::open(file);
  shown.sound = resample(decode_audio(bytesOf(bytes), row.media_name, recipe.data.longest_seconds), features.rate());
  shown.cut = info.seconds() > recipe.data.longest_seconds + 0.01;
  shown.text = QString::fromStdString(row.target.empty() ? row.label : row.target);
  return shown;
}

}  // namespace luthier
