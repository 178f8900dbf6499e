#include "weights/weights.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "weights/header.h"
#include "weights/index.h"

namespace luthier {

namespace {

constexpr std::uint64_t kHeaderLimitBytes = 100'000'000;  // as the safetensors library has it

const char* kPickleHint =
    "a pickle can run any program when it is opened: get the model's .safetensors version instead";

struct Memory {
  std::vector<std::shared_ptr<MappedFile>> files;
  std::vector<std::unique_ptr<std::byte[]>> copies;
};

struct Opened {
  std::vector<TensorEntry> tensors;
  std::vector<std::pair<std::string, std::string>> metadata;
};

void refuse_other_formats(const MappedFile& file, const std::string& where) {
  const auto starts_with = [&](std::string_view magic) {
    return file.size() >= magic.size() && std::memcmp(file.data(), magic.data(), magic.size()) == 0;
  };
  const std::string extension = file.path().extension().string();
  const bool named_pickle =
      std::set<std::string>{".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"}.contains(extension);
  // A safetensors header of 640 bytes begins with the bytes of a pickle; but its ninth byte opens a JSON object.
  const bool pickled =
      (starts_with("\x80\x02") || starts_with("\x80\x04")) && !(file.size() > 8 && file.data()[8] == std::byte{'{'});
  if (starts_with("PK\x03\x04") || pickled || named_pickle)
    fail(ErrorKind::unsupported, "these weights are a Python pickle, which Luthier does not open", where, kPickleHint);
  if (starts_with("GGUF"))
    fail(ErrorKind::unsupported, "this is a GGUF file, which cannot be fine-tuned", where,
         "get the model's .safetensors version");
  if (starts_with("version https://git-lfs"))
    fail(ErrorKind::bad_input, "this is only a pointer to the file (Git LFS), not the weights", where,
         "fetch the real file: git lfs pull");
}

Opened open_file(const std::filesystem::path& path, Memory& memory) {
  const std::string where = path.string();
  const std::shared_ptr<MappedFile> file = MappedFile::open(path);
  refuse_other_formats(*file, where);
  if (file->size() < 8)
    fail(ErrorKind::bad_input, "the file is too short to be a safetensors file", where, "fetch the file again");
  std::uint64_t header_bytes = 0;
  for (int i = 7; i >= 0; --i) header_bytes = header_bytes << 8 | static_cast<std::uint64_t>(file->data()[i]);
  if (header_bytes > kHeaderLimitBytes)
    fail(ErrorKind::bad_input,
         "the header claims " + std::to_string(header_bytes) + " bytes; at most 100 MB are allowed", where,
         "this is no safetensors file, or it is damaged");
  if (header_bytes > file->size() - 8)
    fail(ErrorKind::bad_input, "the file is cut off inside its header", where, "fetch the file again");

  const std::string_view json(reinterpret_cast<const char*>(file->data()) + 8, header_bytes);
  SafetensorsHeader header = parse_safetensors_header(json, file->size() - 8 - header_bytes, where);
  memory.files.push_back(file);
  Opened opened{{}, std::move(header.metadata)};
  for (HeaderTensor& tensor : header.tensors) {
    const std::byte* data = file->data() + 8 + header_bytes + tensor.begin;
    const std::size_t size = tensor.end - tensor.begin;
    if (reinterpret_cast<std::uintptr_t>(data) % size_of(tensor.type) != 0) {
      memory.copies.push_back(std::make_unique_for_overwrite<std::byte[]>(size));
      data = size ? static_cast<std::byte*>(std::memcpy(memory.copies.back().get(), data, size))
                  : memory.copies.back().get();
    }
    opened.tensors.push_back({std::move(tensor.name), tensor.type, std::move(tensor.shape), {data, size}});
  }
  return opened;
}

/// What there is to open in a folder.
std::filesystem::path choose_in(const std::filesystem::path& folder) {
  for (const char* name : {"model.safetensors", "model.safetensors.index.json", "adapter_model.safetensors"})
    if (fs::exists(folder / name)) return folder / name;
  for (const char* name : {"pytorch_model.bin", "pytorch_model.bin.index.json", "adapter_model.bin"})
    if (fs::exists(folder / name))
      fail(ErrorKind::unsupported, "the weights are a Python pickle, which Luthier does not open",
           (folder / name).string(), kPickleHint);
  fail(ErrorKind::not_found, "there are no weights in this folder", folder.string(),
       "it should hold model.safetensors, or model.safetensors.index.json and its parts");
}

Opened open_shards(const std::filesystem::path& index_file, Memory& memory) {
  const ShardIndex index = read_shard_index(index_file);
  const std::filesystem::path folder = index_file.parent_path();
  Opened all;
  all.metadata = index.metadata;
  std::map<std::string, std::string> home;  // tensor -> the shard that has it
  for (const std::string& shard : index.files) {
    Opened part = open_file(folder / shard, memory);
    for (TensorEntry& tensor : part.tensors) {
      const auto [other, is_new] = home.emplace(tensor.name, shard);
      if (!is_new)
        fail(ErrorKind::bad_input,
             "tensor \"" + tensor.name + "\" lies in two parts: " + other->second + " and " + shard,
             index_file.string(), "fetch the model's files again, all of one version");
      const auto listed = index.shard_of.find(tensor.name);
      if (listed != index.shard_of.end() && listed->second != shard)
        fail(ErrorKind::bad_input,
             "tensor \"" + tensor.name + "\" lies in " + shard + ", but the index says " + listed->second,
             index_file.string(), "fetch the model's files again, all of one version");
      all.tensors.push_back(std::move(tensor));
    }
  }
  for (const auto& [name, shard] : index.shard_of)
    if (!home.contains(name))
      fail(ErrorKind::bad_input, "tensor \"" + name + "\" is not in " + shard + ", where the index puts it",
           index_file.string(), "fetch the model's files again, all of one version");
  return all;
}

}  // namespace

std::int64_t TensorEntry::elements() const {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) count *= size;
  return count;
}

Weights Weights::open(const std::filesystem::path& path) {
  const std::filesystem::path file = fs::is_directory(path) ? choose_in(path) : path;
  const auto memory = std::make_shared<Memory>();
  Opened opened = file.extension() == ".json" ? open_shards(file, *memory) : open_file(file, *memory);
  Weights weights;
  weights.tensors_ = std::move(opened.tensors);
  weights.metadata_ = std::move(opened.metadata);
  weights.keep_alive_ = memory;
  std::sort(weights.tensors_.begin(), weights.tensors_.end(),
            [](const TensorEntry& a, const TensorEntry& b) { return a.name < b.name; });
  return weights;
}

const TensorEntry* Weights::find(const std::string& name) const {
  const auto before = [](const TensorEntry& entry, const std::string& wanted) { return entry.name < wanted; };
  const auto found = std::lower_bound(tensors_.begin(), tensors_.end(), name, before);
  return found != tensors_.end() && found->name == name ? &*found : nullptr;
}

std::uint64_t Weights::bytes() const {
  std::uint64_t sum = 0;
  for (const TensorEntry& tensor : tensors_) sum += tensor.bytes.size();
  return sum;
}

}  // namespace luthier
