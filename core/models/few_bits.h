#pragma once
// Checkpoints whose linear layers lie on the disk in few bits, as nn::QuantisedWeight keeps them: Luthier's own format
// for using a model, not for training it. config.json says so under "quantization_config" with the method "luthier", so
// that other programs refuse the folder instead of misreading it; every other tensor is fp16.
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/json.h"
#include "models/model.h"
#include "models/tensors.h"
#include "nn/linear.h"

namespace luthier {

/// {"type", "block", "double"}, and back: nullopt for a block that no weights have; Json::exception where a key is
/// missing or of another type, bad_input for an unknown type of number.
Json quantisation_to_json(const nn::QuantiseOptions& how);
std::optional<nn::QuantiseOptions> quantisation_from_json(const Json& json);

/// How this config's weights are kept in few bits; nullopt: in full. bad_input for what Luthier never wrote,
/// unsupported for the formats of other programs.
std::optional<nn::QuantiseOptions> stored_quantisation(const Json& config, const std::filesystem::path& file);

/// Whether the folder's config.json says so; false where there is none.
bool is_in_few_bits(const std::filesystem::path& folder);

/// Writes a model whose layers below the head are quantised: config.json and model.safetensors.
void save_in_few_bits(const Model& model, const std::filesystem::path& folder);

/// Finds a stored tensor by the name of the module tree; an undefined tensor where there is none.
using FindStored = std::function<Tensor(const std::string& name)>;

/// Puts the stored bits of the layer `name` in its weight's place, mapped, not copied. False: they are not stored so.
/// bad_input: parts are missing, of another shape or type, or not finite.
bool take_stored_bits(nn::Linear& layer, const std::string& name, const nn::QuantiseOptions& how,
                      const FindStored& find);

}  // namespace luthier
