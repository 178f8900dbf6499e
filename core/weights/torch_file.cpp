#include "weights/torch_file.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "base/error.h"
#include "weights/header.h"
#include "weights/torch_pickle.h"
#include "weights/torch_table.h"
#include "weights/zip.h"

namespace luthier {

namespace {

constexpr std::string_view kMagic("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10);  // as torch.save writes it
constexpr std::int64_t kStreamProtocol = 1001;
constexpr std::size_t kMapLimit = 8;                 // of one file: so many tensors may share a byte without a copy
constexpr std::uint64_t kCopyAllowance = 64u << 20;  // plus a multiple of the file
constexpr std::uint64_t kCopyMultiple = 4;

struct Range {
  std::uint64_t begin = 0, size = 0;
};

/// A checkpoint's pickle and where the bytes of its storages lie.
struct Checkpoint {
  TorchPickle pickle;
  PickleId root = 0;
  std::map<std::string, Range> storages;
};

/// The bytes of an entry, which torch.save stores as they are.
Range range_of(const ZipEntry& entry, const std::string& where) {
  if (entry.compressed)
    fail(ErrorKind::unsupported, "the checkpoint is compressed, which torch.save never does", where,
         "unpack it and save it again with torch.save, or get the model's .safetensors version");
  return {entry.begin, entry.size};
}

std::span<const std::byte> all_of(const MappedFile& file) { return {file.data(), file.size()}; }

[[noreturn]] void damaged(const std::string& how, const std::string& where) {
  fail(ErrorKind::bad_input, "the checkpoint is damaged: " + how, where, "fetch the file again");
}

Checkpoint read_zip(const MappedFile& file) {
  const std::string where = file.path().string();
  const std::vector<ZipEntry> entries = read_zip_directory(all_of(file), where);
  const auto find = [&](const std::string& name) -> const ZipEntry* {
    const auto at =
        std::lower_bound(entries.begin(), entries.end(), name,
                         [](const ZipEntry& entry, const std::string& wanted) { return entry.name < wanted; });
    return at != entries.end() && at->name == name ? &*at : nullptr;
  };
  const auto ends = [](const ZipEntry& entry) { return entry.name.ends_with("/data.pkl"); };
  const auto object = std::find_if(entries.begin(), entries.end(), ends);
  if (object == entries.end())
    fail(ErrorKind::bad_input, "this zip archive is no checkpoint: it has no data.pkl", where,
         "choose a file that torch.save wrote");
  const std::string prefix = object->name.substr(0, object->name.size() - 8);
  if (find(prefix + "constants.pkl"))
    fail(ErrorKind::unsupported, "this is a TorchScript program, not a table of weights", where,
         "get the model's checkpoint, or save the program's state_dict");
  if (const ZipEntry* order = find(prefix + "byteorder"))
    if (std::string_view(reinterpret_cast<const char*>(file.data()) + order->begin, order->size) != "little")
      fail(ErrorKind::unsupported, "the numbers in this checkpoint have their highest byte first", where,
           "save it on a machine with an x86 or ARM processor");
  const Range pickle = range_of(*object, where);
  Checkpoint checkpoint{TorchPickle(all_of(file).subspan(pickle.begin, pickle.size), where), 0, {}};
  checkpoint.root = checkpoint.pickle.read();
  for (const ZipEntry& entry : entries)
    if (entry.name.starts_with(prefix + "data/"))
      checkpoint.storages[entry.name.substr(prefix.size() + 5)] = range_of(entry, where);
  return checkpoint;
}

// Five pickles (magic number, protocol, the machine, the object, the keys of its storages), then for each key the count
// of its elements in eight bytes and the elements.
Checkpoint read_stream(const MappedFile& file) {
  const std::string where = file.path().string();
  Checkpoint checkpoint{TorchPickle(all_of(file), where), 0, {}};
  TorchPickle& pickle = checkpoint.pickle;
  const PickleNode magic = pickle.node(pickle.read());
  if (magic.kind != PickleKind::big_integer || magic.text != kMagic)
    fail(ErrorKind::unsupported, "this pickle was not written by torch.save", where,
         "choose a file that torch.save wrote, or get the model's .safetensors version");
  const PickleNode protocol = pickle.node(pickle.read());
  if (protocol.kind != PickleKind::integer || protocol.integer != kStreamProtocol)
    damaged("its protocol is not " + std::to_string(kStreamProtocol), where);
  const PickleNode machine = pickle.node(pickle.read());
  for (std::size_t i = 0; machine.kind == PickleKind::dict && i + 1 < machine.items.size(); i += 2)
    if (pickle.node(machine.items[i]).text == "little_endian" && pickle.node(machine.items[i + 1]).integer == 0)
      fail(ErrorKind::unsupported, "the numbers in this checkpoint have their highest byte first", where,
           "save it on a machine with an x86 or ARM processor");
  checkpoint.root = pickle.read();
  const PickleNode keys = pickle.node(pickle.read());
  std::map<std::string, const TorchStorage*> declared;
  for (const TorchStorage& storage : pickle.storages()) declared[storage.key] = &storage;
  std::uint64_t at = pickle.position();
  for (const PickleId id : keys.items) {
    const auto storage = declared.find(std::string(pickle.node(id).text));
    if (storage == declared.end()) damaged("it lists a storage that nothing uses", where);
    const std::uint64_t size = storage->second->bytes;
    if (file.size() - at < 8 || file.size() - at - 8 < size) damaged("it is cut off", where);
    std::uint64_t elements = 0;
    std::memcpy(&elements, file.data() + at, 8);
    if (elements != size / size_of(storage->second->type)) damaged("a storage has another size than it says", where);
    checkpoint.storages[storage->first] = {at + 8, size};
    at += 8 + size;
  }
  return checkpoint;
}

/// A tensor's place in the file: the bytes from its first to its last element, which all lie inside its storage.
struct Place {
  const std::string* name;
  const TorchTensor* tensor;
  Range range;
  bool contiguous = true;
};

bool is_contiguous(const TorchTensor& tensor) {
  std::int64_t expected = 1;
  for (std::size_t i = tensor.shape.size(); i-- > 0;) {
    if (tensor.shape[i] != 1 && tensor.strides[i] != expected) return false;
    expected *= tensor.shape[i];
  }
  return true;
}

Place place_of(const Checkpoint& checkpoint, const std::string& name, std::size_t number, const std::string& where) {
  const TorchTensor& tensor = checkpoint.pickle.tensors()[number];
  const TorchStorage& storage = checkpoint.pickle.storages()[tensor.storage];
  const std::string what = "tensor \"" + name + "\"";
  const std::int64_t bytes = checked_bytes(tensor.shape, tensor.type);
  if (bytes < 0) damaged(what + " has an impossible shape", where);
  if (bytes == 0) return {&name, &tensor, {}};
  const auto found = checkpoint.storages.find(storage.key);
  if (found == checkpoint.storages.end()) damaged(what + " has no bytes in the file", where);
  if (found->second.size < storage.bytes) damaged("the storage of " + what + " is cut off", where);
  __extension__ using Wide = __int128;  // sizes and strides of up to 63 bits each
  Wide elements = 1;
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
    elements += static_cast<Wide>(tensor.shape[i] - 1) * tensor.strides[i];
    if (elements > INT64_MAX) damaged(what + " lies outside of its storage", where);
  }
  const auto unit = static_cast<Wide>(size_of(tensor.type));
  if ((static_cast<Wide>(tensor.offset) + elements) * unit > static_cast<Wide>(storage.view_bytes))
    damaged(what + " lies outside of its storage", where);
  const std::uint64_t begin = found->second.begin + storage.begin + tensor.offset * size_of(tensor.type);
  return {&name, &tensor, {begin, static_cast<std::uint64_t>(elements * unit)}, is_contiguous(tensor)};
}

/// Copies a tensor's elements in the order of its indices.
void gather(const TorchTensor& tensor, const std::byte* from, std::byte* to) {
  const std::size_t unit = size_of(tensor.type), dimensions = tensor.shape.size();
  const std::size_t run = tensor.strides.back() == 1 || tensor.shape.back() == 1
                              ? static_cast<std::size_t>(tensor.shape.back())
                              : 1;  // elements that stand together
  std::vector<std::int64_t> index(dimensions, 0);
  std::int64_t at = 0;
  while (true) {
    std::memcpy(to, from + static_cast<std::size_t>(at) * unit, run * unit);
    to += run * unit;
    std::size_t axis = dimensions;
    if (run > 1) --axis;
    while (axis-- > 0) {
      if (tensor.shape[axis] == 1) continue;  // its stride may be any number
      at += tensor.strides[axis];
      if (++index[axis] < tensor.shape[axis]) break;
      at -= tensor.strides[axis] * tensor.shape[axis];
      index[axis] = 0;
    }
    if (axis == static_cast<std::size_t>(-1)) return;
  }
}

class Table {
 public:
  Table(const std::shared_ptr<MappedFile>& file, WeightsMemory& memory) : file_(file), memory_(memory) {
    allowed_ = kCopyAllowance + kCopyMultiple * file->size();
    maps_.push_back(file);
    ends_.push_back(0);
    memory.files.push_back(file);
  }

  /// `places` sorted by where they begin.
  TensorEntry entry(const Place& place) {
    const TorchTensor& tensor = *place.tensor;
    const auto size = static_cast<std::size_t>(checked_bytes(tensor.shape, tensor.type));
    TensorEntry entry{*place.name, tensor.type, tensor.shape, {}};
    if (size == 0) return entry;
    const std::byte* data = file_->data() + place.range.begin;
    const bool aligned = reinterpret_cast<std::uintptr_t>(data) % size_of(tensor.type) == 0;
    const std::shared_ptr<MappedFile> map = place.contiguous && aligned ? free_map(place.range) : nullptr;
    entry.bytes = {map ? map->data() + place.range.begin : copy(place, data, size), size};
    return entry;
  }

 private:
  /// A map in which nobody has these bytes yet; none when there are too many already.
  std::shared_ptr<MappedFile> free_map(const Range& range) {
    for (std::size_t i = 0; i < maps_.size(); ++i)
      if (ends_[i] <= range.begin) {
        ends_[i] = range.begin + range.size;
        return maps_[i];
      }
    if (maps_.size() == kMapLimit) return nullptr;
    maps_.push_back(MappedFile::open(file_->path()));
    if (maps_.back()->size() != file_->size())
      fail(ErrorKind::io, "the file changed while it was read", file_->path().string(), "open it again");
    memory_.files.push_back(maps_.back());
    ends_.push_back(range.begin + range.size);
    return maps_.back();
  }

  const std::byte* copy(const Place& place, const std::byte* data, std::size_t size) {
    if (size > allowed_)
      damaged("tensor \"" + *place.name + "\" unpacks to far more than the file holds", file_->path().string());
    allowed_ -= size;
    memory_.copies.push_back(std::make_unique_for_overwrite<std::byte[]>(size));
    std::byte* to = memory_.copies.back().get();
    if (place.contiguous)
      std::memcpy(to, data, size);
    else
      gather(*place.tensor, data, to);
    return to;
  }

  std::shared_ptr<MappedFile> file_;
  WeightsMemory& memory_;
  std::uint64_t allowed_;
  std::vector<std::shared_ptr<MappedFile>> maps_;
  std::vector<std::uint64_t> ends_;  // of each map: where the last tensor in it ends
};

}  // namespace

std::vector<TensorEntry> read_torch_file(const std::shared_ptr<MappedFile>& file, WeightsMemory& memory, bool unwrap) {
  const std::string where = file->path().string();
  const bool zip = file->size() >= 4 && std::memcmp(file->data(), "PK\x03\x04", 4) == 0;
  const Checkpoint checkpoint = zip ? read_zip(*file) : read_stream(*file);
  const TorchTable names = find_torch_table(checkpoint.pickle, checkpoint.root, unwrap, where);
  std::vector<Place> places;
  for (const auto& [name, tensor] : names) places.push_back(place_of(checkpoint, name, tensor, where));
  std::stable_sort(places.begin(), places.end(),
                   [](const Place& a, const Place& b) { return a.range.begin < b.range.begin; });
  Table table(file, memory);
  std::vector<TensorEntry> entries;
  for (const Place& place : places) entries.push_back(table.entry(place));
  return entries;
}

}  // namespace luthier
