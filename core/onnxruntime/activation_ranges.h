#pragma once
// Ranges of activations, found by computing rows with ONNX Runtime: the other process's half of export/onnx_ranges.h.
#include <filesystem>

#include "base/json.h"
#include "proof/verification.h"

namespace luthier {

/// Computes the rows of <folder>/proof/rows.json with the ONNX files of `folder`, as a proof does, and finds the range
/// of each value that <folder>/calibration.json names: {"values": {"model.onnx": ["x", ...]}, "max_tokens": ...,
/// "longest_seconds": ...}. The values are inputs or outputs of their file. Returns {"model.onnx": {"x": [low, high],
/// ...}}. Files that cannot be decoded are left out. bad_input where no row gives any number.
Json activation_ranges(const std::filesystem::path& folder, const ProofProgress& progress = {});

}  // namespace luthier
