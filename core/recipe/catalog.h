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
  std::vector<std::string> heads;        ///< sequence_classification token_classification masked_lm causal_lm
  std::string help;
};
struct ObjectiveEntry {
  std::string kind, label, help;
  std::string head;                      ///< the head it trains
  std::vector<std::string> roles;        ///< required column roles
  std::vector<std::string> other_roles;  ///< required instead of `roles` when one of these is given; may be empty
  std::vector<std::string> optional_roles;
  std::vector<std::string> metrics;  ///< in the order of display; the first is the one to watch
  std::vector<OptionSpec> options;
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
/// By config.json's model_type; unsupported with the known ones otherwise.
const FamilyEntry& family_of_model_type(const std::string& model_type);

/// Everything above and the recipe's options, as `luthier-cli describe --json` prints it.
Json describe_catalogs();

}  // namespace luthier
