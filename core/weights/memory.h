#pragma once
// What the bytes of opened weights lie in.
#include <cstddef>
#include <memory>
#include <vector>

#include "base/files.h"

namespace luthier {

struct WeightsMemory {
  std::vector<std::shared_ptr<MappedFile>> files;
  std::vector<std::unique_ptr<std::byte[]>> copies;  ///< of what is not aligned or not contiguous in its file
};

}  // namespace luthier
