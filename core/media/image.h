#pragma once
// Pictures as plain 8-bit RGB: JPEG, PNG and WebP files are decoded here, everything else is refused by name.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace luthier {

/// 8-bit RGB, interleaved, rows from the top: `pixels` holds width * height * 3 bytes.
struct Image {
  int width = 0, height = 0;
  std::vector<std::uint8_t> pixels;

  const std::uint8_t* row(int y) const { return pixels.data() + std::size_t(y) * width * 3; }
  std::uint8_t* row(int y) { return pixels.data() + std::size_t(y) * width * 3; }
};

enum class ImageFormat { jpeg, png, webp };
std::string_view to_string(ImageFormat format);  ///< "JPEG", "PNG", "WebP"

/// What the first bytes of a file say.
struct ImageInfo {
  ImageFormat format = ImageFormat::jpeg;
  int width = 0, height = 0;  ///< after the rotation that EXIF asks for
  int orientation = 1;        ///< EXIF orientation, 1 to 8
};

/// The most pixels that are unpacked: the limit at which Pillow refuses an image as a decompression bomb.
inline constexpr std::int64_t kMostPixels = 178956970;

/// Reads the header alone; the rest of the file may be missing or broken. `where` names the file in errors.
/// Errors: bad_input (empty, broken, more than kMostPixels), unsupported (another format, named).
ImageInfo probe_image(std::span<const std::byte> bytes, const std::string& where = {});

/// Decodes as Pillow's open() and convert("RGB") do: alpha is dropped, 16 bits become 8, palettes and grey become RGB,
/// CMYK is taken as Adobe writes it (inverted); an animation gives its first frame. Then turns the picture the way that
/// its EXIF orientation asks for. Errors: those of probe_image, and bad_input for a file that is cut off or damaged.
Image decode_image(std::span<const std::byte> bytes, const std::string& where);

/// The part of `image` that starts at (left, top); it must lie inside.
Image crop(const Image& image, int left, int top, int width, int height);

/// A small picture of a file: decoded (large JPEG files directly at a fraction of their size), turned, and scaled down
/// so that the longer side has at most `side` pixels. Errors: those of decode_image.
Image decode_thumbnail(std::span<const std::byte> bytes, int side, const std::string& where);

/// Scaled down so that the longer side is `side` pixels; a smaller image is returned as it is.
Image thumbnail(const Image& image, int side);

}  // namespace luthier
