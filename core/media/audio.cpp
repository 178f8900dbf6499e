#include "media/audio.h"

#include <samplerate.h>
#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <numeric>
#include <string_view>

#include "base/error.h"

namespace luthier {

namespace {

using Bytes = std::span<const std::byte>;

constexpr int kLowestRate = 1000, kHighestRate = 768000, kMostChannels = 64;
constexpr std::size_t kBlock = 16384;  // samples of all channels read at once

// A file in memory for libsndfile. Its positions come from the file's own, possibly false, numbers.
struct Memory {
  Bytes bytes;
  sf_count_t at = 0;

  static Memory& of(void* self) { return *static_cast<Memory*>(self); }
  static sf_count_t size(void* self) { return sf_count_t(of(self).bytes.size()); }
  static sf_count_t tell(void* self) { return of(self).at; }
  static sf_count_t write(const void*, sf_count_t, void*) { return 0; }
  static sf_count_t seek(sf_count_t offset, int whence, void* self) {
    Memory& memory = of(self);
    const sf_count_t base = whence == SEEK_CUR ? memory.at : whence == SEEK_END ? size(self) : 0;
    sf_count_t target = 0;
    if (__builtin_add_overflow(base, offset, &target) || target < 0) return -1;
    return memory.at = target;
  }
  static sf_count_t read(void* to, sf_count_t count, void* self) {
    Memory& memory = of(self);
    const sf_count_t left = std::max<sf_count_t>(0, size(self) - memory.at);
    count = std::clamp<sf_count_t>(count, 0, left);
    if (count > 0) std::memcpy(to, memory.bytes.data() + memory.at, std::size_t(count));
    memory.at += count;
    return count;
  }
};

bool starts_with(std::string_view head, std::string_view text, std::size_t offset = 0) {
  return head.size() >= offset && head.substr(offset).starts_with(text);
}

// What a file is that libsndfile does not read, as people call it; empty: no idea.
std::string other_format(std::string_view head) {
  using namespace std::string_view_literals;
  if (starts_with(head, "ftyp", 4)) return "an MPEG-4 file (M4A, AAC)";
  if (starts_with(head, "\x30\x26\xb2\x75"sv)) return "a WMA file";
  if (starts_with(head, "\x1a\x45\xdf\xa3"sv)) return "a Matroska or WebM file";
  if (starts_with(head, "#!AMR")) return "an AMR recording";
  if (starts_with(head, "\xff\xf1"sv) || starts_with(head, "\xff\xf9"sv)) return "an AAC recording";
  if (starts_with(head, "\xff\xd8\xff"sv) || starts_with(head, "\x89PNG"sv)) return "an image";
  if (starts_with(head, "PK\3\4"sv)) return "a ZIP archive";
  if (starts_with(head, "<!DOCTYPE") || starts_with(head, "<html")) return "a web page";
  const bool text = std::all_of(head.begin(), head.end(), [](char letter) {
    const auto c = static_cast<unsigned char>(letter);
    return c >= 32 || c == '\n' || c == '\r' || c == '\t';
  });
  return text ? "a text" : std::string();
}

const char* name_of(int format) {
  switch (format & SF_FORMAT_TYPEMASK) {
    case SF_FORMAT_WAV:
    case SF_FORMAT_WAVEX:
    case SF_FORMAT_RF64:
    case SF_FORMAT_W64:
      return "WAV";
    case SF_FORMAT_FLAC:
      return "FLAC";
    case SF_FORMAT_OGG:
      return "OGG";
    case SF_FORMAT_MPEG:
      return "MP3";
    case SF_FORMAT_AIFF:
      return "AIFF";
    case SF_FORMAT_AU:
      return "AU";
    case SF_FORMAT_CAF:
      return "CAF";
    default:
      return nullptr;
  }
}

constexpr const char* kConvert = "WAV, FLAC, OGG, MP3, AIFF and AU recordings are read: convert it to one of them";

// An open recording whose head has been checked.
class Recording {
 public:
  Recording(Bytes bytes, const std::string& where) : where_(where), memory_(std::make_unique<Memory>()) {
    memory_->bytes = bytes;
    SF_VIRTUAL_IO access{Memory::size, Memory::seek, Memory::read, Memory::write, Memory::tell};
    const auto head = bytes.first(std::min<std::size_t>(bytes.size(), 512));
    check(sf_open_virtual(&access, SFM_READ, &about_, memory_.get()),
          std::string(reinterpret_cast<const char*>(head.data()), head.size()));
  }

  explicit Recording(const std::filesystem::path& path) : where_(path.string()) {
    std::string head(512, '\0');
    const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
    if (!file) {
      if (errno == ENOENT) fail(ErrorKind::not_found, "the recording does not exist", where_, "check the path");
      fail_errno("the recording cannot be opened", where_);
    }
    errno = 0;
    head.resize(std::fread(head.data(), 1, head.size(), file.get()));
    if (std::ferror(file.get())) fail_errno("the recording cannot be read", where_);
    check(sf_open(path.c_str(), SFM_READ, &about_), head);
  }

  AudioInfo info() const {
    AudioInfo info{name_of(about_.format), about_.samplerate, about_.channels, 0};
    if (about_.frames > 0 && about_.frames < SF_COUNT_MAX) info.frames = about_.frames;
    return info;
  }

  Waveform read(double longest_seconds) {
    if (!(longest_seconds > 0)) fail(ErrorKind::bad_input, "the longest recording must be above 0 seconds", where_);
    Waveform sound{about_.samplerate, {}};
    const double most = std::ceil(std::min(longest_seconds * about_.samplerate, 1e15));
    auto left = std::size_t(most);
    const std::size_t channels = std::size_t(about_.channels), step = std::max<std::size_t>(1, kBlock / channels);
    std::vector<float> block(step * channels);
    while (left > 0) {
      const auto got = sf_readf_float(file_.get(), block.data(), sf_count_t(std::min(left, step)));
      if (got <= 0) break;
      for (std::size_t frame = 0; frame < std::size_t(got); ++frame) {
        const float* first = block.data() + frame * channels;
        const float sum = std::accumulate(first, first + channels, 0.0f);
        sound.samples.push_back(channels == 1 ? sum : sum / float(channels));
      }
      left -= std::size_t(got);
    }
    if (sound.samples.empty())
      fail(ErrorKind::bad_input, "the recording holds no sample", where_, "remove it, or record it again");
    const auto odd =
        std::find_if(sound.samples.begin(), sound.samples.end(), [](float x) { return !std::isfinite(x); });
    if (odd != sound.samples.end())
      fail(ErrorKind::bad_input,
           "sample " + std::to_string(odd - sound.samples.begin()) + " of the recording is not a finite number", where_,
           "convert the file again, or remove it");
    return sound;
  }

 private:
  void check(SNDFILE* opened, const std::string& head) {
    file_.reset(opened);
    if (head.empty()) fail(ErrorKind::bad_input, "the recording is empty", where_, "replace or remove it");
    if (!opened) {
      const std::string other = other_format(head);
      if (!other.empty()) fail(ErrorKind::unsupported, "this is " + other, where_, kConvert);
      const bool unknown = sf_error(nullptr) == SF_ERR_UNRECOGNISED_FORMAT;
      fail(unknown ? ErrorKind::unsupported : ErrorKind::bad_input,
           unknown ? "this is no known audio format" : std::string("the recording is damaged: ") + sf_strerror(nullptr),
           where_, unknown ? kConvert : "copy or download it again, or remove it");
    }
    if (!name_of(about_.format)) fail(ErrorKind::unsupported, "this audio format is not read", where_, kConvert);
    const auto refuse = [&](const std::string& what) {
      fail(ErrorKind::bad_input, "the recording says that it has " + what, where_, "convert it again, or remove it");
    };
    if (about_.samplerate < kLowestRate || about_.samplerate > kHighestRate)
      refuse(std::to_string(about_.samplerate) + " samples a second: " + std::to_string(kLowestRate) + " to " +
             std::to_string(kHighestRate) + " are read");
    if (about_.channels < 1 || about_.channels > kMostChannels)
      refuse(std::to_string(about_.channels) + " channels: 1 to " + std::to_string(kMostChannels) + " are read");
  }

  std::string where_;
  std::unique_ptr<Memory> memory_;
  SF_INFO about_{};
  std::unique_ptr<SNDFILE, int (*)(SNDFILE*)> file_{nullptr, sf_close};
};

}  // namespace

AudioInfo probe_audio(Bytes bytes, const std::string& where) { return Recording(bytes, where).info(); }
AudioInfo probe_audio(const std::filesystem::path& path) { return Recording(path).info(); }

Waveform decode_audio(Bytes bytes, const std::string& where, double longest_seconds) {
  return Recording(bytes, where).read(longest_seconds);
}

Waveform decode_audio(const std::filesystem::path& path, double longest_seconds) {
  return Recording(path).read(longest_seconds);
}

Waveform resample(const Waveform& sound, int rate) {
  if (rate == sound.rate) return sound;
  if (rate < kLowestRate || rate > kHighestRate || sound.rate < kLowestRate || sound.rate > kHighestRate)
    fail(ErrorKind::bad_input,
         "cannot go from " + std::to_string(sound.rate) + " to " + std::to_string(rate) + " samples a second", {},
         "use rates from " + std::to_string(kLowestRate) + " to " + std::to_string(kHighestRate));
  Waveform out{rate, {}};
  if (sound.samples.empty()) return out;
  const double ratio = double(rate) / sound.rate;
  out.samples.resize(std::size_t(std::llround(double(sound.samples.size()) * ratio)) + 1);
  // The library counts in long; a chunk of a day at the highest rate fits.
  SRC_DATA job{};
  job.data_in = sound.samples.data();
  job.input_frames = long(sound.samples.size());
  job.data_out = out.samples.data();
  job.output_frames = long(out.samples.size());
  job.src_ratio = ratio;
  if (const int error = src_simple(&job, SRC_SINC_MEDIUM_QUALITY, 1))
    fail(ErrorKind::internal, std::string("resampling failed: ") + src_strerror(error));
  // The library may stop a sample short at the end, where the sound is over.
  std::fill(out.samples.begin() + job.output_frames_gen, out.samples.end(), 0.0f);
  out.samples.resize(std::max<std::size_t>(1, out.samples.size() - 1));
  return out;
}

}  // namespace luthier
