#pragma once
// The JSON header of a safetensors file, checked against the bytes that follow it.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weights/weights.h"

namespace luthier {

struct HeaderTensor {
  std::string name;
  DType type = DType::f32;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0, end = 0;  ///< bytes behind the header
};

struct SafetensorsHeader {
  std::vector<HeaderTensor> tensors;  ///< in the order of the data
  std::vector<std::pair<std::string, std::string>> metadata;
};

/// `json` is the header's text, `data_bytes` what follows it in the file, `where` the file's name. Checked: one entry a
/// name, the number type, shape times type against the byte count (without overflow), and that the tensors fill the
/// data from its first to its last byte without overlap or gap. bad_input, or unsupported for a type that Luthier does
/// not know.
SafetensorsHeader parse_safetensors_header(std::string_view json, std::uint64_t data_bytes, const std::string& where);

/// elements * size of the type; -1 when a dimension is negative or the product does not fit.
std::int64_t checked_bytes(const std::vector<std::int64_t>& shape, DType type);

}  // namespace luthier
