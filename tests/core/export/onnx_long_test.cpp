// Python's onnxruntime opens what was written of every family and head, with nothing of Luthier, and computes what
// transformers computes with the same weights (tests/reference/open_onnx.py); the format's own checker finds nothing.
#include <sstream>

#include "export/formats.h"
#include "media/processors.h"
#include "models/families.h"
#include "recipe/catalog.h"
#include "support/testing.h"
#include "support/tiny_models.h"
#include "text/tokenizer.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

struct Written {
  TemporaryFolder place;
  std::vector<std::string> folders, files;

  explicit Written(const std::string& precision) {
    for (const FamilyModules& modules : family_modules())
      for (const std::string& head : family_of_model_type(modules.model_type).heads) {
        const auto model = tiny_model(modules.model_type, head);
        const fs::path folder = place.path() / (modules.model_type + "-" + head);
        fs::create_directories(folder);
        ExportInputs inputs{};
        ExportOptions options;
        options.format = "onnx";
        options.precision = precision;
        write_onnx(*model, inputs, options, folder);
        save_model(*model, folder);
        folders.push_back(folder.string());
        for (const auto& entry : fs::directory_iterator(folder))
          if (entry.path().extension() == ".onnx") files.push_back(entry.path().string());
      }
  }
};

}  // namespace

class OnnxLongTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void pythonComputesWhatTransformersComputes_data() {
    QTest::addColumn<QString>("precision");
    QTest::addColumn<double>("limit");
    QTest::newRow("fp32") << "fp32" << 1e-4;
    // As in proof/comparison.cpp: what two bytes, and one, do to the largest logit.
    QTest::newRow("fp16") << "fp16" << 2e-2;
    QTest::newRow("int8") << "int8" << 2e-1;
  }

  void pythonComputesWhatTransformersComputes() {
    QFETCH(QString, precision);
    QFETCH(double, limit);
    if (!has_python("torch, transformers, onnxruntime")) QSKIP("needs Python with transformers and onnxruntime");
    const Written written(precision.toStdString());
    std::vector<std::string> words = {(cli_path().parent_path() / "../tests/onnx_checker").string()};
    words.insert(words.end(), written.files.begin(), written.files.end());
    const Output checked = run_program(words);
    QVERIFY2(checked.exit_code == 0, (checked.out + checked.err).c_str());

    words = {"python3", (source_folder() / "tests/reference/open_onnx.py").string()};
    words.insert(words.end(), written.folders.begin(), written.folders.end());
    const Output output = run_program(words, {}, 900);
    std::istringstream lines(output.out);
    std::size_t seen = 0;
    for (std::string line; std::getline(lines, line);) {
      if (line.empty() || line[0] != '{') continue;
      const Json told = Json::parse(line);
      const std::string what = written.folders.at(seen) + ": " + line;
      qInfo("%s", what.c_str());
      const double allowed = precision == "fp32" ? limit : limit * told.at("largest").get<double>();
      QVERIFY2(told.at("difference").get<double>() <= allowed, what.c_str());
      ++seen;
    }
    QVERIFY2(seen == written.folders.size(), output.err.c_str());
  }

  /// The starter's encoder for texts, as it comes: 16 rows of its validation part fix the ranges, the 64 before them
  /// are compared.
  void theStartersEncoderIsProvenWithFixedRanges() {
    const fs::path starter = source_folder() / "resources/starters/classify-text";
    const TemporaryFolder folder;
    const fs::path base = folder.path() / "base";
    fs::copy(starter / "encoder", base);
    const std::shared_ptr<Model> model = open_tiny(base, "masked_lm", /*from_config=*/false);
    const Tokenizer words = Tokenizer::open(base);
    std::vector<ProofRow> rows;
    std::istringstream lines(read_file(starter / "validation.csv"));
    std::string line;
    std::getline(lines, line);  // names of columns
    ExportOptions options;
    options.format = "onnx";
    options.precision = "int8";
    options.calibrate = true;
    options.calibration_rows = 16;
    while (std::getline(lines, line) && static_cast<std::int64_t>(rows.size()) < rows_of_export(options))
      rows.push_back({line, ""});
    const Exported exported =
        export_model(*model, {&words, base, "a starter", "", "", rows, 64}, options, folder.path() / "out");
    QVERIFY2(exported.proven, exported.proof_json.c_str());
    const Json proof = Json::parse(exported.proof_json);
    qInfo("relative difference %g, agreement %g", proof.at("relative_difference").get<double>(),
          proof.at("agreement").get<double>());
    const Output checked = run_program(
        {(cli_path().parent_path() / "../tests/onnx_checker").string(), (exported.path / "model.onnx").string()});
    QVERIFY2(checked.exit_code == 0, (checked.out + checked.err).c_str());
    QCOMPARE(rows.size(), std::size_t{80});
    QCOMPARE(proof.at("rows").get<std::int64_t>(), kProofRows);
  }

  void encodersAndDecodersAreProvenWithTheirKeysAndValues_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("tokenizer");
    QTest::newRow("t5") << "t5" << "weights/tokenizers/t5-small";
    QTest::newRow("whisper") << "whisper" << "weights/tokenizers/whisper-tiny";
  }

  void encodersAndDecodersAreProvenWithTheirKeysAndValues() {
    QFETCH(QString, type);
    QFETCH(QString, tokenizer);
    const auto source = shared(tokenizer.toStdString());
    if (!source) QSKIP("needs the public data set weights/tokenizers");
    const TemporaryFolder folder;
    const fs::path base = folder.path() / "base";
    fs::create_directories(base);
    for (const char* file : {"tokenizer.json", "tokenizer_config.json"}) fs::copy(*source / file, base / file);
    Json config = tiny_config(type.toStdString());
    config["vocab_size"] = type == "t5" ? 32128 : 51865;  // as many as the tokenizer has
    config["max_target_positions"] = 32;
    write_text(base / "config.json", config.dump());
    const auto model = open_tiny(base, "seq2seq_lm", /*from_config=*/true);
    const Tokenizer words = Tokenizer::open(base);
    std::vector<ProofRow> rows;
    for (const char* name : {"down/000.flac", "go/001.flac", "left/002.flac"}) {
      ProofRow row{"Water boils at a lower temperature in the mountains.", ""};
      row.target = "The train leaves at seven.";
      if (type == "whisper")
        row = {"", "", row.target, (source_folder() / "resources/starters/recognise-words/test" / name).string()};
      rows.push_back(row);
    }
    for (const std::string name : {"fp32", "fp16", "int8", "int8 with fixed ranges"}) {
      ExportOptions options;
      options.format = "onnx";
      options.precision = name.substr(0, name.find(' '));
      options.calibrate = name != options.precision;
      const Exported exported = export_model(
          *model, {&words, base, "drawn", "", "", rows, 24, {}, open_processors(base)}, options, folder.path() / name);
      QVERIFY2(exported.proven, exported.proof_json.c_str());
      for (const char* file : {"encoder_model.onnx", "decoder_model.onnx", "tokenizer.json", "generation_config.json"})
        QVERIFY2(fs::exists(exported.path / file), file);
    }
  }
};

QTEST_GUILESS_MAIN(OnnxLongTest)
#include "onnx_long_test.moc"
