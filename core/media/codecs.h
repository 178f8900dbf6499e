#pragma once
// The decoders behind image.h, one file each. Sizes here are those of the stored picture, before any rotation.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "media/image.h"

namespace luthier {

using Bytes = std::span<const std::byte>;

/// What the header says, the orientation of the EXIF part included; width and height as stored.
ImageInfo probe_jpeg(Bytes bytes, const std::string& where);
ImageInfo probe_png(Bytes bytes, const std::string& where);
ImageInfo probe_webp(Bytes bytes, const std::string& where);

/// `at_least`: where it is not 0, a JPEG may be unpacked at 1/2, 1/4 or 1/8 of its size as long as its longer side
/// keeps that many pixels.
Image decode_jpeg(Bytes bytes, const std::string& where, int at_least = 0);
Image decode_png(Bytes bytes, const ImageInfo& info, const std::string& where);
Image decode_webp(Bytes bytes, const ImageInfo& info, const std::string& where);

/// The orientation tag (0x0112) of a TIFF block, as EXIF holds it; 1 where it is absent or broken.
int exif_orientation(Bytes tiff);

[[noreturn]] void fail_cut_off(const std::string& format, const std::string& where);
[[noreturn]] void fail_damaged(const std::string& format, const std::string& why, const std::string& where);

/// Big-endian numbers; the caller has checked that they lie inside.
inline std::uint32_t big16(const std::byte* at) {
  return std::to_integer<std::uint32_t>(at[0]) << 8 | std::to_integer<std::uint32_t>(at[1]);
}
inline std::uint32_t big32(const std::byte* at) { return big16(at) << 16 | big16(at + 2); }
inline std::uint32_t little16(const std::byte* at) {
  return std::to_integer<std::uint32_t>(at[1]) << 8 | std::to_integer<std::uint32_t>(at[0]);
}
inline std::uint32_t little32(const std::byte* at) { return little16(at + 2) << 16 | little16(at); }

}  // namespace luthier
