#include "nn/initialise.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>

#include <unordered_set>

#include "base/random.h"
#include "nn/embedding.h"
#include "nn/linear.h"
#include "nn/norm.h"
#include "nn/own_start.h"

namespace luthier::nn {

void initialise(torch::nn::Module& model, double range, std::uint64_t seed,
                const std::function<bool(const std::string&)>& wanted) {
  at::NoGradGuard no_grad;
  std::unordered_set<const c10::TensorImpl*> seen;
  for (const auto& item : model.named_modules("", /*include_self=*/true)) {
    torch::nn::Module& module = *item.value();
    const std::string prefix = item.key().empty() ? "" : item.key() + ".";
    const auto* embedding = module.as<Embedding>();
    const auto* own = dynamic_cast<const OwnStart*>(&module);
    const bool matrix = embedding || module.as<Linear>();
    const bool norm = module.as<LayerNorm>() || module.as<RMSNorm>();
    for (auto& parameter : module.named_parameters(/*recurse=*/false)) {
      const std::string name = prefix + parameter.key();
      Tensor& value = parameter.value();
      if (!seen.insert(value.unsafeGetTensorImpl()).second || !wanted(name)) continue;
      const at::Generator generator = at::detail::createCPUGenerator(mix(seed, hash_bytes(name.data(), name.size())));
      if (own) {
        own->start(parameter.key(), value, generator);
      } else if (matrix && parameter.key() == "weight") {
        value.normal_(0, range, generator);
        if (embedding && embedding->padding_row() >= 0) value[embedding->padding_row()].zero_();
      } else if (norm && parameter.key() == "weight") {
        value.fill_(1);
      } else {
        value.zero_();
      }
    }
  }
}

}  // namespace luthier::nn
