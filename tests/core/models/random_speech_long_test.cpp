// Small speech models of random sizes, made by transformers while the test runs (tests/reference/random_speech.py):
// four of every family and head, so that both ways of normalising and both kinds of layers occur. Then the way back:
// what save_model writes is opened by transformers and gives the same logits.
#include "base/error.h"
#include "core/models/numbers.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

struct Kind {
  const char *family, *head, *class_name;
};
constexpr Kind kKinds[] = {{"wav2vec2", "ctc", "Wav2Vec2ForCTC"},
                           {"wav2vec2", "audio_classification", "Wav2Vec2ForSequenceClassification"},
                           {"whisper", "seq2seq_lm", "WhisperForConditionalGeneration"},
                           {"whisper", "audio_classification", "WhisperForAudioClassification"}};
constexpr int kSeeds[] = {1, 2, 3, 6};

std::string case_name(const Kind& kind, int seed) {
  return std::string(kind.family) + "-" + kind.head + "-" + std::to_string(seed);
}

}  // namespace

class RandomSpeechTest : public QObject {
  Q_OBJECT

  TemporaryFolder folder_;
  std::string script(const std::string& name) { return (source_folder() / "tests/reference" / name).string(); }

  void rows() {
    QTest::addColumn<QString>("folder");
    for (const Kind& kind : kKinds)
      for (const int seed : kSeeds) {
        const std::string name = case_name(kind, seed);
        QTest::newRow(name.c_str()) << QString::fromStdString((folder_.path() / name).string());
      }
  }

 private Q_SLOTS:
  void initTestCase() {
    if (!has_python("transformers, safetensors")) QSKIP("needs Python with transformers");
    std::vector<std::string> words = {"python3", script("random_speech.py")};
    for (const Kind& kind : kKinds)
      for (const int seed : kSeeds)
        words.insert(words.end(),
                     {kind.family, kind.head, std::to_string(seed), (folder_.path() / case_name(kind, seed)).string()});
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

  void writesWhatTransformersOpensWithTheSameLogits() {
    std::vector<std::string> words = {"python3", script("open_in_transformers.py")}, names;
    for (const Kind& kind : kKinds)
      for (const int seed : kSeeds) {
        const fs::path folder = folder_.path() / case_name(kind, seed);
        const auto model = open_model(folder / "base");
        if (!classifies_rows(model->head_kind())) model->set_vocabulary(model->vocabulary() + 3);
        save_model(*model, folder / "saved");
        Batch batch = batch_for(*model, tensors_of(folder / "io.safetensors"), "batch0.");
        batch.attention_mask = Tensor();
        const at::NoGradGuard no_grad;
        NamedTensors io = {{"logits", model->logits(batch)}};
        const std::pair<const char*, Tensor> inputs[] = {{"input_values", batch.input_values},
                                                         {"input_features", batch.input_features},
                                                         {"decoder_input_ids", batch.decoder_input_ids}};
        for (const auto& [name, tensor] : inputs)
          if (tensor.defined()) io.emplace_back(name, tensor);
        write_tensors(folder / "saved.safetensors", io);
        words.insert(words.end(),
                     {kind.class_name, (folder / "saved").string(), (folder / "saved.safetensors").string()});
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
    }
  }
};

QTEST_GUILESS_MAIN(RandomSpeechTest)
#include "random_speech_long_test.moc"
