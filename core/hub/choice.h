#pragma once
// Which of a model's files Luthier needs.
#include <vector>

#include "hub/api.h"

namespace luthier {

/// Config, tokenizer, processor, templates, card and licence, and one form of the weights: safetensors where there are
/// any, else the checkpoints of torch.save. Files in folders and of other frameworks are left out. not_found when there
/// is no config and no adapter, or no weights that can be read.
std::vector<HubFile> needed_files(const HubModel& model);

}  // namespace luthier
