// Several adapters as one, and models between base and tuned. Expected numbers are computed by numpy from the
// definitions (tests/reference/combine_adapters.py), by hand for small tensors, and by PEFT itself where its source is
// there.
#include "export/combine.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/randn_like.h>
#include <ATen/ops/tensor.h>

#include "base/error.h"
#include "core/export/exported_case.h"
#include "export/combine_tensors.h"
#include "methods/lora.h"
#include "models/evaluating.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

Tensor numbers(const std::vector<float>& values) { return at::tensor(values); }

bool close(const Tensor& found, const Tensor& expected, double limit = 1e-6) {
  return found.sizes() == expected.sizes() && (found - expected).abs().max().item<double>() <= limit;
}

MergeOptions kind_of_merge(const std::string& how, double density = 0.5) {
  MergeOptions options;
  options.how = how;
  options.density = density;
  return options;
}

fs::path start_of(const std::string& name) { return fixture("peft/" + name) / "adapter"; }
fs::path end_of(const std::string& name) { return fixture("peft/" + name) / "adapter-final"; }

std::map<std::string, Tensor> tensors_of(const fs::path& file) {
  std::map<std::string, Tensor> tensors;
  for (const auto& [name, tensor] : read_tensors(file)) tensors[name] = tensor.clone();
  return tensors;
}

std::map<std::string, std::pair<Tensor, Tensor>> factors_of(Model& model) {
  std::map<std::string, std::pair<Tensor, Tensor>> factors;
  for (const auto& [name, layer] : adaptable_layers(model))
    if (layer->lora()) factors[name] = {layer->lora()->a.detach() * layer->lora()->scale, layer->lora()->b.detach()};
  return factors;
}

std::string weighted(const fs::path& folder, double weight) { return folder.string() + "=" + std::to_string(weight); }

Tensor logits_of(Model& model) {
  Batch batch;
  batch.input_ids = at::arange(5, 14, at::kLong).view({1, -1});
  const Evaluating evaluating(model);
  return model.logits(batch).clone();
}

}  // namespace

class CombineTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void smallTensorsComeOutAsByHand() {
    const Tensor a = numbers({4, -1, 3, -2}), b = numbers({-1, -5, 2, 0.5f});
    QVERIFY(close(pruned_by_magnitude(a, 0.5), numbers({4, 0, 3, 0})));
    QVERIFY(close(pruned_by_magnitude(b, 0.25), numbers({0, -5, 0, 0})));
    QVERIFY(close(combined({a, b}, {2, 10}, kind_of_merge("linear"), 0), numbers({-2, -52, 26, 1})));
    QVERIFY(close(combined({a, b}, {2, 10}, kind_of_merge("magnitude_prune"), 0), numbers({8, -50, 26, 0})));
    // Kept are 4, 3 and -5, 2; the signs that win are + - +; the means are over those that have the sign.
    QVERIFY(close(combined({a, b}, {2, 10}, kind_of_merge("ties"), 0), numbers({8, -50, 13, 0})));
    // By the sum the first one wins its quarrel, by counting nobody does, which counts as +.
    MergeOptions options = kind_of_merge("ties", 1);
    const Tensor c = numbers({1}), d = numbers({-3}), e = numbers({1});
    QVERIFY(close(combined({c, d, e}, {1, 1, 1}, options, 0), numbers({-3})));
    options.majority_sign = "frequency";
    QVERIFY(close(combined({c, d, e}, {1, 1, 1}, options, 0), numbers({1})));
  }

  void droppedNumbersAreRescaledAndRepeat() {
    const Tensor values = at::randn({100, 200}) + 3;
    const Tensor first = dropped_and_rescaled(values, 0.3, 7, 1);
    const Tensor kept = first.ne(0);
    const double share = kept.to(at::kDouble).mean().item<double>();
    QVERIFY2(std::abs(share - 0.3) < 0.01, std::to_string(share).c_str());  // 20,000 draws: sigma is 0.0032
    QVERIFY(close(first.masked_select(kept), values.masked_select(kept) / 0.3, 1e-4));
    QVERIFY(first.equal(dropped_and_rescaled(values, 0.3, 7, 1)));
    QVERIFY(!first.equal(dropped_and_rescaled(values, 0.3, 8, 1)));
    QVERIFY(!first.equal(dropped_and_rescaled(values, 0.3, 7, 2)));
    MergeOptions options = kind_of_merge("dare_linear", 0.3);
    options.seed = 3;
    const Tensor twice = combined({values, values}, {1, 1}, options, 5);  // each adapter has draws of its own
    QVERIFY(twice.ne(0).to(at::kDouble).mean().item<double>() > 0.45);
  }

  void factorsAreThoseOfTheDefinitions_data() {
    QTest::addColumn<QString>("how");
    QTest::addColumn<double>("density");
    QTest::addColumn<QString>("sign");
    QTest::addColumn<double>("second");
    for (const char* how : {"cat", "linear", "ties", "magnitude_prune", "svd", "ties_svd", "magnitude_prune_svd"})
      QTest::newRow(how) << how << 0.5 << "total" << 0.6;
    QTest::newRow("ties by count") << "ties" << 0.4 << "frequency" << 0.6;
    QTest::newRow("linear, negative") << "linear" << 0.5 << "total" << -0.6;
    QTest::newRow("cat, negative") << "cat" << 0.5 << "total" << -0.6;
  }

  void factorsAreThoseOfTheDefinitions() {
    QFETCH(QString, how);
    QFETCH(double, density);
    QFETCH(QString, sign);
    QFETCH(double, second);
    if (!has_python("numpy, safetensors")) QSKIP("needs Python with numpy and safetensors");
    const std::string name = "lora-llama-lm";
    const LiveModel live("peft/" + name);
    const fs::path out = live.folder.path() / "expected.safetensors";
    const Output computed = run_program({"python3", (source_folder() / "tests/reference/combine_adapters.py").string(),
                                         how.toStdString(), std::to_string(density), sign.toStdString(), "3",
                                         out.string(), weighted(start_of(name), 0.7), weighted(end_of(name), second)});
    QVERIFY2(computed.exit_code == 0, computed.err.c_str());
    const auto expected = tensors_of(out);
    MergeOptions options = kind_of_merge(how.toStdString(), density);
    options.majority_sign = sign.toStdString();
    options.rank = 3;
    const Artefact made = combine_adapters(live.base, {{start_of(name), 0.7}, {end_of(name), second}}, options);
    const auto factors = factors_of(*made.model);
    QVERIFY(!factors.empty());
    for (const auto& [layer, ab] : factors) {
      if (how.endsWith("svd")) {
        QVERIFY2(close(ab.second.mm(ab.first), expected.at(layer + ".update"), 2e-5), layer.c_str());
        QCOMPARE(ab.first.size(0), 3);
      } else {
        QVERIFY2(close(ab.first, expected.at(layer + ".A")), layer.c_str());
        QVERIFY2(close(ab.second, expected.at(layer + ".B")), layer.c_str());
      }
    }
  }

  void itIsWhatPeftMakesOfThem_data() {
    QTest::addColumn<QString>("how");
    for (const char* how : {"cat", "linear", "ties", "magnitude_prune"}) QTest::newRow(how) << how;
  }

  void itIsWhatPeftMakesOfThem() {
    QFETCH(QString, how);
    if (qEnvironmentVariableIsEmpty("PEFT_SRC")) QSKIP("needs PEFT's source, named by PEFT_SRC");
    const LiveModel live("peft/lora-llama-lm");
    const fs::path out = live.folder.path() / "peft.safetensors", first = start_of("lora-llama-lm"),
                   second = end_of("lora-llama-lm");
    const Output theirs =
        run_program({"python3", (source_folder() / "tests/reference/peft_combine.py").string(), live.base.string(),
                     out.string(), how.toStdString(), "0.5", "total", weighted(first, 0.7), weighted(second, 0.6)});
    QVERIFY2(theirs.exit_code == 0, theirs.err.c_str());
    const auto expected = tensors_of(out);
    const Artefact made = combine_adapters(live.base, {{first, 0.7}, {second, 0.6}}, kind_of_merge(how.toStdString()));
    for (const auto& [layer, ab] : factors_of(*made.model)) {
      QVERIFY2(close(ab.first, expected.at(layer + ".A")), layer.c_str());
      QVERIFY2(close(ab.second, expected.at(layer + ".B")), layer.c_str());
    }
  }

  void theExactSumIsTheWeightedSumOfTheUpdates() {
    const std::string name = "lora-bert-cls";
    const LiveModel live("peft/" + name);
    const Artefact one = open_artefact(live.base, start_of(name)), other = open_artefact(live.base, end_of(name));
    const auto a = factors_of(*one.model), b = factors_of(*other.model);
    const Artefact made =
        combine_adapters(live.base, {{start_of(name), 0.25}, {end_of(name), 0.75}}, kind_of_merge("cat"));
    for (const auto& [layer, factors] : factors_of(*made.model)) {
      const Tensor expected =
          a.at(layer).second.mm(a.at(layer).first) * 0.25 + b.at(layer).second.mm(b.at(layer).first) * 0.75;
      QVERIFY2(close(factors.second.mm(factors.first), expected), layer.c_str());
    }
    const auto head = [](const Artefact& artefact) {
      return artefact.model->named_parameters()["classifier.weight"].detach();
    };
    QVERIFY(close(head(made), head(one) * 0.25 + head(other) * 0.75));
  }

  void oneAdapterOfWeightOneIsItself() {
    const LiveModel live("peft/lora-gpt2-lm");
    const fs::path adapter = end_of("lora-gpt2-lm");
    const Artefact alone = open_artefact(live.base, adapter);
    for (const char* how : {"cat", "linear", "svd"}) {
      const Artefact made = combine_adapters(live.base, {{adapter, 1}}, kind_of_merge(how));
      QVERIFY2(close(logits_of(*made.model), logits_of(*alone.model), 1e-4), how);
    }
  }

  void factorsOfIa3AreAddedUp() {
    const std::string name = "ia3-llama-lm";
    const LiveModel live("peft/" + name);
    const auto scales = [](const Artefact& artefact) {
      std::map<std::string, Tensor> all;
      for (const auto& [layer_name, layer] : adaptable_layers(*artefact.model))
        if (layer->channel_scale()) all[layer_name] = layer->channel_scale()->factor.detach();
      return all;
    };
    const auto a = scales(open_artefact(live.base, start_of(name))), b = scales(open_artefact(live.base, end_of(name)));
    const Artefact made =
        combine_adapters(live.base, {{start_of(name), 0.5}, {end_of(name), 0.5}}, kind_of_merge("linear"));
    QVERIFY(!a.empty());
    for (const auto& [layer, factor] : scales(made)) QVERIFY(close(factor, (a.at(layer) + b.at(layer)) / 2));
    LUTHIER_FAILS(combine_adapters(live.base, {{start_of(name), 1}}, kind_of_merge("ties")), "weighted sum");
  }

  void itIsWrittenInEveryFormWithProof() {
    const std::string name = "lora-bert-cls";
    const LiveModel live("peft/" + name, {"rain", "sun", "snow"});
    const Exported first = live.exported("peft", "first");
    fs::copy(first.path, live.folder.path() / "second");
    for (const char* format : {"huggingface", "peft"}) {
      const fs::path out = live.folder.path() / (std::string("made-") + format);
      const Output output = run_cli({"merge", live.base.string(), "--adapter", first.path.string() + "=0.4",
                                     "--adapter", (live.folder.path() / "second").string() + "=0.6", "--how", "cat",
                                     "--to", format, "--out", out.string(), "--json"});
      QVERIFY2(output.exit_code == 0, (output.out + output.err).c_str());
      QVERIFY(Json::parse(output.out).at("proven").get<bool>());
      const std::string card = read_file(out / "README.md");
      QVERIFY2(card.find("Made of 2 adapters (cat): first times 0.4, second times 0.6.") != std::string::npos,
               card.c_str());
      QVERIFY(open_artefact(out).model->label_names() == (std::vector<std::string>{"rain", "sun", "snow"}));
    }
  }

  void whatDoesNotGoTogetherIsRefused() {
    const LiveModel live("peft/lora-bert-cls"), other("peft/dora-llama-lm");
    const fs::path adapter = end_of("lora-bert-cls");
    LUTHIER_FAILS(combine_adapters(live.base, {}, {}), "no adapter");
    LUTHIER_FAILS(combine_adapters(other.base, {{end_of("dora-llama-lm"), 1}}, {}), "DoRA");
    LUTHIER_FAILS(combine_adapters(live.base, {{adapter, 1}, {adapter, -1}}, {}), "add up to nothing");
    const LiveModel prompt("peft/prompt-llama-lm");
    LUTHIER_FAILS(combine_adapters(prompt.base, {{end_of("prompt-llama-lm"), 1}}, {}), "cannot be combined");
    const auto merge = [&](std::vector<std::string> words) {
      words.insert(words.begin(), {"merge", live.base.string(), "--out", (live.folder.path() / "out").string()});
      return run_cli(words);
    };
    QCOMPARE(merge({}).exit_code, 2);
    QCOMPARE(merge({"--adapter", adapter.string() + "=much"}).exit_code, 2);
    QCOMPARE(merge({"--adapter", adapter.string(), "--how", "stir"}).exit_code, 2);
    QCOMPARE(merge({"--adapter", adapter.string(), "--density", "7"}).exit_code, 2);
    QVERIFY(!fs::exists(live.folder.path() / "out"));
  }

  void aModelLiesBetweenBaseAndTuned() {
    const LiveModel base("full/bert-cls");
    const fs::path tuned_folder = base.folder.path() / "tuned";
    const auto tuned = load_model(base.base, {.head = Head::sequence_classification});
    {
      const at::NoGradGuard no_grad;
      for (const auto& [name, parameter] : tuned->unique_parameters())
        Tensor(parameter).add_(at::randn_like(parameter), 0.1);
    }
    save_model(*tuned, tuned_folder);
    write_tokenizer(tuned_folder, read_json(base.base / "config.json"));
    const auto start = load_model(base.base, {.head = Head::sequence_classification});
    for (const double share : {0.0, 0.3, 1.0}) {
      const Artefact made = interpolate(base.base, tuned_folder, share);
      const auto a = start->named_parameters(), b = tuned->named_parameters();
      for (const auto& [name, parameter] : made.model->unique_parameters())
        QVERIFY2(close(parameter.detach(), a[name].detach() * (1 - share) + b[name].detach() * share), name.c_str());
    }
    const fs::path out = base.folder.path() / "between";
    const Output output = run_cli(
        {"merge", base.base.string(), tuned_folder.string(), "--share", "0.5", "--out", out.string(), "--json"});
    QVERIFY2(output.exit_code == 0, (output.out + output.err).c_str());
    QVERIFY(read_file(out / "README.md").find("0.5 of the way") != std::string::npos);
  }

  void anAdapterIsScaledByTheShare() {
    const LiveModel live("peft/lora-llama-lm");
    const Exported adapter = live.exported("peft", "adapter");
    const Artefact made = interpolate(live.base, adapter.path, 0.5), whole = open_artefact(adapter.path);
    const auto start = load_model(live.base, {.head = Head::causal_lm});
    const std::string name = "model.layers.0.self_attn.q_proj.weight";
    const auto factors = factors_of(*whole.model).at("model.layers.0.self_attn.q_proj");
    QVERIFY(close(made.model->named_parameters()[name].detach(),
                  start->named_parameters()[name].detach() + factors.second.mm(factors.first) * 0.5));
    LUTHIER_FAILS(interpolate(LiveModel("full/gpt2-lm").base, adapter.path, 0.5), "different families");
  }
};

QTEST_GUILESS_MAIN(CombineTest)
#include "combine_test.moc"
