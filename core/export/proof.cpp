#include "export/proof.h"

#include <ATen/ops/cat.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "base/version.h"
#include "export/artefact.h"
#include "export/formats.h"
#include "export/layer_prints.h"
#include "export/other_process.h"
#include "export/row_logits.h"
#include "models/tensors.h"
#include "proof/verification.h"

namespace luthier {

namespace {
constexpr std::int64_t kReferenceBytes = 32 << 20;  ///< a large vocabulary: fewer positions of each row are compared

std::int64_t positions_a_row(Model& model, std::int64_t rows) {
  if (classifies_rows(model.head_kind()) || model.head_kind() == Head::token_classification) return INT64_MAX;
  const std::int64_t bytes = rows * model.vocabulary() * static_cast<std::int64_t>(sizeof(float));
  return std::max<std::int64_t>(1, kReferenceBytes / std::max<std::int64_t>(1, bytes));
}

constexpr std::uint64_t kMediaBytes = 16u << 20;  ///< images and recordings are copied until there are so many
constexpr double kLongestSeconds = 30;

std::string write_failure(const fs::path& folder, const std::string& reason) {
  const Json proof = {{"passed", false}, {"problem", reason}, {"made", utc_now()}, {"luthier", kVersion}};
  write_json(folder / "proof.json", proof);
  return proof.dump();
}

}  // namespace

double longest_seconds_of(const std::string& recipe_json) {
  if (recipe_json.empty()) return kLongestSeconds;
  const Json recipe = parse_json(recipe_json, "recipe");
  const auto data = recipe.find("data");
  return data != recipe.end() && data->is_object() ? data->value("longest_seconds", kLongestSeconds) : kLongestSeconds;
}

void write_reference(Model& live, const ExportInputs& inputs, const ExportOptions& options, const Json& merging,
                     const fs::path& folder) {
  const fs::path place = folder / "proof";
  fs::create_directories(place);
  const auto rows = std::min<std::int64_t>(kProofRows, static_cast<std::int64_t>(inputs.proof_rows.size()));
  const std::int64_t most = positions_a_row(live, rows);
  const double longest = longest_seconds_of(inputs.recipe_json);
  const RowReading reading{inputs.tokenizer, inputs.processors, inputs.max_tokens, longest};
  Json texts = Json::array(), layers;
  std::vector<Tensor> logits;
  std::uint64_t media_bytes = 0;
  for (std::int64_t i = 0; i < rows && media_bytes < kMediaBytes; ++i) {
    const ProofRow& row = inputs.proof_rows[static_cast<std::size_t>(i)];
    if (inputs.progress)
      inputs.progress("computing what the copy must give", static_cast<double>(i) / static_cast<double>(rows));
    RowLogits computed;
    try {
      computed = row_logits(live, reading, row, std::nullopt, most);
    } catch (const Error& error) {
      if (row.media_path.empty() && row.media_bytes.empty()) throw;
      continue;  // a file that cannot be decoded proves nothing
    }
    Json written = {{"text", row.text},
                    {"text_pair", row.text_pair},
                    {"target", row.target},
                    {"ids", computed.ids},
                    {"positions", computed.positions},
                    {"logits", computed.logits.defined() ? computed.logits.size(0) : 0}};
    if (!row.media_path.empty() || !row.media_bytes.empty()) {
      // The artefact can be checked again where the data is not.
      const std::string bytes = row.media_path.empty() ? row.media_bytes : read_file(row.media_path);
      const std::string name = "row-" + std::to_string(i) + fs::path(row.media_path).extension().string();
      write_atomically(place / name, bytes);
      written["media"] = name;
      media_bytes += bytes.size();
    }
    texts.push_back(std::move(written));
    if (!computed.logits.defined()) continue;
    if (logits.empty()) layers = {{"row", texts.size() - 1}, {"prints", layer_prints(live, reading, row)}};
    logits.push_back(computed.logits);
  }
  write_atomically(place / "rows.json", texts.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  NamedTensors tensors;
  if (!logits.empty()) tensors.emplace_back("logits", at::cat(logits));  // [sum of P, L or V]
  write_tensors(place / "reference.safetensors", tensors);
  Json reference = {{"format", options.format},
                    {"precision", options.precision},
                    {"calibrated", options.calibrate},
                    {"max_tokens", inputs.max_tokens},
                    {"longest_seconds", longest},
                    {"rows", texts.size()},
                    {"tensors", format_checksums(options.format, folder)},
                    {"base_tensors", Json::object()},
                    {"merging", merging},
                    {"chat_template", inputs.tokenizer ? inputs.tokenizer->chat_template() : std::string()},
                    {"layers", std::move(layers)}};
  if (fs::exists(folder / "adapter_config.json")) reference["base_tensors"] = tensor_checksums(base_of_adapter(folder));
  write_json(place / "reference.json", reference);
}

std::string prove_in_another_process(const fs::path& folder, const ExportProgress& progress) {
  const fs::path log = folder / "proof" / "log.txt";
  std::error_code ignored;
  fs::remove(folder / "proof.json", ignored);
  std::string problem;
  try {
    problem = run_cli({"export", "--verify", fs::absolute(folder).string()}, log, /*worst_exit_code=*/1, [&] {
      if (progress) progress("checking it in another process", -1);
    });
  } catch (const Error& error) {
    if (error.kind == ErrorKind::cancelled) throw;
    problem = error.text();
  }
  if (problem.empty() && !fs::exists(folder / "proof.json")) problem = "it wrote no result";
  if (!problem.empty())
    return write_failure(folder, "the check did not come to its end: " + problem + "\n" + end_of_log(log));
  fs::remove(log, ignored);
  return read_json(folder / "proof.json").dump();
}

}  // namespace luthier
