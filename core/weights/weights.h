#pragma once
// Model weights on disk as tables of names, shapes and types over mapped files. No tensor library here.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace luthier {

constexpr std::size_t kDimensionLimit = 64;  ///< of one tensor, as in LibTorch

enum class DType { f64, f32, f16, bf16, i64, i32, i16, i8, u8, boolean };
std::size_t size_of(DType type);
std::string to_string(DType type);  ///< as in safetensors: "F32", "BF16", ...

struct TensorEntry {
  std::string name;
  DType type = DType::f32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;  ///< into the mapped file, or into an aligned copy
  std::int64_t elements() const;
};

class Weights {
 public:
  /// A .safetensors file, a checkpoint of torch.save (.bin, .pth, .pt, .th), an index of shards of either, or a folder
  /// that has model.safetensors, its index, adapter_model.safetensors, or pytorch_model.bin, its index,
  /// adapter_model.bin, in this order. Every offset, size and name is checked: bad_input names the tensor and the file.
  /// Pickles are read as data, nothing in them is run: unsupported names what a file wanted to run.
  static Weights open(const std::filesystem::path& path);

  const std::vector<TensorEntry>& tensors() const { return tensors_; }  ///< sorted by name
  const TensorEntry* find(const std::string& name) const;               ///< nullptr if absent
  const std::vector<std::pair<std::string, std::string>>& metadata() const { return metadata_; }
  std::uint64_t bytes() const;
  /// Keeps the maps alive: hold it for as long as any `bytes` are used.
  std::shared_ptr<const void> keep_alive() const { return keep_alive_; }

 private:
  std::vector<TensorEntry> tensors_;
  std::vector<std::pair<std::string, std::string>> metadata_;
  std::shared_ptr<const void> keep_alive_;
};

/// Writes one safetensors file atomically, tensors in the given order (wider number types first); `metadata` gets
/// {"format": "pt"} if it lacks it.
void write_safetensors(const std::filesystem::path& file, const std::vector<TensorEntry>& tensors,
                       std::vector<std::pair<std::string, std::string>> metadata = {});

}  // namespace luthier
