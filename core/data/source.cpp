#include "data/source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace luthier {

namespace {
constexpr std::size_t kPiece = std::size_t{256} << 10;
constexpr std::size_t kShownOfLongLine = 200;
}  // namespace

struct ByteSource::Gzip {
  explicit Gzip(const std::string& where) {
    // 15 bits of window, +16: gzip headers only.
    if (::inflateInit2(&stream, 15 + 16) != Z_OK) fail(ErrorKind::io, "the packed file cannot be opened", where);
  }
  ~Gzip() { ::inflateEnd(&stream); }

  z_stream stream{};
  std::string packed;
  bool input_ended = false, member_ended = false, finished = false, damaged = false;
};

ByteSource::ByteSource(const std::filesystem::path& path) : path_(path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    if (errno == ENOENT || errno == ENOTDIR)
      fail(ErrorKind::not_found, "there is no such file", path.string(), "check the path");
    fail_errno("the file cannot be opened", path.string());
  }
  if (S_ISDIR(info.st_mode))
    fail(ErrorKind::bad_input, "this is a folder, not a data file", path.string(), "name one file inside it");
  if (!S_ISREG(info.st_mode))
    fail(ErrorKind::bad_input, "this is not a regular file", path.string(), "copy the data into a file first");
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) fail_errno("the file cannot be opened", path.string(), "check its permissions");
  unsigned char magic[2] = {0, 0};
  if (::pread(descriptor_, magic, 2, 0) == 2 && magic[0] == 0x1F && magic[1] == 0x8B) try {
      gzip_ = std::make_unique<Gzip>(path.string());
    } catch (...) {
      ::close(descriptor_);
      throw;
    }
}

ByteSource::~ByteSource() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

ByteSource::ByteSource(ByteSource&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)), gzip_(std::move(other.gzip_)) {}

bool ByteSource::cut_short() const { return gzip_ && gzip_->damaged; }

bool ByteSource::more(std::string& into, std::size_t bytes) {
  const auto read_raw = [&](std::string& target, std::size_t wanted) {
    const std::size_t before = target.size();
    target.resize(before + wanted);
    ssize_t got = 0;
    do got = ::read(descriptor_, target.data() + before, wanted);
    while (got < 0 && errno == EINTR);
    target.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0) fail_errno("the file cannot be read", path_.string());
    return got > 0;
  };
  if (!gzip_) return read_raw(into, bytes);

  Gzip& gzip = *gzip_;
  if (gzip.finished) return false;
  const std::size_t before = into.size();
  into.resize(before + bytes);
  gzip.stream.next_out = reinterpret_cast<Bytef*>(into.data() + before);
  gzip.stream.avail_out = static_cast<uInt>(bytes);
  while (gzip.stream.avail_out == bytes && !gzip.finished) {
    if (gzip.stream.avail_in == 0 && !gzip.input_ended) {
      gzip.packed.clear();
      gzip.input_ended = !read_raw(gzip.packed, kPiece);
      gzip.stream.next_in = reinterpret_cast<Bytef*>(gzip.packed.data());
      gzip.stream.avail_in = static_cast<uInt>(gzip.packed.size());
    }
    if (gzip.stream.avail_in == 0) {  // the input has ended
      gzip.finished = true;
      gzip.damaged = !gzip.member_ended;
      break;
    }
    if (gzip.member_ended) {
      // A gzip file may be several members in a row; whatever else follows the last one is padding.
      if (*gzip.stream.next_in != 0x1F) {
        gzip.finished = true;
        break;
      }
      ::inflateReset(&gzip.stream);
      gzip.member_ended = false;
    }
    const int status = ::inflate(&gzip.stream, Z_NO_FLUSH);
    if (status == Z_STREAM_END) {
      gzip.member_ended = true;
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      gzip.finished = gzip.damaged = true;
    }
  }
  into.resize(before + bytes - gzip.stream.avail_out);
  return into.size() > before;
}

std::string read_head(const std::filesystem::path& path, std::size_t bytes, bool* whole_file) {
  ByteSource source(path);
  std::string head;
  bool more = true;
  while (more && head.size() < bytes) more = source.more(head, bytes - head.size());
  if (more) {
    std::string next;
    more = source.more(next, 1);
  }
  if (whole_file) *whole_file = !more;
  return head;
}

TextWindow::TextWindow(const std::filesystem::path& path, TextEncoding encoding)
    : source_(std::make_unique<ByteSource>(path)), encoding_(encoding) {}

TextWindow::TextWindow(std::string text) : text_(std::move(text)), at_end_(true) {}

bool TextWindow::more() {
  if (at_end_) return false;
  if (used_ > 0) {
    text_.erase(0, used_);
    used_ = 0;
  }
  const std::size_t before = text_.size();
  // Reads as much again as is waiting, so that a long record is looked at a logarithmic number of times.
  const std::size_t wanted = std::max(kPiece, before);
  while (text_.size() == before && !at_end_) {
    at_end_ = !source_->more(raw_, wanted);
    if (!started_ && (raw_.size() >= 3 || at_end_)) {
      raw_.erase(0, byte_order_mark(raw_, encoding_));
      started_ = true;
    }
    if (started_) raw_.erase(0, append_as_utf8(raw_, encoding_, at_end_, text_));
  }
  return text_.size() > before;
}

bool TextWindow::line(char newline, Line& line) {
  std::size_t searched = 0;
  while (true) {
    const std::string_view text = unread();
    const std::size_t end = text.find(newline, searched);
    if (end != std::string_view::npos || (at_end_ && !text.empty())) {
      line.text = text.substr(0, end);
      line.too_long = line.text.size() > kLongestRecordBytes;
      used_ += line.text.size() + (end != std::string_view::npos ? 1 : 0);
      if (newline == '\n' && line.text.ends_with('\r')) line.text.remove_suffix(1);
      return true;
    }
    if (text.size() > kLongestRecordBytes) break;
    searched = text.size();
    if (!more() && unread().empty()) return false;
  }
  // Far too long: only its start is kept while the rest runs through.
  const std::string start(unread().substr(0, kShownOfLongLine));
  bool ended = false;
  while (!ended) {
    const std::size_t end = unread().find(newline);
    ended = end != std::string_view::npos;
    used_ += ended ? end + 1 : unread().size();
    if (!ended && !more()) ended = true;
  }
  long_line_start_ = start;
  line = {long_line_start_, true};
  return true;
}

}  // namespace luthier
