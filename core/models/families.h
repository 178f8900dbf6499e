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

struct FamilyModules {
  std::string model_type;    ///< config.json's
  std::string class_prefix;  ///< transformers' class names start so: "Bert" + "ForMaskedLM"
  MakeModel make;
  Rename rename = nullptr;  ///< applied to the checkpoint's names when it is read
};

const std::vector<FamilyModules>& family_modules();
/// The entry of config.json's model_type; unsupported with the known ones otherwise.
const FamilyModules& modules_of(const Json& config);

}  // namespace luthier
