#pragma once
// Which of a checkpoint's values are the model's weights.
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "weights/torch_pickle.h"

namespace luthier {

/// Names and numbers of tensors (see TorchPickle::tensors), sorted by name.
using TorchTable = std::vector<std::pair<std::string, std::size_t>>;

/// `root`: what the pickle holds. See read_torch_file for `unwrap`.
TorchTable find_torch_table(const TorchPickle& pickle, PickleId root, bool unwrap, const std::string& where);

}  // namespace luthier
