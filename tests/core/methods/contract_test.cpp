// What docs/support.md promises, over the catalogs: a small model with drawn weights for every model_type and head,
// every method on it; gradients reach exactly what trains, what is saved gives the same logits again, and a merged
// adapter computes what the adapter did.
#include <ATen/Context.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <c10/core/GradMode.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "methods/method.h"
#include "models/families.h"
#include "recipe/catalog.h"
#include "recipe/support.h"
#include "support/testing.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

const std::vector<std::string> kLabels = {"a", "b", "c"};

/// A config of a few thousand weights; null for a model_type that nobody wrote one for. Output layers are their own
/// where configs can say so: then every method has something to train.
Json tiny_config(const std::string& type) {
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
Batch tiny_batch(const Model& model, const FamilyEntry& family) {
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

/// Parameters that this batch cannot reach: rounding noise and what is drawn in training alone.
bool out_of_reach(const std::string& name) {
  for (const char* part : {"key.bias", "k_proj.bias", "k_lin.bias",  // cancel in the softmax
                           "masked_spec_embed",                      // stands in for masked frames in training
                           "mask_token"})
    if (name.find(part) != std::string::npos) return true;
  return false;
}

Tensor logits_of(Model& model, const Batch& batch) {
  const c10::NoGradGuard no_grad;
  return model.logits(batch);
}

double difference(const Tensor& a, const Tensor& b) {
  if (a.sizes() != b.sizes()) return INFINITY;
  return (a - b).abs().max().item<double>() / std::max(1e-3, b.abs().max().item<double>());
}

MethodOptions method_of(const std::string& kind) {
  if (kind == "full") return FullOptions{};
  if (kind == "feature_extraction") return FeatureExtractionOptions{};
  return LoraOptions{.rank = 2, .alpha = 4};
}

}  // namespace

class ContractTest : public QObject {
  Q_OBJECT

  TemporaryFolder folder_;

  std::shared_ptr<Model> opened(const fs::path& path, const std::string& head, bool from_config) {
    LoadOptions options;
    options.head = head_from(head);
    if (classifies_rows(options.head) || options.head == Head::token_classification) options.labels = kLabels;
    options.from_config = from_config;
    options.seed = 5;
    return load_model(path, options);
  }

 private Q_SLOTS:
  void init() { at::manual_seed(7); }

  void everyModelTypeHasASmallConfig() {
    for (const FamilyEntry& family : families())
      for (const std::string& type : family.model_types)
        QVERIFY2(!tiny_config(type).is_null(), ("write a small config for " + type + " above").c_str());
    for (const FamilyModules& modules : family_modules())
      QVERIFY2(!family_of_model_type(modules.model_type).kind.empty(), modules.model_type.c_str());
  }

  void everyClaimHolds_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("head");
    QTest::addColumn<QString>("method");
    for (const FamilyEntry& family : families())
      for (const std::string& type : family.model_types)
        for (const std::string& head : family.heads)
          for (const MethodEntry& method : methods()) {
            bool claimed = false;
            for (const ObjectiveEntry& objective : objectives())
              claimed = claimed || (head_for(objective, family) == head && why_not(family, objective, method).empty());
            if (!claimed) continue;
            QTest::addRow("%s %s %s", type.c_str(), head.c_str(), method.kind.c_str())
                << QString::fromStdString(type) << QString::fromStdString(head) << QString::fromStdString(method.kind);
          }
  }
  void everyClaimHolds() {
    QFETCH(QString, type);
    QFETCH(QString, head);
    QFETCH(QString, method);
    const std::string model_type = type.toStdString();
    const std::string name = model_type + "-" + head.toStdString() + "-" + method.toStdString();
    const fs::path base = folder_.path() / name, saved = folder_.path() / (name + "-saved");
    write_text(base / "config.json", tiny_config(model_type).dump());
    const FamilyEntry& family = family_of_model_type(model_type);
    const auto drawn = opened(base, head.toStdString(), /*from_config=*/true);
    save_model(*drawn, base);
    const auto model = opened(base, head.toStdString(), false);
    const Batch batch = tiny_batch(*model, family);
    const Tensor before = logits_of(*model, batch);
    QVERIFY(difference(before, logits_of(*drawn, batch)) < 1e-6);

    const Attached attached = attach_method(*model, method_of(method.toStdString()), false, 3);
    QVERIFY(!attached.trainable.empty());
    QVERIFY(difference(logits_of(*model, batch), before) < 1e-5);  // a method changes nothing before it trains
    {
      const c10::NoGradGuard no_grad;  // LoRA's second matrix is zero at the start, and the first then gets no gradient
      for (const auto& [parameter_name, parameter] : attached.trainable)
        if (parameter_name.find("lora_B") != std::string::npos) Tensor(parameter).copy_(at::randn(parameter.sizes()));
    }
    check_gradients(*model, attached, batch);
    check_saved(*model, method.toStdString(), head.toStdString(), base, saved, batch, before);
  }

 private:
  void check_gradients(Model& model, const Attached& attached, const Batch& batch) {
    const Tensor logits = model.logits(batch);
    logits.mul(at::rand(logits.sizes())).sum().backward();
    std::set<std::string> trainable;
    for (const auto& [name, parameter] : attached.trainable) trainable.insert(name);
    for (const auto& [name, parameter] : model.unique_parameters()) {
      const bool listed = trainable.contains(name);
      QVERIFY2(parameter.requires_grad() == listed, name.c_str());
      if (!listed) QVERIFY2(!parameter.grad().defined(), name.c_str());
      if (!listed || out_of_reach(name)) continue;
      QVERIFY2(parameter.grad().defined() && parameter.grad().abs().sum().item<double>() > 0, name.c_str());
    }
  }

  void check_saved(Model& model, const std::string& method, const std::string& head, const fs::path& base,
                   const fs::path& saved, const Batch& batch, const Tensor& before) {
    const Tensor tuned = logits_of(model, batch);
    if (method == "lora") {
      QVERIFY(!at::equal(tuned, before));
      save_adapter(model, saved / "adapter", base.string());
      const auto again = opened(base, head, false);
      load_adapter(*again, saved / "adapter");
      QVERIFY(difference(logits_of(*again, batch), tuned) < 1e-5);
      set_adapters_active(model, false);
      QVERIFY(difference(logits_of(model, batch), before) < 1e-5);
      set_adapters_active(model, true);
      QVERIFY(merge_adapters(model));
      QVERIFY(difference(logits_of(model, batch), tuned) < 1e-4);
    }
    save_model(model, saved / "model");
    const auto again = opened(saved / "model", head, false);
    QVERIFY(difference(logits_of(*again, batch), tuned) < (method == "lora" ? 1e-4 : 1e-6));
  }
};

QTEST_GUILESS_MAIN(ContractTest)
#include "contract_test.moc"
