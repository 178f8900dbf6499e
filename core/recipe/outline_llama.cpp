// Llama, Qwen2, Qwen3 and Mistral.
#include "recipe/sheet.h"

namespace luthier {

ModelSizes llama_sizes(const Json& config) {
  ModelSizes s;
  s.vocabulary = sheet_size(config, "vocab_size");
  s.channels = sheet_size(config, "hidden_size", {}, 1 << 17);
  s.layers = sheet_size(config, "num_hidden_layers", {}, 1024);
  s.heads = sheet_size(config, "num_attention_heads", {}, 4096);
  s.feed_forward = sheet_size(config, "intermediate_size", {}, 1 << 20);
  s.positions = sheet_size(config, "max_position_embeddings", 512);
  s.gated = true;
  s.attention_dropout = sheet_share(config, "attention_dropout");
  return s;
}

void outline_llama(Sheet& sheet) {
  const ModelSizes s = model_sizes(sheet.config);
  const std::string type = sheet_text(sheet.config, "model_type");
  const bool qwen2 = type == "qwen2", qwen3 = type == "qwen3";
  const std::int64_t head_size = sheet_size(sheet.config, "head_dim", qwen3 ? 128 : s.channels / s.heads);
  const std::int64_t queries = s.heads * head_size;
  const std::int64_t keys = sheet_size(sheet.config, "num_key_value_heads", s.heads) * head_size;
  const bool bias = qwen2 || sheet_flag(sheet.config, "attention_bias", false);
  const bool inner_bias = sheet_flag(sheet.config, "mlp_bias", false);
  sheet.embedding("model.embed_tokens", s.vocabulary, s.channels);
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const std::string layer = "model.layers." + std::to_string(i) + ".";
    sheet.linear(layer + "self_attn.q_proj", queries, s.channels, bias);
    sheet.linear(layer + "self_attn.k_proj", keys, s.channels, bias);
    sheet.linear(layer + "self_attn.v_proj", keys, s.channels, bias);
    sheet.linear(layer + "self_attn.o_proj", s.channels, queries, bias && !qwen2);
    if (qwen3) {
      sheet.norm(layer + "self_attn.q_norm", head_size, false);
      sheet.norm(layer + "self_attn.k_norm", head_size, false);
    }
    sheet.linear(layer + "mlp.gate_proj", s.feed_forward, s.channels, inner_bias);
    sheet.linear(layer + "mlp.up_proj", s.feed_forward, s.channels, inner_bias);
    sheet.linear(layer + "mlp.down_proj", s.channels, s.feed_forward, inner_bias);
    sheet.norm(layer + "input_layernorm", s.channels, false);
    sheet.norm(layer + "post_attention_layernorm", s.channels, false);
  }
  sheet.norm("model.norm", s.channels, false);
  if (sheet.head == "causal_lm") return sheet.output("lm_head", s.vocabulary, s.channels, "model.embed_tokens.weight");
  sheet.linear("score", sheet.labels, s.channels, false, true);
}

}  // namespace luthier
