#pragma once
#include <torch/nn/module.h>

#include <cstdint>
#include <functional>
#include <string>

namespace luthier::nn {

/// Draws the parameters for which `wanted(name)` holds as transformers does: Linear and Embedding weights from
/// normal(0, range), the padding row zero; norms' weights one; everything else zero; an OwnStart module as it says
/// itself. Each parameter's values are a function of (seed, name) alone; a tied one is drawn under its first name.
void initialise(torch::nn::Module& model, double range, std::uint64_t seed,
                const std::function<bool(const std::string&)>& wanted);

}  // namespace luthier::nn
