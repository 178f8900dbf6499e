// `luthier-cli export`: a run or a model folder in another format, and the check of what was exported.
#include <ATen/Parallel.h>
#include <signal.h>

#include <atomic>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "cli/engine/commands.h"
#include "cli/engine/data_words.h"
#include "cli/engine/trained_run.h"
#include "device/device.h"
#include "engine/finish.h"
#include "export/artefact.h"
#include "export/exporter.h"
#include "recipe/catalog.h"

namespace luthier {

namespace {

constexpr std::int64_t kProofRows = 64;

static_assert(std::atomic<bool>::is_always_lock_free);  // set from a signal handler
std::atomic<bool> asked_to_end = false;

/// The first signal asks the export to stop and to leave nothing behind; a second one ends the process as usual.
void listen_for_signals() {
  struct sigaction action = {};
  action.sa_handler = [](int) { asked_to_end = true; };
  action.sa_flags = SA_RESETHAND;
  for (const int number : {SIGINT, SIGTERM}) ::sigaction(number, &action, nullptr);
}

/// With --progress a JSON line for each new stage and percent; in any case the place where a signal takes effect.
class Progress {
 public:
  explicit Progress(bool lines) : lines_(lines) {}

  void operator()(const std::string& stage, double share) {
    if (asked_to_end) fail(ErrorKind::cancelled, "the export was cancelled");
    const int percent = share < 0 ? -1 : static_cast<int>(std::floor(share * 100));
    if (!lines_ || (stage == stage_ && percent == percent_)) return;
    stage_ = stage;
    percent_ = percent;
    std::cout << Json{{"progress", {{"stage", stage}, {"share", percent < 0 ? -1.0 : percent / 100.0}}}}.dump()
              << std::endl;
  }

 private:
  bool lines_;
  std::string stage_;
  int percent_ = -2;
};

const std::string& usage() {
  static const std::string text =
      "luthier-cli export RUN|DIR [--adapter DIR] --to FORMAT --out DIR [--precision fp32|fp16|bf16]\n"
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

std::string shown(const Json& value) { return value.is_null() ? "-" : value.dump(); }

int report(const fs::path& path, const Json& proof, bool json) {
  const bool passed = proof.at("passed");
  if (json) {
    std::cout << Json{{"path", path.string()}, {"proven", passed}, {"proof", proof}}.dump(
                     -1, ' ', false, Json::error_handler_t::replace)
              << std::endl;
    return passed ? 0 : 1;
  }
  std::cout << path.string() << "\n"
            << (passed ? "proven: another process loaded it and computed the same\n" : "NOT proven\n");
  const auto field = [&](const char* key) { return shown(proof.value(key, Json())); };
  std::cout << "  largest difference of logits  " << field("max_abs_difference") << " (relative "
            << field("relative_difference") << ", limit " << field("limit") << ")\n"
            << "  same highest logit            " << field("agreement") << " of " << field("positions")
            << " positions in " << field("rows") << " rows\n"
            << "  size in bytes                 " << field("size_bytes") << "\n"
            << "  loading, seconds              " << field("load_seconds") << "\n"
            << "  milliseconds a row            " << field("latency_ms") << "\n";
  if (!passed) std::cerr << "luthier-cli: " << proof.value("problem", std::string()) << std::endl;
  return passed ? 0 : 1;
}

}  // namespace

int command_export(const std::vector<std::string>& words) {
  std::vector<std::string> valued = {"--adapter", "--to", "--out", "--precision", "--verify"};
  valued.insert(valued.end(), data_words().begin(), data_words().end());
  const Arguments arguments(words, usage(), valued, {"--progress"});
  at::set_num_threads(usable_cores());
  listen_for_signals();
  Progress told(arguments.flag("--progress"));
  const ExportProgress progress = [&told](const std::string& stage, double share) { told(stage, share); };
  if (const auto path = arguments.value("--verify")) {
    arguments.at_most(0);
    std::string proof;
    verify_export(*path, &proof, progress);
    return report(*path, parse_json(proof, "proof.json"), arguments.json());
  }
  arguments.at_most(1);
  const std::string source = arguments.position(0, "RUN or DIR");
  ExportOptions options;
  options.format = exporter_entry(arguments.required("--to")).kind;
  options.precision = arguments.value("--precision").value_or("fp32");
  if (options.precision != "fp32" && options.precision != "fp16" && options.precision != "bf16")
    fail(ErrorKind::bad_input, "there is no precision \"" + options.precision + "\"", "--precision",
         "use fp32, fp16 or bf16");
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
  return report(exported.path, parse_json(exported.proof_json, "proof.json"), arguments.json());
}

}  // namespace luthier
