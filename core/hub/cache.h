#pragma once
// Hugging Face's cache on disk: models--ORG--NAME/{blobs, refs, snapshots}, shared with its own tools.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "hub/names.h"
#include "hub/settings.h"

namespace luthier {

struct CachedModel {
  std::string id, commit;
  std::vector<std::string> revisions;  ///< branches and tags that point to the commit
  std::filesystem::path folder;        ///< the snapshot: a model folder like any other
  std::uint64_t bytes = 0;             ///< of its files
  bool is_complete = false;            ///< config and weights are there, and no link leads nowhere
};

/// Every snapshot of every model, sorted by name; empty where there is no cache. Folders that break the layout are
/// passed over.
std::vector<CachedModel> cached_models(const HubSettings& settings);

/// The snapshot of a branch, tag or commit.
std::optional<CachedModel> find_cached(const HubSettings& settings, const ModelName& name);

/// models--ORG--NAME inside the cache.
std::filesystem::path repository_folder(const HubSettings& settings, const std::string& id);

}  // namespace luthier
