#pragma once
// The open sets as tables: what exists, what it is called, which options it takes, and what goes with what. How an
// entry runs stands in the torch modules; this is what the window and `describe` show.
#include <string>
#include <vector>

#include "base/options.h"

namespace luthier {

struct FamilyEntry {
  std::string kind;                      ///< "bert"
  std::string label;                     ///< "BERT"
  std::vector<std::string> model_types;  ///< config.json's model_type values it reads
  std::vector<std::string> heads;        ///< as to_string(Head) spells them; the first is the usual one
  std::string help;
  std::string modality = "text";  ///< what it reads: text, image or audio
};
struct ObjectiveEntry {
  std::string kind, label, help;
  std::vector<std::string> heads;        ///< the heads it can train; a family has at most one of them
  std::vector<std::string> roles;        ///< required column roles; "text" stands for the input of any modality
  std::vector<std::string> other_roles;  ///< required instead of `roles` when one of these is given; may be empty
  std::vector<std::string> optional_roles;
  std::vector<std::string> metrics;  ///< in the order of display; the first is the one to watch
  std::vector<OptionSpec> options;
  std::vector<std::string> modalities = {"text"};  ///< what its models may read
  std::vector<std::string> audio_metrics;          ///< in place of `metrics` for recordings; empty: the same

  /// Whether its rows carry names of labels.
  bool has_labels() const;
};
struct MethodEntry {
  std::string kind, label, help;
  std::vector<OptionSpec> options;
};
struct MetricEntry {
  std::string kind, label, help;
  bool higher_is_better = true;
};
struct ExporterEntry {
  std::string kind, label, help;
  std::vector<std::string> methods;  ///< methods whose result it can write; empty: all
  std::vector<OptionSpec> options;
};

const std::vector<FamilyEntry>& families();
const std::vector<ObjectiveEntry>& objectives();
const std::vector<MethodEntry>& methods();
const std::vector<MetricEntry>& metrics();
const std::vector<ExporterEntry>& exporters();

/// The entry of this kind; not_found with the known ones otherwise.
const ObjectiveEntry& objective_entry(const std::string& kind);
const MethodEntry& method_entry(const std::string& kind);
const MetricEntry& metric_entry(const std::string& kind);
const ExporterEntry& exporter_entry(const std::string& kind);
/// The roles that any objective knows: what a column can be.
const std::vector<std::string>& column_roles();
/// The roles and metrics of an objective for one modality: "text" gives way to "image" or "audio".
std::vector<std::string> roles_of(const ObjectiveEntry& objective, const std::string& modality);
std::vector<std::string> optional_roles_of(const ObjectiveEntry& objective, const std::string& modality);
const std::vector<std::string>& metrics_of(const ObjectiveEntry& objective, const std::string& modality);
/// The head of the family that the objective trains; "" when it has none.
std::string head_for(const ObjectiveEntry& objective, const FamilyEntry& family);
/// By config.json's model_type; unsupported with the known ones otherwise.
const FamilyEntry& family_of_model_type(const std::string& model_type);

/// Everything above and the recipe's options, as `luthier-cli describe --json` prints it.
Json describe_catalogs();

}  // namespace luthier
