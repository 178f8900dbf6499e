#pragma once
// A small model with drawn weights for every model_type and head.
#include <ATen/ops/ones.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "models/model.h"
#include "recipe/catalog.h"
#include "support/testing.h"

namespace luthier::testing {

inline const std::vector<std::string> kLabels = {"a", "b", "c"};

/// A config of a few thousand weights; null for a model_type that nobody wrote one for. Output layers are their own
/// where configs can say so: then every method has something to train.
inline Json tiny_config(const std::string& type) {
  const Json encoder = {{"vocab_size", 40},         {"hidden_size", 16},       {"num_hidden_layers", 2},
                        {"num_attention_heads", 2}, {"intermediate_size", 32}, {"max_position_embeddings", 24},
                        {"hidden_act", "gelu"},     {"pad_token_id", 0}};
  const Json decoder = {
      {"vocab_size", 40},         {"hidden_size", 16},    {"num_hidden_layers", 2},  {"num_attention_heads", 4},
      {"num_key_value_heads", 2}, {"head_dim", 4},        {"intermediate_size", 32}, {"max_position_embeddings", 32},
      {"hidden_act", "silu"},     {"rms_norm_eps", 1e-6}, {"pad_token_id", 0},       {"tie_word_embeddings", false}};
  const Json t5 = {{"vocab_size", 40},
                   {"d_model", 16},
                   {"d_kv", 4},
                   {"d_ff", 32},
                   {"num_layers", 2},
                   {"num_heads", 4},
                   {"pad_token_id", 0},
                   {"decoder_start_token_id", 0},
                   {"eos_token_id", 1},
                   {"is_encoder_decoder", true},
                   {"tie_word_embeddings", false}};
  Json config;
  if (type == "bert" || type == "roberta" || type == "xlm-roberta" || type == "camembert") {
    config = encoder;
    if (type != "bert") config["pad_token_id"] = 1;
  } else if (type == "distilbert") {
    config = {{"vocab_size", 40},     {"dim", 16},        {"n_layers", 2},
              {"n_heads", 2},         {"hidden_dim", 32}, {"max_position_embeddings", 24},
              {"activation", "gelu"}, {"pad_token_id", 0}};
  } else if (type == "llama" || type == "qwen2" || type == "qwen3" || type == "mistral") {
    config = decoder;
  } else if (type == "gpt2") {
    config = {{"vocab_size", 40},  {"n_embd", 16},
              {"n_layer", 2},      {"n_head", 2},
              {"n_positions", 24}, {"activation_function", "gelu_new"},
              {"pad_token_id", 0}, {"tie_word_embeddings", false}};
  } else if (type == "t5" || type == "mt5") {
    config = t5;
    config["feed_forward_proj"] = type == "t5" ? "relu" : "gated-gelu";
  } else if (type == "resnet") {
    config = {{"embedding_size", 8},        {"hidden_sizes", {8, 16}}, {"depths", {1, 2}},
              {"layer_type", "bottleneck"}, {"hidden_act", "relu"},    {"num_channels", 3}};
  } else if (type == "efficientnet") {
    config = {{"width_coefficient", 0.25},
              {"depth_coefficient", 0.3},
              {"image_size", 32},
              {"hidden_dim", 320},
              {"kernel_sizes", {3, 5}},
              {"in_channels", {32, 16}},
              {"out_channels", {16, 24}},
              {"strides", {1, 2}},
              {"num_block_repeats", {1, 2}},
              {"expand_ratios", {1, 6}},
              {"depthwise_padding", Json::array()},
              {"squeeze_expansion_ratio", 0.25},
              {"hidden_act", "swish"},
              {"num_channels", 3}};
  } else if (type == "vit") {
    config = {{"hidden_size", 16}, {"num_hidden_layers", 2}, {"num_attention_heads", 2}, {"intermediate_size", 32},
              {"image_size", 16},  {"patch_size", 8},        {"num_channels", 3},        {"hidden_act", "gelu"}};
  } else if (type == "wav2vec2") {
    config = {{"vocab_size", 12},
              {"hidden_size", 16},
              {"num_hidden_layers", 2},
              {"num_attention_heads", 2},
              {"intermediate_size", 32},
              {"conv_dim", {8, 8}},
              {"conv_kernel", {10, 3}},
              {"conv_stride", {5, 2}},
              {"num_feat_extract_layers", 2},
              {"num_conv_pos_embeddings", 4},
              {"num_conv_pos_embedding_groups", 2},
              {"classifier_proj_size", 8},
              {"feat_extract_norm", "group"},
              {"hidden_act", "gelu"},
              {"pad_token_id", 0}};
  } else if (type == "whisper") {
    config = {{"vocab_size", 40},
              {"d_model", 16},
              {"encoder_layers", 2},
              {"decoder_layers", 2},
              {"encoder_attention_heads", 2},
              {"decoder_attention_heads", 2},
              {"encoder_ffn_dim", 32},
              {"decoder_ffn_dim", 32},
              {"num_mel_bins", 8},
              {"max_source_positions", 12},
              {"max_target_positions", 10},
              {"classifier_proj_size", 8},
              {"pad_token_id", 0},
              {"bos_token_id", 1},
              {"eos_token_id", 2},
              {"decoder_start_token_id", 1},
              {"activation_function", "gelu"},
              {"is_encoder_decoder", true},
              {"tie_word_embeddings", false}};
  } else {
    return {};
  }
  config["model_type"] = type;
  return config;
}

/// Two rows of what the family reads.
inline Batch tiny_batch(const Model& model, const FamilyEntry& family) {
  Batch batch;
  const Json& config = model.config();
  if (family.modality == "text") {
    batch.input_ids = at::randint(3, 40, {2, 9}, at::kLong);
    batch.attention_mask = at::ones({2, 9}, at::kBool);
    batch.attention_mask[1].narrow(0, 6, 3).fill_(false);
    batch.input_ids[1].narrow(0, 6, 3).fill_(config.value("pad_token_id", 0));
  } else if (family.modality == "image") {
    batch.pixel_values = at::randn({2, 3, 32, 32});
    if (config.value("image_size", 32) == 16) batch.pixel_values = at::randn({2, 3, 16, 16});
  } else if (family.kind == "whisper") {
    batch.input_features = at::randn({2, 8, 24});
  } else {
    batch.input_values = at::randn({2, 200});
  }
  if (model.is_encoder_decoder() && model.head_kind() == Head::seq2seq_lm)
    batch.decoder_input_ids = at::randint(3, 40, {2, 5}, at::kLong);
  return batch;
}

/// The model in a folder, or drawn anew from its config.json.
inline std::shared_ptr<Model> open_tiny(const fs::path& path, const std::string& head, bool from_config) {
  LoadOptions options;
  options.head = head_from(head);
  if (classifies_rows(options.head) || options.head == Head::token_classification) options.labels = kLabels;
  options.from_config = from_config;
  options.seed = 5;
  return load_model(path, options);
}

/// A drawn model of this type.
inline std::shared_ptr<Model> tiny_model(const std::string& type, const std::string& head) {
  const TemporaryFolder folder;
  write_text(folder.path() / "config.json", tiny_config(type).dump());
  return open_tiny(folder.path(), head, /*from_config=*/true);
}

}  // namespace luthier::testing
