// GPT-2, whose projections keep their weights as [in, out].
#include "recipe/sheet.h"

namespace luthier {

ModelSizes gpt2_sizes(const Json& config) {
  ModelSizes s;
  s.vocabulary = sheet_size(config, "vocab_size");
  s.channels = sheet_size(config, "n_embd", {}, 1 << 17);
  s.layers = sheet_size(config, "n_layer", {}, 1024);
  s.heads = sheet_size(config, "n_head", {}, 4096);
  s.feed_forward = sheet_size(config, "n_inner", 4 * s.channels, 1 << 20);
  s.positions = sheet_size(config, "n_positions", 1024);
  s.attention_dropout = sheet_share(config, "attn_pdrop");
  return s;
}

void outline_gpt2(Sheet& sheet) {
  const ModelSizes s = model_sizes(sheet.config);
  const auto projection = [&](const std::string& name, std::int64_t in, std::int64_t out) {
    sheet.weight(name + ".weight", {in, out}, Sheet::Kind::linear);
    sheet.weight(name + ".bias", {out}, Sheet::Kind::bias);
  };
  sheet.embedding("transformer.wte", s.vocabulary, s.channels);
  sheet.embedding("transformer.wpe", s.positions, s.channels);
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const std::string layer = "transformer.h." + std::to_string(i) + ".";
    sheet.norm(layer + "ln_1", s.channels);
    projection(layer + "attn.c_attn", s.channels, 3 * s.channels);
    projection(layer + "attn.c_proj", s.channels, s.channels);
    sheet.norm(layer + "ln_2", s.channels);
    projection(layer + "mlp.c_fc", s.channels, s.feed_forward);
    projection(layer + "mlp.c_proj", s.feed_forward, s.channels);
  }
  sheet.norm("transformer.ln_f", s.channels);
  if (sheet.head == "causal_lm") return sheet.output("lm_head", s.vocabulary, s.channels, "transformer.wte.weight");
  const bool tokens = sheet.head == "token_classification";
  sheet.linear(tokens ? "classifier" : "score", sheet.labels, s.channels, tokens, true);
}

}  // namespace luthier
