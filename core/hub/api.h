#pragma once
// What the hub says about models.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hub/http.h"
#include "hub/names.h"
#include "hub/settings.h"

namespace luthier {

struct HubFile {
  std::string path;
  std::optional<std::uint64_t> bytes;
  std::string etag;       ///< names the blob: SHA-256 of a large file, git's SHA-1 of another; empty: not said
  bool is_large = false;  ///< stored by SHA-256
};

struct HubModel {
  std::string id, commit;
  std::vector<HubFile> files;
};

/// Errors are told by what to do: not_found for an absent model or revision, bad_input where a token or an agreement is
/// missing, io for everything that may go by itself, unsupported when offline.
HubModel model_info(const HubSettings& settings, const ModelName& name);

struct FoundModel {
  std::string id, task, library;  ///< task: the hub's pipeline tag, such as text-classification
  std::int64_t downloads = 0, likes = 0;
  bool gated = false;
};

struct HubSearch {
  std::string words;
  std::string library = "transformers";  ///< empty: any
  std::string task;                      ///< empty: any
  std::int64_t limit = 20;
};

/// The most downloaded first.
std::vector<FoundModel> search_models(const HubSettings& settings, const HubSearch& search);

/// Turns a reply that is no success into an error; `what` is the model's name or the search.
void check_reply(const HttpReply& reply, const std::string& what, const std::string& url, bool has_token);

}  // namespace luthier
