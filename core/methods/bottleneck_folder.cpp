// The folder of the "adapters" library (Pfeiffer et al. 2020; Poth et al. 2023).
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "methods/attach.h"
#include "methods/bottleneck.h"
#include "methods/name_pattern.h"
#include "models/families.h"
#include "models/tensors.h"

namespace luthier {

namespace {

constexpr const char* kLibraryVersion = "adapters.1.2.0";  ///< whose keys are written
constexpr const char* kConfigFile = "adapter_config.json";
constexpr const char* kTensorFile = "adapter.safetensors";
constexpr const char* kOlderTensorFile = "pytorch_adapter.bin";
constexpr const char* kHeadConfigFile = "head_config.json";
constexpr const char* kHeadFile = "model_head.safetensors";
constexpr const char* kOlderHeadFile = "pytorch_model_head.bin";

/// Settings with the only value that is computed here; a file may leave any of them out.
Json plain_settings() {
  return {{"original_ln_after", true},
          {"residual_before_ln", true},
          {"adapter_residual_before_ln", false},
          {"ln_before", false},
          {"ln_after", false},
          {"is_parallel", false},
          {"scaling", 1.0},
          {"use_gating", false},
          {"inv_adapter", nullptr},
          {"inv_adapter_reduction_factor", nullptr},
          {"cross_adapter", false},
          {"leave_out", Json::array()},
          {"phm_layer", false},
          {"stochastic_depth", 0.0}};
}

/// Settings that matter for other adapters alone: written as the library's defaults, not read.
Json idle_settings() {
  return {{"init_weights", "mam_adapter"},
          {"init_weights_seed", nullptr},
          {"phm_dim", 4},
          {"factorized_phm_W", true},
          {"shared_W_phm", false},
          {"shared_phm_rule", true},
          {"factorized_phm_rule", false},
          {"phm_c_init", "normal"},
          {"phm_init_range", 0.0001},
          {"learn_phm", true},
          {"hypercomplex_nonlinearity", "glorot-uniform"},
          {"phm_rank", 1},
          {"phm_bias", true}};
}

struct FolderConfig {
  std::string name;
  bool after_attention = false, after_feed_forward = false, after_residual = false;
  double reduction = 16, dropout = 0;
  std::string activation;
};

[[noreturn]] void wrong(const std::string& where, const std::string& key, const std::string& wanted) {
  fail(ErrorKind::bad_input, "\"" + key + "\" must be " + wanted, where, "get the adapter again from where it came");
}

FolderConfig read_config(const Json& json, const std::string& where) {
  const Json& given = json.at("config");
  if (given.contains("architecture") && !given["architecture"].is_null())
    fail(ErrorKind::unsupported, "adapters of the kind " + given["architecture"].dump() + " are not supported", where,
         "supported are bottleneck adapters (seq_bn, double_seq_bn)");
  const Json plain = plain_settings();
  for (const auto& [key, value] : plain.items())
    if (const auto found = given.find(key); found != given.end() && *found != value)
      fail(ErrorKind::unsupported, "adapters with \"" + key + "\": " + found->dump() + " are not supported", where,
           "supported are the configurations seq_bn and double_seq_bn");
  const auto flag = [&](const char* key, bool fallback) {
    const auto found = given.find(key);
    if (found == given.end()) return fallback;
    if (!found->is_boolean()) wrong(where, key, "true or false");
    return found->get<bool>();
  };
  const auto number = [&](const char* key, double fallback, double least, double most) {
    const auto found = given.find(key);
    if (found == given.end()) return fallback;
    const double value = found->is_number() ? found->get<double>() : std::nan("");
    if (!(value >= least && value <= most))
      wrong(where, key, "a number from " + Json(least).dump() + " to " + Json(most).dump());
    return value;
  };
  FolderConfig config;
  const auto name = json.find("name");
  if (name == json.end() || !name->is_string() || name->get_ref<const std::string&>().empty())
    wrong(where, "name", "the adapter's name");
  config.name = name->get<std::string>();
  if (config.name.find('.') != std::string::npos) wrong(where, "name", "a name without dots");
  config.after_attention = flag("mh_adapter", false);
  config.after_feed_forward = flag("output_adapter", true);
  config.after_residual = flag("original_ln_before", false);
  config.reduction = number("reduction_factor", 16, 1e-3, 1e6);
  config.dropout = number("dropout", 0, 0, 0.999);
  const auto activation = given.find("non_linearity");
  if (activation == given.end() || !activation->is_string()) wrong(where, "non_linearity", "an activation's name");
  config.activation = activation->get<std::string>();
  nn::activation_named(config.activation);
  return config;
}

/// The site of a tensor "<site>.<name>.adapter_...": its own name, or one that only lacks the backbone's prefix.
std::shared_ptr<nn::AdapterSite> site_of(const std::string& path, const Model& model) {
  std::shared_ptr<nn::AdapterSite> found;
  for (const auto& [name, site] : adapter_sites(model))
    if (name == path || (!found && name.ends_with("." + path))) found = site;
  return found;
}

void copy_into(torch::nn::Module& module, const std::string& name, const Tensor& values, const std::string& place) {
  auto parameters = module.named_parameters();
  Tensor* slot = parameters.find(name);
  if (!slot)
    fail(ErrorKind::bad_input, "the adapter holds a parameter that the model does not have", place,
         "use the base model, with the head, that the adapter was trained with");
  if (slot->sizes() != values.sizes() || !values.is_floating_point())
    fail(ErrorKind::bad_input, "the adapter's numbers do not fit the model's shape", place,
         "use the base model, and as many labels, as the adapter was trained with");
  slot->copy_(values);
}

void load_sites(Model& model, const FolderConfig& config, const NamedTensors& tensors, Rename rename,
                const std::string& where) {
  const std::string infix = "." + config.name + ".adapter_";
  for (const auto& [stored, values] : tensors) {
    const std::string place = where + ": " + stored, name = rename ? rename(stored) : stored;
    const auto at = name.find(infix);
    const auto site = at == std::string::npos ? nullptr : site_of(name.substr(0, at), model);
    if (!site || !site->adapter())
      fail(ErrorKind::bad_input, "the adapter holds a part for a place that the model does not have", place,
           "use the base model that the adapter was trained on");
    copy_into(*site->adapter(), name.substr(at + config.name.size() + 2), values, place);
  }
}

/// A factor by which the library comes to the same size of the bottleneck: whole where one does.
Json reduction_of(const nn::BottleneckShape& shape) {
  if (const std::int64_t whole = shape.channels / shape.inner; shape.channels / whole == shape.inner) return whole;
  return static_cast<double>(shape.channels) / static_cast<double>(shape.inner) * (1 - 1e-12);
}

Json full_config(const Model& model, const std::string& base_model_name, std::int64_t channels) {
  const std::string prefix = modules_of(model.config()).class_prefix;
  return {{"model_type", model.config().value("model_type", "")},
          {"model_name", base_model_name},
          {"model_class", prefix + head_class(model.head_kind(), prefix)},
          {"hidden_size", channels},
          {"version", kLibraryVersion}};
}

}  // namespace

bool is_bottleneck_config(const Json& config) {
  return config.is_object() && !config.contains("peft_type") && config.contains("config") &&
         config["config"].is_object();
}

Attached load_bottlenecks(Model& model, const std::filesystem::path& folder, const Json& json) {
  const FolderConfig config = read_config(json, (folder / kConfigFile).string());
  const fs::path tensor_file = folder / (fs::exists(folder / kTensorFile) ? kTensorFile : kOlderTensorFile);
  if (!fs::exists(tensor_file))
    fail(ErrorKind::not_found, "the adapter's weights are missing", (folder / kTensorFile).string(),
         "save the adapter with the library's save_adapter");
  const NamedTensors tensors = read_tensors(tensor_file);
  const at::Device device = model.parameters().front().device();
  freeze_all(model);
  std::size_t expected = 0;
  for (const auto& [name, site] : adapter_sites(model)) {
    if (!(site->after() == nn::SubLayer::attention ? config.after_attention : config.after_feed_forward)) continue;
    const double inner = std::floor(static_cast<double>(site->channels()) / config.reduction);
    const auto adapter = std::make_shared<nn::BottleneckAdapter>(
        nn::BottleneckShape{.channels = site->channels(),
                            .inner = std::max<std::int64_t>(1, static_cast<std::int64_t>(inner)),
                            .activation = config.activation,
                            .dropout = config.dropout,
                            .after_residual = config.after_residual},
        at::detail::createCPUGenerator(0));
    adapter->to(device);
    site->set(config.name, adapter);
    expected += 4;
  }
  const at::NoGradGuard no_grad;
  load_sites(model, config, tensors, modules_of(model.config()).rename, tensor_file.string());
  if (tensors.size() != expected)
    fail(ErrorKind::bad_input,
         "the adapter has " + std::to_string(tensors.size()) + " tensors, this model wants " + std::to_string(expected),
         tensor_file.string(), "use the base model that the adapter was trained on");
  const fs::path head_file = folder / (fs::exists(folder / kHeadFile) ? kHeadFile : kOlderHeadFile);
  if (fs::exists(head_file)) {
    auto parameters = model.named_parameters();
    for (const auto& [name, values] : read_tensors(head_file)) {
      copy_into(model, name, values, head_file.string() + ": " + name);
      parameters.find(name)->requires_grad_(true);
    }
  }
  return attached(model);
}

void save_bottlenecks(const Model& model, const std::filesystem::path& folder, const std::string& base_model_name) {
  const auto sites = adapter_sites(model);
  std::string name;
  nn::BottleneckShape shape;
  bool after_attention = false, after_feed_forward = false;
  NamedTensors tensors, head;
  for (const auto& [path, site] : sites) {
    if (!site->adapter()) continue;
    name = site->named_children()[0].key();
    shape = site->adapter()->shape();
    (site->after() == nn::SubLayer::attention ? after_attention : after_feed_forward) = true;
    for (const auto& parameter : site->named_parameters())
      tensors.emplace_back(path + "." + parameter.key(), parameter.value());
  }
  for (const auto& [parameter_name, parameter] : model.unique_parameters())
    if (parameter.requires_grad() && !lies_in_any(parameter_name, {"adapter_down", "adapter_up"}))
      head.emplace_back(parameter_name, parameter);
  const auto by_name = [](const auto& x, const auto& y) { return x.first < y.first; };
  std::sort(tensors.begin(), tensors.end(), by_name);
  std::sort(head.begin(), head.end(), by_name);

  Json settings = plain_settings();
  settings.update(idle_settings());
  settings.update(Json{{"mh_adapter", after_attention},
                       {"output_adapter", after_feed_forward},
                       {"original_ln_before", shape.after_residual},
                       {"non_linearity", shape.activation},
                       {"reduction_factor", reduction_of(shape)},
                       {"dropout", shape.dropout}});
  Json config = full_config(model, base_model_name, shape.channels);
  config["name"] = name;
  config["config"] = settings;
  fs::create_directories(folder);
  write_tensors(folder / kTensorFile, tensors);
  write_json(folder / kConfigFile, config);
  if (head.empty()) return;
  Json head_config = full_config(model, base_model_name, shape.channels);
  head_config["name"] = nullptr;
  head_config["config"] = nullptr;
  head_config["num_labels"] = model.label_names().size();
  if (const auto labels = model.config().find("label2id"); labels != model.config().end())
    head_config["label2id"] = *labels;
  write_tensors(folder / kHeadFile, head);
  write_json(folder / kHeadConfigFile, head_config);
}

}  // namespace luthier
