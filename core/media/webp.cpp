// WebP by libwebp: lossy, lossless, and the first frame of an animation.
#include <webp/decode.h>
#include <webp/demux.h>

#include <cstring>
#include <memory>

#include "media/codecs.h"

namespace luthier {

namespace {

const std::uint8_t* data_of(Bytes bytes) { return reinterpret_cast<const std::uint8_t*>(bytes.data()); }

WebPBitstreamFeatures features_of(Bytes bytes, const std::string& where) {
  WebPBitstreamFeatures features;
  switch (WebPGetFeatures(data_of(bytes), bytes.size(), &features)) {
    case VP8_STATUS_OK:
      return features;
    case VP8_STATUS_NOT_ENOUGH_DATA:
      fail_cut_off("WebP", where);
    default:
      fail_damaged("WebP", "its header is broken", where);
  }
}

// The first frame on a canvas, as RGBA without premultiplication: animations have no other way in.
Image first_frame(Bytes bytes, const ImageInfo& info, const std::string& where) {
  WebPAnimDecoderOptions options;
  WebPAnimDecoderOptionsInit(&options);
  options.color_mode = MODE_RGBA;
  const WebPData data{data_of(bytes), bytes.size()};
  const std::unique_ptr<WebPAnimDecoder, decltype(&WebPAnimDecoderDelete)> decoder(WebPAnimDecoderNew(&data, &options),
                                                                                   WebPAnimDecoderDelete);
  std::uint8_t* canvas = nullptr;
  int milliseconds = 0;
  if (!decoder || !WebPAnimDecoderGetNext(decoder.get(), &canvas, &milliseconds)) fail_cut_off("WebP", where);
  Image image{info.width, info.height, {}};
  const std::size_t count = std::size_t(info.width) * info.height;
  image.pixels.resize(count * 3);
  for (std::size_t i = 0; i < count; ++i) std::memcpy(&image.pixels[i * 3], canvas + i * 4, 3);
  return image;
}

}  // namespace

ImageInfo probe_webp(Bytes bytes, const std::string& where) {
  const WebPBitstreamFeatures features = features_of(bytes, where);
  ImageInfo info{.format = ImageFormat::webp, .width = features.width, .height = features.height};
  for (std::size_t at = 12; at + 8 <= bytes.size();) {
    const std::size_t length = little32(bytes.data() + at + 4);
    if (length > bytes.size() - at - 8) break;
    if (std::memcmp(bytes.data() + at, "EXIF", 4) == 0) {
      Bytes exif = bytes.subspan(at + 8, length);
      if (exif.size() > 6 && std::memcmp(exif.data(), "Exif\0\0", 6) == 0) exif = exif.subspan(6);
      info.orientation = exif_orientation(exif);
    }
    at += 8 + length + length % 2;
  }
  return info;
}

Image decode_webp(Bytes bytes, const ImageInfo& info, const std::string& where) {
  if (features_of(bytes, where).has_animation) return first_frame(bytes, info, where);
  Image image{info.width, info.height, {}};
  image.pixels.resize(std::size_t(info.width) * info.height * 3);

  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) fail_damaged("WebP", "the library has another version", where);
  config.output.colorspace = MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {image.pixels.data(), info.width * 3, image.pixels.size()};
  switch (WebPDecode(data_of(bytes), bytes.size(), &config)) {
    case VP8_STATUS_OK:
      return image;
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED:
      fail_cut_off("WebP", where);
    case VP8_STATUS_OUT_OF_MEMORY:
      throw std::bad_alloc();
    default:
      fail_damaged("WebP", "its picture data is broken", where);
  }
}

}  // namespace luthier
