// `luthier-cli export`: a run or a model folder in another format, and the check of what was exported.
#include <ATen/Parallel.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "cli/engine/commands.h"
#include "cli/engine/data_words.h"
#include "cli/engine/export_setup.h"
#include "cli/engine/trained_run.h"
#include "cli/export_words.h"
#include "device/device.h"
#include "engine/data_profile.h"
#include "engine/finish.h"
#include "export/artefact.h"
#include "export/exporter.h"
#include "recipe/catalog.h"

namespace luthier {

namespace {

const std::string& export_usage() {
  static const std::string text =
      "luthier-cli export RUN|DIR [--adapter DIR] --to FORMAT " + std::string(kExportUsage) +
      "\n"
      "                   [" +
      std::string(kDataUsage) +
      "]\n"
      "       luthier-cli export --verify DIR\n"
      "  --progress  a JSON object a line before the result: {\"progress\": {\"stage\", \"share\"}}";
  return text;
}

Exported export_folder(const Arguments& arguments, const fs::path& folder, const ExportOptions& options,
                       const fs::path& target, const ExportProgress& progress) {
  progress("loading the model", -1);
  const Artefact artefact = open_artefact(folder, arguments.value("--adapter").value_or(""));
  const std::string name = fs::absolute(folder).lexically_normal().filename().string();
  return export_model(
      *artefact.model,
      {artefact.tokenizer.get(), artefact.base, name, "", "", rows_for(arguments, artefact, rows_of_export(options)),
       artefact.max_tokens, progress, artefact.processors},
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
  const std::vector<ProofRow> rows =
      proof_rows(*parts.model, split, rows_of_export(options), written ? written->prefix : "");
  ExportInputs inputs{parts.tokenizer.get(),
                      resolve_path(parts.recipe.model.path, parts.recipe.folder),
                      parts.recipe.name,
                      recipe_to_json(parts.recipe).dump(),
                      store.run(id).summary_json,
                      rows,
                      parts.recipe.data.max_tokens,
                      progress,
                      parts.processors};
  inputs.data_json = data_profile(parts.data, parts.processors.modality(), parts.processors.rate()).dump();
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
  std::vector<std::string> valued = export_valued();
  valued.push_back("--verify");
  const Arguments arguments(words, export_usage(), valued, export_flags());
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
  const ExportOptions options = export_options(arguments);
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
