// Packed rows: texts one after another in one row give each what it gets alone.
#include <ATen/ops/cat.h>
#include <ATen/ops/randint.h>
#include <c10/core/GradMode.h>

#include <nlohmann/json.hpp>

#include "models/model.h"
#include "models/packed.h"
#include "support/testing.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

const std::vector<std::int64_t> kLengths = {3, 1, 5, 2};

struct Case {
  const char* name;
  Head head;
  Json config;
};

std::vector<Case> cases() {
  const Json encoder = {{"vocab_size", 40},         {"hidden_size", 16},       {"num_hidden_layers", 2},
                        {"num_attention_heads", 2}, {"intermediate_size", 32}, {"max_position_embeddings", 16},
                        {"hidden_act", "gelu"},     {"pad_token_id", 1}};
  const Json decoder = {
      {"vocab_size", 40},         {"hidden_size", 16}, {"num_hidden_layers", 2},  {"num_attention_heads", 4},
      {"num_key_value_heads", 2}, {"head_dim", 4},     {"intermediate_size", 32}, {"max_position_embeddings", 16},
      {"hidden_act", "silu"}};
  const Json gpt2 = {{"model_type", "gpt2"}, {"vocab_size", 40}, {"n_embd", 16},
                     {"n_layer", 2},         {"n_head", 2},      {"n_positions", 16}};
  const auto typed = [](Json config, const char* type, const Json& more = Json::object()) {
    config["model_type"] = type;
    config.update(more);
    return config;
  };
  return {{"llama", Head::causal_lm, typed(decoder, "llama")},
          {"qwen3", Head::causal_lm, typed(decoder, "qwen3")},
          {"mistral, looking back four tokens", Head::causal_lm, typed(decoder, "mistral", {{"sliding_window", 4}})},
          {"gpt2", Head::causal_lm, gpt2},
          {"gpt2 tagging", Head::token_classification, gpt2},
          {"bert", Head::masked_lm, typed(encoder, "bert")},
          {"bert tagging", Head::token_classification, typed(encoder, "bert")},
          {"roberta", Head::masked_lm, typed(encoder, "roberta")},
          {"distilbert",
           Head::masked_lm,
           {{"model_type", "distilbert"},
            {"vocab_size", 40},
            {"dim", 16},
            {"n_layers", 2},
            {"n_heads", 2},
            {"hidden_dim", 32},
            {"max_position_embeddings", 16},
            {"pad_token_id", 1}}}};
}

std::shared_ptr<Model> from_config(const Case& one) {
  const TemporaryFolder folder;
  write_json(folder.path() / "config.json", one.config);
  LoadOptions options;
  options.head = one.head;
  options.labels = {"a", "b", "c"};
  options.from_config = true;
  options.seed = 3;
  options.dropout = 0;
  return load_model(folder.path(), options);
}

double difference(const Tensor& a, const Tensor& b) { return (a - b).abs().max().item<double>(); }

}  // namespace

class PackingTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() { at::manual_seed(11); }

  void noTextSeesAnother() {
    for (const Case& one : cases()) {
      const auto model = from_config(one);
      QVERIFY2(model->can_pack(), one.name);
      std::vector<Tensor> texts, alone;
      for (const std::int64_t length : kLengths) texts.push_back(at::randint(4, 40, {1, length}, at::kLong));
      const c10::NoGradGuard no_grad;
      for (const Tensor& text : texts) alone.push_back(model->logits({.input_ids = text}));
      const Tensor packed = model->logits({.input_ids = at::cat(texts, 1), .segments = kLengths});
      const Tensor expected = at::cat(alone, 1);
      QVERIFY2(packed.sizes() == expected.sizes(), one.name);
      QVERIFY2(difference(packed, expected) < 1e-6, one.name);
      // Where there is cross-talk this test sees it: the same tokens as one long text give other logits.
      const Tensor joined = model->logits({.input_ids = at::cat(texts, 1)});
      QVERIFY2(difference(joined, expected) > 1e-4, one.name);
    }
  }

  void gradientsAreThoseOfTheSingleTexts() {
    for (const Case& one : cases()) {
      const auto model = from_config(one);
      for (Tensor& parameter : model->parameters()) parameter.requires_grad_(true);
      std::vector<Tensor> texts;
      for (const std::int64_t length : kLengths) texts.push_back(at::randint(4, 40, {1, length}, at::kLong));
      const auto gradients = [&] {
        std::vector<Tensor> found;
        for (auto& [name, parameter] : model->unique_parameters()) {
          found.push_back(parameter.grad().defined() ? parameter.grad().clone() : Tensor());
          Tensor(parameter).mutable_grad().reset();
        }
        return found;
      };
      for (const Tensor& text : texts) model->logits({.input_ids = text}).square().sum().backward();
      const auto expected = gradients();
      model->logits({.input_ids = at::cat(texts, 1), .segments = kLengths}).square().sum().backward();
      const auto found = gradients();
      for (std::size_t i = 0; i < found.size(); ++i) {
        QCOMPARE(found[i].defined(), expected[i].defined());
        if (!found[i].defined()) continue;
        const double largest = std::max(1.0, expected[i].abs().max().item<double>());
        QVERIFY2(difference(found[i], expected[i]) < 1e-5 * largest, one.name);
      }
    }
  }

  void placesStartAgainWithEachText() {
    const Batch batch{.input_ids = at::randint(4, 40, {1, 6}, at::kLong), .segments = {3, 1, 2}};
    const Tensor places = segment_positions(batch);
    const std::int64_t expected[] = {0, 1, 2, 0, 0, 1};
    for (std::int64_t i = 0; i < 6; ++i) QCOMPARE(places[i].item<std::int64_t>(), expected[i]);
    QCOMPARE(longest_text(batch), 3);
  }
};

QTEST_GUILESS_MAIN(PackingTest)
#include "packing_test.moc"
