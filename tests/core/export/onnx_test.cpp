// ONNX files: exported and proven by ONNX Runtime, and damaged ones, whose proof must fail and name the place.
#include <cstring>

#include "base/error.h"
#include "core/export/exported_case.h"
#include "onnx/file.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

/// As `luthier-cli export --verify` finds it, in a process of its own.
Json verified(const fs::path& folder) {
  const Output output = run_cli({"export", "--verify", folder.string(), "--json"});
  return Json::parse(output.out).at("proof");
}

onnx::TensorData& tensor_in(onnx::Graph& graph, const std::string& name) {
  for (onnx::TensorData& tensor : graph.initializers)
    if (tensor.name == name) return tensor;
  throw std::runtime_error("no tensor " + name);
}

void replace(onnx::TensorData& tensor, const std::vector<float>& numbers) {
  const std::string note = tensor.note;
  tensor = onnx::tensor_of(tensor.name, tensor.shape, numbers);
  tensor.note = note;
}

std::vector<std::string> changed(const Json& proof) {
  return proof.at("changed_tensors").get<std::vector<std::string>>();
}

std::string first_layer(const Json& proof) {
  const Json& layer = proof.at("first_layer");
  return layer.is_string() ? layer.get<std::string>() : "none: " + proof.dump();
}

/// A proven export whose file is changed and put back.
struct Damaged {
  LiveModel live{"full/bert-cls"};
  fs::path folder = live.exported("onnx", "out").path, file = folder / "model.onnx";
  std::string good = read_file(file);

  Json after(const std::function<void(onnx::Graph&)>& edit) {
    write_text(file, good);
    onnx::Graph graph = onnx::read_graph(file);
    edit(graph);
    const fs::path other = file.string() + ".new";
    onnx::write_graph(graph, other);
    fs::rename(other, file);
    return verified(folder);
  }
};

}  // namespace

class OnnxTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void fixturesAreExportedAndProven_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"full/bert-mlm", "full/bert-token", "full/roberta-cls", "full/llama-lm", "full/qwen2-lm",
                             "peft/lora-bert-cls", "peft/prompt-bert-cls", "peft/prompt-gpt2-lm"})
      QTest::addRow("%s", name) << name;
  }

  void fixturesAreExportedAndProven() {
    QFETCH(QString, name);
    const LiveModel live(name.toStdString());
    const Exported exported = live.exported("onnx", "out");
    QVERIFY2(exported.proven, exported.proof_json.c_str());
    const Json proof = Json::parse(exported.proof_json);
    QVERIFY(proof.at("relative_difference").get<double>() <= 1e-4);
    QVERIFY(proof.at("positions").get<int>() >= 9);
    for (const char* file : {"model.onnx", "config.json", "tokenizer.json", "README.md"})
      QVERIFY2(fs::exists(exported.path / file), file);
  }

  void fewerBitsAreSmallerAndProven() {
    const LiveModel live("full/bert-mlm");
    const auto size = [](const Exported& exported) { return fs::file_size(exported.path / "model.onnx"); };
    const Exported whole = live.exported("onnx", "fp32");
    for (const char* precision : {"fp16", "int8"}) {
      const Exported fewer = live.exported("onnx", precision, precision);
      QVERIFY2(fewer.proven, fewer.proof_json.c_str());
      QVERIFY(size(fewer) < size(whole));
    }
  }

  void fixedRangesAreFoundAndProven_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"full/bert-cls", "full/llama-lm"}) QTest::addRow("%s", name) << name;
  }

  void fixedRangesAreFoundAndProven() {
    QFETCH(QString, name);
    const LiveModel live(name.toStdString());
    ExportOptions options;
    options.format = "onnx";
    options.precision = "int8";
    options.calibrate = true;
    options.calibration_rows = 4;
    const Exported exported = export_model(*live.model, live.inputs(), options, live.folder.path() / "out");
    QVERIFY2(exported.proven, exported.proof_json.c_str());
    const onnx::Graph graph = onnx::read_graph(exported.path / "model.onnx");
    std::map<std::string, int> count;
    for (const onnx::Node& node : graph.nodes) ++count[node.op];
    QVERIFY(count["QuantizeLinear"] > 0);
    QVERIFY(count["DequantizeLinear"] > count["QuantizeLinear"]);  // weights too
    QCOMPARE(count["DynamicQuantizeLinear"], 0);
    // The values that were looked at are no outputs of what is exported.
    const onnx::Graph whole = onnx::read_graph(live.exported("onnx", "whole").path / "model.onnx");
    QCOMPARE(graph.outputs.size(), whole.outputs.size());
    for (const auto& entry : fs::directory_iterator(live.folder.path()))  // what they were found with is gone
      QVERIFY2(!entry.path().filename().string().starts_with(".calibrating-"), entry.path().c_str());
  }

  void fixedRangesAreRefusedBeforeAnyWork() {
    const LiveModel live("full/bert-cls");
    const fs::path place = live.folder.path() / "out";
    ExportOptions options;
    options.format = "onnx";
    options.calibrate = true;
    LUTHIER_FAILS(export_model(*live.model, live.inputs(), options, place), "fixed at int8 alone");
    options.format = "huggingface";
    LUTHIER_FAILS(export_model(*live.model, live.inputs(), options, place), "no activation ranges");
    options.format = "onnx";
    options.precision = "int8";
    ExportInputs inputs = live.inputs();
    inputs.proof_rows.clear();
    LUTHIER_FAILS(export_model(*live.model, inputs, options, place), "no held-out rows");
    QVERIFY(!fs::exists(place));
  }

  void weightsKeepTheirNames() {
    const LiveModel live("full/bert-cls");
    const onnx::Graph graph = onnx::read_graph(live.exported("onnx", "out").path / "model.onnx");
    for (const auto& [name, parameter] : live.model->unique_parameters()) {
      const onnx::TensorData* tensor = graph.initializer(name);
      QVERIFY2(tensor, name.c_str());
      QCOMPARE(tensor->elements(), parameter.numel());
    }
  }

  void aChangedTensorIsNamed() {
    Damaged damaged;
    for (const char* layer : {"bert.encoder.layer.1.output.dense", "classifier"}) {
      const std::string name = std::string(layer) + ".weight";
      const Json proof = damaged.after([&](onnx::Graph& graph) {
        onnx::TensorData& tensor = tensor_in(graph, name);
        std::vector<float> numbers = onnx::numbers_of(tensor);
        for (std::size_t i = 0; i < numbers.size(); i += 3) numbers[i] += 0.5f;
        replace(tensor, numbers);
      });
      QCOMPARE(proof.at("passed").get<bool>(), false);
      QCOMPARE(changed(proof), std::vector<std::string>{name});
      QCOMPARE(first_layer(proof), std::string(layer));
    }
    const Json proof = damaged.after([](onnx::Graph&) {});
    QVERIFY2(proof.at("passed").get<bool>(), proof.dump().c_str());  // written again as it was
  }

  void swappedLayersAndTurnedMatricesAreNamed() {
    Damaged damaged;
    const std::string query = "attention.self.query", first = "bert.encoder.layer.0." + query,
                      second = "bert.encoder.layer.1." + query;
    Json proof = damaged.after([&](onnx::Graph& graph) {
      onnx::TensorData &one = tensor_in(graph, first + ".weight"), &other = tensor_in(graph, second + ".weight");
      const std::vector<float> kept = onnx::numbers_of(one);
      replace(one, onnx::numbers_of(other));
      replace(other, kept);
    });
    QCOMPARE(proof.at("passed").get<bool>(), false);
    QCOMPARE(changed(proof), (std::vector<std::string>{first + ".weight", second + ".weight"}));
    QCOMPARE(first_layer(proof), first);
    proof = damaged.after([&](onnx::Graph& graph) {
      onnx::TensorData& tensor = tensor_in(graph, second + ".weight");
      const auto side = static_cast<std::size_t>(tensor.shape.at(0));
      const std::vector<float> numbers = onnx::numbers_of(tensor);
      std::vector<float> turned(numbers.size());
      for (std::size_t i = 0; i < numbers.size(); ++i) turned[i % side * side + i / side] = numbers[i];
      replace(tensor, turned);
    });
    QCOMPARE(proof.at("passed").get<bool>(), false);
    QCOMPARE(changed(proof), std::vector<std::string>{second + ".weight"});
    QCOMPARE(first_layer(proof), second);
  }

  void aChangedComputationIsNamed() {
    Damaged damaged;
    const std::string layer = "bert.encoder.layer.1.attention.output.dense";
    const Json proof = damaged.after([&](onnx::Graph& graph) {
      for (onnx::Node& node : graph.nodes)
        if (node.op == "Add" && node.place() == layer) node.op = "Sub";
    });
    QCOMPARE(proof.at("passed").get<bool>(), false);
    QCOMPARE(changed(proof), std::vector<std::string>{"nodes of " + layer});
    QCOMPARE(first_layer(proof), layer);
  }

  void aChangedTemplateIsNamed() {
    const LiveModel live("full/llama-lm");
    live.tokenizer->set_chat_template("{% for m in messages %}{{ m['content'] }}{% endfor %}");
    const Exported exported = live.exported("onnx", "out");
    QVERIFY2(exported.proven, exported.proof_json.c_str());
    write_text(exported.path / "chat_template.jinja", "{% for m in messages %}{{ m['role'] }}{% endfor %}");
    const Json proof = verified(exported.path);
    QCOMPARE(proof.at("passed").get<bool>(), false);
    QVERIFY(proof.at("problem").get<std::string>().find("chat template is not what was exported") != std::string::npos);
  }

  void aFileThatIsCutShortIsRefused() {
    Damaged damaged;
    write_text(damaged.file, damaged.good.substr(0, damaged.good.size() / 2));
    const Json proof = verified(damaged.folder);
    QCOMPARE(proof.at("passed").get<bool>(), false);
    QVERIFY(proof.at("problem").get<std::string>().find("no complete ONNX file") != std::string::npos);
  }
};

QTEST_GUILESS_MAIN(OnnxTest)
#include "onnx_test.moc"
