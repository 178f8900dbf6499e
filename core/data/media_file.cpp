#include "data/media_file.h"

#include <cstdio>
#include <fstream>
#include <span>

#include "base/error.h"
#include "base/files.h"
#include "base/random.h"
#include "media/audio.h"
#include "media/image.h"

namespace luthier {

namespace {
constexpr std::uint64_t kHashedWhole = 16u << 20, kHashedPiece = 1u << 20;

std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span<const char>(text.data(), text.size()));
}

template <class Probe>
MediaFacts facts_of(Probe probe) {
  MediaFacts facts;
  try {
    probe(facts);
  } catch (const Error& error) {
    facts.problem = error.message;
  }
  return facts;
}

void take(const ImageInfo& info, MediaFacts& facts) {
  facts.width = info.width;
  facts.height = info.height;
}

void take(const AudioInfo& info, MediaFacts& facts) {
  facts.frames = info.frames;
  facts.rate = info.rate;
}
}  // namespace

std::string MediaFacts::seconds_text() const {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", seconds());
  return text;
}

std::string media_kind_of_name(const std::filesystem::path& name) {
  std::string ending = name.extension().string();
  for (char& c : ending)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  for (const char* known : {".jpg", ".jpeg", ".jpe", ".png", ".webp"})
    if (ending == known) return "image";
  for (const char* known : {".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".au"})
    if (ending == known) return "audio";
  return "";
}

std::string media_kind_of_bytes(std::string_view head) {
  const auto at = [&](std::size_t place, std::string_view what) {
    return head.substr(0, place + what.size()).substr(std::min(place, head.size())) == what;
  };
  if (at(0, "\xFF\xD8\xFF") || at(0, "\x89PNG") || (at(0, "RIFF") && at(8, "WEBP"))) return "image";
  const bool mp3 = at(0, "ID3") || at(0, "\xFF\xFB") || at(0, "\xFF\xF3") || at(0, "\xFF\xF2");
  const bool aiff = at(0, "FORM") && (at(8, "AIFF") || at(8, "AIFC"));
  if ((at(0, "RIFF") && at(8, "WAVE")) || at(0, "fLaC") || at(0, "OggS") || at(0, ".snd") || mp3 || aiff)
    return "audio";
  return "";
}

MediaFacts probe_file(const std::filesystem::path& file, const std::string& modality) {
  return facts_of([&](MediaFacts& facts) {
    std::error_code unknown;
    if (!fs::is_regular_file(file, unknown)) fail(ErrorKind::not_found, "there is no such file");
    if (modality == "audio") return take(probe_audio(file), facts);
    const auto mapped = MappedFile::open(file);
    take(probe_image(std::as_bytes(std::span(mapped->data(), mapped->size())), file.string()), facts);
  });
}

MediaFacts probe_bytes(std::string_view bytes, const std::string& modality) {
  return facts_of([&](MediaFacts& facts) {
    if (modality == "audio")
      take(probe_audio(as_bytes(bytes), "the row"), facts);
    else
      take(probe_image(as_bytes(bytes), "the row"), facts);
  });
}

std::uint64_t content_hash(const std::filesystem::path& file) {
  try {
    const auto mapped = MappedFile::open(file);
    const std::uint64_t size = mapped->size();
    if (size <= kHashedWhole) return hash_bytes(mapped->data(), size);
    std::uint64_t hash = mix(0x6d65646961, size);
    for (const std::uint64_t first : {std::uint64_t{0}, size / 2, size - kHashedPiece})
      hash = hash_bytes(mapped->data() + first, kHashedPiece, hash);
    return hash;
  } catch (const Error&) {
    return 0;
  }
}

}  // namespace luthier
