// RoBERTa (Liu et al. 2019): BERT with other positions and heads; XLM-RoBERTa and CamemBERT are the same network.
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "models/config.h"
#include "models/encoder_model.h"
#include "models/families.h"

namespace luthier {

std::shared_ptr<Model> make_roberta(const Json& config, Head head, const std::vector<std::string>& labels,
                                    double dropout) {
  EncoderFamily family;
  family.family = family.prefix = "roberta";
  family.shape = bert_shape(config, dropout);
  family.shape.positions_after_padding = true;
  if (family.shape.padding < 0 || family.shape.padding + 2 > family.shape.positions)
    fail(ErrorKind::bad_input, "positions are numbered from the padding token on, but its id does not fit",
         "config.json: pad_token_id", "get the model's config.json again from where it came");
  family.names = bert_names();
  family.sentence = {.dense = "classifier.dense",
                     .out = "classifier.out_proj",
                     .activation = nn::activation_named("tanh"),
                     .dropout_before_dense = true};
  family.masked_lm = {.dense = "lm_head.dense",
                      .norm = "lm_head.layer_norm",
                      .decoder = "lm_head.decoder",
                      .bias_at = "lm_head",
                      .activation = nn::activation_named("gelu")};
  family.sentence_dropout = family.token_dropout =
      config_dropout(config, "classifier_dropout", family.shape.hidden_dropout, dropout);
  return std::make_shared<EncoderModel>(config, head, labels, std::move(family));
}

}  // namespace luthier
