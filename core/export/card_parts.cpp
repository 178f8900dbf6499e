#include "export/card_parts.h"

#include <nlohmann/json.hpp>
#include <set>

#include "base/files.h"
#include "export/companions.h"

namespace luthier {

namespace {

std::string file_name(const Json& data, const char* key) {
  const auto found = data.find(key);
  return found != data.end() && found->is_string() ? fs::path(found->get<std::string>()).filename().string() : "";
}

/// What the data is like: rows of each part, rows of each label, lengths.
std::string profile_text(const Json& profile) {
  std::string text;
  const auto list = [](const Json& counts) {
    constexpr std::size_t kShown = 30;
    std::string items;
    std::size_t shown = 0;
    for (const auto& [name, count] : counts.items()) {
      if (shown++ == kShown) return items + " and " + std::to_string(counts.size() - kShown) + " more";
      items += (items.empty() ? "" : ", ") + inline_text(name) + " " + count.dump();
    }
    return items;
  };
  if (const auto rows = profile.find("rows"); rows != profile.end()) text += "- rows: " + list(*rows) + "\n";
  if (const auto labels = profile.find("labels"); labels != profile.end() && !labels->empty())
    text += "- labels of the training rows: " + list(*labels) + "\n";
  if (const auto length = profile.find("length"); length != profile.end())
    text += "- lengths in " + length->at("unit").get<std::string>() + ": median " + length->at("median").dump() +
            ", longest " + length->at("longest").dump() + ", rows cut " + length->at("cut").dump() + "\n";
  return text;
}

/// Keys whose values are files and folders of the person who trained.
const std::set<std::string>& path_keys() {
  static const std::set<std::string> keys = {"path", "adapter", "tokenizer", "train", "validation", "test", "teacher"};
  return keys;
}

Json without_paths(const Json& json, const std::string& key) {
  if (json.is_object()) {
    Json kept = Json::object();
    for (const auto& [name, value] : json.items()) kept[name] = without_paths(value, name);
    return kept;
  }
  if (json.is_array()) {
    Json kept = Json::array();
    for (const Json& value : json) kept.push_back(without_paths(value, key));
    return kept;
  }
  if (!json.is_string()) return json;
  const std::string text = json.get<std::string>();
  const bool is_path = path_keys().contains(key) || text.starts_with('/') || text.starts_with('~');
  return is_path && text.find('/') != std::string::npos ? Json(fs::path(text).filename().string()) : json;
}

std::string licence_named(const ExportInputs& inputs, const ExportOptions& options) {
  return options.license.empty() ? licence_of(inputs.base_model) : options.license;
}
}  // namespace

std::string quoted(const std::string& text) { return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string inline_text(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '|' || c == '`' || c == '<' || c == '[') safe += '\\';
    safe += c == '\n' || c == '\r' ? ' ' : c;
  }
  return safe;
}

std::string data_text(const Json& recipe, const ExportInputs& inputs) {
  const auto found = recipe.find("data");
  if (found == recipe.end() || !found->is_object()) return {};
  std::string text = "## Data\n\n";
  for (const char* split : {"train", "validation", "test"})
    if (const std::string name = file_name(*found, split); !name.empty())
      text += "- " + std::string(split) + ": " + inline_text(name) + "\n";
  if (!inputs.data_json.empty()) text += profile_text(parse_json(inputs.data_json, "data profile"));
  if (inputs.processors.image) return text + "- images: " + inputs.processors.image->text() + "\n\n";
  if (inputs.processors.audio)
    return text + "- recordings at " + std::to_string(inputs.processors.audio->rate()) + " Hz\n\n";
  return text + "- texts were cut at " + std::to_string(inputs.max_tokens) + " tokens\n\n";
}

std::string licence_line(const ExportInputs& inputs, const ExportOptions& options) {
  const std::string named = licence_named(inputs, options);
  return named.empty() ? std::string() : "license: " + quoted(named) + "\n";
}

std::string licence_text(const ExportInputs& inputs, const ExportOptions& options) {
  const std::string base = licence_of(inputs.base_model), given = options.license;
  std::string text = "## Licence\n\n";
  if (!given.empty()) text += "This model: " + inline_text(given) + ". ";
  text += base.empty() ? "The base model's folder names no licence: look where it came from before you pass this on."
                       : "The base model is under " + inline_text(base) +
                             ", whose terms hold for what is made from it; texts of licences that came with it are in "
                             "this folder.";
  return text + " The data that it was trained on may have terms of its own.\n\n";
}

std::string recipe_text(const Json& recipe) {
  if (!recipe.is_object() || recipe.empty()) return {};
  return "\n## Recipe\n\n```json\n" + without_paths(recipe, {}).dump(2, ' ', false, Json::error_handler_t::replace) +
         "\n```\n";
}

}  // namespace luthier
