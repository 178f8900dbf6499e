// PNG by libspng.
#include <spng.h>

#include <cstring>
#include <memory>

#include "media/codecs.h"

namespace luthier {

namespace {

constexpr std::size_t kHead = 8 + 8 + 13 + 4;    // signature, chunk head, IHDR, checksum
constexpr std::size_t kMostOfAChunk = 16 << 20;  // colour profiles and texts beside the picture
constexpr std::uint64_t kDeflateRatio = 1032;    // the most that deflate can shrink, zlib's own figure

int channels_of(int colour_type) {
  switch (colour_type) {
    case 2:
      return 3;
    case 4:
      return 2;
    case 6:
      return 4;
    default:
      return 1;
  }
}

}  // namespace

ImageInfo probe_png(Bytes bytes, const std::string& where) {
  ImageInfo info{.format = ImageFormat::png};
  if (bytes.size() < kHead) fail_cut_off("PNG", where);
  const std::byte* head = bytes.data() + 16;
  if (std::memcmp(bytes.data() + 12, "IHDR", 4) != 0 || big32(bytes.data() + 8) != 13)
    fail_damaged("PNG", "it does not begin with its header", where);
  if (big32(head) > 0x7fffffff || big32(head + 4) > 0x7fffffff) fail_damaged("PNG", "its size is out of range", where);
  info.width = int(big32(head));
  info.height = int(big32(head + 4));
  for (std::size_t at = kHead; at + 12 <= bytes.size();) {
    const std::size_t length = big32(bytes.data() + at);
    if (length > bytes.size() - at - 12) break;
    if (std::memcmp(bytes.data() + at + 4, "eXIf", 4) == 0)
      info.orientation = exif_orientation(bytes.subspan(at + 8, length));
    at += length + 12;
  }
  return info;
}

Image decode_png(Bytes bytes, const ImageInfo& info, const std::string& where) {
  const std::byte* head = bytes.data() + 16;
  const auto bits =
      std::uint64_t(info.width) * channels_of(std::to_integer<int>(head[9])) * std::to_integer<unsigned>(head[8]);
  if ((bits / 8 + 1) * std::uint64_t(info.height) > bytes.size() * kDeflateRatio) fail_cut_off("PNG", where);

  const std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)> codec(spng_ctx_new(0), spng_ctx_free);
  if (!codec) throw std::bad_alloc();
  spng_set_crc_action(codec.get(), SPNG_CRC_ERROR, SPNG_CRC_DISCARD);
  spng_set_chunk_limits(codec.get(), kMostOfAChunk, 4 * kMostOfAChunk);
  const auto check = [&](int code) {
    if (code == 0) return;
    if (code == SPNG_IO_EOF || code == SPNG_EIDAT_TOO_SHORT) fail_cut_off("PNG", where);
    fail_damaged("PNG", spng_strerror(code), where);
  };
  check(spng_set_png_buffer(codec.get(), bytes.data(), bytes.size()));
  std::size_t size = 0;
  check(spng_decoded_image_size(codec.get(), SPNG_FMT_RGB8, &size));
  Image image{info.width, info.height, {}};
  if (size != std::size_t(info.width) * info.height * 3) fail_damaged("PNG", "its sizes contradict each other", where);
  image.pixels.resize(size);
  check(spng_decode_image(codec.get(), image.pixels.data(), size, SPNG_FMT_RGB8, 0));
  return image;
}

}  // namespace luthier
