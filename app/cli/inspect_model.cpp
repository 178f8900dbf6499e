#include "cli/inspect_model.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "recipe/outline.h"
#include "weights/weights.h"

namespace luthier {

namespace {
constexpr std::size_t kLargest = 10;

Json entry_of(const TensorEntry& tensor) {
  return {{"name", tensor.name}, {"shape", tensor.shape}, {"type", to_string(tensor.type)}};
}

/// `list`: with every tensor.
Json tensors_of(const fs::path& path, bool list = false) {
  const Weights weights = Weights::open(path);
  std::int64_t elements = 0;
  std::map<std::string, std::int64_t> by_type;
  std::vector<const TensorEntry*> sorted;
  for (const TensorEntry& tensor : weights.tensors()) {
    elements += tensor.elements();
    by_type[to_string(tensor.type)] += tensor.elements();
    sorted.push_back(&tensor);
  }
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto* a, const auto* b) { return a->elements() > b->elements(); });
  Json largest = Json::array();
  for (std::size_t i = 0; i < std::min(kLargest, sorted.size()); ++i) largest.push_back(entry_of(*sorted[i]));
  Json all = Json::array();
  for (const TensorEntry& tensor : weights.tensors())
    if (list) all.push_back(entry_of(tensor));
  Json report = {{"count", weights.tensors().size()},
                 {"elements", elements},
                 {"bytes", weights.bytes()},
                 {"by_type", by_type},
                 {"largest", std::move(largest)}};
  if (list) report["list"] = std::move(all);
  return report;
}

bool is_broken(const Json& report) {
  return std::any_of(report["findings"].begin(), report["findings"].end(), [](const Json& finding) {
    const Json& id = finding["id"];
    return id == "no_weights" || id == "broken_weights" || id == "pickle";
  });
}

Json adapter_settings(const fs::path& file) {
  const Json config = read_json(file);
  Json settings = Json::object();
  for (const char* key : {"peft_type", "base_model_name_or_path", "task_type", "r", "lora_alpha", "lora_dropout",
                          "use_rslora", "target_modules", "modules_to_save"})
    if (config.is_object() && config.contains(key)) settings[key] = config[key];
  return settings;
}
}  // namespace

Json inspect_model(const fs::path& given) {
  const fs::path path = fs::absolute(given).lexically_normal();
  if (!fs::exists(path)) fail(ErrorKind::not_found, "there is no such folder", path.string(), "check the path");
  Json report = {{"findings", Json::array()}};
  const bool is_folder = fs::is_directory(path), is_config = path.extension() == ".json";
  if (is_folder && fs::exists(path / "adapter_config.json")) {
    report["adapter"] = adapter_settings(path / "adapter_config.json");
    report["tensors"] = tensors_of(path);
  } else if (is_config || (is_folder && fs::exists(path / "config.json"))) {
    report = outline_to_json(outline_model(path));
    if (is_folder && !is_broken(report)) report["tensors"] = tensors_of(path);
  } else {
    report["tensors"] = tensors_of(path, true);
    report["findings"].push_back(
        {{"id", "no_config"},
         {"severity", "note"},
         {"message", "these are weights alone: without a config.json nothing says which model they belong to"},
         {"hint", "put them into a folder beside the model's config.json to train it"}});
  }
  report["path"] = path.string();
  return report;
}

}  // namespace luthier
