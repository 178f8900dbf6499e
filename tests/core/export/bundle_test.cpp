// Bundles: what lies in them, and what is refused before anything is written.
#include "export/bundle.h"

#include <tuple>

#include "base/error.h"
#include "core/export/exported_case.h"
#include "support/tiny_models.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

ExportOptions bundle_options() {
  ExportOptions options;
  options.format = "bundle";
  return options;
}

/// A tokenizer.json of which only the components count.
std::string tokenizer_with(const std::string& component, const Json& settings) {
  Json file = {{"version", "1.0"},
               {"model", {{"type", "WordPiece"}, {"unk_token", "[UNK]"}, {"vocab", {{"[UNK]", 0}, {"a", 1}}}}}};
  file[component] = settings;
  return file.dump();
}

}  // namespace

class BundleTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void itHoldsTheModelProgramsAndAPage() {
    const LiveModel live("full/bert-cls");
    const Exported exported = live.exported("bundle", "out");
    QVERIFY2(exported.proven, exported.proof_json.c_str());
    for (const char* name : {"model.onnx", "tokenizer.json", "bundle.json", "predict.py", "predict.mjs", "bundle.mjs",
                             "tokenizer.mjs", "index.html", "page.mjs", "page.css", "vendor.mjs", "package.json"})
      QVERIFY2(fs::exists(exported.path / name), name);
    QVERIFY(!fs::exists(exported.path / "picture.mjs") && !fs::exists(exported.path / "using.md"));
    const Json told = read_json(exported.path / "bundle.json");
    QCOMPARE(told.at("reads"), Json("text"));
    QCOMPARE(told.at("gives"), Json("label"));
    QCOMPARE(told.at("labels"), Json(live.model->label_names()));
    QCOMPARE(told.at("max_tokens"), Json(24));
    QCOMPARE(told.at("pairs"), Json(true));
    const std::string card = read_file(exported.path / "README.md");
    QVERIFY(card.find("python3 predict.py \"some text\"") != std::string::npos);
    QVERIFY(card.find("{{") == std::string::npos);
  }

  void severalLabelsAndNumbersAreTold_data() {
    QTest::addColumn<QString>("problem");
    QTest::addColumn<QString>("gives");
    QTest::newRow("several labels") << "multi_label_classification" << "labels";
    QTest::newRow("a number") << "regression" << "number";
  }

  void severalLabelsAndNumbersAreTold() {
    QFETCH(QString, problem);
    QFETCH(QString, gives);
    const LiveModel live("full/bert-cls");
    live.model->mutable_config()["problem_type"] = problem.toStdString();
    const Json told = read_json(live.exported("bundle", "out").path / "bundle.json");
    QCOMPARE(told.at("gives"), Json(gives.toStdString()));
  }

  void modelsThatWriteAreRefusedWithWhatToChoose_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("head");
    QTest::addColumn<QString>("hint");
    QTest::newRow("t5") << "t5" << "seq2seq_lm" << "export ONNX files or a GGUF file instead";
    QTest::newRow("llama") << "llama" << "causal_lm" << "export ONNX files or a GGUF file instead";
    QTest::newRow("tagging") << "bert" << "token_classification" << "export ONNX files instead";
    QTest::newRow("spectrograms") << "whisper" << "audio_classification" << "export ONNX files instead";
  }

  void modelsThatWriteAreRefusedWithWhatToChoose() {
    QFETCH(QString, type);
    QFETCH(QString, head);
    QFETCH(QString, hint);
    const auto model = tiny_model(type.toStdString(), head.toStdString());
    LUTHIER_FAILS(check_export(*model, bundle_options()), hint.toStdString());
  }

  void tokenizersWithOtherComponentsAreRefusedByName() {
    QCOMPARE(why_no_bundle(tokenizer_with("normalizer", {{"type", "Lowercase"}})), std::string());
    const std::vector<std::tuple<const char*, Json, const char*>> others = {
        {"model", {{"type", "Unigram"}, {"vocab", Json::array()}}, "model is Unigram"},
        {"model", {{"unk_id", 0}, {"vocab", Json::array()}}, "model is Unigram"},
        {"model", {{"type", "BPE"}, {"byte_fallback", true}}, "BPE with byte_fallback"},
        {"normalizer", {{"type", "Precompiled"}}, "normalizer is Precompiled"},
        {"pre_tokenizer",
         {{"type", "Sequence"}, {"pretokenizers", {{{"type", "WhitespaceSplit"}}, {{"type", "Metaspace"}}}}},
         "pre_tokenizer is Metaspace"},
    };
    for (const auto& [component, settings, reason] : others) {
      const std::string found = why_no_bundle(tokenizer_with(component, settings));
      QVERIFY2(found.find(reason) != std::string::npos, found.c_str());
    }
  }

  void aRefusedExportLeavesNothing() {
    const LiveModel live("full/bert-cls");
    const Tokenizer other =
        Tokenizer::from_json(tokenizer_with("pre_tokenizer", {{"type", "Punctuation"}}), "tokenizer.json");
    ExportInputs inputs = live.inputs();
    inputs.tokenizer = &other;
    const fs::path target = live.folder.path() / "out";
    LUTHIER_FAILS(export_model(*live.model, inputs, bundle_options(), target), "pre_tokenizer is Punctuation");
    QVERIFY(!fs::exists(target));
  }
};

QTEST_GUILESS_MAIN(BundleTest)
#include "bundle_test.moc"
