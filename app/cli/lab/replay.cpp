// `luthier-cli lab replay`: a few AdamW steps over given batches, with every number that transformers and PEFT can be
// held against.
#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/files.h"
#include "cli/arguments.h"
#include "cli/lab/inputs.h"
#include "cli/lab/lab.h"
#include "methods/lora.h"
#include "methods/method.h"
#include "models/families.h"
#include "nn/adamw.h"
#include "nn/batch_norm.h"
#include "nn/precision.h"

namespace luthier {

namespace {

constexpr const char* kReplayUsage =
    "luthier-cli lab replay --model DIR [--adapter DIR | --method JSON] --inputs F.safetensors --steps N --optimizer "
    "JSON "
    "--out F.json [--save DIR] [--device cpu|cuda|auto]";

/// JSON as it stands on the command line, or the file that holds it.
Json json_argument(const std::string& text, const std::string& name) {
  return text.starts_with("{") ? parse_json(text, name) : read_json(text);
}

MethodOptions method_from(const Json& json) {
  if (!json.is_object() || !json.contains("kind") || !json["kind"].is_string())
    fail(ErrorKind::bad_input, "a method is an object with a \"kind\"", "--method",
         R"(such as {"kind": "lora", "rank": 8})");
  const std::string kind = json["kind"].get<std::string>();
  std::vector<Problem> problems;
  std::optional<MethodOptions> found;
  std::string known;
  const auto try_one = [&]<class Options>(Options options) {
    const std::string name = kind_of(MethodOptions(options));
    known += (known.empty() ? "" : ", ") + name;
    if (name != kind) return;
    read_options(json, "method", options, problems, {"kind"});
    found = options;
  };
  [&]<class... All>(std::variant<All...>*) { (try_one(All{}), ...); }(static_cast<MethodOptions*>(nullptr));
  if (!problems.empty()) fail_with(problems, "the method is not right", "--method");
  if (!found) fail(ErrorKind::bad_input, "there is no method \"" + kind + "\"", "--method", "known are " + known);
  return *found;
}

struct OptimizerSettings {
  nn::AdamWOptions adamw;
  double max_grad_norm = 0;          ///< 0: no clipping
  bool batch_norm_training = false;  ///< batch norms normalise by the batch while all else evaluates
};

OptimizerSettings optimizer_from(const Json& json) {
  if (!json.is_object()) fail(ErrorKind::bad_input, "the optimizer is an object", "--optimizer");
  const auto number = [&](const char* key, double fallback) {
    const auto found = json.find(key);
    if (found == json.end() || found->is_null()) return fallback;
    if (!found->is_number()) fail(ErrorKind::bad_input, std::string(key) + " must be a number", "--optimizer");
    return found->get<double>();
  };
  const auto name = json.find("name");
  if (name != json.end() && *name != "AdamW")
    fail(ErrorKind::unsupported, "only AdamW is supported, not " + name->dump(), "--optimizer");
  OptimizerSettings settings;
  settings.adamw.learning_rate = number("lr", 1e-3);
  settings.adamw.epsilon = number("eps", 1e-8);
  settings.adamw.weight_decay = number("weight_decay", 0.01);
  settings.max_grad_norm = number("max_grad_norm", 0);
  if (const auto by_batch = json.find("batch_norm_training"); by_batch != json.end() && !by_batch->is_null()) {
    if (!by_batch->is_boolean()) fail(ErrorKind::bad_input, "batch_norm_training must be true or false", "--optimizer");
    settings.batch_norm_training = by_batch->get<bool>();
  }
  if (const auto betas = json.find("betas"); betas != json.end()) {
    if (!betas->is_array() || betas->size() != 2 || !(*betas)[0].is_number() || !(*betas)[1].is_number())
      fail(ErrorKind::bad_input, "betas must be two numbers", "--optimizer");
    settings.adamw.beta1 = (*betas)[0].get<double>();
    settings.adamw.beta2 = (*betas)[1].get<double>();
  }
  return settings;
}

bool has_adapter(const Attached& attached) {
  return std::any_of(attached.trainable.begin(), attached.trainable.end(), [](const auto& entry) {
    return is_adapter_parameter(entry.first) || entry.first.find(".adapter_down.") != std::string::npos ||
           entry.first.starts_with("prompt_encoder.");
  });
}

/// What transformers calls a parameter in memory.
std::string name_in_transformers(const std::string& name, const Model& model) {
  const Rename in_memory = modules_of(model.config()).in_memory;
  return in_memory ? in_memory(name) : name;
}

/// What PEFT calls a parameter in memory: the adapter's own carry its name, modules beside it sit in a wrapper.
std::string name_in_peft(const std::string& name, const Model& model) {
  // Prompts stand beside the model; then there is one wrapper less around it.
  const std::string prompt = "prompt_encoder.";
  if (name.starts_with(prompt)) return prompt + "default." + name.substr(prompt.size());
  const std::string base = model.prompt() ? "base_model." : "base_model.model.";
  if (is_adapter_parameter(name)) {
    // "<layer>.lora_A.weight", "<layer>.lora_magnitude_vector", "<layer>.lora_embedding_A", "<layer>.ia3_l"
    const std::string own = name.ends_with(".weight") ? ".weight" : "";
    const std::string stem = name.substr(0, name.size() - own.size());
    const auto dot = stem.rfind('.');
    const std::string part = stem.substr(dot);
    const bool module = !own.empty() || part == ".lora_magnitude_vector";  // PEFT keeps magnitudes in a module too
    return base + name_in_transformers(stem.substr(0, dot), model) + part + ".default" + (module ? ".weight" : "");
  }
  const auto parameters = model.unique_parameters();
  for (auto dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
    const std::string module = name.substr(0, dot + 1);
    const bool all_train = std::all_of(parameters.begin(), parameters.end(), [&](const auto& entry) {
      return entry.second.requires_grad() || !entry.first.starts_with(module);
    });
    if (all_train) return base + module + "modules_to_save.default." + name.substr(dot + 1);
  }
  return base + name;
}

}  // namespace

int lab_replay(const std::vector<std::string>& words) {
  const Arguments arguments(
      words, kReplayUsage,
      {"--model", "--adapter", "--method", "--inputs", "--steps", "--optimizer", "--out", "--save", "--device"}, {});
  arguments.at_most(0);
  const std::string folder = arguments.required("--model"), inputs_file = arguments.required("--inputs"),
                    out = arguments.required("--out");
  const OptimizerSettings settings = optimizer_from(json_argument(arguments.required("--optimizer"), "--optimizer"));
  const std::int64_t steps = arguments.integer("--steps", 10);
  if (steps < 1) fail(ErrorKind::bad_input, "--steps must be at least 1");
  if (arguments.value("--adapter") && arguments.value("--method"))
    fail(ErrorKind::bad_input, "--adapter and --method exclude each other", {}, "an adapter says its method itself");

  LoadReport report;
  const std::shared_ptr<Model> model = open_lab_model(folder, &report);
  const c10::Device device(nn::choose_device(arguments.value("--device").value_or("cpu")));
  model->to(device);
  const auto method = arguments.value("--method");
  const Attached attached =
      arguments.value("--adapter")
          ? load_adapter(*model, *arguments.value("--adapter"))
          : attach_method(*model,
                          method ? method_from(json_argument(*method, "--method")) : MethodOptions(FullOptions{}),
                          report.new_head, /*seed=*/0);
  model->eval();
  if (settings.batch_norm_training)
    for (const auto& module : model->modules())
      if (auto* norm = module->as<nn::BatchNorm2d>()) {
        norm->train();
        norm->set_by_batch_when_frozen(true);
      }

  const NamedTensors tensors = read_tensors(inputs_file);
  std::vector<LabInputs> batches;
  for (const std::string& prefix : batch_prefixes(tensors)) {
    LabInputs inputs = lab_inputs(tensors, prefix, *model, inputs_file);
    if (!inputs.labels.defined()) fail(ErrorKind::bad_input, "there are no " + prefix + "labels", inputs_file);
    inputs.batch = inputs.batch.to(device);
    if (inputs.labels.defined()) inputs.labels = inputs.labels.to(device);
    batches.push_back(std::move(inputs));
  }

  std::vector<Tensor> parameters;
  for (const auto& [name, parameter] : attached.trainable) parameters.push_back(parameter);
  nn::AdamW optimizer(parameters, std::vector<bool>(parameters.size(), false), settings.adamw);
  optimizer.set_rate_scales(attached.rate_scales);
  const bool adapted = has_adapter(attached);
  Json losses = Json::array(), norms = Json::array(), norm_by_name = Json::object();
  for (std::int64_t step = 0; step < steps; ++step) {
    const LabInputs& inputs = batches[static_cast<std::size_t>(step) % batches.size()];
    const Tensor loss = lab_loss(*model, model->logits(inputs.batch), inputs);
    loss.backward();
    losses.push_back(loss.item<double>());
    if (step == 0)
      for (const auto& [name, parameter] : attached.trainable)
        if (parameter.grad().defined())
          norm_by_name[adapted ? name_in_peft(name, *model) : name_in_transformers(name, *model)] =
              parameter.grad().norm().item<double>();
    const Tensor norm = nn::gradient_norm(parameters);
    norms.push_back(norm.item<double>());
    if (settings.max_grad_norm > 0) nn::clip_gradients(parameters, norm, settings.max_grad_norm);
    optimizer.step(settings.adamw.learning_rate);
    optimizer.zero_grad();
  }

  if (const auto save = arguments.value("--save")) {
    if (adapted)
      save_adapter(*model, *save, folder);
    else
      save_model(*model, *save);
  }
  const Json result = {{"losses", losses},
                       {"grad_norms_before_clipping", norms},
                       {"grad_norm_per_parameter", norm_by_name},
                       {"trainable_parameters", attached.trainable_parameters},
                       {"all_parameters", attached.all_parameters}};
  write_json(out, result);
  if (arguments.json()) std::cout << result.dump() << "\n";
  return 0;
}

}  // namespace luthier
