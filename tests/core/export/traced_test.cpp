// The graphs of every family: at other batch sizes and lengths than they were recorded with they compute what the model
// in memory computes, also when they were saved and read again, and their weights carry the names of checkpoints.
#include "export/traced.h"

#include <ATen/TensorIndexing.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/python/update_graph_executor_opt.h>
#include <torch/csrc/jit/serialization/import.h>

#include <nlohmann/json.hpp>
#include <set>

#include "models/evaluating.h"
#include "models/families.h"
#include "recipe/catalog.h"
#include "support/testing.h"
#include "support/tiny_models.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

double difference(const Tensor& found, const Tensor& expected) {
  if (found.sizes() != expected.sizes()) return INFINITY;
  return (found - expected).abs().max().item<double>();
}

const TracedGraph& graph_of(const TracedModel& traced, std::string_view name) {
  for (const TracedGraph& graph : traced.graphs)
    if (graph.name == name) return graph;
  throw std::runtime_error("no graph " + std::string(name));
}

/// What a model reads, of other sizes than any example; the last row is shorter where rows may be.
Batch batch_for(const Model& model, const FamilyEntry& family, std::int64_t rows, std::int64_t length) {
  Batch batch;
  const Json& config = model.config();
  if (family.modality == "text") {
    batch.input_ids = at::randint(3, 40, {rows, length}, at::kLong);
    batch.attention_mask = at::ones({rows, length}, at::kBool);
    if (length > 2) {
      batch.attention_mask[rows - 1].narrow(0, length - 2, 2).fill_(false);
      batch.input_ids[rows - 1].narrow(0, length - 2, 2).fill_(config.value("pad_token_id", 0));
    }
    if (family.kind == "bert") batch.token_type_ids = at::randint(0, 2, {rows, length}, at::kLong);
  } else if (family.modality == "image") {
    const std::int64_t side = family.kind == "vit" ? config.at("image_size").get<std::int64_t>() : 24 + length;
    batch.pixel_values = at::randn({rows, 3, side, side});
  } else if (family.kind == "whisper") {
    batch.input_features = at::randn({rows, 8, 24});
  } else {
    batch.input_values = at::randn({rows, 100 + 10 * length});
    batch.attention_mask = at::ones({rows, 100 + 10 * length}, at::kBool);
    batch.attention_mask[rows - 1].narrow(0, 80, 20 + 10 * length).fill_(false);
  }
  if (model.head_kind() == Head::seq2seq_lm)
    batch.decoder_input_ids = at::randint(3, 40, {rows, 1 + length / 3}, at::kLong);
  return batch;
}

std::vector<c10::IValue> inputs_of(const TracedGraph& graph, const Batch& batch) {
  const std::map<std::string, Tensor> known = {
      {"input_ids", batch.input_ids},           {"token_type_ids", batch.token_type_ids},
      {"pixel_values", batch.pixel_values},     {"input_values", batch.input_values},
      {"input_features", batch.input_features}, {"decoder_input_ids", batch.decoder_input_ids}};
  std::vector<c10::IValue> inputs;
  for (const TracedValue& input : graph.inputs)
    inputs.emplace_back(input.name == "attention_mask" ? batch.attention_mask.to(at::kLong) : known.at(input.name));
  return inputs;
}

torch::jit::Module saved_and_read(const torch::jit::Module& module) {
  const TemporaryFolder folder;
  const std::string file = (folder.path() / "model.pt").string();
  module.save(file);
  return torch::jit::load(file);
}

}  // namespace

class TracedTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  /// Graphs are run a few times only: rewriting them first would take most of the time.
  void initTestCase() { torch::jit::setGraphExecutorOptimize(false); }

  void everyFamilyAndHeadComputesTheSameAtOtherSizes_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("head");
    for (const FamilyModules& modules : family_modules())
      for (const std::string& head : family_of_model_type(modules.model_type).heads)
        QTest::addRow("%s %s", modules.model_type.c_str(), head.c_str())
            << QString::fromStdString(modules.model_type) << QString::fromStdString(head);
  }

  void everyFamilyAndHeadComputesTheSameAtOtherSizes() {
    QFETCH(QString, type);
    QFETCH(QString, head);
    const auto model = tiny_model(type.toStdString(), head.toStdString());
    const std::string model_type = type.toStdString();
    const FamilyEntry& family = family_of_model_type(model_type);
    const TracedModel traced = trace_model(*model);
    const TracedGraph& graph = graph_of(traced, "forward");
    auto read = saved_and_read(*traced.module);
    const Evaluating evaluating(*model);
    for (const auto& [rows, length] : {std::pair{3, 9}, {1, 1}, {4, 2}, {1, 14}}) {
      const Batch batch = batch_for(*model, family, rows, length);
      Tensor expected = model->logits(batch), found = read.forward(inputs_of(graph, batch)).toTensor();
      QCOMPARE(found.sizes(), expected.sizes());
      if (expected.dim() == 3 && batch.input_ids.defined() && !model->is_encoder_decoder()) {
        expected = expected.index({batch.attention_mask});  // nobody reads what is computed for padding
        found = found.index({batch.attention_mask});
      }
      QVERIFY2(difference(found, expected) <= 1e-5,
               qPrintable(QString("%1 rows, length %2: %3").arg(rows).arg(length).arg(difference(found, expected))));
    }
    std::set<std::string> names, expected_names;
    for (const auto& parameter : read.named_parameters()) names.insert(parameter.name);
    for (const auto& parameter : model->named_parameters()) expected_names.insert(parameter.key());
    QCOMPARE(names, expected_names);
  }

  void writingTokenByTokenGivesTheSameLogits_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("head");
    for (const char* type : {"gpt2", "llama", "qwen2", "qwen3", "mistral"})
      QTest::addRow("%s", type) << type << "causal_lm";
    for (const char* type : {"t5", "mt5", "whisper"}) QTest::addRow("%s", type) << type << "seq2seq_lm";
  }

  void writingTokenByTokenGivesTheSameLogits() {
    QFETCH(QString, type);
    QFETCH(QString, head);
    const auto model = tiny_model(type.toStdString(), head.toStdString());
    const TracedModel traced = trace_model(*model);
    auto read = saved_and_read(*traced.module);
    const Evaluating evaluating(*model);
    Batch batch = batch_for(*model, family_of_model_type(type.toStdString()), 3, 9);
    if (!model->is_encoder_decoder()) {  // padding in front: every row goes on at the end
      batch.attention_mask.fill_(true);
      batch.attention_mask[0].narrow(0, 0, 4).fill_(false);
    } else {
      batch.decoder_input_ids = at::randint(3, 40, {3, 9}, at::kLong);
    }
    const Tensor expected = model->logits(batch);
    std::map<std::string, Tensor> known;
    if (model->is_encoder_decoder()) {
      const TracedGraph& encode = graph_of(traced, "encode");
      const auto outputs = read.get_method("encode")(inputs_of(encode, batch)).toTuple()->elements();
      for (std::size_t i = 0; i < encode.outputs.size(); ++i) known[encode.outputs[i].name] = outputs[i].toTensor();
      if (batch.attention_mask.defined()) known["attention_mask"] = batch.attention_mask.to(at::kLong);
    }
    const TracedGraph& decode = graph_of(traced, "decode");
    for (const TracedValue& input : decode.inputs)
      if (input.name.starts_with("past_"))
        known[input.name] = at::zeros({3, input.axes[1].size, 0, input.axes[3].size});
    const Tensor ids = model->is_encoder_decoder() ? batch.decoder_input_ids : batch.input_ids;
    std::int64_t seen = 0;
    for (const std::int64_t count : {1, 4, 1, 3}) {
      known["input_ids"] = ids.narrow(1, seen, count);
      if (!model->is_encoder_decoder())
        known["attention_mask"] = batch.attention_mask.narrow(1, 0, seen + count).to(at::kLong);
      std::vector<c10::IValue> given;
      for (const TracedValue& input : decode.inputs) given.emplace_back(known.at(input.name));
      const auto outputs = read.get_method("decode")(std::move(given)).toTuple()->elements();
      for (std::size_t i = 1; i < outputs.size(); ++i) known["past_" + decode.outputs[i].name] = outputs[i].toTensor();
      // What stands in front of a text is computed, but nobody reads it.
      const Tensor found = outputs[0].toTensor(), wanted = expected.narrow(1, seen, count);
      for (std::int64_t row = 0; row < 3; ++row)
        for (std::int64_t t = 0; t < count; ++t) {
          const bool padding = !model->is_encoder_decoder() && row == 0 && seen + t < 4;
          if (!padding) QVERIFY(difference(found[row][t], wanted[row][t]) <= 1e-5);
        }
      seen += count;
    }
  }

  void everyWeightOfAGraphIsNamedAsInTheCheckpoint() {
    const auto model = tiny_model("bert", "sequence_classification");
    const TracedModel traced = trace_model(*model);
    std::set<std::string> names;
    for (const torch::jit::Node* node : graph_of(traced, "forward").graph->nodes()) {
      if (node->kind() != c10::prim::GetAttr || !node->output()->type()->isSubtypeOf(*c10::TensorType::get())) continue;
      std::string name;
      for (const torch::jit::Node* at = node; at->kind() == c10::prim::GetAttr; at = at->input(0)->node())
        name = at->s(c10::attr::name) + (name.empty() ? "" : "." + name);
      names.insert(name);
    }
    std::set<std::string> expected;
    for (const auto& parameter : model->named_parameters()) expected.insert(parameter.key());
    QCOMPARE(names, expected);
  }

  void everyTensorOfAGraphHasItsFullType() {
    for (const char* type : {"bert", "llama", "t5", "wav2vec2", "resnet"}) {
      const auto model = tiny_model(type, family_of_model_type(type).heads.front());
      for (const TracedGraph& graph : trace_model(*model).graphs)
        for (const torch::jit::Node* node : graph.graph->nodes())
          for (const torch::jit::Value* value : node->outputs())
            if (const auto tensor = value->type()->cast<c10::TensorType>();
                tensor && node->kind() != c10::prim::GetAttr)
              QVERIFY2(tensor->dim() && tensor->scalarType(), node->kind().toQualString());
    }
  }

  void theModelIsLeftAsItWas() {
    const auto model = tiny_model("bert", "sequence_classification");
    model->train();
    trace_model(*model);
    QVERIFY(model->is_training());
    for (const auto& parameter : model->parameters()) QVERIFY(parameter.requires_grad());
  }
};

QTEST_GUILESS_MAIN(TracedTest)
#include "traced_test.moc"
