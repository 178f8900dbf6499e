// What an export leaves on the disk and in memory. Every proof here is made by a real process of its own.
#include "export/exporter.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <unistd.h>

#include "base/error.h"
#include "core/export/exported_case.h"
#include "export/artefact.h"
#include "export/merge.h"
#include "methods/method.h"
#include "nn/linear.h"
#include "recipe/catalog.h"

using namespace luthier;
using namespace luthier::testing;

namespace {
std::map<std::string, std::string> bytes_of(const Model& model) {
  std::map<std::string, std::string> bytes;
  for (const auto& parameter : model.named_parameters()) {
    const Tensor tensor = parameter.value().detach().contiguous();
    bytes[parameter.key()] = std::string(static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes());
  }
  return bytes;
}
}  // namespace

class ExporterTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void everyFixtureIsExportedAndProven_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("format");
    for (const char* name : {"bert-cls", "bert-mlm", "bert-token", "roberta-cls", "llama-lm", "qwen2-lm"}) {
      QTest::addRow("full %s", name) << QString("full/%1").arg(name) << "huggingface";
      QTest::addRow("merged %s", name) << QString("peft/lora-%1").arg(name) << "huggingface";
      QTest::addRow("adapter %s", name) << QString("peft/lora-%1").arg(name) << "peft";
    }
    QTest::newRow("merged rank-stabilised") << "peft/rslora-llama-lm" << "huggingface";
    QTest::newRow("adapter rank-stabilised") << "peft/rslora-llama-lm" << "peft";
  }

  void everyFixtureIsExportedAndProven() {
    QFETCH(QString, name);
    QFETCH(QString, format);
    const LiveModel live(name.toStdString());
    const Exported exported = live.exported(format.toStdString(), "out");
    QVERIFY2(exported.proven, exported.proof_json.c_str());
    const Json proof = read_json(exported.path / "proof.json");
    QCOMPARE(proof.at("rows").get<int>(), 9);
    QCOMPARE(proof.at("format").get<std::string>(), format.toStdString());
    QVERIFY(proof.at("relative_difference").get<double>() <= 1e-4);
    QCOMPARE(proof.at("agreement").get<double>(), 1.0);
    QVERIFY(proof.at("latency_ms").get<double>() > 0 && proof.at("load_seconds").get<double>() > 0);
    QVERIFY(proof.at("size_bytes").get<std::uint64_t>() > fs::file_size(weights_file(exported.path)));
    for (const char* file : {"README.md", "tokenizer.json", "luthier.json"}) QVERIFY(fs::exists(exported.path / file));
    for (const auto& entry : fs::directory_iterator(live.folder.path()))  // nothing half-made is left beside it
      QVERIFY(entry.path().filename() == "out" || entry.path().filename() == "base-model");
  }

  void theCatalogsFormatsAreAllWritten() {
    for (const ExporterEntry& entry : exporters()) {
      if (!entry.families.empty()) continue;  // GGUF: gguf_long_test
      const LiveModel live("peft/lora-bert-cls");
      QVERIFY2(live.exported(entry.kind, "out").proven, entry.kind.c_str());
    }
  }

  void theLiveModelStaysAsItWasBitForBit() {
    const LiveModel live("peft/lora-bert-cls");
    live.model->train();
    const auto before = bytes_of(*live.model);
    QVERIFY(before.count("bert.encoder.layer.0.attention.self.query.lora_A.weight"));
    live.exported("huggingface", "out");
    QVERIFY(bytes_of(*live.model) == before);
    QVERIFY(live.model->is_training());
  }

  void aMergedCopyIsNeitherTheModelNorItsMemory() {
    const LiveModel live("peft/lora-llama-lm");
    const auto merged = merged_copy(*live.model);
    const auto before = bytes_of(*live.model);
    const std::string name = "model.layers.0.self_attn.q_proj";
    for (const auto& entry : live.model->named_modules())
      if (entry.key() == name) {
        const auto* layer = entry.value()->as<nn::Linear>();
        const Tensor delta = layer->lora()->b.mm(layer->lora()->a) * layer->lora()->scale;
        const Tensor found = merged->named_parameters()[name + ".weight"];
        QVERIFY((found - (layer->weight + delta)).abs().max().item<double>() < 1e-6);
        QVERIFY((found - layer->weight).abs().max().item<double>() > 1e-4);
      }
    for (const auto& parameter : merged->named_parameters()) QVERIFY(parameter.key().find("lora") == std::string::npos);
    QVERIFY(bytes_of(*live.model) == before);
  }

  void aTableThatSeveralModulesReadIsMergedForAllOfThem() {
    // T5's encoder, decoder and output layer share one; a LoRA on it leaves the output layer as it is.
    LoadOptions options;
    options.head = Head::seq2seq_lm;
    const auto model = load_model(fixture("peft/lora-t5-s2s") / "base", options);
    LoraOptions lora;
    lora.rank = 2;
    lora.targets = {"shared"};
    lora.targets_is_list = true;
    const at::NoGradGuard no_grad;
    for (const auto& [name, values] : attach_method(*model, lora, false, 1).trainable) Tensor(values).add_(0.1);
    Batch batch;
    batch.input_ids = at::arange(2, 12, at::kLong).unsqueeze(0);
    batch.decoder_input_ids = at::arange(0, 6, at::kLong).unsqueeze(0);
    const Tensor adapted = model->logits(batch), merged = merged_copy(*model)->logits(batch);
    set_adapters_active(*model, false);
    QVERIFY((adapted - model->logits(batch)).abs().max().item<double>() > 1e-2);
    QVERIFY((adapted - merged).abs().max().item<double>() <= 1e-4 * adapted.abs().max().item<double>());
  }

  void twoByteNumbersAreProvenWithTheirOwnLimit() {
    const LiveModel live("full/bert-cls");
    const Exported whole = live.exported("huggingface", "fp32");
    for (const char* precision : {"fp16", "bf16"}) {
      const Exported half = live.exported("huggingface", precision, precision);
      QVERIFY2(half.proven, half.proof_json.c_str());
      const Json proof = Json::parse(half.proof_json);
      QVERIFY(proof.at("limit").get<double>() > 1e-4);
      QVERIFY(!proof.at("limit_reason").get<std::string>().empty());
      QVERIFY(proof.at("relative_difference").get<double>() > 0);  // the weights were rounded
      QVERIFY(fs::file_size(half.path / "model.safetensors") <
              fs::file_size(whole.path / "model.safetensors") * 6 / 10);
    }
  }

  void labelNamesTravelInTheConfig() {
    const LiveModel live("full/bert-cls", {"rain", "sun", "snow"});
    const Exported exported = live.exported("huggingface", "out");
    const Json config = read_json(exported.path / "config.json");
    QCOMPARE(config.at("id2label").at("2").get<std::string>(), std::string("snow"));
    QCOMPARE(config.at("label2id").at("sun").get<int>(), 1);
    QVERIFY(open_artefact(exported.path).model->label_names() == (std::vector<std::string>{"rain", "sun", "snow"}));
  }

  void anAdaptersLabelNamesComeBack() {
    const LiveModel live("peft/lora-bert-cls", {"rain", "sun", "snow"});
    const Exported exported = live.exported("peft", "out");
    QVERIFY2(exported.proven, exported.proof_json.c_str());
    const Artefact artefact = open_artefact(exported.path);
    QVERIFY(artefact.model->label_names() == (std::vector<std::string>{"rain", "sun", "snow"}));
    QCOMPARE(artefact.max_tokens, 24);
  }

  void tokensAddedForTheRunAreExported() {
    LiveModel live("peft/lora-llama-lm");
    live.model->set_vocabulary(live.model->vocabulary() + 3);
    for (int i = 0; live.tokenizer->vocabulary_size() < live.model->vocabulary(); ++i)
      live.tokenizer->add_tokens({"extra" + std::to_string(i)});
    live.rows = {{"the extra74 train", ""}, {"extra0 extra73", ""}};
    for (const char* format : {"huggingface", "peft"}) {
      const Exported exported = live.exported(format, format);
      QVERIFY2(exported.proven, exported.proof_json.c_str());
    }
  }

  void theCardSaysWhatAPersonNeeds() {
    const LiveModel live("full/bert-cls", {"rain", "sun|moon", "snow"});
    ExportInputs inputs = live.inputs();
    inputs.recipe_json = R"({"seed": 7, "method": {"kind": "lora", "rank": 8, "alpha": 16.0},
        "data": {"train": "/somewhere/weather.csv"}, "training": {"epochs": 3, "learning_rate": 0.0002}})";
    inputs.metrics_json =
        R"({"split": "test", "base": {"accuracy": 0.25, "loss": 1.5}, "tuned": {"accuracy": 0.875, "loss": 0.5}})";
    const Exported exported = export_model(*live.model, inputs, {}, live.folder.path() / "out");
    const std::string card = read_file(exported.path / "README.md");
    for (const char* part :
         {"base-model", "| Accuracy | 0.25 | 0.875 |", "On the test rows", "LoRA", "rank 8", "weather.csv",
          "AutoModelForSequenceClassification.from_pretrained", "rain, sun\\|moon, snow", "a test of exporting"})
      QVERIFY2(card.find(part) != std::string::npos, part);
    QVERIFY(card.find("/somewhere") == std::string::npos);
  }

  void aFolderThatHoldsSomethingIsRefused() {
    const LiveModel live("full/bert-cls");
    write_text(live.folder.path() / "mine/notes.txt", "keep me");
    LUTHIER_FAILS(live.exported("huggingface", "mine"), "something already");
    QCOMPARE(read_file(live.folder.path() / "mine/notes.txt"), std::string("keep me"));
    write_text(live.folder.path() / "file", "");
    LUTHIER_FAILS(live.exported("huggingface", "file"), "something already");
    fs::create_directories(live.folder.path() / "empty");
    QVERIFY(live.exported("huggingface", "empty").proven);
  }

  void aPlaceThatCannotBeWrittenIsAnError() {
    const LiveModel live("full/bert-cls");
    LUTHIER_FAILS(export_model(*live.model, live.inputs(), {}, "/proc/out"), "/proc");
    write_text(live.folder.path() / "file", "");
    LUTHIER_FAILS(live.exported("huggingface", "file/out"), "file");
  }

  void aFolderWithoutTheRightToWriteIsAnError() {
    if (::geteuid() == 0) QSKIP("root may write into read-only folders");
    const LiveModel live("full/bert-cls");
    fs::create_directories(live.folder.path() / "closed");
    fs::permissions(live.folder.path() / "closed", fs::perms::owner_read | fs::perms::owner_exec);
    LUTHIER_FAILS(live.exported("huggingface", "closed/out"), "closed");
  }

  void aModelWithoutAnAdapterIsNoPeftFolder() {
    const LiveModel live("full/bert-cls");
    LUTHIER_FAILS(live.exported("peft", "out"), "no adapter");
    QVERIFY(!fs::exists(live.folder.path() / "out"));
  }

  void anAdapterOnWeightsThatAreOnNoDiskIsRefused() {
    const LiveModel live("peft/lora-bert-cls");
    fs::remove(live.base / "model.safetensors");
    LUTHIER_FAILS(live.exported("peft", "out"), "no weights");
  }

  void withoutRowsNothingIsProven() {
    const LiveModel live("full/bert-cls");
    ExportInputs inputs = live.inputs();
    inputs.proof_rows.clear();
    const Exported exported = export_model(*live.model, inputs, {}, live.folder.path() / "out");
    QVERIFY(!exported.proven);
    QVERIFY2(exported.proof_json.find("no rows to compare") != std::string::npos, exported.proof_json.c_str());
    QVERIFY(fs::exists(exported.path / "model.safetensors"));
  }
};

QTEST_GUILESS_MAIN(ExporterTest)
#include "exporter_test.moc"
