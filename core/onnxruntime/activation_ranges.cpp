#include "onnxruntime/activation_ranges.h"

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "onnx/calibration.h"
#include "onnxruntime/network.h"
#include "onnxruntime/runner.h"

namespace luthier {

Json activation_ranges(const fs::path& folder, const ProofProgress& progress) {
  const Json calibration = read_json(folder / "calibration.json");
  std::map<std::string, std::map<std::string, onnx::RangeFinder>> finders;  // of each file, by the value
  const auto watch = [&](const std::string& file, onnx::Network& network) {
    auto& of_file = finders[file];
    network.watch(calibration.at("values").at(file).get<std::vector<std::string>>(),
                  [&of_file](const std::string& value, const onnx::Array& array) {
                    const std::vector<float> numbers = array.numbers();
                    of_file[value].add(numbers);
                  });
  };
  if (progress) progress("loading", -1);
  const std::unique_ptr<ArtefactRunner> runner = open_onnx_files(folder, calibration, watch);
  const Json rows = read_json(folder / "proof" / "rows.json");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (progress) progress("finding activation ranges", static_cast<double>(i) / static_cast<double>(rows.size()));
    const HeldOutRow row = held_out_row(rows[i], folder / "proof");
    try {
      runner->run(row);
    } catch (const Error& error) {
      if (error.kind == ErrorKind::cancelled || row.media.empty()) throw;
    }
  }
  Json ranges = Json::object();
  for (const auto& [file, values] : calibration.at("values").items()) {
    const auto& of_file = finders[file];
    if (of_file.empty() && !values.empty())
      fail(ErrorKind::bad_input, "there is no row that activation ranges can be found on", file,
           "export with held-out data, or without fixed activation ranges");
    Json& found = ranges[file] = Json::object();
    for (const auto& [value, finder] : of_file) {
      const onnx::Range range = finder.range();
      found[value] = {range.low, range.high};
    }
  }
  return ranges;
}

}  // namespace luthier
