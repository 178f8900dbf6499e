#pragma once
// The ranges of activations that int8 with fixed scales needs (onnx/quantise.h).
#include <filesystem>
#include <string>
#include <vector>

#include "export/exporter.h"
#include "onnx/calibration.h"

namespace luthier {

/// A graph in fp32, and the file that it is to become.
struct OnnxFile {
  std::string name;  ///< "model.onnx"
  onnx::Graph graph;
};

/// The ranges of what int8 makes 8 bits of, a table for each file: from computing the last options.calibration_rows of
/// the held-out rows (the proof compares the first ones) with ONNX Runtime, in a process of its own, which cuts texts
/// and reads files as the proof does. `folder`: where the artefact is made; its config, tokenizer and processors lie
/// there already. Beside it, for as long as this works, lie the fp32 files with these values as further outputs.
/// Errors: bad_input with what the other process says, cancelled.
std::vector<onnx::Ranges> activation_ranges(const std::vector<OnnxFile>& files, const ExportInputs& inputs,
                                            const ExportOptions& options, const std::filesystem::path& folder);

}  // namespace luthier
