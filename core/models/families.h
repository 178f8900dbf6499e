#pragma once
// Which modules run which model_type. The families' labels and help stand in recipe/families.cpp.
#include <memory>
#include <string>
#include <vector>

#include "models/model.h"

namespace luthier {

std::shared_ptr<Model> make_bert(const Json& config, Head head, const std::vector<std::string>& labels, double dropout);
std::shared_ptr<Model> make_roberta(const Json& config, Head head, const std::vector<std::string>& labels,
                                    double dropout);
std::shared_ptr<Model> make_distilbert(const Json& config, Head head, const std::vector<std::string>& labels,
                                       double dropout);
std::shared_ptr<Model> make_llama(const Json& config, Head head, const std::vector<std::string>& labels,
                                  double dropout);
std::shared_ptr<Model> make_gpt2(const Json& config, Head head, const std::vector<std::string>& labels, double dropout);
std::shared_ptr<Model> make_t5(const Json& config, Head head, const std::vector<std::string>& labels, double dropout);

std::shared_ptr<Model> make_resnet(const Json& config, Head head, const std::vector<std::string>& labels,
                                   double dropout);
std::shared_ptr<Model> make_efficientnet(const Json& config, Head head, const std::vector<std::string>& labels,
                                         double dropout);
std::shared_ptr<Model> make_vit(const Json& config, Head head, const std::vector<std::string>& labels, double dropout);
/// transformers 5 names ViT's layers otherwise in memory, adapters saved with it too:
/// "vit.layers.0.attention.q_proj" is "vit.encoder.layer.0.attention.attention.query" in every checkpoint.
std::string vit_name_on_disk(const std::string& name);
std::string vit_name_in_memory(const std::string& name);
std::shared_ptr<Model> make_wav2vec2(const Json& config, Head head, const std::vector<std::string>& labels,
                                     double dropout);
std::shared_ptr<Model> make_whisper(const Json& config, Head head, const std::vector<std::string>& labels,
                                    double dropout);
std::string wav2vec2_name(const std::string& stored);  ///< the older spelling of normalised weights

struct FamilyModules {
  std::string model_type;    ///< config.json's
  std::string class_prefix;  ///< transformers' class names start so: "Bert" + "ForMaskedLM"
  MakeModel make;
  Rename rename = nullptr;     ///< applied to the names of checkpoints and adapters when they are read
  Rename in_memory = nullptr;  ///< from a checkpoint's name to transformers' own in memory, where they differ
};

const std::vector<FamilyModules>& family_modules();
/// The entry of config.json's model_type; unsupported with the known ones otherwise.
const FamilyModules& modules_of(const Json& config);

}  // namespace luthier
