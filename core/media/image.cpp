#include "media/image.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "media/codecs.h"
#include "media/resample_image.h"

namespace luthier {

namespace {

constexpr int kLongestSide = 1 << 20;  // what JPEG and WebP can have at most, many times over

bool starts_with(Bytes bytes, std::string_view text, std::size_t offset = 0) {
  return bytes.size() >= offset + text.size() && std::memcmp(bytes.data() + offset, text.data(), text.size()) == 0;
}

// What a file is that is not read here, as people call it.
std::string other_format(Bytes bytes) {
  using namespace std::string_view_literals;
  if (starts_with(bytes, "GIF8")) return "a GIF image";
  if (starts_with(bytes, "BM")) return "a BMP image";
  if (starts_with(bytes, "II*\0"sv) || starts_with(bytes, "MM\0*"sv)) return "a TIFF image";
  if (starts_with(bytes, "ftypavi", 4)) return "an AVIF image";
  if (starts_with(bytes, "ftyphe", 4) || starts_with(bytes, "ftypmif", 4)) return "a HEIC image";
  if (starts_with(bytes, "\xff\x0a") || starts_with(bytes, "JXL ", 4)) return "a JPEG XL image";
  if (starts_with(bytes, "jP  ", 4)) return "a JPEG 2000 image";
  if (starts_with(bytes, "%PDF")) return "a PDF file";
  if (starts_with(bytes, "PK\3\4")) return "a ZIP archive";
  if (starts_with(bytes, "RIFF") && starts_with(bytes, "WAVE", 8)) return "a WAV recording";
  if (starts_with(bytes, "<svg") || starts_with(bytes, "<?xml")) return "an SVG or XML file";
  if (starts_with(bytes, "<!DOCTYPE") || starts_with(bytes, "<html")) return "a web page";
  const auto head = bytes.first(std::min<std::size_t>(bytes.size(), 512));
  const bool text = std::all_of(head.begin(), head.end(), [](std::byte b) {
    const int c = std::to_integer<int>(b);
    return c >= 32 || c == '\n' || c == '\r' || c == '\t';
  });
  return text ? "a text" : "no known image format";
}

ImageFormat format_of(Bytes bytes, const std::string& where) {
  using namespace std::string_view_literals;
  if (bytes.empty()) fail(ErrorKind::bad_input, "the image file is empty", where, "replace or remove it");
  if (starts_with(bytes, "\xff\xd8\xff"sv)) return ImageFormat::jpeg;
  if (starts_with(bytes, "\x89PNG\r\n\x1a\n"sv)) return ImageFormat::png;
  if (starts_with(bytes, "RIFF") && starts_with(bytes, "WEBP", 8)) return ImageFormat::webp;
  fail(ErrorKind::unsupported, "this is " + other_format(bytes), where,
       "JPEG, PNG and WebP images are read: convert it to one of them");
}

ImageInfo stored_info(Bytes bytes, const std::string& where) {
  ImageInfo info;
  switch (format_of(bytes, where)) {
    case ImageFormat::jpeg:
      info = probe_jpeg(bytes, where);
      break;
    case ImageFormat::png:
      info = probe_png(bytes, where);
      break;
    case ImageFormat::webp:
      info = probe_webp(bytes, where);
      break;
  }
  const std::string format(to_string(info.format));
  if (info.width < 1 || info.height < 1) fail_damaged(format, "its size is 0", where);
  if (std::int64_t{info.width} * info.height > kMostPixels || std::max(info.width, info.height) > kLongestSide)
    fail(ErrorKind::bad_input,
         "the image says that it has " + std::to_string(info.width) + " x " + std::to_string(info.height) +
             " pixels: more than the " + std::to_string(kMostPixels / 1000000) + " million that are unpacked",
         where, "scale it down first, or remove it");
  return info;
}

// Orientations 5 to 8 lie on their side.
bool swaps_sides(int orientation) { return orientation >= 5; }

Image turned(const Image& image, int orientation) {
  const int width = image.width, height = image.height;
  Image out{swaps_sides(orientation) ? height : width, swaps_sides(orientation) ? width : height, {}};
  out.pixels.resize(image.pixels.size());
  // Pixel (0, 0) of the stored picture is, by orientation: 2 top right, 3 bottom right, 4 bottom left, 5 left top,
  // 6 right top, 7 right bottom, 8 left bottom. `from` is where an output pixel lies in the stored picture.
  for (int y = 0; y < out.height; ++y) {
    std::uint8_t* to = out.row(y);
    for (int x = 0; x < out.width; ++x, to += 3) {
      int column = x, row = y;
      switch (orientation) {
        case 2:
          column = width - 1 - x;
          break;
        case 3:
          column = width - 1 - x, row = height - 1 - y;
          break;
        case 4:
          row = height - 1 - y;
          break;
        case 5:
          column = y, row = x;
          break;
        case 6:
          column = y, row = height - 1 - x;
          break;
        case 7:
          column = width - 1 - y, row = height - 1 - x;
          break;
        case 8:
          column = width - 1 - y, row = x;
          break;
        default:
          break;
      }
      std::memcpy(to, image.row(row) + std::size_t(column) * 3, 3);
    }
  }
  return out;
}

Image decode(Bytes bytes, const std::string& where, int at_least) {
  const ImageInfo info = stored_info(bytes, where);
  Image image;
  switch (info.format) {
    case ImageFormat::jpeg:
      image = decode_jpeg(bytes, where, at_least);
      break;
    case ImageFormat::png:
      image = decode_png(bytes, info, where);
      break;
    case ImageFormat::webp:
      image = decode_webp(bytes, info, where);
      break;
  }
  return info.orientation == 1 ? image : turned(image, info.orientation);
}

}  // namespace

std::string_view to_string(ImageFormat format) {
  switch (format) {
    case ImageFormat::jpeg:
      return "JPEG";
    case ImageFormat::png:
      return "PNG";
    case ImageFormat::webp:
      return "WebP";
  }
  fail(ErrorKind::internal, "no such image format");
}

void fail_cut_off(const std::string& format, const std::string& where) {
  fail(ErrorKind::bad_input, "the " + format + " image is cut off before its end", where,
       "copy or download it again, or remove it");
}

void fail_damaged(const std::string& format, const std::string& why, const std::string& where) {
  fail(ErrorKind::bad_input, "the " + format + " image is damaged: " + why, where,
       "copy or download it again, or remove it");
}

int exif_orientation(Bytes tiff) {
  if (tiff.size() < 8) return 1;
  const bool big = starts_with(tiff, "MM");
  if (!big && !starts_with(tiff, "II")) return 1;
  const auto two = [&](std::size_t at) { return big ? big16(tiff.data() + at) : little16(tiff.data() + at); };
  const auto four = [&](std::size_t at) { return big ? big32(tiff.data() + at) : little32(tiff.data() + at); };
  const std::size_t directory = four(4);
  if (two(2) != 42 || directory > tiff.size() - 2) return 1;
  const std::size_t entries = two(directory);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t at = directory + 2 + i * 12;
    if (at + 12 > tiff.size()) return 1;
    if (two(at) != 0x0112) continue;
    const auto value = two(at + 2) == 3 ? two(at + 8) : 1;  // 3: a 16-bit number
    return value >= 1 && value <= 8 ? int(value) : 1;
  }
  return 1;
}

ImageInfo probe_image(Bytes bytes, const std::string& where) {
  ImageInfo info = stored_info(bytes, where);
  if (swaps_sides(info.orientation)) std::swap(info.width, info.height);
  return info;
}

Image decode_image(Bytes bytes, const std::string& where) { return decode(bytes, where, 0); }

Image decode_thumbnail(Bytes bytes, int side, const std::string& where) {
  return thumbnail(decode(bytes, where, side), side);
}

Image crop(const Image& image, int left, int top, int width, int height) {
  if (left < 0 || top < 0 || width < 1 || height < 1 || left > image.width - width || top > image.height - height)
    fail(ErrorKind::internal, "a crop reaches outside of the image");
  Image out{width, height, {}};
  out.pixels.resize(std::size_t(width) * height * 3);
  for (int y = 0; y < height; ++y)
    std::memcpy(out.row(y), image.row(top + y) + std::size_t(left) * 3, std::size_t(width) * 3);
  return out;
}

Image thumbnail(const Image& image, int side) {
  const int longer = std::max(image.width, image.height);
  if (longer <= side) return image;
  const auto scaled = [&](int length) { return std::max(1, int(std::int64_t{length} * side / longer)); };
  return resize(image, scaled(image.width), scaled(image.height), Resample::bilinear);
}

}  // namespace luthier
