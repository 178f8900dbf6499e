#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/json.h"
#include "weights/header.h"

namespace luthier {

namespace {

std::string json_text(const std::string& text) { return Json(text).dump(); }

std::string entry_text(const TensorEntry& tensor, std::uint64_t begin) {
  return json_text(tensor.name) + ":{\"dtype\":\"" + to_string(tensor.type) +
         "\",\"shape\":" + Json(tensor.shape).dump() + ",\"data_offsets\":[" + std::to_string(begin) + "," +
         std::to_string(begin + tensor.bytes.size()) + "]}";
}

void check_tensors(const std::vector<TensorEntry>& tensors, const std::string& where) {
  std::set<std::string> names;
  for (const TensorEntry& tensor : tensors) {
    if (tensor.name.empty() || tensor.name == "__metadata__" || !names.insert(tensor.name).second)
      fail(ErrorKind::internal, "\"" + tensor.name + "\" cannot name a tensor, or names two", where);
    if (checked_bytes(tensor.shape, tensor.type) != static_cast<std::int64_t>(tensor.bytes.size()))
      fail(ErrorKind::internal, "tensor \"" + tensor.name + "\": its bytes do not fit its shape", where);
  }
}

}  // namespace

void write_safetensors(const std::filesystem::path& file, const std::vector<TensorEntry>& tensors,
                       std::vector<std::pair<std::string, std::string>> metadata) {
  check_tensors(tensors, file.string());
  // Wide types first, so that every tensor begins at a multiple of its element size.
  std::vector<const TensorEntry*> order;
  for (const TensorEntry& tensor : tensors) order.push_back(&tensor);
  std::stable_sort(order.begin(), order.end(),
                   [](const TensorEntry* a, const TensorEntry* b) { return size_of(a->type) > size_of(b->type); });

  const bool has_format =
      std::any_of(metadata.begin(), metadata.end(), [](auto& pair) { return pair.first == "format"; });
  if (!has_format) metadata.insert(metadata.begin(), {"format", "pt"});
  std::string header = "{\"__metadata__\":{";
  for (std::size_t i = 0; i < metadata.size(); ++i)
    header += (i ? "," : "") + json_text(metadata[i].first) + ":" + json_text(metadata[i].second);
  header += "}";
  std::uint64_t begin = 0;
  for (const TensorEntry* tensor : order) {
    header += "," + entry_text(*tensor, begin);
    begin += tensor->bytes.size();
  }
  header += "}";
  header.resize((header.size() + 7) / 8 * 8, ' ');

  write_atomically(file, [&](int descriptor) {
    std::string size(8, '\0');
    for (std::size_t i = 0; i < 8; ++i) size[i] = static_cast<char>(header.size() >> (8 * i) & 0xff);
    write_all(descriptor, size.data(), size.size(), file.string());
    write_all(descriptor, header.data(), header.size(), file.string());
    for (const TensorEntry* tensor : order)
      write_all(descriptor, tensor->bytes.data(), tensor->bytes.size(), file.string());
  });
}

}  // namespace luthier
