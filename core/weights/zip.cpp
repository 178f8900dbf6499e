#include "weights/zip.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/error.h"

namespace luthier {

namespace {

constexpr std::uint32_t kEntrySignature = 0x02014b50, kLocalSignature = 0x04034b50, kEndSignature = 0x06054b50;
constexpr std::uint32_t kEnd64Signature = 0x06064b50, kLocator64Signature = 0x07064b50;
constexpr std::size_t kEndBytes = 22, kLocator64Bytes = 20, kEnd64Bytes = 56, kEntryBytes = 46, kLocalBytes = 30;
constexpr std::size_t kCommentLimitBytes = 0xffff;
constexpr std::uint64_t kInExtraField = 0xffffffff;  // stands where the zip64 field has the number

class Archive {
 public:
  Archive(std::span<const std::byte> file, const std::string& where) : file_(file), where_(where) {}

  std::vector<ZipEntry> entries() const {
    const Directory directory = find_directory();
    std::vector<ZipEntry> found;
    std::uint64_t at = directory.begin;
    for (std::uint64_t i = 0; i < directory.count; ++i) {
      need(at, kEntryBytes);
      if (number(at, 4) != kEntrySignature) damaged("its directory is broken");
      const std::uint64_t name_bytes = number(at + 28, 2), extra_bytes = number(at + 30, 2);
      need(at + kEntryBytes, name_bytes + extra_bytes);
      found.push_back(entry(at, text(at + kEntryBytes, name_bytes), at + kEntryBytes + name_bytes, extra_bytes));
      at += kEntryBytes + name_bytes + extra_bytes + number(at + 32, 2);
    }
    return found;
  }

 private:
  struct Directory {
    std::uint64_t begin = 0, count = 0;
  };

  [[noreturn]] void damaged(const std::string& how) const {
    fail(ErrorKind::bad_input, "the checkpoint's zip archive is damaged: " + how, where_, "fetch the file again");
  }

  void need(std::uint64_t at, std::uint64_t size) const {
    if (at > file_.size() || size > file_.size() - at) damaged("it points behind the end of the file");
  }

  std::uint64_t number(std::uint64_t at, std::size_t size) const {
    need(at, size);
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;) value = value << 8 | static_cast<std::uint64_t>(file_[at + i]);
    return value;
  }

  std::string text(std::uint64_t at, std::uint64_t size) const {
    return {reinterpret_cast<const char*>(file_.data()) + at, size};
  }

  Directory find_directory() const {
    if (file_.size() < kEndBytes) damaged("it is cut off");
    const std::uint64_t last = file_.size() - kEndBytes;
    for (std::uint64_t at = last + 1; at-- > 0 && last - at <= kCommentLimitBytes;) {
      if (number(at, 4) != kEndSignature) continue;
      Directory directory{number(at + 16, 4), number(at + 10, 2)};
      if (const auto larger = find_directory64(at)) directory = *larger;
      need(directory.begin, 0);
      if (directory.count > (file_.size() - directory.begin) / kEntryBytes)
        damaged("it claims more entries than it can hold");
      return directory;
    }
    damaged("it is cut off: its directory, which ends the file, is missing");
  }

  std::optional<Directory> find_directory64(std::uint64_t end) const {
    if (end < kLocator64Bytes || number(end - kLocator64Bytes, 4) != kLocator64Signature) return std::nullopt;
    const std::uint64_t at = number(end - kLocator64Bytes + 8, 8);
    need(at, kEnd64Bytes);
    if (number(at, 4) != kEnd64Signature) damaged("its directory is broken");
    return Directory{number(at + 48, 8), number(at + 32, 8)};
  }

  ZipEntry entry(std::uint64_t at, std::string name, std::uint64_t extra, std::uint64_t extra_bytes) const {
    const std::uint64_t flags = number(at + 8, 2), method = number(at + 10, 2);
    std::uint64_t stored = number(at + 20, 4), size = number(at + 24, 4), local = number(at + 42, 4);
    for (std::uint64_t field = extra; field + 4 <= extra + extra_bytes;) {
      const std::uint64_t kind = number(field, 2), end = field + 4 + number(field + 2, 2);
      if (end > extra + extra_bytes) damaged("its directory is broken");
      std::uint64_t next = field + 4;
      if (kind == 1)
        for (std::uint64_t* value : {&size, &stored, &local}) {
          if (*value != kInExtraField) continue;
          if (next + 8 > end) damaged("its directory is broken");
          *value = number(next, 8);
          next += 8;
        }
      field = end;
    }
    if (flags & 1) fail(ErrorKind::unsupported, "the checkpoint is encrypted", where_, "decrypt it first");
    need(local, kLocalBytes);
    if (number(local, 4) != kLocalSignature) damaged("\"" + name + "\" is not where its directory says");
    const std::uint64_t begin = local + kLocalBytes + number(local + 26, 2) + number(local + 28, 2);
    need(begin, stored);
    return {std::move(name), begin, stored, method != 0 || stored != size};
  }

  std::span<const std::byte> file_;
  const std::string& where_;
};

}  // namespace

std::vector<ZipEntry> read_zip_directory(std::span<const std::byte> file, const std::string& where) {
  std::vector<ZipEntry> entries = Archive(file, where).entries();
  const auto by_name = [](const ZipEntry& a, const ZipEntry& b) { return a.name < b.name; };
  std::sort(entries.begin(), entries.end(), by_name);
  for (std::size_t i = 1; i < entries.size(); ++i)
    if (entries[i].name == entries[i - 1].name)
      fail(ErrorKind::bad_input, "the checkpoint's zip archive has two entries \"" + entries[i].name + "\"", where,
           "fetch the file again");
  return entries;
}

}  // namespace luthier
