// `luthier-cli export`: a run or a model folder in another format, and the check of what was exported.
#include <ATen/Parallel.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "cli/engine/commands.h"
#include "cli/engine/data_words.h"
#include "cli/engine/trained_run.h"
#include "cli/export_words.h"
#include "device/device.h"
#include "engine/finish.h"
#include "export/artefact.h"
#include "export/exporter.h"
#include "recipe/catalog.h"

namespace luthier {

namespace {

constexpr std::int64_t kProofRows = 64;

const std::string& usage() {
  static const std::string text =
      "luthier-cli export RUN|DIR [--adapter DIR] --to FORMAT --out DIR [--precision TYPE]\n"
      "                   [" +
      std::string(kDataUsage) +
      "]\n"
      "       luthier-cli export --verify DIR\n"
      "  --progress  a JSON object a line before the result: {\"progress\": {\"stage\", \"share\"}}";
  return text;
}

/// For models that come without held-out rows: any text shows whether two models compute the same.
std::vector<ProofRow> plain_rows() {
  return {{"The train to the coast leaves at seven and arrives before noon.", ""},
          {"I would not buy this again: the handle broke after two days.", ""},
          {"Water boils at a lower temperature in the mountains.", ""},
          {"Can you move my appointment to next Tuesday, please?", ""},
          {"Her first novel was praised, her second was forgotten.", ""},
          {"The committee approved 14 of the 20 proposals in March 2019.", ""},
          {"Stir the flour in slowly, or there will be lumps.", ""},
          {"He said that nobody had told him, which was not true.", ""}};
}

std::vector<ProofRow> rows_of_file(const Arguments& arguments, Head head) {
  std::vector<ProofRow> rows;
  const DatasetOptions options = data_options(arguments, head);
  scan_rows(options.train, options, [&](const TextRow& row) {
    std::string text = row.text.empty() ? row.prompt + row.completion : row.text;
    for (const std::string& word : row.tokens) text += (text.empty() ? "" : " ") + word;
    ProofRow& proof = rows.emplace_back(ProofRow{text, row.text_pair});
    proof.target = row.target;
    proof.media_path = row.media_path;
    proof.media_bytes = row.media_bytes;
    return static_cast<std::int64_t>(rows.size()) < kProofRows;
  });
  return rows;
}

/// The rows of an earlier proof of the same model.
std::vector<ProofRow> rows_of_proof(const fs::path& folder) {
  const fs::path file = folder / "proof" / "rows.json";
  std::vector<ProofRow> rows;
  if (!fs::exists(file)) return rows;
  for (const Json& row : read_json(file)) {
    ProofRow& read = rows.emplace_back(ProofRow{row.at("text"), row.at("text_pair")});
    read.target = row.value("target", "");
    if (row.contains("media"))
      read.media_path = (folder / "proof" / fs::path(row.at("media").get<std::string>()).filename()).string();
  }
  return rows;
}

Exported export_folder(const Arguments& arguments, const fs::path& folder, const ExportOptions& options,
                       const fs::path& target, const ExportProgress& progress) {
  progress("loading the model", -1);
  const Artefact artefact = open_artefact(folder, arguments.value("--adapter").value_or(""));
  const Head head = artefact.model->head_kind();
  std::vector<ProofRow> rows;
  if (arguments.value("--data")) rows = rows_of_file(arguments, head);
  if (rows.empty()) rows = rows_of_proof(artefact.adapter.empty() ? artefact.base : artefact.adapter);
  if (rows.empty() && artefact.processors.modality() != "text")
    fail(ErrorKind::bad_input, "there is no image or recording to prove the export with", "--data",
         "name a folder or table of some, with --roles");
  if (rows.empty()) rows = plain_rows();
  const std::string name = fs::absolute(folder).lexically_normal().filename().string();
  return export_model(
      *artefact.model,
      {artefact.tokenizer.get(), artefact.base, name, "", "", rows, artefact.max_tokens, progress, artefact.processors},
      options, target);
}

Exported export_run(Store& store, const std::string& id, const ExportOptions& options, const fs::path& target,
                    const ExportProgress& progress) {
  progress("loading the run", -1);
  const TrainedRun run = load_trained_run(store, id);
  const Prepared& parts = run.parts;
  const auto [judging, name] = judging_split(parts.data);
  const EncodedSplit& split = judging->size() > 0 ? *judging : parts.data.train;
  const auto* written = std::get_if<Seq2SeqOptions>(&parts.recipe.objective);
  const std::vector<ProofRow> rows = proof_rows(split, kProofRows, written ? written->prefix : "");
  const ExportInputs inputs{parts.tokenizer.get(),
                            resolve_path(parts.recipe.model.path, parts.recipe.folder),
                            parts.recipe.name,
                            recipe_to_json(parts.recipe).dump(),
                            store.run(id).summary_json,
                            rows,
                            parts.recipe.data.max_tokens,
                            progress,
                            parts.processors};
  Exported exported = export_model(*parts.model, inputs, options, target);
  ArtefactRow row;
  row.kind = exported.format;
  row.path = exported.path.string();
  row.proof_json = exported.proof_json;
  row.created = wall_seconds();
  store.add_artefact(id, row);
  return exported;
}

}  // namespace

int command_export(const std::vector<std::string>& words) {
  std::vector<std::string> valued = {"--adapter", "--to", "--out", "--precision", "--verify"};
  valued.insert(valued.end(), data_words().begin(), data_words().end());
  const Arguments arguments(words, usage(), valued, {"--progress"});
  at::set_num_threads(usable_cores());
  listen_for_signals();
  ExportProgressLines told(arguments.flag("--progress"));
  const ExportProgress progress = [&told](const std::string& stage, double share) { told(stage, share); };
  if (const auto path = arguments.value("--verify")) {
    arguments.at_most(0);
    std::string proof;
    verify_export(*path, &proof, progress);
    return report_proof(*path, parse_json(proof, "proof.json"), arguments.json());
  }
  arguments.at_most(1);
  const std::string source = arguments.position(0, "RUN or DIR");
  ExportOptions options;
  options.format = exporter_entry(arguments.required("--to")).kind;
  options.precision = arguments.value("--precision").value_or("fp32");
  const std::vector<std::string>& known = exporter_entry(options.format).precisions;
  if (std::find(known.begin(), known.end(), options.precision) == known.end()) {
    std::string list;
    for (const std::string& one : known) list += (list.empty() ? "" : ", ") + one;
    fail(ErrorKind::bad_input, "\"" + options.format + "\" is not written as \"" + options.precision + "\"",
         "--precision", "use one of " + list);
  }
  const fs::path target = arguments.required("--out");
  Exported exported;
  if (fs::is_directory(source)) {
    exported = export_folder(arguments, source, options, target, progress);
  } else {
    Store store(luthier_home());
    const auto run = store.find_run(source);
    if (!run)
      fail(ErrorKind::not_found, "there is neither a run nor a folder of this name", source,
           "see luthier-cli runs list for the runs there are");
    exported = export_run(store, run->id, options, target, progress);
  }
  return report_proof(exported.path, parse_json(exported.proof_json, "proof.json"), arguments.json());
}

}  // namespace luthier
