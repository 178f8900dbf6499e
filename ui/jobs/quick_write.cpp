#include "jobs/quick_write.h"

#include <QThreadPool>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/error.h"
#include "base/files.h"

#ifdef __unix__
#include <fcntl.h>
#include <unistd.h>
#endif

namespace luthier {

namespace {
void keepOnDisk([[maybe_unused]] const fs::path& path) {
#ifdef __unix__
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
#endif
}
}  // namespace

void quickWrite(const fs::path& file, const std::string& content) {
  const fs::path temporary = file.string() + ".new";
  {
    std::ofstream stream(temporary, std::ios::binary | std::ios::trunc);
    stream << content;
    stream.close();
    if (!stream) {
      const std::string why = std::strerror(errno);
      std::error_code ignored;
      fs::remove(temporary, ignored);
      fail(ErrorKind::io, "the file cannot be written: " + why, file.string(),
           "choose a folder that exists and that you may write to, on a disk with space");
    }
  }
  std::error_code error;
  fs::rename(temporary, file, error);
  if (error) fail(ErrorKind::io, "the file cannot be written: " + error.message(), file.string());
  QThreadPool::globalInstance()->start([file] {
    keepOnDisk(file);
    keepOnDisk(file.parent_path());
  });
}

}  // namespace luthier
