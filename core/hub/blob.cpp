#include "hub/blob.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <thread>

#include "base/error.h"
#include "base/files.h"
#include "hub/checksum.h"

namespace luthier {

namespace {

constexpr int kFruitlessLimit = 5;

fs::path blob_path(const fs::path& repository, const HubFile& file) { return repository / "blobs" / file.etag; }

/// The file that grows.
class Growing {
 public:
  explicit Growing(const fs::path& path) : path_(path) {
    descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (descriptor_ < 0) fail_errno("the download cannot be written", path.string());
    size_ = fs::file_size(path);
  }
  ~Growing() { ::close(descriptor_); }
  Growing(const Growing&) = delete;
  Growing& operator=(const Growing&) = delete;

  std::uint64_t size() const { return size_; }

  void restart() {
    if (::ftruncate(descriptor_, 0) != 0) fail_errno("the download cannot be written", path_.string());
    size_ = 0;
  }

  void append(std::string_view bytes) {
    write_all(descriptor_, bytes.data(), bytes.size(), path_.string());
    size_ += bytes.size();
  }

  void sync() const {
    if (::fsync(descriptor_) != 0) fail_errno("the download cannot be written", path_.string());
  }

 private:
  fs::path path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

/// Where a partial reply begins ("bytes 100-199/200"); nullopt when it does not say.
std::optional<std::uint64_t> begin_of(const std::map<std::string, std::string>& headers) {
  const auto range = headers.find("content-range");
  if (range == headers.end() || !range->second.starts_with("bytes ")) return std::nullopt;
  std::uint64_t begin = 0;
  std::size_t at = 6;
  for (; at < range->second.size() && at < 24 && std::isdigit(static_cast<unsigned char>(range->second[at])); ++at)
    begin = begin * 10 + static_cast<std::uint64_t>(range->second[at] - '0');
  if (at == 6) return std::nullopt;
  return begin;
}

bool may_pass(int status) { return status == 408 || status == 429 || status >= 500; }

/// One request; the reply says how it went.
HttpReply attempt(const HubSettings& settings, const BlobRequest& blob, Growing& file) {
  HttpRequest request;
  request.url = blob.url;
  request.token = settings.token;
  request.from = file.size();
  bool first = true;
  request.receive = [&](int status, const auto& headers, std::string_view bytes) {
    if (status != 0 && first) {
      first = false;
      // A server that knows no ranges sends everything again.
      if (status == 200 || begin_of(headers) == 0u) file.restart();
      if (status == 206 && begin_of(headers).value_or(file.size()) != file.size())
        fail(ErrorKind::io, "the hub sends another part than the one asked for", blob.url, "try again later");
    }
    file.append(bytes);
    if (blob.file.bytes && file.size() > *blob.file.bytes)
      fail(ErrorKind::bad_input, "the hub sends more bytes than it says the file has", blob.url, "try again later");
    return blob.progress(file.size());
  };
  return http_get(request);
}

/// A pause that a stop cuts short.
void wait(double seconds, const BlobRequest& blob, std::uint64_t size) {
  using clock = std::chrono::steady_clock;
  const auto end = clock::now() + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(seconds));
  while (clock::now() < end && blob.progress(size))
    std::this_thread::sleep_for(std::min<clock::duration>(std::chrono::milliseconds(100), end - clock::now()));
}

[[noreturn]] void fail_stopped(const BlobRequest& blob) {
  fail(ErrorKind::cancelled, "the download was stopped", blob.model, "start it again: it goes on where it stopped");
}

void fetch(const HubSettings& settings, const BlobRequest& blob, Growing& file) {
  int fruitless = 0;
  while (!blob.file.bytes || file.size() < *blob.file.bytes) {
    const std::uint64_t before = file.size();
    std::optional<Error> unreachable;
    HttpReply reply;
    try {
      reply = attempt(settings, blob, file);
    } catch (const Error& error) {
      if (error.kind != ErrorKind::io) throw;
      unreachable = error;
    }
    if (reply.stopped) fail_stopped(blob);
    const bool good = reply.status == 200 || reply.status == 206;
    if (good && reply.cut_off.empty() && !blob.file.bytes) return;
    if (reply.status == 416) file.restart();  // what is there is no beginning of the file
    fruitless = file.size() > before ? 0 : fruitless + 1;
    if (!unreachable && !good && !may_pass(reply.status) && reply.status != 416)
      check_reply(reply, blob.model, blob.url, !settings.token.empty());
    if (fruitless == kFruitlessLimit) {
      if (unreachable) throw *unreachable;
      if (!good) check_reply(reply, blob.model, blob.url, !settings.token.empty());
      fail(ErrorKind::io,
           "the download breaks off again and again" + (reply.cut_off.empty() ? std::string() : ": " + reply.cut_off),
           blob.url, "start it again later: it goes on where it stopped");
    }
    if (fruitless > 0) wait(settings.retry_pause_seconds * (1 << (fruitless - 1)), blob, file.size());
    if (!blob.progress(file.size())) fail_stopped(blob);
  }
}

}  // namespace

bool has_blob(const fs::path& repository, const HubFile& file) {
  std::error_code absent;
  const std::uint64_t size = fs::file_size(blob_path(repository, file), absent);
  return !absent && (!file.bytes || size == *file.bytes);
}

void fetch_blob(const HubSettings& settings, const BlobRequest& request) {
  const fs::path blob = blob_path(request.repository, request.file), growing = blob.string() + ".incomplete";
  const std::optional<FileLock> lock = FileLock::try_take(request.lock);
  if (!lock) fail(ErrorKind::conflict, "another program is fetching this file", blob.string(), "wait until it is done");
  {
    Growing file(growing);
    if (request.file.bytes && file.size() > *request.file.bytes) file.restart();
    fetch(settings, request, file);
    file.sync();
  }
  const std::string& wanted = request.file.etag;
  const std::string found = wanted.size() == 64   ? sha256_of(growing)
                            : wanted.size() == 40 ? git_sha1_of(growing)
                                                  : wanted;
  if (found != wanted) {
    fs::remove(growing);
    fail(ErrorKind::bad_input, "the file that came differs from its checksum, so it was thrown away",
         request.model + ": " + request.file.path,
         "try again; if it happens again, the hub or the network changes files");
  }
  fs::rename(growing, blob);
}

}  // namespace luthier
