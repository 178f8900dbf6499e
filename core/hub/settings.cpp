#include "hub/settings.h"

#include <algorithm>
#include <cstdlib>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"

namespace luthier {

namespace {

constexpr std::size_t kTokenLimitBytes = 4096;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

fs::path folder_of(const std::string& name, const fs::path& fallback) {
  const std::string value = variable(name.c_str());
  return value.empty() ? fallback : resolve_path(value, fs::current_path());
}

std::string read_token(const fs::path& home) {
  std::string token = without_blanks(variable("HF_TOKEN"));
  std::string where = "HF_TOKEN";
  if (token.empty()) {
    const fs::path file = folder_of("HF_TOKEN_PATH", home / "token");
    std::error_code ignored;
    if (!fs::is_regular_file(file, ignored)) return {};
    token = without_blanks(read_file(file, kTokenLimitBytes));
    where = file.string();
  }
  const auto printable = [](char letter) { return letter > 0x20 && letter < 0x7f; };
  if (!std::all_of(token.begin(), token.end(), printable))
    fail(ErrorKind::bad_input, "the Hugging Face token has characters that no token has", where, "set it again");
  return token;
}

bool is_true(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char letter) { return std::tolower(letter); });
  return text == "1" || text == "true" || text == "yes" || text == "on";
}

}  // namespace

HubSettings HubSettings::from_environment() {
  HubSettings settings;
  const fs::path home =
      folder_of("HF_HOME", folder_of("XDG_CACHE_HOME", resolve_path("~/.cache", "/")) / "huggingface");
  settings.cache = folder_of("HF_HUB_CACHE", home / "hub");
  if (const std::string endpoint = without_blanks(variable("HF_ENDPOINT")); !endpoint.empty())
    settings.endpoint = endpoint;
  while (settings.endpoint.ends_with('/')) settings.endpoint.pop_back();
  if (!settings.endpoint.starts_with("http://") && !settings.endpoint.starts_with("https://"))
    fail(ErrorKind::bad_input, "HF_ENDPOINT is no address: " + settings.endpoint, "HF_ENDPOINT",
         "it begins with https:// or http://");
  settings.token = read_token(home);
  settings.offline = is_true(variable("HF_HUB_OFFLINE"));
  return settings;
}

}  // namespace luthier
