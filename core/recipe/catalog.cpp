#include "recipe/catalog.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "recipe/recipe.h"

namespace luthier {

namespace {

template <class Entry>
const Entry& entry_of(const std::vector<Entry>& table, const std::string& kind, const std::string& what) {
  std::vector<std::string> kinds;
  for (const Entry& entry : table) {
    if (entry.kind == kind) return entry;
    kinds.push_back(entry.kind);
  }
  std::string list;
  for (const std::string& one : kinds) list += (list.empty() ? "" : ", ") + one;
  const std::string meant = closest(kind, kinds);
  fail(ErrorKind::not_found, "there is no " + what + " \"" + kind + "\"", {},
       (meant.empty() ? "" : "did you mean \"" + meant + "\"? ") + ("known are: " + list));
}

template <class Entry>
Json common(const Entry& entry) {
  return {{"kind", entry.kind}, {"label", entry.label}, {"help", entry.help}};
}

template <class Options>
Json section() {
  return specs_to_json(option_specs<Options>());
}

}  // namespace

const ObjectiveEntry& objective_entry(const std::string& kind) { return entry_of(objectives(), kind, "objective"); }
const MethodEntry& method_entry(const std::string& kind) { return entry_of(methods(), kind, "method"); }
const MetricEntry& metric_entry(const std::string& kind) { return entry_of(metrics(), kind, "metric"); }
const ExporterEntry& exporter_entry(const std::string& kind) { return entry_of(exporters(), kind, "export format"); }

const std::vector<std::string>& column_roles() {
  static const std::vector<std::string> roles = [] {
    std::vector<std::string> all;
    for (const ObjectiveEntry& entry : objectives())
      for (const auto& list : {entry.roles, entry.other_roles, entry.optional_roles})
        for (const std::string& role : list)
          if (std::find(all.begin(), all.end(), role) == all.end()) all.push_back(role);
    return all;
  }();
  return roles;
}

const FamilyEntry& family_of_model_type(const std::string& model_type) {
  std::string list;
  for (const FamilyEntry& entry : families())
    for (const std::string& type : entry.model_types) {
      if (type == model_type) return entry;
      list += (list.empty() ? "" : ", ") + type;
    }
  fail(ErrorKind::unsupported, "models of type \"" + model_type + "\" are not supported", "config.json: model_type",
       "use a model of one of these types: " + list);
}

Json describe_catalogs() {
  Json all = {{"luthier", kRecipeVersion}};
  for (const FamilyEntry& entry : families()) {
    Json one = common(entry);
    one["model_types"] = entry.model_types;
    one["heads"] = entry.heads;
    all["families"].push_back(std::move(one));
  }
  for (const ObjectiveEntry& entry : objectives()) {
    Json one = common(entry);
    one["head"] = entry.head;
    one["roles"] = entry.roles;
    one["other_roles"] = entry.other_roles;
    one["optional_roles"] = entry.optional_roles;
    one["metrics"] = entry.metrics;
    one["options"] = specs_to_json(entry.options);
    all["objectives"].push_back(std::move(one));
  }
  for (const MethodEntry& entry : methods()) {
    Json one = common(entry);
    one["options"] = specs_to_json(entry.options);
    all["methods"].push_back(std::move(one));
  }
  for (const MetricEntry& entry : metrics()) {
    Json one = common(entry);
    one["higher_is_better"] = entry.higher_is_better;
    all["metrics"].push_back(std::move(one));
  }
  for (const ExporterEntry& entry : exporters()) {
    Json one = common(entry);
    one["methods"] = entry.methods;
    one["options"] = specs_to_json(entry.options);
    all["exporters"].push_back(std::move(one));
  }
  all["recipe"] = {{"model", section<ModelOptions>()},
                   {"data", section<DataOptions>()},
                   {"training", section<TrainingOptions>()},
                   {"export", section<ExportOptions>()}};
  return all;
}

}  // namespace luthier
