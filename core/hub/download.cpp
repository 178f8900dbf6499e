#include "hub/download.h"

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "hub/api.h"
#include "hub/blob.h"
#include "hub/cache.h"
#include "hub/choice.h"

namespace luthier {

namespace {

constexpr std::uint64_t kSpareBytes = 64u << 20;  // that a download leaves on the disk

HubDownload from_cache(const HubSettings& settings, const ModelName& name) {
  const auto found = find_cached(settings, name);
  if (!found || !found->is_complete)
    fail(ErrorKind::not_found,
         found ? "the model is in the cache only in part, and HF_HUB_OFFLINE is set"
               : "the model is not in the cache, and HF_HUB_OFFLINE is set",
         name.id + "@" + name.revision, "unset HF_HUB_OFFLINE to fetch it");
  return {found->folder, found->commit, 0, found->bytes, 0};
}

std::string address_of(const HubSettings& settings, const HubModel& model, const HubFile& file) {
  return settings.endpoint + "/" + url_encoded(model.id) + "/resolve/" + model.commit + "/" + url_encoded(file.path);
}

bool is_blob_name(const std::string& etag) {
  const auto allowed = [](unsigned char letter) { return letter < 0x80 && (std::isalnum(letter) || letter == '-'); };
  return !etag.empty() && etag.size() <= 128 && std::all_of(etag.begin(), etag.end(), allowed);
}

/// What the headers of a file say where the list of files did not.
void ask_for_etag(const HubSettings& settings, const HubModel& model, HubFile& file) {
  HttpRequest request;
  request.url = address_of(settings, model, file);
  request.token = settings.token;
  request.head_only = true;
  const HttpReply reply = http_get(request);
  const auto header = [&](const char* name) {
    const auto found = reply.headers.find(name);
    return found == reply.headers.end() ? std::string() : found->second;
  };
  if (reply.status >= 400) check_reply(reply, model.id, request.url, !settings.token.empty());
  std::string etag = header("x-linked-etag").empty() ? header("etag") : header("x-linked-etag");
  if (etag.starts_with("W/")) etag.erase(0, 2);
  std::erase(etag, '"');
  file.etag = etag;
  const std::string size = header("x-linked-size");
  if (!file.bytes && !size.empty() && size.size() < 19 && size.find_first_not_of("0123456789") == std::string::npos)
    file.bytes = std::stoull(size);
}

std::vector<HubFile> named_files(const HubSettings& settings, const HubModel& model) {
  std::vector<HubFile> files = needed_files(model);
  for (HubFile& file : files) {
    if (file.etag.empty()) ask_for_etag(settings, model, file);
    if (!is_blob_name(file.etag))
      fail(ErrorKind::io, "the hub gives no usable checksum for " + file.path, model.id, "check HF_ENDPOINT");
  }
  return files;
}

/// The snapshot's entry for a file: a link to its blob, or a copy where the disk has no links.
void link_file(const fs::path& snapshot, const HubFile& file, const fs::path& repository) {
  const fs::path link = snapshot / file.path, blob = repository / "blobs" / file.etag;
  const fs::path target = blob.lexically_relative(link.parent_path());
  fs::create_directories(link.parent_path());
  std::error_code error;
  if (fs::is_symlink(link, error) && fs::read_symlink(link, error) == target) return;
  const fs::path fresh = link.string() + ".new";
  fs::remove(fresh, error);
  fs::create_symlink(target, fresh, error);
  if (error) fs::copy_file(blob, fresh, fs::copy_options::overwrite_existing);
  fs::rename(fresh, link);
}

void write_ref(const fs::path& repository, const ModelName& name, const std::string& commit) {
  if (name.revision == commit) return;
  const fs::path ref = repository / "refs" / name.revision;
  fs::create_directories(ref.parent_path());
  write_atomically(ref, commit);
}

}  // namespace

HubDownload download_model(const HubSettings& settings, const ModelName& name,
                           const std::function<bool(const HubProgress&)>& progress) {
  if (settings.offline) return from_cache(settings, name);
  const HubModel model = model_info(settings, name);
  const std::vector<HubFile> files = named_files(settings, model);
  const fs::path repository = repository_folder(settings, name.id);
  const fs::path locks = settings.cache / ".locks" / repository.filename();

  HubProgress told{{}, 0, files.size(), 0, 0};
  std::uint64_t missing = 0;
  for (const HubFile& file : files) {
    const std::uint64_t bytes = file.bytes.value_or(0);
    told.total_bytes += bytes;
    std::error_code absent;
    const fs::path started = repository / "blobs" / (file.etag + ".incomplete");
    const std::uint64_t there = fs::file_size(started, absent);
    if (!has_blob(repository, file)) missing += bytes - std::min(bytes, absent ? 0 : there);
  }
  if (missing > 0 && free_space_bytes(settings.cache) < missing + kSpareBytes)
    fail(ErrorKind::disk_full,
         "the model needs " + std::to_string((missing >> 20) + 1) + " MB more, and the disk has " +
             std::to_string(free_space_bytes(settings.cache) >> 20) + " MB free",
         settings.cache.string(), "free some space, or set HF_HOME to a folder on a larger disk");
  for (const fs::path& folder : {repository / "blobs", repository / "snapshots" / model.commit, locks})
    fs::create_directories(folder);

  HubDownload done{repository / "snapshots" / model.commit, model.commit, files.size(), 0, 0};
  for (const HubFile& file : files) {
    told.file = file.path;
    ++told.file_number;
    const std::uint64_t before = told.bytes;
    const auto tell = [&](std::uint64_t bytes) {
      told.bytes = before + bytes;
      return !progress || progress(told);
    };
    if (!has_blob(repository, file)) {
      std::error_code absent;
      const std::uint64_t there = fs::file_size(repository / "blobs" / (file.etag + ".incomplete"), absent);
      fetch_blob(settings,
                 {address_of(settings, model, file), file, repository, locks / (file.etag + ".lock"), name.id, tell});
      const std::uint64_t whole = fs::file_size(repository / "blobs" / file.etag);
      done.fetched_bytes += whole - (absent ? 0 : std::min(there, whole));
    }
    link_file(done.folder, file, repository);
    const std::uint64_t bytes = fs::file_size(repository / "blobs" / file.etag);
    done.bytes += bytes;
    if (!tell(bytes))
      fail(ErrorKind::cancelled, "the download was stopped", name.id, "start it again: it goes on where it stopped");
  }
  write_ref(repository, name, model.commit);
  return done;
}

}  // namespace luthier
