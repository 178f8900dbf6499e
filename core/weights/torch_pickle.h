#pragma once
// What torch.save puts into a pickle: tensors as views of storages, whose bytes lie outside of it.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weights/pickle.h"
#include "weights/weights.h"

namespace luthier {

/// A storage as a persistent id declares it.
struct TorchStorage {
  DType type = DType::f32;  ///< u8 for an untyped one
  std::string key;          ///< names its bytes
  std::uint64_t bytes = 0;  ///< of the whole storage that `key` names
  std::uint64_t begin = 0;  ///< where this one begins in it (storages that are views of others, in old files)
  std::uint64_t view_bytes = 0;
};

/// A tensor: sizes and strides in elements over a storage.
struct TorchTensor {
  std::size_t storage = 0;
  DType type = DType::f32;
  std::uint64_t offset = 0;
  std::vector<std::int64_t> shape, strides;
};

class TorchPickle : public PickleReader {
 public:
  using PickleReader::node;
  using PickleReader::PickleReader;

  const std::vector<TorchStorage>& storages() const { return storages_; }
  const std::vector<TorchTensor>& tensors() const { return tensors_; }

 protected:
  bool is_allowed(std::string_view global) const override;
  PickleId call(std::string_view global, const PickleNode& arguments) override;
  PickleId persistent(const PickleNode& id) override;

 private:
  PickleId rebuild_tensor(const PickleNode& arguments, bool has_type);
  PickleId ordered_dict(const PickleNode& arguments);
  std::vector<std::int64_t> sizes(PickleId id) const;
  std::uint64_t count_at(const PickleNode& tuple, std::size_t index) const;

  std::vector<TorchStorage> storages_;
  std::vector<TorchTensor> tensors_;
};

}  // namespace luthier
