// BERT (Devlin et al. 2019).
#include <nlohmann/json.hpp>

#include "models/config.h"
#include "models/encoder_model.h"
#include "models/families.h"

namespace luthier {

std::shared_ptr<Model> make_bert(const Json& config, Head head, const std::vector<std::string>& labels,
                                 double dropout) {
  EncoderFamily family;
  family.family = family.prefix = "bert";
  family.shape = bert_shape(config, dropout);
  family.names = bert_names();
  family.sentence = {.dense = "bert.pooler.dense", .out = "classifier", .activation = nn::activation_named("tanh")};
  family.masked_lm = {.dense = "cls.predictions.transform.dense",
                      .norm = "cls.predictions.transform.LayerNorm",
                      .decoder = "cls.predictions.decoder",
                      .bias_at = "cls.predictions",
                      .activation = family.shape.activation};
  family.sentence_dropout = family.token_dropout =
      config_dropout(config, "classifier_dropout", family.shape.hidden_dropout, dropout);
  return std::make_shared<EncoderModel>(config, head, labels, std::move(family));
}

}  // namespace luthier
