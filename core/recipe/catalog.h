#pragma once
// The open sets as tables: what exists, what it is called, which options it takes, and what goes with what. How an
// entry runs stands in the torch modules; this is what the window and `describe` show.
#include <string>
#include <vector>

#include "base/options.h"

namespace luthier {

struct ExportOptions;

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
  std::vector<std::string> heads;  ///< the heads it can train; a family has at most one of them
  /// Required column roles: all of one of these sets, the usual one first. "text" stands for the input of any modality.
  std::vector<std::vector<std::string>> role_sets;
  std::vector<std::string> optional_roles;
  std::vector<std::string> metrics;  ///< in the order of display; the first is the one to watch
  std::vector<OptionSpec> options;
  std::vector<std::string> modalities = {"text"};  ///< what its models may read
  std::vector<std::string> audio_metrics;          ///< in place of `metrics` for recordings; empty: the same

  /// Whether its rows carry names of labels.
  bool has_labels() const;
};
/// What a method leaves behind: changed weights, an adapter that can be merged into them, or one that cannot.
enum class MethodResult { weights, mergeable_adapter, adapter };
struct MethodEntry {
  std::string kind, label, help;
  std::vector<OptionSpec> options;
  MethodResult result = MethodResult::weights;
};
struct MetricEntry {
  std::string kind, label, help;
  bool higher_is_better = true;
};
/// What an exporter writes: a model with its adapters merged in, the adapter alone, or whatever the model computes.
enum class ExportedPart { merged_model, adapter, computation };
struct ExporterEntry {
  std::string kind, label, help;
  ExportedPart part = ExportedPart::merged_model;
  std::vector<std::string> families;    ///< kinds of families that it can hold; empty: all
  std::vector<std::string> heads;       ///< heads that it can hold ("bert:ctc": of one family alone); empty: all
  std::vector<std::string> precisions;  ///< number types it can be written in; fp32 is among them
  std::vector<std::string> fields;      ///< keys of ExportOptions that it reads beside those that every format does
  bool rest_in_two = false;             ///< the precision is that of linear layers; the rest takes two bytes a number
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
/// The usual roles and the metrics of an objective for one modality: "text" gives way to "image" or "audio".
std::vector<std::string> roles_of(const ObjectiveEntry& objective, const std::string& modality);
/// The set of roles that these columns are meant for: the one that shares most with `given`, then lacks least.
std::vector<std::string> roles_for(const ObjectiveEntry& objective, const std::string& modality,
                                   const std::vector<std::string>& given);
std::vector<std::string> optional_roles_of(const ObjectiveEntry& objective, const std::string& modality);
const std::vector<std::string>& metrics_of(const ObjectiveEntry& objective, const std::string& modality);
/// Whether the exporter can write what the method leaves behind. With `merged` false: the base model and the adapter
/// beside it.
bool can_export(const ExporterEntry& exporter, const MethodEntry& method, bool merged = true);
/// The kinds of methods that it can write, in the catalog's order.
std::vector<std::string> methods_for(const ExporterEntry& exporter, bool merged = true);
/// Why ExportOptions::calibrate cannot be; "" where it can, or is not asked for.
std::string why_not_calibrated(const ExportOptions& options);
/// Bytes that a weight takes on the disk in one of the exporters' number types, shares of scales counted.
double bytes_of_number(const std::string& precision);
/// Why a format cannot hold models of this family with this head.
enum class ExportObstacle { none, family, head };
ExportObstacle export_obstacle(const ExporterEntry& exporter, const FamilyEntry& family, const std::string& head);
/// The head of the family that the objective trains; "" when it has none.
std::string head_for(const ObjectiveEntry& objective, const FamilyEntry& family);
/// By config.json's model_type; unsupported with the known ones otherwise.
const FamilyEntry& family_of_model_type(const std::string& model_type);

/// Everything above and the recipe's options, as `luthier-cli describe --json` prints it.
Json describe_catalogs();

}  // namespace luthier
