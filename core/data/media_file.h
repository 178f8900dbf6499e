#pragma once
// What the head of an image or a recording tells, without decoding it.
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace luthier {

struct MediaFacts {
  std::string problem;                 ///< why it cannot be read; "": it can
  std::int64_t width = 0, height = 0;  ///< image
  std::int64_t frames = 0, rate = 0;   ///< recording: samples a channel, and those in a second

  double seconds() const { return rate > 0 ? static_cast<double>(frames) / static_cast<double>(rate) : 0; }
  std::string seconds_text() const;  ///< "1.234"
};

/// "image", "audio" or "" by the ending of the name.
std::string media_kind_of_name(const std::filesystem::path& name);
/// "image", "audio" or "" by the first bytes.
std::string media_kind_of_bytes(std::string_view head);

/// `modality`: image or audio. Never throws: what is wrong stands in `problem`.
MediaFacts probe_file(const std::filesystem::path& file, const std::string& modality);
MediaFacts probe_bytes(std::string_view bytes, const std::string& modality);

/// A hash of a file's content (of very large ones: of size, beginning, middle and end); 0 when it cannot be read.
std::uint64_t content_hash(const std::filesystem::path& file);

}  // namespace luthier
