#pragma once
// Checkpoints of torch.save: the zip form and the older stream of pickles. Nothing in them is run.
#include <memory>
#include <string>
#include <vector>

#include "weights/memory.h"
#include "weights/weights.h"

namespace luthier {

/// The tensors by name. Contiguous and aligned ones point into the map; others are copied into `memory`. Tensors that
/// share bytes get maps of their own, so that writing to one never changes another. `unwrap`: a table inside a
/// dictionary ("state_dict", "model") is found, and a prefix that all names have ("module.") is taken off.
/// bad_input for damage; unsupported, with the name of the global, for whatever else a pickle wants to make.
std::vector<TensorEntry> read_torch_file(const std::shared_ptr<MappedFile>& file, WeightsMemory& memory, bool unwrap);

}  // namespace luthier
