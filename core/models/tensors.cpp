#include "models/tensors.h"

#include <ATen/ops/from_blob.h>

#include "base/error.h"

namespace luthier {

namespace {

constexpr std::pair<DType, at::ScalarType> kTypes[] = {
    {DType::f64, at::kDouble}, {DType::f32, at::kFloat},   {DType::f16, at::kHalf},  {DType::bf16, at::kBFloat16},
    {DType::i64, at::kLong},   {DType::i32, at::kInt},     {DType::i16, at::kShort}, {DType::i8, at::kChar},
    {DType::u8, at::kByte},    {DType::boolean, at::kBool}};

at::ScalarType scalar_type(DType type) {
  for (const auto& [disk, memory] : kTypes)
    if (disk == type) return memory;
  fail(ErrorKind::internal, "a tensor type without a counterpart in memory");
}

DType disk_type(at::ScalarType type, const std::string& name) {
  for (const auto& [disk, memory] : kTypes)
    if (memory == type) return disk;
  fail(ErrorKind::unsupported, "a tensor of this type cannot be written", name);
}

at::ScalarType written_type(const Tensor& tensor, const std::string& precision) {
  if (precision.empty() || !tensor.is_floating_point()) return tensor.scalar_type();
  if (precision == "fp32") return at::kFloat;
  if (precision == "fp16") return at::kHalf;
  if (precision == "bf16") return at::kBFloat16;
  fail(ErrorKind::bad_input, "there is no precision \"" + precision + "\"", {}, "use fp32, fp16 or bf16");
}

}  // namespace

Tensor map_tensor(const TensorEntry& entry, const std::shared_ptr<const void>& keep_alive) {
  return at::from_blob(
      const_cast<std::byte*>(entry.bytes.data()), entry.shape, [keep_alive](void*) {},
      at::TensorOptions(scalar_type(entry.type)));
}

NamedTensors read_tensors(const std::filesystem::path& file) {
  const Weights weights = Weights::open(file);
  NamedTensors tensors;
  tensors.reserve(weights.tensors().size());
  for (const TensorEntry& entry : weights.tensors())
    tensors.emplace_back(entry.name, map_tensor(entry, weights.keep_alive()));
  return tensors;
}

void write_tensors(const std::filesystem::path& file, const NamedTensors& tensors, const std::string& precision) {
  std::vector<TensorEntry> entries;
  std::vector<Tensor> held;  // what the entries point into
  for (const auto& [name, tensor] : tensors) {
    held.push_back(tensor.detach().to(at::kCPU, written_type(tensor, precision)).contiguous());
    const Tensor& bytes = held.back();
    entries.push_back({name,
                       disk_type(bytes.scalar_type(), name),
                       bytes.sizes().vec(),
                       {static_cast<const std::byte*>(bytes.const_data_ptr()), bytes.nbytes()}});
  }
  write_safetensors(file, entries);
}

std::string shape_text(const Tensor& tensor) {
  std::string text = "[";
  for (const auto size : tensor.sizes()) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

}  // namespace luthier
