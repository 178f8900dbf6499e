#include "export/exporter.h"

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "export/artefact.h"
#include "export/card.h"
#include "export/formats.h"
#include "export/proof.h"
#include "recipe/catalog.h"

namespace luthier {

namespace {

using WriteFormat = void (*)(Model&, const ExportInputs&, const ExportOptions&, const fs::path&);
struct Format {
  const char* kind;  ///< as in the catalog of exporters
  WriteFormat write;
};
constexpr Format kFormats[] = {
    {"huggingface", write_huggingface},
    {"peft", write_peft},
};

WriteFormat writer_of(const std::string& kind) {
  for (const Format& format : kFormats)
    if (kind == format.kind) return format.write;
  fail(ErrorKind::internal, "the format " + exporter_entry(kind).kind + " is in the catalog, but nothing writes it");
}

[[noreturn]] void fail_on_disk(const fs::filesystem_error& error, const fs::path& target) {
  errno = error.code().value();
  fail_errno("the export cannot be written", target.string(), "choose a folder that you may write to, with free space");
}

ArtefactNotes notes_of(const Model& model, const ExportInputs& inputs, const ExportOptions& options) {
  ArtefactNotes notes{options.format, model.head_kind(), model.label_names(), inputs.max_tokens, {}, 0};
  if (inputs.recipe_json.empty()) return notes;
  const Json recipe = parse_json(inputs.recipe_json, "recipe");
  notes.objective_json = recipe.value("objective", Json()).dump();
  if (const auto data = recipe.find("data"); data != recipe.end() && data->is_object())
    notes.longest_seconds = data->value("longest_seconds", 0.0);
  return notes;
}

fs::path write_artefact(Model& model, const ExportInputs& inputs, const ExportOptions& options,
                        const fs::path& target) {
  fs::create_directories(target.parent_path());
  TemporaryFolder building(target.parent_path(), "." + target.filename().string() + "-");
  if (inputs.progress) inputs.progress("writing", -1);
  writer_of(options.format)(model, inputs, options, building.path());
  write_notes(building.path(), notes_of(model, inputs, options));
  write_atomically(building.path() / "README.md", model_card(model, inputs, options));
  write_reference(model, inputs, options, building.path());
  // A temporary folder is its maker's alone; an artefact is read by others too.
  fs::permissions(building.path(),
                  fs::perms::group_read | fs::perms::group_exec | fs::perms::others_read | fs::perms::others_exec,
                  fs::perm_options::add);
  fs::remove(target);  // an empty folder, or nothing
  fs::rename(building.path(), target);
  building.keep();
  sync_folder(target.parent_path());
  return target;
}

}  // namespace

std::vector<ProofRow> proof_rows(const EncodedSplit& split, std::int64_t count, const std::string& prefix) {
  std::vector<ProofRow> rows;
  for (std::int64_t i = 0; i < std::min(split.size(), count); ++i) {
    const EncodedRow row = split.row(i);
    ProofRow proof;
    if (row.media_path.empty() && row.media_bytes.empty()) proof.text = prefix + split.text(i);
    proof.target = split.target_text(i);
    proof.media_path = row.media_path;
    proof.media_bytes = row.media_bytes;
    rows.push_back(std::move(proof));
  }
  return rows;
}

Exported export_model(Model& model, const ExportInputs& inputs, const ExportOptions& options, const fs::path& target) {
  const fs::path place = fs::absolute(target).lexically_normal();
  const fs::path folder = place.has_filename() ? place : place.parent_path();
  Exported exported;
  exported.format = options.format;
  try {
    if (fs::exists(folder) && (!fs::is_directory(folder) || !fs::is_empty(folder)))
      fail(ErrorKind::conflict, "there is something already where the export would go", folder.string(),
           "choose a new or empty folder");
    exported.path = write_artefact(model, inputs, options, folder);
  } catch (const fs::filesystem_error& error) {
    fail_on_disk(error, folder);
  }
  try {
    exported.proof_json = prove_in_another_process(exported.path, inputs.progress);
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(exported.path, ignored);
    throw;
  }
  exported.proven = parse_json(exported.proof_json, "proof.json").at("passed");
  return exported;
}

}  // namespace luthier
