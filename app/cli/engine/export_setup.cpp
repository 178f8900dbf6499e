#include "cli/engine/export_setup.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "cli/engine/data_words.h"
#include "data/roles.h"
#include "recipe/catalog.h"

namespace luthier {

namespace {

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

/// What the file calls right, where the model gives rows a class, several, or a number; empty: not known.
std::vector<double> truth_of(const TextRow& row, const Artefact& artefact, const std::string& kind) {
  if (row.label.empty()) return {};
  if (kind == "number") {
    const auto number = number_of_label(row.label);
    return number ? std::vector<double>{*number} : std::vector<double>();
  }
  const std::vector<std::string>& names = artefact.model->label_names();
  const auto place = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) - names.begin();
  };
  const auto count = static_cast<std::ptrdiff_t>(names.size());
  if (kind == "label") {
    const auto found = place(row.label);
    return found < count ? std::vector<double>{static_cast<double>(found)} : std::vector<double>();
  }
  std::vector<double> truth;
  if (kind != "label_set") return truth;
  truth.assign(names.size(), 0.0);
  const auto* several = std::get_if<MultiLabelOptions>(&artefact.objective);
  for (const std::string& one : split_labels(row.label, several ? several->separator : MultiLabelOptions().separator))
    if (const auto found = place(one); found < count) truth[static_cast<std::size_t>(found)] = 1;
  return truth;
}

std::vector<ProofRow> rows_of_file(const Arguments& arguments, const Artefact& artefact, std::int64_t most) {
  std::vector<ProofRow> rows;
  DatasetOptions options = data_options(arguments, artefact.model->head_kind());
  options.modality = artefact.processors.modality();
  options.sample_rate = artefact.processors.rate();
  options.longest_seconds = artefact.longest_seconds;
  const std::string kind = truth_kind(*artefact.model);
  scan_rows(options.train, options, [&](const TextRow& row) {
    std::string text = row.text.empty() ? row.prompt + row.completion : row.text;
    for (const std::string& word : row.tokens) text += (text.empty() ? "" : " ") + word;
    ProofRow& proof = rows.emplace_back(ProofRow{text, row.text_pair});
    proof.target = row.target;
    proof.truth = truth_of(row, artefact, kind);
    proof.media_path = row.media_path;
    proof.media_bytes = row.media_bytes;
    return static_cast<std::int64_t>(rows.size()) < most;
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
    read.tokens = row.value("tokens", std::vector<std::int64_t>());
    read.truth = row.value("truth", std::vector<double>());
    if (row.contains("media"))
      read.media_path = (folder / "proof" / fs::path(row.at("media").get<std::string>()).filename()).string();
  }
  return rows;
}

}  // namespace

const std::vector<std::string>& export_valued() {
  static const std::vector<std::string> words = [] {
    std::vector<std::string> all = {"--adapter", "--to", "--out", "--precision", "--set"};
    all.insert(all.end(), data_words().begin(), data_words().end());
    return all;
  }();
  return words;
}

const std::vector<std::string>& export_flags() {
  static const std::vector<std::string> flags = {"--progress", "--unmerged", "--overwrite"};
  return flags;
}

ExportOptions export_options(const Arguments& arguments, const std::string& fallback) {
  Json json = Json::object();
  for (const std::string& assignment : arguments.values("--set")) set_path(json, assignment);
  const std::optional<std::string> to = arguments.value("--to");
  const std::string kind = to || !fallback.empty() ? to.value_or(fallback) : arguments.required("--to");
  const ExporterEntry& entry = exporter_entry(kind);
  json["format"] = entry.kind;
  if (const auto precision = arguments.value("--precision")) json["precision"] = *precision;
  if (arguments.flag("--unmerged")) json["merge"] = false;
  if (arguments.flag("--overwrite")) json["overwrite"] = true;
  ExportOptions options;
  std::vector<Problem> problems;
  read_options(json, "export", options, problems);
  if (!problems.empty()) fail_with(problems, "the export cannot be made like this", "--set");
  const std::vector<std::string>& known = entry.precisions;
  if (std::find(known.begin(), known.end(), options.precision) == known.end()) {
    std::string list;
    for (const std::string& one : known) list += (list.empty() ? "" : ", ") + one;
    fail(ErrorKind::bad_input, "\"" + options.format + "\" is not written as \"" + options.precision + "\"",
         "--precision", "use one of " + list);
  }
  return options;
}

std::vector<ProofRow> rows_for(const Arguments& arguments, const Artefact& artefact, std::int64_t most) {
  std::vector<ProofRow> rows;
  if (arguments.value("--data")) rows = rows_of_file(arguments, artefact, most);
  if (rows.empty()) rows = rows_of_proof(artefact.adapter.empty() ? artefact.base : artefact.adapter);
  if (rows.empty()) rows = rows_of_proof(artefact.base);
  if (rows.empty() && artefact.processors.modality() != "text")
    fail(ErrorKind::bad_input, "there is no image or recording to prove the export with", "--data",
         "name a folder or table of some, with --roles");
  return rows.empty() ? plain_rows() : rows;
}

}  // namespace luthier
