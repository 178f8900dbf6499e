// Small image classifiers of random sizes, made by transformers while the test runs (tests/reference/random_images.py):
// three of every family. Then the way back: what save_model writes is opened by transformers and gives the same logits.
#include "base/error.h"
#include "core/models/numbers.h"

using namespace luthier;
using namespace luthier::testing;

class RandomImagesTest : public QObject {
  Q_OBJECT

  TemporaryFolder folder_;
  static constexpr std::pair<const char*, const char*> kFamilies[] = {
      {"resnet", "ResNet"}, {"efficientnet", "EfficientNet"}, {"vit", "ViT"}};

  std::string script(const std::string& name) { return (source_folder() / "tests/reference" / name).string(); }
  fs::path case_folder(const std::string& family, int seed) {
    return folder_.path() / (family + "-" + std::to_string(seed));
  }
  void rows() {
    QTest::addColumn<QString>("folder");
    for (const auto& [family, prefix] : kFamilies)
      for (int seed = 1; seed <= 3; ++seed) {
        const fs::path folder = case_folder(family, seed);
        QTest::newRow(folder.filename().c_str()) << QString::fromStdString(folder.string());
      }
  }

 private Q_SLOTS:
  void initTestCase() {
    if (!has_python("transformers, safetensors")) QSKIP("needs Python with transformers");
    std::vector<std::string> words = {"python3", script("random_images.py")};
    for (const auto& [family, prefix] : kFamilies)
      for (int seed = 1; seed <= 3; ++seed)
        words.insert(words.end(), {family, std::to_string(seed), case_folder(family, seed).string()});
    const Output output = run_program(words);
    QVERIFY2(output.exit_code == 0, output.err.c_str());
  }

  void givesTheLogitsAndLossOfTransformers_data() { rows(); }
  void givesTheLogitsAndLossOfTransformers() {
    QFETCH(QString, folder);
    const std::string text = disagreement(folder.toStdString());
    QVERIFY2(text.empty(), text.c_str());
  }

  void trainsTenStepsAsTransformersDoes_data() { rows(); }
  void trainsTenStepsAsTransformersDoes() {
    QFETCH(QString, folder);
    const std::string text = training_disagreement(folder.toStdString());
    QVERIFY2(text.empty(), text.c_str());
  }

  void stretchesPositionsAsTransformersDoes() {
    for (int seed = 1; seed <= 3; ++seed) {
      const auto model = open_model(case_folder("vit", seed) / "base");
      const Tensors tensors = tensors_of(case_folder("vit", seed) / "io.safetensors");
      const at::NoGradGuard no_grad;
      const Batch batch = batch_of(tensors, "other.");
      QVERIFY(difference(model->logits(batch), tensors.at("other.expect.logits"), batch) < 1e-4);
    }
  }

  void writesWhatTransformersOpensWithTheSameLogits() {
    std::vector<std::string> words = {"python3", script("open_in_transformers.py")}, names;
    for (const auto& [family, prefix] : kFamilies)
      for (int seed = 1; seed <= 3; ++seed) {
        const fs::path folder = case_folder(family, seed);
        LoadOptions options;
        options.head = Head::image_classification;
        options.labels = {"cat", "dog", "owl", "newt", "eel"};  // another head, too
        LoadReport report;
        const auto model = load_model(folder / "base", options, &report);
        QVERIFY(report.new_head && report.unused.empty());
        save_model(*model, folder / "saved");
        const Batch batch = batch_of(tensors_of(folder / "io.safetensors"), "batch0.");
        const at::NoGradGuard no_grad;
        write_tensors(folder / "saved.safetensors",
                      {{"pixel_values", batch.pixel_values}, {"logits", model->logits(batch)}});
        words.insert(words.end(), {std::string(prefix) + "ForImageClassification", (folder / "saved").string(),
                                   (folder / "saved.safetensors").string()});
        names.push_back(folder.filename().string());
      }
    const Output output = run_program(words);
    QVERIFY2(output.exit_code == 0, output.err.c_str());
    std::istringstream lines(output.out);
    std::string line;
    for (const std::string& name : names) {
      QVERIFY(std::getline(lines, line));
      const Json told = parse_json(line, "transformers");
      QVERIFY2(told["missing"].empty() && told["unexpected"].empty() && told["difference"].get<double>() < 1e-4,
               (name + ": " + line).c_str());
      QCOMPARE(told["labels"][4].get<std::string>(), std::string("eel"));
    }
  }
};

QTEST_GUILESS_MAIN(RandomImagesTest)
#include "random_images_long_test.moc"
