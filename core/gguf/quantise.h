#pragma once
// Number types of GGUF files: which one each tensor gets, and the conversion.
#include <ggml.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace luthier::gguf {

/// llama.cpp's number for a type name ("general.file_type"); bad_input for an unknown one.
std::int64_t file_type(const std::string& type);

/// The type of a tensor in a file of the given type: as llama.cpp's own quantiser chooses it. `shape` as in the
/// checkpoint; `layer` of `layers` (-1: none).
ggml_type tensor_type(const std::string& type, const std::string& name, const std::vector<std::int64_t>& shape,
                      std::int64_t layer, std::int64_t layers, bool tied_output);

/// [rows, columns] fp32 numbers in another type; `importance` [columns] or empty.
std::vector<std::byte> converted(std::span<const float> numbers, std::int64_t columns, ggml_type type,
                                 std::span<const float> importance);

}  // namespace luthier::gguf
