#pragma once
// Bottleneck adapters: where they go, and the folder that the "adapters" library reads and writes.
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "methods/method.h"
#include "nn/adapter_site.h"

namespace luthier {

/// Every place for an adapter by its dotted name, in the order of registration.
std::vector<std::pair<std::string, std::shared_ptr<nn::AdapterSite>>> adapter_sites(const Model& model);
bool has_bottlenecks(const Model& model);

Attached attach_bottlenecks(Model& model, const AdapterOptions& options, bool new_head, std::uint64_t seed);

/// Whether adapter_config.json is one of the adapters library: it has no "peft_type" but a "config" of its own.
bool is_bottleneck_config(const Json& config);
/// adapter_config.json with adapter.safetensors (or pytorch_adapter.bin), and the head beside them. unsupported, by
/// name, for settings that compute something else.
Attached load_bottlenecks(Model& model, const std::filesystem::path& folder, const Json& config);
void save_bottlenecks(const Model& model, const std::filesystem::path& folder, const std::string& base_model_name);

}  // namespace luthier
