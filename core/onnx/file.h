#pragma once
// ONNX files: writing, reading, and what changed in one.
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "onnx/graph.h"

namespace luthier::onnx {

/// A protocol buffer message holds 2 GiB at most; a little room is left for what is not a weight.
constexpr std::uint64_t kMostInside = (std::uint64_t{1} << 31) - (std::uint64_t{64} << 20);

/// Writes `file`. Weights that are together more than `most_inside` bytes go into "<file>.data" beside it, each at a
/// multiple of the page size, so that they can be mapped. Weights are never copied. Errors: disk_full, io.
void write_graph(const Graph& graph, const std::filesystem::path& file, std::uint64_t most_inside = kMostInside);

/// Reads `file`, and maps its weights. Types of values between nodes are not known. bad_input where it is no ONNX file,
/// is cut short or needs more of the format than graph.h knows; not_found.
Graph read_graph(const std::filesystem::path& file);

/// A checksum of every tensor of all .onnx files of a folder, by name, and for every module one of the nodes that
/// compute it: "nodes of bert.encoder.layer.0.output.dense". With several files "<stem>: " stands before both.
/// not_found without such a file.
std::map<std::string, std::string> graph_checksums(const std::filesystem::path& folder);

}  // namespace luthier::onnx
