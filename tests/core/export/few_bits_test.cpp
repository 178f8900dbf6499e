// Folders whose linear layers lie on the disk in few bits: what is opened again is to the bit what was quantised, takes
// the memory of its bits, and is refused where something would have to be trained. The limits of the proof are those of
// proof/comparison.cpp.
#include <ATen/ops/equal.h>

#include "base/error.h"
#include "core/export/exported_case.h"
#include "export/artefact.h"
#include "models/few_bits.h"
#include "models/quantise.h"
#include "nn/linear.h"
#include "recipe/outline.h"

using namespace luthier;
using namespace luthier::testing;

namespace {
/// The quantised weights of a model by their layers' names.
std::map<std::string, std::shared_ptr<nn::QuantisedWeight>> quantised(Model& model) {
  std::map<std::string, std::shared_ptr<nn::QuantisedWeight>> found;
  for (const auto& [name, layer] : linear_layers_below_head(model, {}))
    if (layer->quantised()) found[name] = layer->quantised();
  return found;
}
}  // namespace

class FewBitsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void whatIsOpenedIsWhatWasQuantised_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("precision");
    // A linear layer as Conv1D, tied embeddings, an adapter that is merged first, and an encoder-decoder among them.
    for (const char* name : {"full/bert-cls", "full/llama-lm", "full/gpt2-lm", "full/t5-s2s", "peft/lora-llama-lm"})
      for (const char* precision : {"int8", "nf4"})
        QTest::addRow("%s %s", name, precision) << QString(name) << QString(precision);
  }

  void whatIsOpenedIsWhatWasQuantised() {
    QFETCH(const QString, name);
    QFETCH(const QString, precision);
    const LiveModel live(name.toStdString());
    const Exported exported = live.exported("luthier", "out", precision.toStdString());
    QVERIFY2(exported.proven, exported.proof_json.c_str());
    const Artefact opened = open_artefact(exported.path);
    // The same layers, quantised from the merged weights here.
    const std::string precision_name = precision.toStdString();
    ExportOptions whole;
    const Exported merged = export_model(*live.model, live.inputs(), whole, live.folder.path() / "merged");
    LoadOptions load;
    load.head = opened.model->head_kind();
    load.quantisation = Quantisation{{.type = nn::quantised_type(precision_name)}, {}};
    const std::shared_ptr<Model> expected = load_model(merged.path, load);
    const auto wanted = quantised(*expected), found = quantised(*opened.model);
    QVERIFY(!wanted.empty());
    QCOMPARE(found.size(), wanted.size());
    for (const auto& [layer, weight] : wanted) {
      QVERIFY2(found.contains(layer), layer.c_str());
      QVERIFY2(at::equal(found.at(layer)->packed, weight->packed), layer.c_str());
      QVERIFY2(at::equal(found.at(layer)->dequantised(), weight->dequantised()), layer.c_str());
    }
    std::uint64_t bits = 0, full = 0;
    for (const auto& [layer, weight] : found) {
      bits += weight->packed.nbytes() + weight->absmax.nbytes();
      full += static_cast<std::uint64_t>(weight->out() * weight->in()) * 4;
    }
    QVERIFY2(double(bits) < double(full) * (precision == "nf4" ? 0.15 : 0.4), qPrintable(QString::number(bits)));
  }

  void otherProgramsAreToldAndTheWindowRefusesToTrainIt() {
    const LiveModel live("full/llama-lm");
    const fs::path folder = live.exported("luthier", "out", "nf4").path;
    const Json told = read_json(folder / "config.json").at("quantization_config");
    QCOMPARE(told.at("quant_method").get<std::string>(), std::string("luthier"));
    QCOMPARE(told.at("type").get<std::string>(), std::string("nf4"));
    QVERIFY(is_in_few_bits(folder));
    QVERIFY(!is_in_few_bits(live.base));
    const ModelOutline outline = outline_model(folder);
    QCOMPARE(outline.findings.size(), std::size_t{1});
    QCOMPARE(outline.findings[0].id, std::string("quantised"));
    QCOMPARE(outline.findings[0].severity, std::string("error"));
  }

  void aChangedScaleAndALostPartAreNamed() {
    const LiveModel live("full/llama-lm");
    const fs::path folder = live.exported("luthier", "out", "int8").path;
    const std::string part = "model.layers.1.mlp.down_proj.quantised.absmax";
    overwrite_tensor(folder / "model.safetensors", part, 0, std::string("\0\0\x80\x3f", 4));
    std::string proof;
    QVERIFY(!verify_export(folder, &proof));
    QVERIFY2(proof.find(part) != std::string::npos, proof.c_str());
    drop_tensor(folder / "model.safetensors", part);
    LUTHIER_FAILS(open_artefact(folder), part.c_str());
  }

  void configsThatLieAreRefused_data() {
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("says");
    QTest::newRow("another type") << "type" << R"("nf4")" << "size or type";
    QTest::newRow("no type") << "type" << R"("nf3")" << "nf3";
    QTest::newRow("not a type") << "type" << "[8]" << "does not say how";
    QTest::newRow("a block of nothing") << "block" << "0" << "does not say how";
    QTest::newRow("a huge block") << "block" << "1e12" << "does not say how";
    QTest::newRow("another program's") << "quant_method" << R"("bitsandbytes")" << "quantised";
    QTest::newRow("not a name") << "quant_method" << "{}" << "quantised";
  }

  void configsThatLieAreRefused() {
    QFETCH(const QString, key);
    QFETCH(const QString, value);
    QFETCH(const QString, says);
    const LiveModel live("full/llama-lm");
    const fs::path folder = live.exported("luthier", "out", "int8").path;
    Json config = read_json(folder / "config.json");
    config["quantization_config"][key.toStdString()] = Json::parse(value.toStdString());
    write_json(folder / "config.json", config);
    LUTHIER_FAILS(open_artefact(folder), says.toStdString().c_str());
  }

  void aModelWithoutLinearLayersIsRefusedBeforeAnythingIsWritten() {
    const LiveModel live("full/resnet-cls");
    LUTHIER_FAILS(live.exported("luthier", "out", "int8"), "do not run there");
    QVERIFY(!fs::exists(live.folder.path() / "out"));
  }
};

QTEST_GUILESS_MAIN(FewBitsTest)
#include "few_bits_test.moc"
