// A real GPT-2, trained by others to sort six letters, with every intermediate activation of one forward pass
// (shared/weights/gpt2_nano_sort: its SOURCE.txt says where both come from). Logits of a random one: tests/fixtures.
#include <ATen/ops/layer_norm.h>

#include "base/error.h"
#include "core/models/numbers.h"
#include "models/generation.h"
#include "nn/activation.h"
#include "nn/attention.h"
#include "nn/embedding.h"
#include "nn/linear.h"
#include "nn/norm.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

/// {"shape": [...], "data": base64 of little-endian fp32}.
Tensor tensor_of(const Json& json) {
  const QByteArray bytes = QByteArray::fromBase64(QByteArray::fromStdString(json["data"].get<std::string>()));
  Tensor tensor = at::empty(json["shape"].get<std::vector<std::int64_t>>(), at::kFloat);
  if (static_cast<std::size_t>(bytes.size()) != tensor.nbytes()) throw std::runtime_error("a tensor of another size");
  std::memcpy(tensor.data_ptr<float>(), bytes.constData(), tensor.nbytes());
  return tensor;
}

bool is_projection(const std::string& name) {
  for (const char* part : {"c_attn.weight", "c_proj.weight", "c_fc.weight"})
    if (name.ends_with(part)) return true;
  return false;
}

/// The sorter as a Hugging Face folder, with its first `layers` layers. Its projections are kept as [out, in].
void write_sorter(const Json& stored, const fs::path& folder, int layers, const std::string& prefix) {
  NamedTensors tensors;
  for (const auto& [name, json] : stored.items()) {
    if (name == "config" || name.find(".attn.bias") != std::string::npos) continue;
    const Tensor tensor = tensor_of(json);
    std::string written = name;
    if (prefix.empty() && written.starts_with("transformer.")) written.erase(0, 12);
    tensors.emplace_back(written, is_projection(name) ? tensor.t().contiguous() : tensor);
  }
  write_tensors(folder / "model.safetensors", tensors);
  write_json(folder / "config.json", Json{{"model_type", "gpt2"},
                                          {"architectures", {"GPT2LMHeadModel"}},
                                          {"vocab_size", 3},
                                          {"n_embd", 48},
                                          {"n_head", 3},
                                          {"n_layer", layers},
                                          {"n_positions", 11}});
}

double largest(const Tensor& got, const Tensor& expected) { return (got - expected).abs().max().item<double>(); }

std::shared_ptr<Model> from_config(Json config, Head head, std::vector<std::string> labels = {}) {
  const TemporaryFolder folder;
  write_json(folder.path() / "config.json", config);
  LoadOptions options;
  options.head = head;
  options.labels = std::move(labels);
  options.from_config = true;
  return load_model(folder.path(), options);
}

Json base_config() { return read_json(fixture("full/gpt2-lm") / "base/config.json"); }

}  // namespace

class Gpt2Test : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void computesWhatTheSorterComputed() {
    LUTHIER_NEEDS(folder, "weights/gpt2_nano_sort");
    const Json stored = read_json(folder / "gpt-nano-sort-model.json"),
               parts = read_json(folder / "gpt-nano-sort-t0-partials.json");
    const auto part = [&](const char* name) { return tensor_of(parts[name]); };
    const at::NoGradGuard no_grad;
    const Tensor ids = part("idx").to(at::kLong);
    for (int layers = 1; layers <= 3; ++layers) {
      const TemporaryFolder made;
      write_sorter(stored, made.path(), layers, "transformer.");
      const auto model = open_model(made.path());
      KeyValueCache cache;
      const Tensor hidden = model->hidden({.input_ids = ids}, &cache);
      const Tensor block = part(("block" + std::to_string(layers - 1)).c_str());
      const auto last = model->named_modules()["transformer.ln_f"]->as<nn::LayerNorm>();
      QVERIFY(largest(hidden, at::layer_norm(block, {48}, last->weight, last->bias)) < 1e-4);
      QVERIFY(largest(cache.keys[0], part("k")) < 1e-5);
      QVERIFY(largest(cache.values[0], part("v")) < 1e-5);
      if (layers < 3) continue;
      QVERIFY(largest(hidden, part("ln_f")) < 1e-4);
      QVERIFY(largest(model->token_logits(hidden), part("lm_head")) <
              1e-4 * part("lm_head").abs().max().item<double>());
      auto modules = model->named_modules();
      const auto layer = [&](const std::string& name) { return modules["transformer.h.0." + name]->as<nn::Linear>(); };
      const auto norm = [&](const std::string& name) {
        return modules["transformer.h.0." + name]->as<nn::LayerNorm>();
      };
      QVERIFY(largest(modules["transformer.wte"]->as<nn::Embedding>()->forward(ids), part("tok_emb")) == 0);
      QVERIFY(largest(norm("ln_1")->forward(part("x")), part("ln1")) < 1e-5);
      QVERIFY(largest(layer("attn.c_attn")->forward(part("ln1")), part("qkv")) < 1e-5);
      QVERIFY(largest(nn::attention(part("q"), part("k"), part("v"), {}, true, 0), part("y")) < 1e-5);
      QVERIFY(largest(layer("attn.c_proj")->forward(part("y")), part("yProj")) < 1e-5);
      QVERIFY(largest(norm("ln_2")->forward(part("attnResid")), part("ln2")) < 1e-5);
      QVERIFY(largest(layer("mlp.c_fc")->forward(part("ln2")), part("fc")) < 1e-5);
      QVERIFY(largest(nn::activation_named("gelu_new")(part("fc")), part("gelu")) < 1e-5);
      QVERIFY(largest(layer("mlp.c_proj")->forward(part("gelu")), part("mlp")) < 1e-5);
    }
  }

  void sortsLetters() {
    LUTHIER_NEEDS(folder, "weights/gpt2_nano_sort");
    const TemporaryFolder made;
    write_sorter(read_json(folder / "gpt-nano-sort-model.json"), made.path(), 3, "");  // a backbone saved alone
    const auto model = open_model(made.path());
    using Tokens = std::vector<std::int64_t>;
    const auto written =
        generate(*model, {{2, 0, 1, 1, 0, 2}, {1, 1, 0, 0, 2, 0}, {0, 1, 2, 0, 1, 2}}, {.max_new_tokens = 6});
    QCOMPARE(written[0], (Tokens{0, 0, 1, 1, 2, 2}));
    QCOMPARE(written[1], (Tokens{0, 0, 0, 1, 1, 2}));
    QCOMPARE(written[2], (Tokens{0, 0, 1, 1, 2, 2}));
  }

  void positionsCountFromTheFirstTokenWhereverPaddingIs() {
    const at::NoGradGuard no_grad;
    const auto model = open_model(fixture("full/gpt2-lm") / "base");
    const Tensor ids = at::arange(5, 11).unsqueeze(0), pad = at::zeros({1, 3}, at::kLong);
    const Tensor yes = at::ones({1, 6}, at::kBool), no = at::zeros({1, 3}, at::kBool);
    const Tensor plain = model->logits({.input_ids = ids});
    const Tensor left = model->logits({.input_ids = at::cat({pad, ids}, 1), .attention_mask = at::cat({no, yes}, 1)});
    const Tensor right = model->logits({.input_ids = at::cat({ids, pad}, 1), .attention_mask = at::cat({yes, no}, 1)});
    QVERIFY(largest(left.slice(1, 3), plain) < 1e-5);
    QVERIFY(largest(right.slice(1, 0, 6), plain) < 1e-5);
  }

  void refusesMoreTokensThanItHasPositionsFor() {
    const auto model = open_model(fixture("full/gpt2-lm") / "base");
    QCOMPARE(model->max_positions(), 64);
    LUTHIER_FAILS(model->logits({.input_ids = at::zeros({1, 65}, at::kLong)}), "65 tokens");
    // Writing ends where positions do: 60 read, and the token after the 64th is never read itself.
    const std::vector<std::int64_t> prompt(60, 3);
    QCOMPARE(generate(*model, {prompt}, {.max_new_tokens = 50})[0].size(), std::size_t{5});
    LUTHIER_FAILS(generate(*model, {std::vector<std::int64_t>(65, 3)}, {}), "65 tokens");
  }

  void tiedWeightsGrowTogether() {
    const auto model = from_config(base_config(), Head::causal_lm);
    QVERIFY(model->output_weight().is_same(model->input_embedding()));
    model->set_vocabulary(101);
    QVERIFY(model->output_weight().is_same(model->input_embedding()));
    QCOMPARE(model->logits({.input_ids = at::full({1, 2}, 100, at::kLong)}).size(2), 101);
  }

  void classifiesTextsAndTokens() {
    const Tensor ids = at::arange(5, 9).unsqueeze(0);
    const auto texts = from_config(base_config(), Head::sequence_classification, {"a", "b", "c"});
    QCOMPARE(texts->logits({.input_ids = ids}).sizes(), (at::IntArrayRef{1, 3}));
    const auto words = from_config(base_config(), Head::token_classification, {"a", "b"});
    QCOMPARE(words->logits({.input_ids = ids}).sizes(), (at::IntArrayRef{1, 4, 2}));
  }

  void refusesConfigsThatMakeNoModel() {
    const auto refused = [](const std::string& key, const Json& value, const std::string& part) {
      Json config = base_config();
      config[key] = value;
      LUTHIER_FAILS(from_config(config, Head::causal_lm), part);
    };
    refused("n_embd", 0, "n_embd");
    refused("n_head", 5, "n_head");
    refused("n_positions", -1, "n_positions");
    refused("activation_function", "nonsense", "nonsense");
    refused("add_cross_attention", true, "add_cross_attention");
    refused("attn_pdrop", 1.5, "attn_pdrop");
    LUTHIER_FAILS(from_config(base_config(), Head::masked_lm), "masked_lm");
  }
};

QTEST_GUILESS_MAIN(Gpt2Test)
#include "gpt2_test.moc"
