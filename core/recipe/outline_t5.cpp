// T5 and mT5.
#include "recipe/sheet.h"

namespace luthier {

namespace {

struct T5Sheet {
  Sheet& sheet;
  ModelSizes s;
  std::int64_t inner;  ///< channels of all heads together
  bool gated;

  void attention(const std::string& layer, const std::string& name, bool positions) {
    for (const char* part : {"q", "k", "v"})
      sheet.linear(layer + "." + name + "." + part, inner, s.channels, /*bias=*/false);
    sheet.linear(layer + "." + name + ".o", s.channels, inner, /*bias=*/false);
    if (positions)
      sheet.embedding(layer + "." + name + ".relative_attention_bias",
                      sheet_size(sheet.config, "relative_attention_num_buckets", 32, 1 << 16), s.heads);
    sheet.norm(layer + ".layer_norm", s.channels, /*bias=*/false);
  }

  void stack(const std::string& name, std::int64_t layers, bool decodes) {
    for (std::int64_t i = 0; i < layers; ++i) {
      const std::string block = name + ".block." + std::to_string(i) + ".layer.";
      attention(block + "0", "SelfAttention", i == 0);
      if (decodes) attention(block + "1", "EncDecAttention", false);
      const std::string last = block + (decodes ? "2" : "1");
      sheet.linear(last + (gated ? ".DenseReluDense.wi_0" : ".DenseReluDense.wi"), s.feed_forward, s.channels, false);
      if (gated) sheet.linear(last + ".DenseReluDense.wi_1", s.feed_forward, s.channels, false);
      sheet.linear(last + ".DenseReluDense.wo", s.channels, s.feed_forward, false);
      sheet.norm(last + ".layer_norm", s.channels, /*bias=*/false);
    }
    sheet.norm(name + ".final_layer_norm", s.channels, /*bias=*/false);
  }
};

}  // namespace

ModelSizes t5_sizes(const Json& config) {
  ModelSizes s;
  s.vocabulary = sheet_size(config, "vocab_size");
  s.channels = sheet_size(config, "d_model", {}, 1 << 17);
  s.layers = sheet_size(config, "num_layers", {}, 1024);
  s.layers += sheet_size(config, "num_decoder_layers", s.layers, 1024);
  s.heads = sheet_size(config, "num_heads", {}, 4096);
  s.feed_forward = sheet_size(config, "d_ff", {}, 1 << 20);
  s.positions = 1 << 16;  // relative: any length
  const bool multilingual = sheet_text(config, "model_type") == "mt5";
  s.gated = sheet_text(config, "feed_forward_proj", multilingual ? "gated-gelu" : "relu").starts_with("gated-");
  s.attention_dropout = sheet_share(config, "dropout_rate");
  return s;
}

void outline_t5(Sheet& sheet) {
  const ModelSizes s = model_sizes(sheet.config);
  const std::int64_t encoder_layers = sheet_size(sheet.config, "num_layers", {}, 1024);
  T5Sheet t5{sheet, s, s.heads * sheet_size(sheet.config, "d_kv", 64, 1 << 16), s.gated};
  sheet.embedding("shared", s.vocabulary, s.channels);
  t5.stack("encoder", encoder_layers, false);
  t5.stack("decoder", s.layers - encoder_layers, true);
  sheet.output("lm_head", s.vocabulary, s.channels, "shared.weight");
}

}  // namespace luthier
