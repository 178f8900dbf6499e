#pragma once
// The models that `serve` offers: what was trained, and the model it was made from.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "serve/served_model.h"
#include "store/store.h"

namespace luthier {

using ServedModels = std::vector<std::unique_ptr<ServedModel>>;

/// "tuned" from a model folder (or an adapter's), and with `base` the model below the adapter as "base"; bad_input
/// where there is no adapter.
ServedModels models_of_folder(const std::filesystem::path& folder, const std::filesystem::path& adapter, bool base,
                              const std::string& device);

/// "tuned" from a run: what it exported if it has ended well, else its best or newest checkpoint; with `base` the model
/// as it was when training began as "base". Neither the run's data nor memory for training is needed.
ServedModels models_of_run(const Store& store, const std::string& id, bool base, const std::string& device);

}  // namespace luthier
