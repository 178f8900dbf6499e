#include "methods/bottleneck.h"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>

#include "base/error.h"
#include "methods/attach.h"
#include "methods/lora.h"

namespace luthier {

namespace {
constexpr const char* kAdapterName = "luthier";
}  // namespace

std::vector<std::pair<std::string, std::shared_ptr<nn::AdapterSite>>> adapter_sites(const Model& model) {
  std::vector<std::pair<std::string, std::shared_ptr<nn::AdapterSite>>> sites;
  for (const auto& module : model.named_modules("", /*include_self=*/false))
    if (auto site = std::dynamic_pointer_cast<nn::AdapterSite>(module.value())) sites.emplace_back(module.key(), site);
  return sites;
}

bool has_bottlenecks(const Model& model) {
  const auto sites = adapter_sites(model);
  return std::any_of(sites.begin(), sites.end(), [](const auto& site) { return site.second->adapter() != nullptr; });
}

Attached attach_bottlenecks(Model& model, const AdapterOptions& options, bool new_head, std::uint64_t seed) {
  const auto sites = adapter_sites(model);
  if (sites.empty())
    fail(ErrorKind::unsupported, "a " + model.family() + " is made of convolutions: it has no place for adapters",
         "method.kind", "choose lora, which goes into convolutions, or full");
  const std::vector<std::string> whole = whole_modules(model, options.modules_to_save, new_head);
  const bool houlsby = options.placement == "houlsby";
  const at::Device device = model.parameters().front().device();
  const at::Generator generator = at::detail::createCPUGenerator(seed);
  freeze_all(model);
  for (const auto& [name, site] : sites) {
    if (site->after() == nn::SubLayer::attention && !houlsby) continue;
    const nn::BottleneckShape shape = {.channels = site->channels(),
                                       .inner = std::max<std::int64_t>(1, site->channels() / options.reduction),
                                       .activation = options.activation,
                                       .dropout = options.dropout,
                                       .after_residual = !houlsby};
    const auto adapter = std::make_shared<nn::BottleneckAdapter>(shape, generator);
    adapter->to(device);
    site->set(kAdapterName, adapter);
  }
  train_modules(model, whole);
  return attached(model);
}

}  // namespace luthier
