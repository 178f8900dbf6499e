#include "models/families.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "recipe/catalog.h"

namespace luthier {

const std::vector<FamilyModules>& family_modules() {
  static const std::vector<FamilyModules> table = {
      {"bert", "Bert", make_bert},
      {"roberta", "Roberta", make_roberta},
      {"xlm-roberta", "XLMRoberta", make_roberta},
      {"camembert", "Camembert", make_roberta},
      {"distilbert", "DistilBert", make_distilbert},
      {"llama", "Llama", make_llama},
      {"qwen2", "Qwen2", make_llama},
      {"qwen3", "Qwen3", make_llama},
      {"mistral", "Mistral", make_llama},
      {"gpt2", "GPT2", make_gpt2},
      {"t5", "T5", make_t5},
      {"mt5", "MT5", make_t5},
      {"resnet", "ResNet", make_resnet},
      {"efficientnet", "EfficientNet", make_efficientnet},
      {"vit", "ViT", make_vit, vit_name_on_disk, vit_name_in_memory},
      {"wav2vec2", "Wav2Vec2", make_wav2vec2, wav2vec2_name},
      {"whisper", "Whisper", make_whisper},
  };
  return table;
}

const FamilyModules& modules_of(const Json& config) {
  const auto type = config.find("model_type");
  if (type == config.end() || !type->is_string())
    fail(ErrorKind::bad_input, "config.json does not say which kind of model this is", "config.json: model_type",
         "choose a folder that Hugging Face transformers wrote");
  const std::string model_type = type->get<std::string>();
  for (const FamilyModules& entry : family_modules())
    if (entry.model_type == model_type) return entry;
  family_of_model_type(model_type);  // says what is supported
  fail(ErrorKind::unsupported, "models of type \"" + model_type + "\" are not supported", "config.json: model_type");
}

}  // namespace luthier
