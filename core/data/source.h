#pragma once
// A data file as a stream: unpacked if it is gzip, turned into UTF-8, read in pieces, so that memory stays bounded.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "data/encoding.h"

namespace luthier {

/// No line, record or JSON value may be longer: a longer one is a broken row.
constexpr std::size_t kLongestRecordBytes = std::size_t{16} << 20;

/// The bytes of a regular file, unpacked where they are gzip (by zlib, loaded at run time).
class ByteSource {
 public:
  /// not_found, bad_input (a folder, a pipe, a device), io; unsupported for gzip without zlib.
  explicit ByteSource(const std::filesystem::path& path);
  ~ByteSource();
  ByteSource(ByteSource&&) noexcept;

  /// Appends up to `bytes` more to `into`; false at the end. bad_input for damaged gzip data (what was read before
  /// stays).
  bool more(std::string& into, std::size_t bytes);
  bool is_gzip() const { return gzip_ != nullptr; }
  /// The gzip stream ended before its end mark.
  bool cut_short() const;

 private:
  struct Gzip;
  std::filesystem::path path_;
  int descriptor_ = -1;
  std::unique_ptr<Gzip> gzip_;
};

/// The first `bytes` of a file, unpacked.
std::string read_head(const std::filesystem::path& path, std::size_t bytes, bool* whole_file = nullptr);

/// A window on the UTF-8 text of a file.
class TextWindow {
 public:
  TextWindow(const std::filesystem::path& path, TextEncoding encoding);
  /// A window on text in memory (the head of a file).
  explicit TextWindow(std::string text);

  std::string_view unread() const { return std::string_view(text_).substr(used_); }
  bool at_end() const { return at_end_; }
  bool cut_short() const { return source_ && source_->cut_short(); }
  /// Reads on; false when the file has no more. Earlier views become invalid.
  bool more();
  void use(std::size_t bytes) { used_ += bytes; }

  struct Line {
    std::string_view text;  ///< without its line end; valid until the next call
    bool too_long = false;  ///< only the first bytes are in `text`
  };
  /// The next line ('\n', a '\r' before it is dropped; or '\r' alone when `newline` says so); false at the end.
  bool line(char newline, Line& line);

 private:
  std::unique_ptr<ByteSource> source_;
  TextEncoding encoding_ = TextEncoding::utf8;
  std::string text_, raw_;
  std::string long_line_start_;  ///< what is shown of a line that is too long
  std::size_t used_ = 0;
  bool at_end_ = false, started_ = false;
};

}  // namespace luthier
