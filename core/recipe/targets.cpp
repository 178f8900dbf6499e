#include "recipe/targets.h"

#include <algorithm>
#include <regex>

#include "base/error.h"

namespace luthier {

namespace {

bool matches_whole(const std::string& name, const std::string& pattern, const std::string& where) {
  try {
    return std::regex_match(name, std::regex(pattern, std::regex::ECMAScript));
  } catch (const std::regex_error&) {
    fail(ErrorKind::bad_input, "\"" + pattern + "\" is not a valid regular expression", where,
         R"(write a list of names such as ["query", "value"] or "all-linear")");
  }
}

bool is_suffix(const std::string& name, const std::string& end) { return name == end || name.ends_with("." + end); }

}  // namespace

bool is_lora_target(const std::string& module, bool is_output, const LoraOptions& lora) {
  if (lora.targets_is_list)
    return std::any_of(lora.targets.begin(), lora.targets.end(),
                       [&](const std::string& end) { return is_suffix(module, end); });
  const std::string text = lora.targets.empty() ? "" : lora.targets.front();
  if (text == "all-linear") return !is_output;
  return matches_whole(module, text, "method.targets");
}

double value_by_pattern(const std::vector<std::pair<std::string, double>>& patterns, const std::string& module,
                        double otherwise) {
  for (const auto& [pattern, value] : patterns)
    if (matches_whole(module, "(?:.*\\.)?(?:" + pattern + ")", "method: pattern \"" + pattern + "\"")) return value;
  return otherwise;
}

}  // namespace luthier
