// Logits of tests/fixtures are transformers'. Positions, norms and gradients are held against LibTorch's own
// operations.
#include <torch/autograd.h>
#include <torch/nn/functional/loss.h>
#include <torch/types.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "models/model.h"
#include "models/tensors.h"
#include "nn/rms_norm.h"
#include "nn/rotary.h"
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

  void llama3FrequenciesKeepShortWavesAndStretchLongOnes() {
    nn::RotaryOptions plain{.head_size = 64, .theta = 500000}, scaled = plain;
    scaled.scaling = nn::RotaryOptions::Scaling::llama3;
    scaled.factor = 8;
    scaled.trained_positions = 8192;
    const torch::Tensor a = nn::rotary_tables(plain, 1, 1, torch::kCPU).sine[0];
    const torch::Tensor b = nn::rotary_tables(scaled, 1, 1, torch::kCPU).sine[0];
    QCOMPARE(a[0].item<float>(), b[0].item<float>());
    QVERIFY(std::abs(a[31].item<double>() / b[31].item<double>() - 8) < 1e-3);
    const double middle = a[16].item<double>() / b[16].item<double>();
    QVERIFY(middle >= 1 && middle <= 8);
  }

  void rotatingEqualsTheTextbookFormulaBothWays() {
    const nn::RotaryTables tables = nn::rotary_tables({.head_size = 6}, 3, 4, torch::kCPU);
    const torch::Tensor x = torch::randn({2, 4, 3, 6}).requires_grad_(true), y = torch::randn({2, 4, 3, 6});
    const torch::Tensor c = tables.cosine.unsqueeze(1), s = tables.sine.unsqueeze(1);
    const torch::Tensor first = x.slice(3, 0, 3), second = x.slice(3, 3);
    const torch::Tensor expected = torch::cat({first * c - second * s, second * c + first * s}, 3);
    QVERIFY(difference(nn::rotate(x, tables), expected) < 1e-6);
    const auto ours = torch::autograd::grad({(nn::rotate(x, tables) * y).sum()}, {x});
    const auto theirs = torch::autograd::grad({(expected * y).sum()}, {x});
    QVERIFY(difference(ours[0], theirs[0]) < 1e-6);
    const torch::Tensor wide = nn::rotate(x.to(torch::kDouble), tables);
    QVERIFY(difference(wide, expected.to(torch::kDouble)) < 1e-6);
  }

  void normAndGateEqualTheirFormulasWithGradients() {
    for (const std::int64_t channels : {1, 7, 33, 64}) {
      const torch::Tensor x = torch::randn({5, 40, channels}).requires_grad_(true);
      const torch::Tensor w = torch::randn({channels}).requires_grad_(true), y = torch::randn({5, 40, channels});
      const torch::Tensor expected = x * torch::rsqrt(x.pow(2).mean(-1, true) + 1e-5) * w;
      QVERIFY(difference(nn::rms_norm(x, w, 1e-5), expected) < 1e-5);
      const auto ours = torch::autograd::grad({(nn::rms_norm(x, w, 1e-5) * y).sum()}, {x, w});
      const auto theirs = torch::autograd::grad({(expected * y).sum()}, {x, w});
      QVERIFY(difference(ours[0], theirs[0]) < 1e-4 * std::max(1.0, theirs[0].abs().max().item<double>()));
      QVERIFY(difference(ours[1], theirs[1]) < 1e-4 * std::max(1.0, theirs[1].abs().max().item<double>()));
    }
    const torch::Tensor gate = torch::randn({6, 9}).requires_grad_(true),
                        up = torch::randn({6, 9}).requires_grad_(true);
    const torch::Tensor expected = torch::silu(gate) * up;
    QVERIFY(difference(nn::gated_silu(gate, up), expected) < 1e-6);
    const auto ours = torch::autograd::grad({nn::gated_silu(gate, up).pow(2).sum()}, {gate, up});
    const auto theirs = torch::autograd::grad({expected.pow(2).sum()}, {gate, up});
    for (std::size_t i = 0; i < 2; ++i) QVERIFY(difference(ours[i], theirs[i]) < 1e-5);
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
