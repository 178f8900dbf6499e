// TorchScript files: exported and proven, and damaged ones, whose proof must fail and name the place.
#include <ATen/core/grad_mode.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <functional>
#include <map>

#include "core/export/exported_case.h"
#include "export/formats.h"
#include "export/torchscript.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

Json verified(const fs::path& folder) {
  std::string proof;
  verify_export(folder, &proof);
  return Json::parse(proof);
}

/// Opens the file, changes weights in place and writes it again.
void change(const fs::path& folder, const std::function<void(std::map<std::string, Tensor>& weights)>& edit) {
  const at::NoGradGuard no_grad;
  const std::string file = (folder / kTorchScriptFile).string();
  const torch::jit::Module module = torch::jit::load(file);
  std::map<std::string, Tensor> weights;
  for (const auto& parameter : module.named_parameters()) weights[parameter.name] = parameter.value;
  edit(weights);
  module.save(file);
}

std::vector<std::string> changed(const Json& proof) {
  return proof.at("changed_tensors").get<std::vector<std::string>>();
}

}  // namespace

class TorchScriptTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void fixturesAreExportedAndProven_data() {
    QTest::addColumn<QString>("name");
    for (const char* name :
         {"full/bert-mlm", "full/bert-token", "full/roberta-cls", "full/llama-lm", "full/qwen2-lm",
          "peft/lora-bert-cls", "peft/prompt-bert-cls", "peft/prefix-llama-lm", "peft/prompt-gpt2-lm"})
      QTest::addRow("%s", name) << name;
  }

  void fixturesAreExportedAndProven() {
    QFETCH(QString, name);
    const LiveModel live(name.toStdString());
    const Exported exported = live.exported("torchscript", "out");
    QVERIFY2(exported.proven, exported.proof_json.c_str());
    const Json proof = Json::parse(exported.proof_json);
    QVERIFY(proof.at("relative_difference").get<double>() <= 1e-4);
    QVERIFY(proof.at("positions").get<int>() >= 9);
    for (const char* file : {kTorchScriptFile, kTorchScriptMethods, "config.json", "tokenizer.json", "README.md"})
      QVERIFY(fs::exists(exported.path / file));
  }

  void bottlenecksAreRecordedAsTheyAre() {
    const LiveModel live("full/bert-cls");
    load_adapter(*live.model, fixture("adapters/seq_bn-bert-cls"));
    const Exported exported = live.exported("torchscript", "out");
    QVERIFY2(exported.proven, exported.proof_json.c_str());
    bool is_there = false;
    for (const auto& [name, sum] : checksums_of_torchscript(exported.path))
      is_there = is_there || name.find("adapter_down") != std::string::npos;
    QVERIFY(is_there);
  }

  void twoByteNumbersAreComputedInTwoBytes() {
    const LiveModel live("full/bert-cls");
    for (const char* precision : {"bf16", "fp16"}) {
      const Exported half = live.exported("torchscript", precision, precision);
      QVERIFY2(half.proven, half.proof_json.c_str());
      const auto module = torch::jit::load((half.path / kTorchScriptFile).string());
      const at::ScalarType expected = std::string(precision) == "bf16" ? at::kBFloat16 : at::kHalf;
      for (const Tensor& parameter : module.parameters()) QCOMPARE(parameter.scalar_type(), expected);
    }
    for (const auto& parameter : live.model->parameters()) QCOMPARE(parameter.scalar_type(), at::kFloat);
  }

  void aChangedTensorIsNamed() {
    const LiveModel live("full/bert-cls");
    const fs::path folder = live.exported("torchscript", "out").path;
    const std::string good = read_file(folder / kTorchScriptFile);
    change(folder, [](auto&) {});
    QVERIFY2(verified(folder).at("passed").get<bool>(), verified(folder).dump().c_str());  // written again as it was
    for (const char* layer : {"bert.embeddings.word_embeddings", "bert.encoder.layer.1.output.dense", "classifier"}) {
      const std::string name = std::string(layer) + ".weight";
      change(folder, [&](auto& weights) { weights.at(name).neg_(); });
      const Json proof = verified(folder);
      QCOMPARE(proof.at("passed").get<bool>(), false);
      QCOMPARE(changed(proof), std::vector<std::string>{name});
      QCOMPARE(proof.at("first_layer").get<std::string>(), std::string(layer));
      write_text(folder / kTorchScriptFile, good);
    }
  }

  void swappedLayersAndTurnedMatricesAreNamed() {
    const LiveModel live("full/bert-cls");
    const fs::path folder = live.exported("torchscript", "out").path;
    const std::string good = read_file(folder / kTorchScriptFile), query = "attention.self.query.weight";
    const std::string first = "bert.encoder.layer.0." + query, second = "bert.encoder.layer.1." + query;
    change(folder, [&](auto& weights) {
      const Tensor kept = weights.at(first).clone();
      weights.at(first).copy_(weights.at(second));
      weights.at(second).copy_(kept);
    });
    Json proof = verified(folder);
    QCOMPARE(proof.at("passed").get<bool>(), false);
    QCOMPARE(changed(proof), (std::vector<std::string>{first, second}));
    QCOMPARE(proof.at("first_layer").get<std::string>(), std::string("bert.encoder.layer.0.attention.self.query"));
    write_text(folder / kTorchScriptFile, good);
    change(folder, [&](auto& weights) { weights.at(second).copy_(weights.at(second).t().clone()); });
    proof = verified(folder);
    QCOMPARE(proof.at("passed").get<bool>(), false);
    QCOMPARE(changed(proof), std::vector<std::string>{second});
    QCOMPARE(proof.at("first_layer").get<std::string>(), std::string("bert.encoder.layer.1.attention.self.query"));
  }

  void aChangedComputationIsFound() {
    const LiveModel live("full/bert-cls");
    const fs::path folder = live.exported("torchscript", "out").path;
    const LiveModel other("full/bert-cls", {"a", "b", "c"});
    const fs::path elsewhere = other.exported("torchscript", "out").path;
    fs::copy_file(elsewhere / kTorchScriptFile, folder / kTorchScriptFile, fs::copy_options::overwrite_existing);
    QCOMPARE(verified(folder).at("passed").get<bool>(), false);
    std::string file = read_file(folder / kTorchScriptFile);
    file.resize(file.size() / 2);
    write_text(folder / kTorchScriptFile, file);
    const Json proof = verified(folder);
    QCOMPARE(proof.at("passed").get<bool>(), false);
    QVERIFY(proof.at("problem").get<std::string>().find("TorchScript") != std::string::npos);
  }
};

QTEST_GUILESS_MAIN(TorchScriptTest)
#include "torchscript_test.moc"
