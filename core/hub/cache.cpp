#include "hub/cache.h"

#include <algorithm>
#include <fstream>
#include <map>

#include "base/files.h"

namespace luthier {

namespace {

constexpr std::string_view kPrefix = "models--";
constexpr int kFolderDepthLimit = 8;

/// "models--ORG--NAME" to "ORG/NAME"; empty when it is none.
std::string id_of(const std::string& folder) {
  if (!folder.starts_with(kPrefix)) return {};
  std::string id = folder.substr(kPrefix.size());
  if (const std::size_t at = id.find("--"); at != std::string::npos) id.replace(at, 2, "/");
  return id;
}

/// Empty for a file that cannot be read: then it names no commit.
std::string first_line(const fs::path& file) {
  std::string line;
  std::ifstream input(file);
  std::getline(input, line);
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

/// commit -> branches and tags.
std::map<std::string, std::vector<std::string>> read_refs(const fs::path& folder) {
  std::map<std::string, std::vector<std::string>> refs;
  std::error_code error, ignored;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (!at->is_regular_file(ignored) || at.depth() > kFolderDepthLimit) continue;
    std::string commit = first_line(at->path());
    if (is_commit(commit)) refs[commit].push_back(at->path().lexically_relative(folder).string());
  }
  for (auto& [commit, names] : refs) std::sort(names.begin(), names.end());
  return refs;
}

CachedModel read_snapshot(const std::string& id, const fs::path& folder) {
  CachedModel model{id, folder.filename().string(), {}, folder, 0, false};
  bool has_config = false, has_weights = false, broken = false;
  std::error_code error, ignored;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->is_directory(ignored)) continue;
    std::error_code missing;
    const std::uint64_t size = fs::file_size(at->path(), missing);  // of what the link leads to
    broken = broken || missing;
    if (missing) continue;
    model.bytes += size;
    const std::string name = at->path().filename().string(), ending = at->path().extension().string();
    has_config = has_config || name == "config.json" || name == "adapter_config.json";
    has_weights = has_weights || ending == ".safetensors" || (ending == ".bin" && name != "training_args.bin");
  }
  model.is_complete = has_config && has_weights && !broken;
  return model;
}

std::vector<CachedModel> read_repository(const std::string& id, const fs::path& folder) {
  std::vector<CachedModel> models;
  const auto refs = read_refs(folder / "refs");
  std::error_code error, ignored;
  for (fs::directory_iterator at(folder / "snapshots", error), end; !error && at != end; at.increment(error)) {
    if (!at->is_directory(ignored)) continue;
    models.push_back(read_snapshot(id, at->path()));
    if (const auto named = refs.find(models.back().commit); named != refs.end())
      models.back().revisions = named->second;
  }
  std::sort(models.begin(), models.end(), [](const auto& a, const auto& b) {
    return std::pair(a.revisions.empty(), a.commit) < std::pair(b.revisions.empty(), b.commit);
  });
  return models;
}

}  // namespace

std::vector<CachedModel> cached_models(const HubSettings& settings) {
  std::vector<CachedModel> all;
  std::error_code error, ignored;
  for (fs::directory_iterator at(settings.cache, error), end; !error && at != end; at.increment(error)) {
    const std::string id = id_of(at->path().filename().string());
    if (id.empty() || !at->is_directory(ignored)) continue;
    for (CachedModel& model : read_repository(id, at->path())) all.push_back(std::move(model));
  }
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return all;
}

std::optional<CachedModel> find_cached(const HubSettings& settings, const ModelName& name) {
  for (CachedModel& model : read_repository(name.id, repository_folder(settings, name.id))) {
    const auto& refs = model.revisions;
    if (model.commit == name.revision || std::find(refs.begin(), refs.end(), name.revision) != refs.end())
      return std::move(model);
  }
  return std::nullopt;
}

fs::path repository_folder(const HubSettings& settings, const std::string& id) {
  std::string name = std::string(kPrefix) + id;
  if (const std::size_t slash = name.find('/'); slash != std::string::npos) name.replace(slash, 1, "--");
  return settings.cache / name;
}

}  // namespace luthier
