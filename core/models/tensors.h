#pragma once
// Between tables of named bytes on disk and tensors.
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weights/weights.h"

namespace luthier {

using at::Tensor;
using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// The entry's bytes as a tensor of its own type on the CPU, not copied; `keep_alive` lives as long as the tensor.
/// Writing to it changes the process's private copy of the page, never the file.
Tensor map_tensor(const TensorEntry& entry, const std::shared_ptr<const void>& keep_alive);

/// Every tensor of a .safetensors file, mapped, sorted by name.
NamedTensors read_tensors(const std::filesystem::path& file);

/// "[2, 768]"
std::string shape_text(const Tensor& tensor);

/// Writes tensors (any device, any layout) as one .safetensors file, atomically, in the given order. `precision` fp32,
/// fp16 or bf16 is what floating-point tensors are written in; empty: as they are.
void write_tensors(const std::filesystem::path& file, const NamedTensors& tensors, const std::string& precision = {});

}  // namespace luthier
