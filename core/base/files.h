#pragma once
// Files: whole reads with a limit, atomic writes, memory maps, temporary folders, locks, free space.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace luthier {

namespace fs = std::filesystem;

/// The whole file; not_found, io, or bad_input when it is larger than `limit_bytes`.
std::string read_file(const fs::path& path, std::size_t limit_bytes = std::size_t{1} << 30);

/// Writes to a temporary file beside `path`, syncs it to disk and renames it: a reader sees the old or the new content,
/// also after a crash. disk_full and io errors leave the old file as it was.
void write_atomically(const fs::path& path, std::string_view content);

/// The same for content too large to hold: `write` fills the open file descriptor (see write_all).
void write_atomically(const fs::path& path, const std::function<void(int descriptor)>& write);

/// Writes every byte or throws (disk_full, io); `where` names the file.
void write_all(int descriptor, const void* bytes, std::size_t size, const std::string& where);

/// Syncs a folder's entries to disk, so that a rename inside it survives a power cut.
void sync_folder(const fs::path& folder);

/// A file mapped privately (copy on write: writing to the memory never changes the file).
/// Keep a shared_ptr to it for as long as any pointer into it is used. An empty file has size() == 0.
class MappedFile {
 public:
  static std::shared_ptr<MappedFile> open(const fs::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }
  const fs::path& path() const { return path_; }

 private:
  MappedFile() = default;
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  fs::path path_;
};

/// A fresh folder that is removed with everything in it when this goes out of scope, unless keep() was called.
class TemporaryFolder {
 public:
  /// Made inside `parent` (default: the system's temporary folder).
  explicit TemporaryFolder(const fs::path& parent = {}, const std::string& prefix = "luthier-");
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const fs::path& path() const { return path_; }
  void keep() { kept_ = true; }

 private:
  fs::path path_;
  bool kept_ = false;
};

/// An exclusive advisory lock (flock) on a file, created if absent; free again when the process ends, however it ends.
class FileLock {
 public:
  /// nullopt when somebody else holds it.
  static std::optional<FileLock> try_take(const fs::path& path);
  /// True when nobody holds it (or the file is absent).
  static bool is_free(const fs::path& path);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

/// Bytes that this user can still write on the disk of `path` (its nearest existing parent).
std::uint64_t free_space_bytes(const fs::path& path);

/// $LUTHIER_HOME, else $XDG_DATA_HOME/luthier, else ~/.local/share/luthier.
fs::path luthier_home();

/// `path` if absolute, else `base / path`, made lexically normal. "~" at the start is the user's home.
fs::path resolve_path(const fs::path& path, const fs::path& base);

}  // namespace luthier
