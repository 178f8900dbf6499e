#include "weights/index.h"

#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/json.h"

namespace luthier {

namespace {

constexpr std::size_t kIndexLimitBytes = 100u << 20;

/// Fails on a tensor that is listed twice; a tree would keep only the last of the two.
void check_names_once(const std::string& text, const std::string& where) {
  std::set<std::string> names;
  bool in_map = false;
  const auto visit = [&](int depth, Json::parse_event_t event, Json& value) {
    if (event != Json::parse_event_t::key) return true;
    if (depth == 1) in_map = value == "weight_map";
    if (depth == 2 && in_map && !names.insert(value.get<std::string>()).second)
      fail(ErrorKind::bad_input, "tensor \"" + value.get<std::string>() + "\" is listed twice", where,
           "fetch the index again");
    return true;
  };
  [[maybe_unused]] const Json checked = Json::parse(text, visit);
}

bool is_plain_name(const std::string& name, const std::string& end) {
  return name.size() > end.size() && name.compare(name.size() - end.size(), end.size(), end) == 0 &&
         name.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos && name.front() != '.';
}

}  // namespace

ShardIndex read_shard_index(const std::filesystem::path& file) {
  const std::string where = file.string();
  const std::string text = read_file(file, kIndexLimitBytes);
  const Json json = parse_json(text, where);
  check_names_once(text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text, where);
  const auto map = json.is_object() ? json.find("weight_map") : json.end();
  if (!json.is_object() || map == json.end() || !map->is_object() || map->empty())
    fail(ErrorKind::bad_input, "the index has no \"weight_map\" object", where, "fetch the index again");

  const std::string ending = where.ends_with(".bin.index.json") ? ".bin" : ".safetensors";
  ShardIndex index;
  std::set<std::string> files;
  for (const auto& [tensor, shard] : map->items()) {
    if (!shard.is_string() || !is_plain_name(shard.get<std::string>(), ending))
      fail(ErrorKind::bad_input,
           "tensor \"" + tensor + "\" lies in " + shard.dump(-1, ' ', false, Json::error_handler_t::replace) +
               ", which is not the name of a " + ending + " file in the same folder",
           where, "fetch the index again");
    index.shard_of[tensor] = shard.get<std::string>();
    files.insert(shard.get<std::string>());
  }
  std::string missing;
  for (const std::string& name : files)
    if (!fs::exists(file.parent_path() / name)) missing += (missing.empty() ? "" : ", ") + name;
  if (!missing.empty())
    fail(ErrorKind::not_found, "parts of the model are missing: " + missing, where,
         "fetch these files into the same folder");
  index.files.assign(files.begin(), files.end());
  if (const auto metadata = json.find("metadata"); metadata != json.end() && metadata->is_object())
    for (const auto& [key, value] : metadata->items())
      index.metadata.emplace_back(key, value.is_string() ? value.get<std::string>() : value.dump());
  return index;
}

}  // namespace luthier
