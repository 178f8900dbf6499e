#include "export/onnx_ranges.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "export/other_process.h"
#include "export/proof.h"
#include "onnx/file.h"
#include "onnx/quantise.h"

namespace luthier {

namespace {

/// As write_reference writes them, but for what a comparison needs. Files are linked, since they are read just once.
void write_rows(const ExportInputs& inputs, std::int64_t most, const fs::path& place) {
  fs::create_directories(place);
  const std::vector<ProofRow>& rows = inputs.proof_rows;
  const auto count = std::min(rows.size(), static_cast<std::size_t>(most));
  Json written = Json::array();
  for (std::size_t i = rows.size() - count; i < rows.size(); ++i) {
    const ProofRow& row = rows[i];
    Json one = {{"text", row.text},     {"text_pair", row.text_pair}, {"target", row.target},
                {"ids", Json::array()}, {"positions", Json::array()}, {"tokens", row.tokens}};
    if (!row.media_path.empty() || !row.media_bytes.empty()) {
      const std::string name = "row-" + std::to_string(i) + fs::path(row.media_path).extension().string();
      if (row.media_path.empty())
        write_atomically(place / name, row.media_bytes);
      else
        fs::create_symlink(fs::absolute(row.media_path), place / name);
      one["media"] = name;
    }
    written.push_back(std::move(one));
  }
  write_atomically(place / "rows.json", written.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace

std::vector<onnx::Ranges> activation_ranges(const std::vector<OnnxFile>& files, const ExportInputs& inputs,
                                            const ExportOptions& options, const fs::path& folder) {
  const TemporaryFolder place(folder.parent_path(), ".calibrating-");
  fs::copy(folder, place.path());  // the files of its uppermost level
  Json values = Json::object();
  for (const OnnxFile& file : files) {
    const std::vector<std::string> watched = onnx::activations_of_int8(file.graph);
    onnx::Graph graph = file.graph;
    onnx::add_outputs(graph, watched);
    onnx::write_graph(graph, place.path() / file.name);
    values[file.name] = watched;
  }
  write_rows(inputs, options.calibration_rows, place.path() / "proof");
  write_json(place.path() / "calibration.json", Json{{"values", values},
                                                     {"max_tokens", inputs.max_tokens},
                                                     {"longest_seconds", longest_seconds_of(inputs.recipe_json)}});

  const fs::path log = place.path() / "log.txt", result = place.path() / "ranges.json";
  std::string problem =
      run_cli({"export", "--activation-ranges", fs::absolute(place.path()).string()}, log, /*worst_exit_code=*/0, [&] {
        if (inputs.progress) inputs.progress("finding activation ranges", -1);
      });
  if (problem.empty() && !fs::exists(result)) problem = "it wrote no result";
  if (!problem.empty())
    fail(ErrorKind::bad_input, "the process that finds activation ranges failed: " + problem + "\n" + end_of_log(log),
         "export.calibrate", "leave calibrate out: ranges are then found anew for each input");
  const Json found = read_json(result);
  std::vector<onnx::Ranges> ranges;
  for (const OnnxFile& file : files) {
    onnx::Ranges& of_file = ranges.emplace_back();
    for (const auto& [value, range] : found.at(file.name).items())
      of_file[value] = {range.at(0).get<float>(), range.at(1).get<float>()};
  }
  return ranges;
}

}  // namespace luthier
