// DistilBERT (Sanh et al. 2019).
#include <nlohmann/json.hpp>

#include "models/config.h"
#include "models/encoder_model.h"
#include "models/families.h"

namespace luthier {

std::shared_ptr<Model> make_distilbert(const Json& config, Head head, const std::vector<std::string>& labels,
                                       double dropout) {
  EncoderFamily family;
  family.family = family.prefix = "distilbert";
  EncoderShape& shape = family.shape;
  shape.vocabulary = config_size(config, "vocab_size");
  shape.channels = config_size(config, "dim", 768, 1 << 16);
  shape.layers = config_size(config, "n_layers", 6, 4096);
  shape.heads = config_size(config, "n_heads", 12, 1 << 16);
  shape.feed_forward = config_size(config, "hidden_dim", 3072, 1 << 20);
  shape.positions = config_size(config, "max_position_embeddings", 512);
  shape.padding = config_row(config, "pad_token_id", shape.vocabulary);
  shape.activation = nn::activation_named(config_text(config, "activation", "gelu"));
  shape.hidden_dropout = config_dropout(config, "dropout", 0.1, dropout);
  shape.attention_dropout = config_dropout(config, "attention_dropout", 0.1, dropout);
  shape.dropout_after_attention = false;
  family.names = {.layers = "transformer.layer",
                  .query = "attention.q_lin",
                  .key = "attention.k_lin",
                  .value = "attention.v_lin",
                  .attention_output = "attention.out_lin",
                  .attention_norm = "sa_layer_norm",
                  .feed_forward_in = "ffn.lin1",
                  .feed_forward_out = "ffn.lin2",
                  .output_norm = "output_layer_norm",
                  .attention_site = "attention_adapters.adapters",
                  .output_site = "output_adapters.adapters"};
  family.sentence = {.dense = "pre_classifier", .out = "classifier", .activation = nn::activation_named("relu")};
  family.masked_lm = {.dense = "vocab_transform",
                      .norm = "vocab_layer_norm",
                      .decoder = "vocab_projector",
                      .activation = shape.activation};
  family.sentence_dropout = config_dropout(config, "seq_classif_dropout", 0.2, dropout);
  family.token_dropout = shape.hidden_dropout;
  return std::make_shared<EncoderModel>(config, head, labels, std::move(family));
}

}  // namespace luthier
