// Wav2Vec2 and Whisper.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "recipe/sheet.h"

namespace luthier {

namespace {

constexpr auto kPlain = Sheet::Kind::norm;  // weights that no method singles out: convolutions, single vectors

/// The same list of whole numbers that the model's own reading takes; its checks are stricter.
std::vector<std::int64_t> sizes_of(const Json& config, const char* key, std::vector<std::int64_t> otherwise) {
  const auto found = config.find(key);
  if (found == config.end() || !found->is_array()) return otherwise;
  std::vector<std::int64_t> sizes;
  for (const Json& one : *found) {
    if (sizes.size() >= 64 || !one.is_number_integer() || one < 1 || one > (1 << 16))
      fail(ErrorKind::bad_input, std::string("\"") + key + "\" must be a list of whole numbers from 1 to 65536",
           std::string("config.json: ") + key, "fetch the model again");
    sizes.push_back(one.get<std::int64_t>());
  }
  return sizes;
}

void convolution(Sheet& sheet, const std::string& name, std::vector<std::int64_t> shape, bool bias) {
  const std::int64_t out = shape.front();
  sheet.weight(name + ".weight", std::move(shape), kPlain);
  if (bias) sheet.weight(name + ".bias", {out}, Sheet::Kind::bias);
}

/// What both families put on top for labels.
void label_head(Sheet& sheet, std::int64_t channels) {
  const std::int64_t width = sheet_size(sheet.config, "classifier_proj_size", 256, 1 << 16);
  sheet.linear("projector", width, channels, true, true);
  sheet.linear("classifier", sheet.labels, width, true, true);
}

void layer_weights(Sheet& sheet, std::int64_t layers) {
  if (sheet.head == "audio_classification" && sheet_flag(sheet.config, "use_weighted_layer_sum", false))
    sheet.weight("layer_weights", {layers + 1}, kPlain);
}

void wav2vec2_layer(Sheet& sheet, const std::string& layer, const ModelSizes& s) {
  for (const char* part : {"k_proj", "v_proj", "q_proj", "out_proj"})
    sheet.linear(layer + "attention." + part, s.channels, s.channels);
  sheet.norm(layer + "layer_norm", s.channels);
  sheet.linear(layer + "feed_forward.intermediate_dense", s.feed_forward, s.channels);
  sheet.linear(layer + "feed_forward.output_dense", s.channels, s.feed_forward);
  sheet.norm(layer + "final_layer_norm", s.channels);
}

void whisper_attention(Sheet& sheet, const std::string& name, std::int64_t channels) {
  sheet.linear(name + ".k_proj", channels, channels, /*bias=*/false);
  for (const char* part : {".v_proj", ".q_proj", ".out_proj"}) sheet.linear(name + part, channels, channels);
  sheet.norm(name + "_layer_norm", channels);
}

void whisper_stack(Sheet& sheet, const std::string& name, bool decodes, std::int64_t channels) {
  const std::string kind = decodes ? "decoder" : "encoder";
  const std::int64_t layers = sheet_size(sheet.config, kind + "_layers", {}, 1024);
  const std::int64_t inner = sheet_size(sheet.config, kind + "_ffn_dim", {}, 1 << 20);
  for (std::int64_t i = 0; i < layers; ++i) {
    const std::string layer = name + ".layers." + std::to_string(i) + ".";
    whisper_attention(sheet, layer + "self_attn", channels);
    if (decodes) whisper_attention(sheet, layer + "encoder_attn", channels);
    sheet.linear(layer + "fc1", inner, channels);
    sheet.linear(layer + "fc2", channels, inner);
    sheet.norm(layer + "final_layer_norm", channels);
  }
  sheet.norm(name + ".layer_norm", channels);
}

}  // namespace

ModelSizes wav2vec2_sizes(const Json& config) {
  ModelSizes s;
  s.vocabulary = sheet_size(config, "vocab_size", 32);
  s.channels = sheet_size(config, "hidden_size", 768, 1 << 17);
  s.layers = sheet_size(config, "num_hidden_layers", 12, 1024);
  s.heads = sheet_size(config, "num_attention_heads", 12, 4096);
  s.feed_forward = sheet_size(config, "intermediate_size", 3072, 1 << 20);
  s.positions = 1 << 30;  // relative: any length
  s.attention_dropout = sheet_share(config, "attention_dropout");
  return s;
}

void outline_wav2vec2(Sheet& sheet) {
  const Json& config = sheet.config;
  const ModelSizes s = model_sizes(config);
  const auto channels = sizes_of(config, "conv_dim", {512, 512, 512, 512, 512, 512, 512});
  const auto kernels = sizes_of(config, "conv_kernel", {10, 3, 3, 3, 3, 2, 2});
  const bool bias = sheet_flag(config, "conv_bias", false);
  const bool every_norm = sheet_text(config, "feat_extract_norm", "group") == "layer";
  layer_weights(sheet, s.layers);
  if (sheet_share(config, "mask_time_prob") > 0 || !config.contains("mask_time_prob") ||
      sheet_share(config, "mask_feature_prob") > 0)
    sheet.weight("wav2vec2.masked_spec_embed", {s.channels}, kPlain);
  for (std::size_t i = 0; i < std::min(channels.size(), kernels.size()); ++i) {
    const std::string layer = "wav2vec2.feature_extractor.conv_layers." + std::to_string(i) + ".";
    convolution(sheet, layer + "conv", {channels[i], i == 0 ? 1 : channels[i - 1], kernels[i]}, bias);
    if (every_norm || i == 0) sheet.norm(layer + "layer_norm", channels[i]);
  }
  sheet.norm("wav2vec2.feature_projection.layer_norm", channels.back());
  sheet.linear("wav2vec2.feature_projection.projection", s.channels, channels.back());
  const std::string positions = "wav2vec2.encoder.pos_conv_embed.conv.";
  const std::int64_t kernel = sheet_size(config, "num_conv_pos_embeddings", 128, 1 << 14);
  const std::int64_t groups = sheet_size(config, "num_conv_pos_embedding_groups", 16, 1 << 16);
  sheet.weight(positions + "bias", {s.channels}, Sheet::Kind::bias);
  sheet.weight(positions + "parametrizations.weight.original0", {1, 1, kernel}, kPlain);
  sheet.weight(positions + "parametrizations.weight.original1", {s.channels, s.channels / groups, kernel}, kPlain);
  sheet.norm("wav2vec2.encoder.layer_norm", s.channels);
  for (std::int64_t i = 0; i < s.layers; ++i)
    wav2vec2_layer(sheet, "wav2vec2.encoder.layers." + std::to_string(i) + ".", s);
  if (sheet.head == "ctc")
    sheet.linear("lm_head", sheet_size(config, "vocab_size"), s.channels, true, true);
  else
    label_head(sheet, s.channels);
}

ModelSizes whisper_sizes(const Json& config) {
  ModelSizes s;
  s.vocabulary = sheet_size(config, "vocab_size");
  s.channels = sheet_size(config, "d_model", {}, 1 << 17);
  s.layers = sheet_size(config, "encoder_layers", {}, 1024) + sheet_size(config, "decoder_layers", {}, 1024);
  s.heads = sheet_size(config, "encoder_attention_heads", {}, 4096);
  s.feed_forward = sheet_size(config, "encoder_ffn_dim", {}, 1 << 20);
  s.positions = sheet_size(config, "max_target_positions", 448);
  s.row_tokens = sheet_size(config, "max_source_positions", 1500, 1 << 20);  // recordings are padded to so many
  s.attention_dropout = sheet_share(config, "attention_dropout");
  return s;
}

void outline_whisper(Sheet& sheet) {
  const Json& config = sheet.config;
  const ModelSizes s = model_sizes(config);
  const bool writes = sheet.head == "seq2seq_lm";
  const std::string encoder = writes ? "model.encoder" : "encoder";
  layer_weights(sheet, sheet_size(config, "encoder_layers", {}, 1024));
  // The encoder's positions are a fixed table, no parameter.
  convolution(sheet, encoder + ".conv1", {s.channels, sheet_size(config, "num_mel_bins", 80, 1 << 12), 3}, true);
  convolution(sheet, encoder + ".conv2", {s.channels, s.channels, 3}, true);
  whisper_stack(sheet, encoder, /*decodes=*/false, s.channels);
  if (!writes) return label_head(sheet, s.channels);
  sheet.embedding("model.decoder.embed_tokens", s.vocabulary, s.channels);
  sheet.weight("model.decoder.embed_positions.weight", {s.positions, s.channels}, kPlain);
  whisper_stack(sheet, "model.decoder", /*decodes=*/true, s.channels);
  sheet.output("proj_out", s.vocabulary, s.channels, "model.decoder.embed_tokens.weight");
}

}  // namespace luthier
