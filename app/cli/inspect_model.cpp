#include "cli/inspect_model.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/files.h"
#include "data/table.h"
#include "recipe/catalog.h"
#include "text/tokenizer.h"
#include "weights/weights.h"

namespace luthier {

namespace {
constexpr std::size_t kLargest = 10;

class ModelFolder {
 public:
  explicit ModelFolder(const fs::path& path)
      : path_(path), folder_(fs::is_directory(path) ? path : path.parent_path()) {}

  Json inspect() {
    report_["path"] = path_.string();
    read_config();
    read_weights();
    read_adapter();
    read_tokenizer();
    report_["findings"] = findings_;
    return std::move(report_);
  }

 private:
  void finding(const std::string& id, const std::string& severity, const std::string& message,
               const std::string& hint) {
    Finding one;
    one.id = id;
    one.severity = severity;
    one.message = message;
    one.hint = hint;
    findings_.push_back(finding_to_json(one));
  }

  void read_config() {
    report_["config"] = nullptr;
    if (!fs::exists(folder_ / "config.json")) return;
    const Json config = read_json(folder_ / "config.json");
    if (!config.is_object())
      fail(ErrorKind::bad_input, "a model's config is a JSON object", (folder_ / "config.json").string());
    const std::string type = config.contains("model_type") && config["model_type"].is_string()
                                 ? config["model_type"].get<std::string>()
                                 : "";
    report_["model_type"] = type;
    try {
      const FamilyEntry& family = family_of_model_type(type);
      report_["family"] = family.kind;
      report_["heads"] = family.heads;
    } catch (const Error& error) {
      report_["family"] = nullptr;
      finding("unknown_family", "error", error.message, error.hint);
    }
    if (config.contains("auto_map"))
      finding("remote_code", "error",
              "this model wants to run Python code that comes with it, which Luthier never does",
              "use a model whose type is one of the families of luthier-cli describe");
    Json shown = Json::object();
    for (const char* key : {"architectures", "hidden_size", "num_hidden_layers", "num_attention_heads",
                            "num_key_value_heads", "intermediate_size", "vocab_size", "max_position_embeddings",
                            "torch_dtype", "dtype", "tie_word_embeddings", "problem_type"})
      if (config.contains(key)) shown[key] = config[key];
    report_["config"] = std::move(shown);
    if (config.contains("vocab_size") && config["vocab_size"].is_number_integer())
      vocabulary_ = config["vocab_size"].get<std::int64_t>();
    read_labels(config);
  }

  void read_labels(const Json& config) {
    const auto names = config.find("id2label");
    if (names == config.end() || !names->is_object()) return;
    std::map<std::int64_t, std::string> labels;
    for (const auto& [id, name] : names->items())
      if (name.is_string() && !id.empty() && id.size() < 10 &&
          std::all_of(id.begin(), id.end(), [](unsigned char c) { return std::isdigit(c); }))
        labels[std::stoll(id)] = name.get<std::string>();
    for (const auto& [id, name] : labels) report_["labels"].push_back(name);
  }

  bool has_weights() const {
    if (!fs::is_directory(path_)) return true;
    for (const char* name : {"model.safetensors", "model.safetensors.index.json", "adapter_model.safetensors",
                             "pytorch_model.bin", "pytorch_model.bin.index.json", "adapter_model.bin"})
      if (fs::exists(path_ / name)) return true;
    return false;
  }

  void read_weights() {
    report_["weights"] = nullptr;
    if (!has_weights()) {
      if (!fs::exists(folder_ / "config.json") && !fs::exists(folder_ / "tokenizer.json") &&
          !fs::exists(folder_ / "vocab.txt"))
        fail(ErrorKind::not_found, "there is no model in this folder", path_.string(),
             "a model has config.json and model.safetensors");
      finding("no_weights", "warning", "there are no weights (model.safetensors) in this folder",
              "train it from its config alone (model.from_config), or get its weights");
      return;
    }
    const Weights weights = Weights::open(path_);
    std::int64_t parameters = 0;
    std::map<std::string, std::int64_t> by_type, by_module;
    std::vector<const TensorEntry*> sorted;
    for (const TensorEntry& tensor : weights.tensors()) {
      parameters += tensor.elements();
      by_type[to_string(tensor.type)] += tensor.elements();
      by_module[tensor.name.substr(0, tensor.name.find('.'))] += tensor.elements();
      sorted.push_back(&tensor);
    }
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto* a, const auto* b) { return a->elements() > b->elements(); });
    Json largest = Json::array();
    for (std::size_t i = 0; i < std::min(kLargest, sorted.size()); ++i)
      largest.push_back({{"name", sorted[i]->name}, {"shape", sorted[i]->shape}, {"type", to_string(sorted[i]->type)}});
    report_["weights"] = {{"tensors", weights.tensors().size()},
                          {"parameters", parameters},
                          {"bytes", weights.bytes()},
                          {"by_type", by_type},
                          {"by_module", by_module},
                          {"largest", std::move(largest)}};
  }

  void read_adapter() {
    if (!fs::exists(folder_ / "adapter_config.json")) return;
    const Json config = read_json(folder_ / "adapter_config.json");
    Json shown = Json::object();
    if (config.is_object())
      for (const char* key : {"peft_type", "base_model_name_or_path", "task_type", "r", "lora_alpha", "lora_dropout",
                              "use_rslora", "target_modules", "modules_to_save"})
        if (config.contains(key)) shown[key] = config[key];
    report_["adapter"] = std::move(shown);
  }

  void read_tokenizer() {
    report_["tokenizer"] = nullptr;
    if (!fs::exists(folder_ / "tokenizer.json") && !fs::exists(folder_ / "vocab.txt")) {
      if (!report_.contains("adapter"))
        finding("no_tokenizer", "warning", "there is no tokenizer.json or vocab.txt in this folder",
                "name the tokenizer's folder in the recipe: model.tokenizer");
      return;
    }
    std::optional<Tokenizer> tokenizer;
    try {
      tokenizer = Tokenizer::open(folder_);
    } catch (const Error& error) {
      finding("bad_tokenizer", "error", error.message + (error.where.empty() ? "" : " (" + error.where + ")"),
              error.hint);
      return;
    }
    const auto id = [](const std::optional<std::int64_t>& value) { return value ? Json(*value) : Json(); };
    report_["tokenizer"] = {{"vocabulary", tokenizer->vocabulary_size()},
                            {"pad", id(tokenizer->pad_id())},
                            {"unknown", id(tokenizer->unknown_id())},
                            {"mask", id(tokenizer->mask_id())},
                            {"bos", id(tokenizer->bos_id())},
                            {"eos", id(tokenizer->eos_id())},
                            {"cls", id(tokenizer->cls_id())},
                            {"sep", id(tokenizer->sep_id())},
                            {"chat_template", !tokenizer->chat_template().empty()}};
    if (vocabulary_ && tokenizer->vocabulary_size() > *vocabulary_)
      finding("vocabulary_mismatch", "error",
              "the tokenizer has " + std::to_string(tokenizer->vocabulary_size()) + " tokens, the model only " +
                  std::to_string(*vocabulary_),
              "this tokenizer belongs to another model: use the one that came with the weights");
    if (tokenizer->pad_id() && tokenizer->pad_id() == tokenizer->eos_id())
      finding("pad_is_eos", "note", "the padding token is the end-of-text token too",
              "padding never counts in the loss; the end of a completion is learned all the same");
  }

  fs::path path_, folder_;
  Json report_ = Json::object(), findings_ = Json::array();
  std::optional<std::int64_t> vocabulary_;
};
}  // namespace

Json inspect_model(const fs::path& path) {
  if (!fs::exists(path)) fail(ErrorKind::not_found, "there is no such folder", path.string(), "check the path");
  return ModelFolder(fs::absolute(path).lexically_normal()).inspect();
}

}  // namespace luthier
