#include "weights/torch_pickle.h"

#include <algorithm>

#include "base/error.h"
#include "weights/weights.h"

namespace luthier {

namespace {

// torch.FloatStorage, and torch.float32 where the type stands apart from the storage.
struct NumberType {
  const char* storage;
  const char* name;
  DType type;
};
constexpr NumberType kNumberTypes[] = {
    {"FloatStorage", "float32", DType::f32},      {"HalfStorage", "float16", DType::f16},
    {"BFloat16Storage", "bfloat16", DType::bf16}, {"DoubleStorage", "float64", DType::f64},
    {"LongStorage", "int64", DType::i64},         {"IntStorage", "int32", DType::i32},
    {"ShortStorage", "int16", DType::i16},        {"CharStorage", "int8", DType::i8},
    {"ByteStorage", "uint8", DType::u8},          {"BoolStorage", "bool", DType::boolean}};

// What may be named besides them. Everything here makes data; nothing of it can reach a program.
constexpr const char* kContainers[] = {"collections.OrderedDict", "torch.Size",        "builtins.set",
                                       "__builtin__.set",         "builtins.dict",     "builtins.list",
                                       "builtins.tuple",          "builtins.frozenset"};
constexpr const char* kRebuilders[] = {"torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2",
                                       "torch._utils._rebuild_tensor_v3", "torch._utils._rebuild_parameter",
                                       "torch._utils._rebuild_parameter_with_state"};
// Numbers of metrics and places of tensors, which checkpoints keep beside the weights: passed over.
constexpr const char* kPassedOver[] = {"torch.device", "_codecs.encode", "numpy.dtype", "numpy.core.multiarray.scalar",
                                       "numpy._core.multiarray.scalar"};

template <class List>
bool has(const List& list, std::string_view name) {
  return std::any_of(std::begin(list), std::end(list), [&](const char* one) { return name == one; });
}

std::optional<DType> storage_type(std::string_view global) {
  for (const std::string_view module : {"torch.storage.", "torch.cuda.", "torch."}) {
    if (!global.starts_with(module)) continue;
    const std::string_view name = global.substr(module.size());
    if (name == "UntypedStorage") return DType::u8;
    for (const NumberType& type : kNumberTypes)
      if (name == type.storage) return type.type;
  }
  return std::nullopt;
}

std::optional<DType> number_type(std::string_view global) {
  for (const NumberType& type : kNumberTypes)
    if (global.starts_with("torch.") && global.substr(6) == type.name) return type.type;
  return std::nullopt;
}

}  // namespace

bool TorchPickle::is_allowed(std::string_view global) const {
  return storage_type(global) || number_type(global) || has(kContainers, global) || has(kRebuilders, global) ||
         has(kPassedOver, global);
}

PickleId TorchPickle::call(std::string_view global, const PickleNode& arguments) {
  if (global == "torch._utils._rebuild_tensor" || global == "torch._utils._rebuild_tensor_v2")
    return rebuild_tensor(arguments, false);
  if (global == "torch._utils._rebuild_tensor_v3") return rebuild_tensor(arguments, true);
  if (has(kRebuilders, global)) {  // a parameter is its tensor
    if (arguments.items.empty() || node(arguments.items[0]).kind != PickleKind::tensor)
      damaged("a parameter has no tensor");
    return arguments.items[0];
  }
  if (global == "collections.OrderedDict" || global == "builtins.dict") return ordered_dict(arguments);
  if (has(kContainers, global)) {
    if (arguments.items.size() == 1) {
      const PickleKind kind = node(arguments.items[0]).kind;
      if (kind == PickleKind::tuple || kind == PickleKind::list) return arguments.items[0];
    }
    if (!arguments.items.empty()) damaged("a container is made of no list");
    return add({PickleKind::list});
  }
  if (has(kPassedOver, global)) return add({PickleKind::other});
  damaged("it calls " + std::string(global) + ", which is a type of number");
}

PickleId TorchPickle::ordered_dict(const PickleNode& arguments) {
  PickleNode dict{PickleKind::dict};
  if (arguments.items.size() > 1) damaged("a dictionary is made of more than one list");
  if (!arguments.items.empty()) {
    const PickleNode& pairs = node(arguments.items[0]);
    if (pairs.kind == PickleKind::dict) return arguments.items[0];
    for (const PickleId id : pairs.items) {
      const PickleNode& pair = node(id);
      if (pair.items.size() != 2) damaged("a dictionary is made of something else than pairs");
      dict.items.insert(dict.items.end(), pair.items.begin(), pair.items.end());
    }
  }
  return add(std::move(dict));
}

std::uint64_t TorchPickle::count_at(const PickleNode& tuple, std::size_t index) const {
  if (index >= tuple.items.size()) damaged("a storage or tensor lacks a number");
  const PickleNode& number = node(tuple.items[index]);
  if (number.kind != PickleKind::integer || number.integer < 0)
    damaged("a storage or tensor has something else than a number that counts");
  return static_cast<std::uint64_t>(number.integer);
}

std::vector<std::int64_t> TorchPickle::sizes(PickleId id) const {
  const PickleNode& tuple = node(id);
  if ((tuple.kind != PickleKind::tuple && tuple.kind != PickleKind::list) || tuple.items.size() > kDimensionLimit)
    damaged("a tensor's shape is no tuple of at most 64 sizes");
  std::vector<std::int64_t> result;
  for (std::size_t i = 0; i < tuple.items.size(); ++i) result.push_back(static_cast<std::int64_t>(count_at(tuple, i)));
  return result;
}

// _rebuild_tensor(storage, offset, size, stride); v2 adds requires_grad, hooks and metadata; v3 the number type before
// the metadata.
PickleId TorchPickle::rebuild_tensor(const PickleNode& arguments, bool has_type) {
  if (arguments.items.size() < (has_type ? 7u : 4u)) damaged("a tensor lacks a part");
  const PickleNode& storage = node(arguments.items[0]);
  if (storage.kind != PickleKind::storage) damaged("a tensor has no storage");
  TorchTensor tensor;
  tensor.storage = static_cast<std::size_t>(storage.integer);
  tensor.type = storages_[tensor.storage].type;
  tensor.offset = count_at(arguments, 1);
  tensor.shape = sizes(arguments.items[2]);
  tensor.strides = sizes(arguments.items[3]);
  if (tensor.shape.size() != tensor.strides.size()) damaged("a tensor has not as many strides as sizes");
  if (has_type) {
    const std::optional<DType> type = number_type(node(arguments.items[6]).text);
    if (!type) damaged("a tensor has no type of number");
    tensor.type = *type;
  }
  const std::size_t metadata = has_type ? 7 : 6;
  if (arguments.items.size() > metadata && !node(arguments.items[metadata]).items.empty())
    fail(ErrorKind::unsupported, "a tensor is stored as the negative or the conjugate of another", where(),
         "save it again after .resolve_neg() and .resolve_conj()");
  tensors_.push_back(std::move(tensor));
  return add({PickleKind::tensor, static_cast<std::int64_t>(tensors_.size() - 1)});
}

// ("storage", type, key, place, elements), in old files followed by None or (key of the view, offset, elements).
PickleId TorchPickle::persistent(const PickleNode& id) {
  if (id.kind != PickleKind::tuple || id.items.empty()) damaged("a persistent id is no tuple");
  const PickleNode& what = node(id.items[0]);
  if (what.text == "module")
    fail(ErrorKind::unsupported, "the file holds a whole Python module, not only its tensors", where(),
         "save its state_dict: torch.save(model.state_dict(), ...)");
  if (what.kind != PickleKind::text || what.text != "storage" || id.items.size() < 5)
    damaged("a persistent id names no storage");
  const PickleNode &type = node(id.items[1]), &key = node(id.items[2]);
  const std::optional<DType> number = type.kind == PickleKind::global ? storage_type(type.text) : std::nullopt;
  if (!number) damaged("a storage has no type of number");
  if (key.kind != PickleKind::text) damaged("a storage has no key");
  TorchStorage storage{*number, std::string(key.text)};
  const auto bytes_of = [&](std::uint64_t elements) {
    std::uint64_t bytes = 0;
    if (__builtin_mul_overflow(elements, size_of(*number), &bytes)) damaged("a storage is impossibly large");
    return bytes;
  };
  storage.bytes = storage.view_bytes = bytes_of(count_at(id, 4));
  if (id.items.size() > 5 && node(id.items[5]).kind == PickleKind::tuple) {
    storage.begin = bytes_of(count_at(node(id.items[5]), 1));
    storage.view_bytes = bytes_of(count_at(node(id.items[5]), 2));
    if (storage.begin > storage.bytes || storage.view_bytes > storage.bytes - storage.begin)
      damaged("a part of a storage lies outside of it");
  }
  storages_.push_back(std::move(storage));
  return add({PickleKind::storage, static_cast<std::int64_t>(storages_.size() - 1)});
}

}  // namespace luthier
