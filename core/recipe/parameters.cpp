#include "recipe/parameters.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "recipe/catalog.h"
#include "recipe/sheet.h"

namespace luthier {

namespace {

/// How a family's parameters and sizes are told from its config.
struct FamilyOutline {
  const char* family;  ///< the catalog's kind
  void (*parameters)(Sheet& sheet);
  ModelSizes (*sizes)(const Json& config);
  bool tied = true;  ///< the output layer is the embedding unless the config says otherwise
};

constexpr FamilyOutline kOutlines[] = {
    {"bert", outline_bert, encoder_sizes},
    {"roberta", outline_roberta, encoder_sizes},
    {"distilbert", outline_distilbert, distilbert_sizes},
    {"llama", outline_llama, llama_sizes, /*tied=*/false},  // Llama and Mistral; small Qwen2 models write it down
    {"gpt2", outline_gpt2, gpt2_sizes},
    {"t5", outline_t5, t5_sizes},
    {"wav2vec2", outline_wav2vec2, wav2vec2_sizes},
    {"whisper", outline_whisper, whisper_sizes},
    {"resnet", outline_resnet, resnet_sizes},
    {"efficientnet", outline_efficientnet, efficientnet_sizes},
    {"vit", outline_vit, vit_sizes},
};

const FamilyOutline& outline_of(const Json& config) {
  const std::string family = family_of_model_type(sheet_text(config, "model_type")).kind;
  for (const FamilyOutline& one : kOutlines)
    if (family == one.family) return one;
  fail(ErrorKind::internal, "the family \"" + family + "\" has no outline");
}

}  // namespace

std::int64_t sheet_size(const Json& config, const std::string& key, std::optional<std::int64_t> otherwise,
                        std::int64_t most) {
  const auto found = config.find(key);
  if (found == config.end() || found->is_null()) {
    if (otherwise) return *otherwise;
    fail(ErrorKind::bad_input, "the model's config has no \"" + key + "\"", "config.json: " + key,
         "fetch the model again");
  }
  if (!found->is_number_integer() || found->get<double>() < 1 || found->get<double>() > static_cast<double>(most))
    fail(ErrorKind::bad_input, "\"" + key + "\" must be a whole number from 1 to " + std::to_string(most),
         "config.json: " + key, "fetch the model again");
  return found->get<std::int64_t>();
}

bool sheet_flag(const Json& config, const std::string& key, bool otherwise) {
  const auto found = config.find(key);
  return found != config.end() && found->is_boolean() ? found->get<bool>() : otherwise;
}

double sheet_share(const Json& config, const std::string& key) {
  const auto found = config.find(key);
  return found != config.end() && found->is_number() ? found->get<double>() : 0.0;
}

std::string sheet_text(const Json& config, const std::string& key, const std::string& otherwise) {
  const auto found = config.find(key);
  return found != config.end() && found->is_string() ? found->get<std::string>() : otherwise;
}

Sheet::Sheet(const Json& config, std::string head, std::int64_t labels)
    : config(config), head(std::move(head)), labels(labels), tied(sheet_flag(config, "tie_word_embeddings", true)) {}

void Sheet::linear(const std::string& name, std::int64_t out, std::int64_t in, bool bias, bool in_head) {
  weight(name + ".weight", {out, in}, Kind::linear, in_head);
  if (bias) weight(name + ".bias", {out}, Kind::bias, in_head);
}

void Sheet::weight(const std::string& name, std::vector<std::int64_t> shape, Kind kind, bool in_head) {
  list.push_back({name, std::move(shape), kind, in_head, false, {}, false});
}

void Sheet::embedding(const std::string& name, std::int64_t rows, std::int64_t channels) {
  weight(name + ".weight", {rows, channels}, Kind::embedding);
}

void Sheet::norm(const std::string& name, std::int64_t channels, bool bias, bool in_head) {
  weight(name + ".weight", {channels}, Kind::norm, in_head);
  if (bias) weight(name + ".bias", {channels}, Kind::norm, in_head);
}

void Sheet::output(const std::string& name, std::int64_t vocabulary, std::int64_t channels,
                   const std::string& embedding) {
  list.push_back({name + ".weight", {vocabulary, channels}, Kind::linear, true, true, tied ? embedding : "", false});
}

void Sheet::output_bias(const std::string& name, std::int64_t vocabulary) {
  list.push_back({name, {vocabulary}, Kind::bias, true, true, {}, false});
}

std::int64_t ParameterOutline::elements() const {
  std::int64_t count = 1;
  for (const std::int64_t one : shape) count *= one;
  return count;
}

std::string ParameterOutline::module() const { return name.substr(0, name.rfind('.')); }

ModelSizes model_sizes(const Json& config) { return outline_of(config).sizes(config); }

std::vector<ParameterOutline> outline_parameters(const Json& config, const std::string& head, std::int64_t labels) {
  const FamilyOutline& family = outline_of(config);
  Json filled = config;
  if (!filled.contains("tie_word_embeddings")) filled["tie_word_embeddings"] = family.tied;
  Sheet sheet(filled, head, labels);
  family.parameters(sheet);
  return std::move(sheet.list);
}

}  // namespace luthier
