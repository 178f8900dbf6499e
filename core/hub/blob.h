#pragma once
// One file of a model on its way into the cache.
#include <cstdint>
#include <filesystem>
#include <functional>

#include "hub/api.h"

namespace luthier {

struct BlobRequest {
  std::string url;
  HubFile file;                      ///< with its etag
  std::filesystem::path repository;  ///< models--ORG--NAME
  std::filesystem::path lock;
  std::string model;  ///< for errors
  /// Told the bytes of this file that are there; false stops.
  std::function<bool(std::uint64_t)> progress;
};

/// True when the blob is there already, of the right size.
bool has_blob(const std::filesystem::path& repository, const HubFile& file);

/// Fetches blobs/ETAG, going on behind what blobs/ETAG.incomplete has. Cut-off transfers and passing errors of the
/// server are tried again as long as they bring something, else five times.
void fetch_blob(const HubSettings& settings, const BlobRequest& request);

}  // namespace luthier
