// JPEG by libjpeg-turbo.
#include <cstdio>
// jpeglib.h needs the lines above.
#include <jerror.h>
#include <jpeglib.h>

#include <algorithm>
#include <csetjmp>
#include <cstring>

#include "media/codecs.h"

namespace luthier {

namespace {

constexpr int kMostScans = 1000;  // a progressive file needs about ten; thousands are made to burn time

struct ErrorState {
  jpeg_error_mgr manager;
  jpeg_progress_mgr progress;
  std::jmp_buf back;
  char text[JMSG_LENGTH_MAX];
  bool cut_off;
};

ErrorState& state_of(j_common_ptr codec) { return *reinterpret_cast<ErrorState*>(codec->err); }

[[noreturn]] void leave(j_common_ptr codec) {
  ErrorState& state = state_of(codec);
  codec->err->format_message(codec, state.text);
  if (codec->err->msg_code == JERR_INPUT_EOF) state.cut_off = true;
  std::longjmp(state.back, 1);
}

void on_message(j_common_ptr codec, int level) {
  // The library would fill the missing part with grey.
  if (level < 0 && codec->err->msg_code == JWRN_JPEG_EOF) {
    state_of(codec).cut_off = true;
    leave(codec);
  }
}

void on_progress(j_common_ptr codec) {
  if (reinterpret_cast<j_decompress_ptr>(codec)->input_scan_number <= kMostScans) return;
  std::strcpy(state_of(codec).text, "it has more than a thousand scans");
  std::longjmp(state_of(codec).back, 1);
}

// The library's errors jump: nothing that needs a destructor lives in the functions that call it.
class Reader {
 public:
  Reader() {
    std::memset(&codec_, 0, sizeof codec_);
    std::memset(&state_, 0, sizeof state_);
    codec_.err = jpeg_std_error(&state_.manager);
    state_.manager.error_exit = leave;
    state_.manager.emit_message = on_message;
    state_.manager.output_message = [](j_common_ptr) {};
    state_.progress.progress_monitor = on_progress;
  }
  ~Reader() { jpeg_destroy_decompress(&codec_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  bool start(Bytes bytes, int at_least) {
    if (setjmp(state_.back)) return false;
    jpeg_create_decompress(&codec_);
    codec_.progress = &state_.progress;
    jpeg_mem_src(&codec_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    jpeg_read_header(&codec_, TRUE);
    codec_.out_color_space = codec_.num_components == 4 ? JCS_CMYK : JCS_RGB;
    const auto longer = std::max(codec_.image_width, codec_.image_height);
    while (at_least > 0 && codec_.scale_denom < 8 && longer / (codec_.scale_denom * 2) >= unsigned(at_least))
      codec_.scale_denom *= 2;
    jpeg_start_decompress(&codec_);
    return true;
  }

  bool read(std::uint8_t* rows, std::size_t stride) {
    if (setjmp(state_.back)) return false;
    while (codec_.output_scanline < codec_.output_height) {
      JSAMPROW row = rows + codec_.output_scanline * stride;
      jpeg_read_scanlines(&codec_, &row, 1);
    }
    return true;
  }

  int width() const { return int(codec_.output_width); }
  int height() const { return int(codec_.output_height); }
  int components() const { return codec_.output_components; }

  [[noreturn]] void fail(const std::string& where) const {
    if (state_.cut_off) fail_cut_off("JPEG", where);
    fail_damaged("JPEG", state_.text, where);
  }

 private:
  jpeg_decompress_struct codec_;
  ErrorState state_;
};

// a * b / 255, rounded.
int times(int a, int b) {
  const int product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}

}  // namespace

ImageInfo probe_jpeg(Bytes bytes, const std::string& where) {
  ImageInfo info{.format = ImageFormat::jpeg};
  std::size_t at = 2;
  while (true) {
    while (at < bytes.size() && bytes[at] != std::byte{0xff}) ++at;  // padding that some cameras write
    while (at < bytes.size() && bytes[at] == std::byte{0xff}) ++at;
    if (at >= bytes.size()) fail_cut_off("JPEG", where);
    const int marker = std::to_integer<int>(bytes[at]);
    ++at;
    if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8)) continue;  // these have no length
    if (marker == 0xd9 || marker == 0xda) fail_damaged("JPEG", "no frame header comes before the picture", where);
    if (at + 2 > bytes.size()) fail_cut_off("JPEG", where);
    const std::size_t length = big16(bytes.data() + at);
    if (length < 2) fail_damaged("JPEG", "a segment is shorter than its own head", where);
    const bool frame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    if (at + std::min<std::size_t>(length, frame ? 8 : length) > bytes.size()) fail_cut_off("JPEG", where);
    const Bytes body = bytes.subspan(at + 2, std::min(length - 2, bytes.size() - at - 2));
    if (frame) {
      if (body.size() < 6) fail_damaged("JPEG", "the frame header is too short", where);
      info.height = int(big16(body.data() + 1));
      info.width = int(big16(body.data() + 3));
      return info;
    }
    if (marker == 0xe1 && body.size() > 6 && std::memcmp(body.data(), "Exif\0\0", 6) == 0)
      info.orientation = exif_orientation(body.subspan(6));
    at += length;
  }
}

Image decode_jpeg(Bytes bytes, const std::string& where, int at_least) {
  Reader reader;
  if (!reader.start(bytes, at_least)) reader.fail(where);
  Image image{reader.width(), reader.height(), {}};
  const std::size_t count = std::size_t(image.width) * image.height;
  if (reader.components() == 3) {
    image.pixels.resize(count * 3);
    if (!reader.read(image.pixels.data(), std::size_t(image.width) * 3)) reader.fail(where);
    return image;
  }
  std::vector<std::uint8_t> inks(count * 4);
  if (!reader.read(inks.data(), std::size_t(image.width) * 4)) reader.fail(where);
  image.pixels.resize(count * 3);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* ink = inks.data() + i * 4;  // inverted: 255 is no ink
    for (int c = 0; c < 3; ++c) image.pixels[i * 3 + c] = std::uint8_t(ink[3] - times(255 - ink[c], ink[3]));
  }
  return image;
}

}  // namespace luthier
