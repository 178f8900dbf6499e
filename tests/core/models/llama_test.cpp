// Logits of tests/fixtures are transformers'. Positions, norms and gradients are held against LibTorch's own
// operations.
#include <torch/nn/functional/loss.h>
#include <torch/types.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "models/model.h"
#include "models/tensors.h"
#include "support/testing.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

Json base_config() { return read_json(fixture("full/llama-lm") / "base/config.json"); }

std::shared_ptr<Model> from_config(const Json& config, Head head, std::vector<std::string> labels = {}) {
  const TemporaryFolder folder;
  write_json(folder.path() / "config.json", config);
  LoadOptions options;
  options.head = head;
  options.labels = std::move(labels);
  options.from_config = true;
  return load_model(folder.path(), options);
}

torch::Tensor tensor_of(const NamedTensors& tensors, const std::string& name) {
  for (const auto& [key, tensor] : tensors)
    if (key == name) return tensor;
  return {};
}

double difference(const torch::Tensor& a, const torch::Tensor& b) { return (a - b).abs().max().item<double>(); }

}  // namespace

class LlamaTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void givesTransformersLogitsAndLoss() {
    for (const std::string name : {"full/llama-lm", "full/qwen2-lm"}) {
      LoadOptions options;
      options.head = Head::causal_lm;
      const auto model = load_model(fixture(name) / "base", options);
      const NamedTensors io = read_tensors(fixture(name) / "io.safetensors");
      for (const std::string batch : {"batch0.", "batch1."}) {
        const torch::Tensor mask = tensor_of(io, batch + "attention_mask").ne(0);
        const torch::Tensor logits = model->logits({tensor_of(io, batch + "input_ids"), mask, {}}).detach();
        const torch::Tensor expected = tensor_of(io, batch + "expect.logits");
        QVERIFY(((logits - expected) * mask.unsqueeze(-1)).abs().max().item<double>() <
                1e-4 * expected.abs().max().item<double>());
        const torch::Tensor labels = tensor_of(io, batch + "labels").slice(1, 1);
        const double loss = torch::nn::functional::cross_entropy(logits.slice(1, 0, -1).reshape({-1, logits.size(-1)}),
                                                                 labels.reshape({-1}))
                                .item<double>();
        QVERIFY(std::abs(loss - tensor_of(io, batch + "expect.loss").item<double>()) < 1e-5);
      }
    }
  }

  void tiedWeightsCountOnceAndGrowTogether() {
    Json config = base_config();
    config["tie_word_embeddings"] = true;
    const auto model = from_config(config, Head::causal_lm);
    int named = 0;
    for (const auto& [name, parameter] : model->unique_parameters())
      named += name == "lm_head.weight" || name == "model.embed_tokens.weight";
    QCOMPARE(named, 1);
    QVERIFY(model->output_weight().is_same(model->input_embedding()));
    const torch::Tensor ids = torch::tensor({{4, 5, 6}});
    const torch::Tensor before = model->logits({.input_ids = ids}).detach();
    model->set_vocabulary(101);
    QVERIFY(model->output_weight().is_same(model->input_embedding()));
    QCOMPARE(model->vocabulary(), 101);
    const torch::Tensor after = model->logits({.input_ids = ids}).detach();
    QCOMPARE(after.size(2), 101);
    QVERIFY(difference(after.narrow(2, 0, 96), before) < 1e-6);
    // The new rows are the mean of the old ones.
    QVERIFY(difference(after.select(2, 100), before.mean(2)) < 1e-5);
  }

  void classifiesAtTheLastToken() {
    Json config = base_config();
    config["pad_token_id"] = 0;
    const auto model = from_config(config, Head::sequence_classification, {"a", "b", "c"});
    const torch::Tensor alone = model->logits({.input_ids = torch::tensor({{5, 9, 33}})}).detach();
    QCOMPARE(alone.sizes(), (torch::IntArrayRef{1, 3}));
    const torch::Tensor ids = torch::tensor({{5, 9, 33, 0, 0}, {0, 0, 5, 9, 33}, {1, 2, 3, 4, 5}});
    const torch::Tensor logits = model->logits({ids, ids.ne(0), {}}).detach();
    QVERIFY(difference(logits[0], alone[0]) < 1e-5);
    QVERIFY(difference(logits[1], alone[0]) < 1e-5);
    // Without a padding token the mask tells where a row ends.
    config["pad_token_id"] = nullptr;
    const auto masked = from_config(config, Head::sequence_classification, {"a", "b", "c"});
    const torch::Tensor first = masked->logits({.input_ids = torch::tensor({{5, 9, 33}})}).detach();
    QVERIFY(difference(masked->logits({ids, ids.ne(0), {}}).detach()[0], first[0]) < 1e-5);
  }

  void readsOldAndNewRopeSettingsAlike() {
    Json now = base_config(), before = base_config();
    now["rope_parameters"] = {{"rope_type", "linear"}, {"factor", 2.0}, {"rope_theta", 500.0}};
    before.erase("rope_parameters");
    before["rope_theta"] = 500.0;
    before["rope_scaling"] = {{"type", "linear"}, {"factor", 2.0}};
    const torch::Tensor ids = torch::tensor({{4, 5, 6, 90, 3}});
    const auto logits = [&](const Json& config) {
      return from_config(config, Head::causal_lm)->logits({.input_ids = ids}).detach();
    };
    QVERIFY(torch::equal(logits(now), logits(before)));
    QVERIFY(!torch::equal(logits(now), logits(base_config())));
  }

  void refusesConfigsThatMakeNoModel() {
    const auto refused = [](const std::string& key, const Json& value, const std::string& part) {
      Json config = base_config();
      config[key] = value;
      LUTHIER_FAILS(from_config(config, Head::causal_lm), part);
    };
    refused("hidden_size", 0, "hidden_size");
    refused("hidden_size", "wide", "hidden_size");
    refused("hidden_size", nullptr, "hidden_size");
    refused("num_key_value_heads", 3, "num_key_value_heads");
    refused("num_attention_heads", 64, "num_attention_heads");
    refused("head_dim", 7, "head_dim");
    refused("hidden_act", "nonsense", "nonsense");
    refused("rope_parameters", {{"rope_type", "yarn"}}, "yarn");
    refused("rope_parameters", "default", "rope_parameters");
    refused("rope_parameters", {{"rope_type", "linear"}, {"factor", 0}}, "factor");
    refused("rope_parameters", {{"rope_theta", -1}}, "rope_theta");
    refused("partial_rotary_factor", 0.5, "partial_rotary_factor");
    LUTHIER_FAILS(from_config(base_config(), Head::masked_lm), "masked_lm");
  }
};

QTEST_GUILESS_MAIN(LlamaTest)
#include "llama_test.moc"
