#pragma once
// Where the Hugging Face hub and its cache on this machine are, by the environment that its own tools use.
#include <filesystem>
#include <string>

namespace luthier {

struct HubSettings {
  std::filesystem::path cache;                      ///< holds models--ORG--NAME folders
  std::string endpoint = "https://huggingface.co";  ///< without a slash at the end
  std::string token;                                ///< empty: none
  bool offline = false;
  double retry_pause_seconds = 1;  ///< doubles with every attempt that brought nothing

  /// HF_HUB_CACHE or $HF_HOME/hub (default: $XDG_CACHE_HOME/huggingface/hub, ~/.cache/huggingface/hub), HF_ENDPOINT,
  /// HF_TOKEN or the file HF_TOKEN_PATH or $HF_HOME/token, HF_HUB_OFFLINE. bad_input for an endpoint that is no URL.
  static HubSettings from_environment();
};

}  // namespace luthier
