#include "base/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "base/error.h"
#include "base/temporary_name.h"

namespace luthier {

namespace {
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

Descriptor open_to_read(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    if (errno == ENOENT || errno == ENOTDIR)
      fail(ErrorKind::not_found, "there is no such file", path.string(), "check the path");
    fail_errno("the file cannot be opened", path.string());
  }
  return Descriptor(descriptor);
}

std::size_t regular_size(int descriptor, const fs::path& path) {
  struct stat info{};
  if (::fstat(descriptor, &info) != 0) fail_errno("the file cannot be read", path.string());
  if (S_ISDIR(info.st_mode)) fail(ErrorKind::bad_input, "this is a folder, not a file", path.string());
  return static_cast<std::size_t>(info.st_size);
}
}  // namespace

std::string read_file(const fs::path& path, std::size_t limit_bytes) {
  const Descriptor file = open_to_read(path);
  const std::size_t size = regular_size(file.get(), path);
  if (size > limit_bytes)
    fail(ErrorKind::bad_input,
         "the file is too large: " + std::to_string(size) + " bytes, at most " + std::to_string(limit_bytes),
         path.string());
  std::string content(size, '\0');
  std::size_t done = 0;
  while (true) {  // reads past the stated size too: pipes and /proc files state 0
    if (done == content.size()) {
      if (done > limit_bytes) fail(ErrorKind::bad_input, "the file is too large", path.string());
      content.resize(done + 4096);
    }
    const ssize_t got = ::read(file.get(), content.data() + done, content.size() - done);
    if (got < 0) {
      if (errno == EINTR) continue;
      fail_errno("the file cannot be read", path.string());
    }
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  content.resize(done);
  return content;
}

void write_all(int descriptor, const void* bytes, std::size_t size, const std::string& where) {
  const char* next = static_cast<const char*>(bytes);
  while (size > 0) {
    const ssize_t written = ::write(descriptor, next, size);
    if (written < 0) {
      if (errno == EINTR) continue;
      fail_errno("the file cannot be written", where);
    }
    next += written;
    size -= static_cast<std::size_t>(written);
  }
}

void sync_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

void write_atomically(const fs::path& path, const std::function<void(int)>& write) {
  const fs::path temporary = temporary_beside(path);
  const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0)
    fail_errno("the file cannot be written", path.string(), "choose a folder that exists and that you may write to");
  try {
    write(descriptor);
    if (::fsync(descriptor) != 0) fail_errno("the file cannot be written", path.string());
  } catch (...) {
    ::close(descriptor);
    ::unlink(temporary.c_str());
    throw;
  }
  if (::close(descriptor) != 0 || ::rename(temporary.c_str(), path.c_str()) != 0) {
    const int code = errno;
    ::unlink(temporary.c_str());
    errno = code;
    fail_errno("the file cannot be written", path.string());
  }
  sync_folder(path.parent_path());
}

void write_atomically(const fs::path& path, std::string_view content) {
  write_atomically(path, [&](int descriptor) { write_all(descriptor, content.data(), content.size(), path.string()); });
}

std::shared_ptr<MappedFile> MappedFile::open(const fs::path& path) {
  const Descriptor file = open_to_read(path);
  std::shared_ptr<MappedFile> mapped(new MappedFile);
  mapped->path_ = path;
  mapped->size_ = regular_size(file.get(), path);
  if (mapped->size_ == 0) return mapped;
  void* address = ::mmap(nullptr, mapped->size_, PROT_READ | PROT_WRITE, MAP_PRIVATE, file.get(), 0);
  if (address == MAP_FAILED) fail_errno("the file cannot be mapped into memory", path.string());
  mapped->data_ = static_cast<std::byte*>(address);
  return mapped;
}

MappedFile::~MappedFile() {
  if (data_) ::munmap(data_, size_);
}

TemporaryFolder::TemporaryFolder(const fs::path& parent, const std::string& prefix) {
  std::string pattern = ((parent.empty() ? fs::temp_directory_path() : parent) / (prefix + "XXXXXX")).string();
  if (!::mkdtemp(pattern.data()))
    fail_errno("a temporary folder cannot be made", parent.string(), "choose a folder that you may write to");
  ::chmod(pattern.c_str(), 0755);
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!kept_) fs::remove_all(path_, ignored);
}

std::optional<FileLock> FileLock::try_take(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0) fail_errno("the lock file cannot be opened", path.string());
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return FileLock(descriptor);
  const int code = errno;
  ::close(descriptor);
  if (code == EWOULDBLOCK) return std::nullopt;
  errno = code;
  fail_errno("the lock file cannot be locked", path.string());
}

bool FileLock::is_free(const fs::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return true;
  return ::flock(file.get(), LOCK_SH | LOCK_NB) == 0;
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::uint64_t free_space_bytes(const fs::path& path) {
  fs::path existing = fs::absolute(path);
  std::error_code ignored;
  while (!fs::exists(existing, ignored) && existing != existing.root_path()) existing = existing.parent_path();
  struct statvfs info{};
  if (::statvfs(existing.c_str(), &info) != 0) fail_errno("the disk's free space is unknown", existing.string());
  return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
}

namespace {
fs::path user_home() {
  const char* home = std::getenv("HOME");
  return home && *home ? fs::path(home) : fs::path("/");
}
}  // namespace

fs::path luthier_home() {
  if (const char* home = std::getenv("LUTHIER_HOME"); home && *home) return fs::absolute(home);
  if (const char* data = std::getenv("XDG_DATA_HOME"); data && *data) return fs::path(data) / "luthier";
  return user_home() / ".local/share/luthier";
}

fs::path resolve_path(const fs::path& path, const fs::path& base) {
  const std::string text = path.string();
  if (text == "~" || text.rfind("~/", 0) == 0)
    return (user_home() / text.substr(std::min<std::size_t>(2, text.size()))).lexically_normal();
  return (path.is_absolute() ? path : base / path).lexically_normal();
}

}  // namespace luthier
