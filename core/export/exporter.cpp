#include "export/exporter.h"

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "export/artefact.h"
#include "export/before_writing.h"
#include "export/bundle.h"
#include "export/card.h"
#include "export/companions.h"
#include "export/formats.h"
#include "export/placing.h"
#include "export/proof.h"
#include "export/quantised_base.h"
#include "export/torchscript.h"
#include "gguf/convert.h"
#include "models/quantise.h"
#include "recipe/catalog.h"

namespace luthier {

namespace {

struct Format {
  const char* kind;  ///< as in the catalog of exporters
  void (*write)(Model&, const ExportInputs&, const ExportOptions&, const fs::path&);
  std::map<std::string, std::string> (*checksums)(const fs::path& folder);
};
constexpr Format kFormats[] = {
    {"huggingface", write_huggingface, checksums_of_huggingface},
    {"peft", write_peft, checksums_of_peft},
    {"gguf", write_gguf, checksums_of_gguf},
    {"luthier", write_few_bits, checksums_of_huggingface},
    {"torchscript", write_torchscript, checksums_of_torchscript},
    {"onnx", write_onnx, checksums_of_onnx},
    {"bundle", write_bundle, checksums_of_onnx},
};

const Format& format_of(const std::string& kind) {
  for (const Format& format : kFormats)
    if (kind == format.kind) return format;
  fail(ErrorKind::internal, "the format " + exporter_entry(kind).kind + " is in the catalog, but nothing writes it");
}

[[noreturn]] void fail_on_disk(const fs::filesystem_error& error, const fs::path& target) {
  errno = error.code().value();
  fail_errno("the export cannot be written", target.string(), "choose a folder that you may write to, with free space");
}

ArtefactNotes notes_of(const Model& model, const ExportInputs& inputs, const ExportOptions& options) {
  ArtefactNotes notes{options.format, model.head_kind(), model.label_names(), inputs.max_tokens, {}, 0, {}};
  if (options.format == "peft" || !options.merge) notes.quantisation = quantisation_of(model);
  if (inputs.recipe_json.empty()) return notes;
  const Json recipe = parse_json(inputs.recipe_json, "recipe");
  notes.objective_json = recipe.value("objective", Json()).dump();
  if (const auto data = recipe.find("data"); data != recipe.end() && data->is_object())
    notes.longest_seconds = data->value("longest_seconds", 0.0);
  return notes;
}

/// A proof's rows are no longer than what the file says that it can read.
ExportInputs inputs_of_proof(const Model& model, const ExportInputs& inputs, const ExportOptions& options) {
  ExportInputs cut = inputs;
  const std::optional<std::int64_t> most = options.format == "gguf" ? tokens_within_gguf(model.config()) : std::nullopt;
  if (most && (cut.max_tokens <= 0 || cut.max_tokens > *most)) cut.max_tokens = *most;
  return cut;
}

/// Builds the artefact, notes, card and reference included, and puts it at its place.
void write_artefact(Model& model, const ExportInputs& inputs, const ExportOptions& options, const Json& merging,
                    const std::string& card, Placing& placing) {
  const fs::path& building = placing.building();
  if (inputs.progress) inputs.progress("writing", -1);
  format_of(options.format).write(model, inputs, options, building);
  copy_licence_files(inputs.base_model, building);
  const ArtefactNotes notes = notes_of(model, inputs, options);
  write_notes(building, notes);
  if (!options.merge) write_notes(building / "adapter", notes);  // it is opened from there too
  write_atomically(building / "README.md", card);
  write_reference(model, inputs_of_proof(model, inputs, options), options, merging, building);
  placing.put();
}

/// What to export where a format cannot hold the model.
std::string other_format(const std::string& format, Head head) {
  if (format != "bundle") return "export a " + exporter_entry("huggingface").label + " instead";
  const bool continues = head == Head::causal_lm || head == Head::seq2seq_lm;
  const std::string or_gguf = continues ? " or a " + exporter_entry("gguf").label : "";
  return "export " + exporter_entry("onnx").label + or_gguf + " instead";
}

/// A model in few bits is merged into one of two base models where the format merges.
QuantisedBase base_for(Model& model, const ExportInputs& inputs, const ExportOptions& options) {
  const std::vector<std::string>& fields = exporter_entry(options.format).fields;
  const bool merges = options.merge && std::find(fields.begin(), fields.end(), "quantised_base") != fields.end();
  return merges ? choose_quantised_base(model, inputs, options.quantised_base) : QuantisedBase{};
}

}  // namespace

std::map<std::string, std::string> format_checksums(const std::string& format, const fs::path& folder) {
  return format_of(format).checksums(folder);
}

std::int64_t rows_of_export(const ExportOptions& options) {
  return kProofRows + (options.calibrate ? options.calibration_rows : 0);
}

void check_export(const Model& model, const ExportOptions& options, const Tokenizer* tokenizer) {
  const ExporterEntry& entry = exporter_entry(options.format);
  const std::string model_type = model.config().at("model_type");
  const FamilyEntry& family = family_of_model_type(model_type);
  const ExportObstacle obstacle = export_obstacle(entry, family, to_string(model.head_kind()));
  std::string reason;
  if (obstacle == ExportObstacle::family) reason = family.label + " models do not run there";
  if (obstacle == ExportObstacle::head) reason = "it has no place for the head of a " + to_string(model.head_kind());
  if (reason.empty() && options.format == "gguf") reason = why_no_gguf(model.config());
  if (reason.empty() && options.format == "torchscript") reason = why_no_torchscript(model, options.precision);
  if (options.format == "bundle") {
    if (reason.empty() && tokenizer && family.modality == "text") reason = why_no_bundle(tokenizer->source());
    if (reason.empty()) bundle_folder();
  }
  if (!reason.empty())
    fail(ErrorKind::unsupported, "this model cannot become a " + entry.label + ": " + reason, "export.format",
         other_format(options.format, model.head_kind()));
  if (!options.merge && std::find(entry.fields.begin(), entry.fields.end(), "merge") == entry.fields.end())
    fail(ErrorKind::unsupported, "a " + entry.label + " is not written with the adapter beside it", "export.merge",
         "leave merge out, or export a " + exporter_entry("huggingface").label);
  if (const std::string why = why_not_calibrated(options); !why.empty())
    fail(ErrorKind::unsupported, why, "export.calibrate", "use the format onnx and int8, or leave calibrate out");
}

Exported export_model(Model& model, const ExportInputs& inputs, const ExportOptions& options, const fs::path& target) {
  const fs::path place = fs::absolute(target).lexically_normal();
  const fs::path folder = place.has_filename() ? place : place.parent_path();
  Exported exported;
  exported.format = options.format;
  exported.path = folder;
  check_export(model, options, inputs.tokenizer);
  if (options.calibrate && inputs.proof_rows.empty())
    fail(ErrorKind::bad_input, "there are no held-out rows that activation ranges can be found on", "export.calibrate",
         "export with data, or leave calibrate out");
  try {
    Placing placing(folder, options.overwrite);
    check_space(model, options, folder);
    check_finite(model);
    const QuantisedBase base = base_for(model, inputs, options);
    const std::string card = model_card(model, inputs, options, merging_text(base.told));
    write_artefact(base.original ? *base.original : model, inputs, options, base.told, card, placing);
    exported.proof_json = prove_in_another_process(folder, inputs.progress);
    placing.keep();
  } catch (const fs::filesystem_error& error) {
    fail_on_disk(error, folder);
  }
  exported.proven = parse_json(exported.proof_json, "proof.json").at("passed");
  return exported;
}

}  // namespace luthier
