#include "recipe/catalog.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "recipe/merge_options.h"
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
    for (const ObjectiveEntry& entry : objectives()) {
      const auto add = [&](const std::vector<std::string>& list) {
        for (const std::string& role : list)
          if (std::find(all.begin(), all.end(), role) == all.end()) all.push_back(role);
      };
      for (const auto& set : entry.role_sets) add(set);
      add(entry.optional_roles);
    }
    all.insert(std::find(all.begin(), all.end(), "text") + 1, {"image", "audio"});
    return all;
  }();
  return roles;
}

bool ObjectiveEntry::has_labels() const {
  return kind == "classification" || kind == "tagging" || kind == "multi_label";
}

std::vector<std::string> roles_of(const ObjectiveEntry& objective, const std::string& modality) {
  return roles_for(objective, modality, {});
}

std::vector<std::string> roles_for(const ObjectiveEntry& objective, const std::string& modality,
                                   const std::vector<std::string>& given) {
  std::vector<std::string> best;
  std::ptrdiff_t best_shared = -1, best_missing = 0;
  for (std::vector<std::string> set : objective.role_sets) {
    if (modality != "text") std::replace(set.begin(), set.end(), std::string("text"), modality);
    const auto shared = std::count_if(set.begin(), set.end(), [&](const std::string& role) {
      return std::find(given.begin(), given.end(), role) != given.end();
    });
    const std::ptrdiff_t missing = static_cast<std::ptrdiff_t>(set.size()) - shared;
    const bool usual = given.empty() && best_shared >= 0;  // nothing given: the first set
    if (usual || shared < best_shared || (shared == best_shared && (shared == 0 || missing >= best_missing))) continue;
    best_shared = shared;
    best_missing = missing;
    best = std::move(set);
  }
  return best;
}

std::vector<std::string> optional_roles_of(const ObjectiveEntry& objective, const std::string& modality) {
  std::vector<std::string> roles = objective.optional_roles;
  if (modality != "text") std::erase(roles, "text_pair");
  return roles;
}

const std::vector<std::string>& metrics_of(const ObjectiveEntry& objective, const std::string& modality) {
  return modality == "audio" && !objective.audio_metrics.empty() ? objective.audio_metrics : objective.metrics;
}

std::string head_for(const ObjectiveEntry& objective, const FamilyEntry& family) {
  for (const std::string& head : objective.heads)
    if (std::find(family.heads.begin(), family.heads.end(), head) != family.heads.end()) return head;
  return {};
}

std::string modality_of(const DataOptions& data) {
  for (const auto& [role, column] : data.roles)
    if (role == "image" || role == "audio") return role;
  return "text";
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
    one["modality"] = entry.modality;
    all["families"].push_back(std::move(one));
  }
  for (const ObjectiveEntry& entry : objectives()) {
    Json one = common(entry);
    one["heads"] = entry.heads;
    one["modalities"] = entry.modalities;
    if (!entry.audio_metrics.empty()) one["audio_metrics"] = entry.audio_metrics;
    one["roles"] = entry.role_sets.front();
    one["role_sets"] = entry.role_sets;
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
    one["methods"] = methods_for(entry);
    one["families"] = entry.families;
    one["heads"] = entry.heads;
    one["precisions"] = entry.precisions;
    one["fields"] = entry.fields;
    all["exporters"].push_back(std::move(one));
  }
  all["recipe"] = {{"model", section<ModelOptions>()},
                   {"data", section<DataOptions>()},
                   {"training", section<TrainingOptions>()},
                   {"adaptation", section<AdaptationOptions>()},
                   {"export", section<ExportOptions>()}};
  all["merge"] = section<MergeOptions>();
  return all;
}

}  // namespace luthier
