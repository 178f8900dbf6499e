#include "weights/weights.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "weights/header.h"
#include "weights/index.h"
#include "weights/memory.h"
#include "weights/torch_file.h"

namespace luthier {

namespace {

constexpr std::uint64_t kHeaderLimitBytes = 100'000'000;  // as the safetensors library has it

struct Opened {
  std::vector<TensorEntry> tensors;
  std::vector<std::pair<std::string, std::string>> metadata;
};

bool starts_with(const MappedFile& file, std::string_view magic) {
  return file.size() >= magic.size() && std::memcmp(file.data(), magic.data(), magic.size()) == 0;
}

bool has_pickle_name(const std::filesystem::path& file) {
  return std::set<std::string>{".bin", ".pt", ".pth", ".th", ".ckpt", ".pkl", ".pickle"}.contains(
      file.extension().string());
}

void refuse_other_formats(const MappedFile& file, const std::string& where) {
  if (file.size() == 0)
    fail(ErrorKind::bad_input, "the weights file is empty (0 bytes): it was not fetched whole", where,
         "fetch the file again");
  if (starts_with(file, "GGUF"))
    fail(ErrorKind::unsupported, "this is a GGUF file, which cannot be fine-tuned", where,
         "get the model's .safetensors version");
  if (starts_with(file, "version https://git-lfs"))
    fail(ErrorKind::bad_input, "this is only a pointer to the file (Git LFS), not the weights", where,
         "fetch the real file: git lfs pull");
}

/// By what the file begins with; by its name where that says nothing.
bool is_torch_file(const MappedFile& file) {
  // A safetensors header may begin with any byte, but the ninth byte of the file opens a JSON object.
  const bool json = file.size() > 8 && file.data()[8] == std::byte{'{'};
  const bool pickle =
      starts_with(file, "\x80") && file.size() > 1 && file.data()[1] >= std::byte{2} && file.data()[1] <= std::byte{5};
  return starts_with(file, "PK\x03\x04") || (!json && (pickle || has_pickle_name(file.path())));
}

/// `part`: one of several files, whose names are those of the index.
Opened open_file(const std::filesystem::path& path, WeightsMemory& memory, bool part) {
  const std::string where = path.string();
  const std::shared_ptr<MappedFile> file = MappedFile::open(path);
  refuse_other_formats(*file, where);
  if (is_torch_file(*file)) return {read_torch_file(file, memory, !part), {}};
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

/// What there is to open in a folder: the usual names, else the only file that can be nothing but weights.
std::filesystem::path choose_in(const std::filesystem::path& folder) {
  for (const char* name : {"model.safetensors", "model.safetensors.index.json", "adapter_model.safetensors",
                           "pytorch_model.bin", "pytorch_model.bin.index.json", "adapter_model.bin"})
    if (fs::exists(folder / name)) return folder / name;
  const std::set<std::string> endings = {".safetensors", ".pt", ".pth", ".th", ".ckpt"};
  const std::set<std::string> training = {"optimizer", "scheduler", "scaler", "rng_state"};  // of transformers' Trainer
  std::vector<std::filesystem::path> found;
  for (const auto& entry : fs::directory_iterator(folder))
    if (endings.contains(entry.path().extension().string()) && !training.contains(entry.path().stem().string()) &&
        entry.is_regular_file())
      found.push_back(entry.path());
  if (found.size() == 1) return found[0];
  if (found.size() > 1)
    fail(ErrorKind::bad_input, "the folder holds several files of weights, none of the usual name", folder.string(),
         "choose one of the files, or call it model.safetensors or pytorch_model.bin");
  fail(ErrorKind::not_found, "there are no weights in this folder", folder.string(),
       "it should hold model.safetensors or pytorch_model.bin, or their index and its parts");
}

Opened open_shards(const std::filesystem::path& index_file, WeightsMemory& memory) {
  const ShardIndex index = read_shard_index(index_file);
  const std::filesystem::path folder = index_file.parent_path();
  Opened all;
  all.metadata = index.metadata;
  std::map<std::string, std::string> home;  // tensor -> the shard that has it
  for (const std::string& shard : index.files) {
    Opened part = open_file(folder / shard, memory, true);
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
  const auto memory = std::make_shared<WeightsMemory>();
  Opened opened = file.extension() == ".json" ? open_shards(file, *memory) : open_file(file, *memory, false);
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
