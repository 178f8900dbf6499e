// `lab replay` and `lab forward` on every fixture, as a script from outside calls them. Expected numbers are
// transformers' and PEFT's (tests/fixtures).
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/json.h"
#include "support/testing.h"
#include "weights/weights.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

std::vector<float> floats_of(const Weights& weights, const std::string& name) {
  const TensorEntry* entry = weights.find(name);
  if (!entry || entry->type != DType::f32) return {};
  const auto* first = reinterpret_cast<const float*>(entry->bytes.data());
  return {first, first + entry->elements()};
}

/// Of `positions` a row: a prompt's learned tokens stand before a row's own, and count.
std::vector<std::int64_t> mask_of(const Weights& weights, const std::string& name, std::int64_t positions) {
  const TensorEntry* entry = weights.find(name);
  if (!entry || entry->type != DType::i64 || entry->shape.size() != 2) return {};
  const auto* first = reinterpret_cast<const std::int64_t*>(entry->bytes.data());
  const std::int64_t tokens = entry->shape[1];
  if (positions < tokens) return {};  // a decoder's own positions
  std::vector<std::int64_t> mask;
  for (std::int64_t row = 0; row < entry->shape[0]; ++row) {
    mask.insert(mask.end(), static_cast<std::size_t>(positions - tokens), 1);
    mask.insert(mask.end(), first + row * tokens, first + (row + 1) * tokens);
  }
  return mask;
}

/// Largest difference relative to the largest expected value, over positions that are tokens.
double difference(const std::vector<float>& got, const std::vector<float>& expected, std::vector<std::int64_t> mask,
                  std::size_t rows) {
  if (got.size() != expected.size() || got.empty()) return 1e9;
  if (mask.empty() || got.size() % mask.size() != 0 || mask.size() == rows) mask.assign(rows, 1);
  const std::size_t width = got.size() / mask.size();
  double worst = 0, largest = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(expected[i])));
    if (mask[i / width] != 0) worst = std::max(worst, std::abs(static_cast<double>(got[i]) - expected[i]));
  }
  return worst / largest;
}

/// transformers 5 names ViT's layers otherwise in memory, and PEFT saves those names; ours are those of checkpoints.
std::string name_on_disk(std::string name) {
  const std::pair<std::string, std::string> parts[] = {{"vit.layers.", "vit.encoder.layer."},
                                                       {"attention.q_proj", "attention.attention.query"},
                                                       {"attention.v_proj", "attention.attention.value"}};
  if (name.find("vit.layers.") == std::string::npos) return name;
  for (const auto& [from, to] : parts)
    if (const auto at = name.find(from); at != std::string::npos) name.replace(at, from.size(), to);
  return name;
}

Output replay(const fs::path& folder, const fs::path& out, std::vector<std::string> more) {
  const Json expected = read_json(folder / "expect.json");
  std::vector<std::string> words = {"lab",         "replay",
                                    "--model",     (folder / "base").string(),
                                    "--inputs",    (folder / "io.safetensors").string(),
                                    "--steps",     "10",
                                    "--out",       out.string(),
                                    "--optimizer", expected["optimizer"].dump()};
  words.insert(words.end(), more.begin(), more.end());
  return run_cli(words);
}

}  // namespace

class ReplayTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void replaysWhatTransformersAndPeftDid_data() {
    QTest::addColumn<QString>("folder");
    for (const char* kind : {"full", "peft"})
      for (const auto& entry : fs::directory_iterator(fixture(kind)))
        // What p-tuning's network made is on the disk, the network that was trained is not.
        if (!entry.path().filename().string().starts_with("ptuning"))
          QTest::newRow((std::string(kind) + "/" + entry.path().filename().string()).c_str())
              << QString::fromStdString(entry.path().string());
  }
  void replaysWhatTransformersAndPeftDid() {
    QFETCH(QString, folder);
    const fs::path path = folder.toStdString();
    const Json expected = read_json(path / "expect.json");
    const bool adapted = fs::exists(path / "adapter");
    // One gradient of this case is zero but for rounding, and AdamW makes whole steps of it: PEFT itself, run again,
    // ends 8e-3 away from the fixture in that number.
    const bool uneven = folder.endsWith("lora-wav2vec2-ctc");
    // The same happens to weights before a batch norm that trains.
    const double most = expected["optimizer"].value("batch_norm_training", false) ? 5e-4 : 1e-4;
    const TemporaryFolder made;
    std::vector<std::string> more = {"--save", (made.path() / "result").string()};
    if (adapted) more.insert(more.end(), {"--adapter", (path / "adapter").string()});
    const Output output = replay(path, made.path() / "out.json", more);
    QVERIFY2(output.exit_code == 0, output.err.c_str());

    const Json got = read_json(made.path() / "out.json");
    QCOMPARE(got["trainable_parameters"].get<int>(), expected["trainable_parameters"].get<int>());
    for (const char* key : {"losses", "grad_norms_before_clipping"}) {
      QCOMPARE(got[key].size(), expected[key].size());
      for (std::size_t i = 0; i < got[key].size(); ++i) {
        const double wanted = expected[key][i].get<double>();
        QVERIFY(std::abs(got[key][i].get<double>() - wanted) <= (uneven ? 2e-3 : 1e-4) * wanted);
      }
    }
    QCOMPARE(got["grad_norm_per_parameter"].size(), expected["grad_norm_per_parameter"].size());
    for (const auto& [name, wanted] : expected["grad_norm_per_parameter"].items()) {
      QVERIFY2(got["grad_norm_per_parameter"].contains(name), name.c_str());
      QVERIFY2(std::abs(got["grad_norm_per_parameter"][name].get<double>() - wanted.get<double>()) <=
                   1e-4 * wanted.get<double>() + 1e-7,
               name.c_str());
    }

    std::vector<std::string> forward = {
        "lab",      "forward",
        "--inputs", (path / "io.safetensors").string(),
        "--prefix", "batch0.",
        "--out",    (made.path() / "final.safetensors").string(),
        "--model",  adapted ? (path / "base").string() : (made.path() / "result").string()};
    if (adapted) forward.insert(forward.end(), {"--adapter", (made.path() / "result").string()});
    const Output final_output = run_cli(forward);
    QVERIFY2(final_output.exit_code == 0, final_output.err.c_str());
    const Weights ours = Weights::open(made.path() / "final.safetensors"), io = Weights::open(path / "io.safetensors");
    const auto rows = static_cast<std::size_t>(io.find("batch0.expect.logits")->shape[0]);
    const bool by_token = io.find("final.expect.logits")->shape.size() == 3;
    QVERIFY(difference(floats_of(ours, "logits"), floats_of(io, "final.expect.logits"),
                       by_token ? mask_of(io, "batch0.attention_mask", io.find("final.expect.logits")->shape[1])
                                : std::vector<std::int64_t>{},
                       rows) < (uneven ? 1e-3 : most));
    if (adapted) compareAdapters(made.path() / "result", path / "adapter-final", uneven ? 2e-2 : 1e-4);
  }

  void attachesAMethodToABaseModel() {
    const TemporaryFolder made;
    const fs::path out = made.path() / "out.json";
    QCOMPARE(replay(fixture("full/llama-lm"), out,
                    {"--method", R"({"kind": "lora", "rank": 4, "targets": ["q_proj", "v_proj"]})"})
                 .exit_code,
             0);
    // Two layers of q_proj 32 -> 32 and v_proj 32 -> 16, rank 4.
    QCOMPARE(read_json(out)["trainable_parameters"].get<int>(), 2 * 4 * (32 + 32 + 32 + 16));
    QVERIFY(read_json(out)["losses"][9].get<double>() < read_json(out)["losses"][0].get<double>());
    QCOMPARE(replay(fixture("full/bert-cls"), out, {"--method", R"({"kind": "feature_extraction"})"}).exit_code, 0);
    QCOMPARE(read_json(out)["trainable_parameters"].get<int>(), 3 * 32 + 3);
  }

  void refusesWrongInputsWithExitCodeTwo() {
    const TemporaryFolder made;
    const fs::path out = made.path() / "out.json";
    const auto refused = [&](std::vector<std::string> more, const std::string& part) {
      const Output output = replay(fixture("full/llama-lm"), out, std::move(more));
      QCOMPARE(output.exit_code, 2);
      QVERIFY2(output.err.find(part) != std::string::npos, output.err.c_str());
      QVERIFY(!fs::exists(out));
    };
    refused({"--method", R"({"kind": "lora", "targets": ["nothing"]})"}, "match no layer");
    refused({"--method", R"({"kind": "lora", "rnak": 4})"}, "rnak");
    refused({"--method", R"({"kind": "prompt"})"}, "prompt");
    refused({"--method", "{"}, "--method");
    refused({"--steps", "0"}, "--steps");
    refused({"--optimizer", R"({"name": "SGD"})"}, "SGD");
    refused({"--optimizer", R"({"betas": [1]})"}, "betas");
    refused({"--adapter", "/nowhere"}, "/nowhere");
    refused({"--inputs", (fixture("full/bert-cls") / "io.safetensors").string()}, "labels");
    refused({"--inputs", (fixture("full/bert-cls") / "expect.json").string()}, "expect.json");
  }

 private:
  void compareAdapters(const fs::path& ours, const fs::path& theirs, double most) {
    const Weights a = Weights::open(ours / "adapter_model.safetensors"),
                  b = Weights::open(theirs / "adapter_model.safetensors");
    QCOMPARE(a.tensors().size(), b.tensors().size());
    for (const TensorEntry& entry : b.tensors()) {
      const std::string name = name_on_disk(entry.name);
      QVERIFY2(a.find(name) && a.find(name)->shape == entry.shape, name.c_str());
      const auto got = floats_of(a, name), wanted = floats_of(b, entry.name);
      for (std::size_t i = 0; i < got.size(); ++i) QVERIFY(std::abs(got[i] - wanted[i]) < most);
    }
    const Json x = read_json(ours / "adapter_config.json"), y = read_json(theirs / "adapter_config.json");
    for (const auto& [key, value] : y.items()) {
      QVERIFY2(x.contains(key), key.c_str());
      if (key == "target_modules" && b.find("base_model.model.vit.layers.0.attention.q_proj.lora_A.weight"))
        QCOMPARE(x[key].get<std::set<std::string>>(), (std::set<std::string>{"query", "value"}));
      else if (key == "target_modules" || (key == "modules_to_save" && value.is_array()))
        QCOMPARE(x[key].get<std::set<std::string>>(), value.get<std::set<std::string>>());
      else if (key != "peft_version" && key != "base_model_name_or_path")
        QVERIFY2(x[key] == value, key.c_str());
    }
    QCOMPARE(x.size(), y.size());
  }
};

QTEST_GUILESS_MAIN(ReplayTest)
#include "replay_test.moc"
