// Small models of random sizes, made by transformers while the test runs (tests/reference/random_models.py): three of
// every family and head. Then the way back: what save_model writes is opened by transformers and gives the same logits.
#include "base/error.h"
#include "core/models/numbers.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

struct Kind {
  const char *family, *prefix, *head, *suffix;
};

std::vector<Kind> kinds() {
  std::vector<Kind> all;
  const std::pair<const char*, const char*> sentence = {"sequence_classification", "ForSequenceClassification"},
                                            number = {"regression", "ForSequenceClassification"},
                                            several = {"multi_label", "ForSequenceClassification"},
                                            token = {"token_classification", "ForTokenClassification"},
                                            masked = {"masked_lm", "ForMaskedLM"},
                                            causal = {"causal_lm", "ForCausalLM"},
                                            seq2seq = {"seq2seq_lm", "ForConditionalGeneration"};
  const std::pair<const char*, const char*> encoders[] = {{"bert", "Bert"},
                                                          {"roberta", "Roberta"},
                                                          {"distilbert", "DistilBert"}},
                                            decoders[] = {{"llama", "Llama"},
                                                          {"qwen2", "Qwen2"},
                                                          {"qwen3", "Qwen3"},
                                                          {"mistral", "Mistral"}};
  for (const auto& [family, prefix] : encoders)
    for (const auto& [head, suffix] : {sentence, number, several, token, masked})
      all.push_back({family, prefix, head, suffix});
  for (const auto& [family, prefix] : decoders)
    for (const auto& [head, suffix] : {sentence, number, several, causal})
      all.push_back({family, prefix, head, suffix});
  for (const auto& [head, suffix] : {sentence, number, several, token, std::pair{"causal_lm", "LMHeadModel"}})
    all.push_back({"gpt2", "GPT2", head, suffix});
  all.push_back({"t5", "T5", seq2seq.first, seq2seq.second});
  all.push_back({"mt5", "MT5", seq2seq.first, seq2seq.second});
  return all;
}

}  // namespace

class RandomModelsTest : public QObject {
  Q_OBJECT

  TemporaryFolder folder_;
  std::string script(const std::string& name) { return (source_folder() / "tests/reference" / name).string(); }
  fs::path case_folder(const std::string& name) { return folder_.path() / name; }

  void rows() {
    QTest::addColumn<QString>("folder");
    for (const Kind& kind : kinds())
      for (int seed = 1; seed <= 3; ++seed) {
        const std::string name = std::string(kind.family) + "-" + kind.head + "-" + std::to_string(seed);
        QTest::newRow(name.c_str()) << QString::fromStdString(case_folder(name).string());
      }
  }

 private Q_SLOTS:
  void initTestCase() {
    if (!has_python("transformers, safetensors")) QSKIP("needs Python with transformers");
    std::vector<std::string> words = {"python3", script("random_models.py")};
    for (const Kind& kind : kinds())
      for (int seed = 1; seed <= 3; ++seed) {
        const std::string name = std::string(kind.family) + "-" + kind.head + "-" + std::to_string(seed);
        words.insert(words.end(), {kind.family, kind.head, std::to_string(seed), case_folder(name).string()});
      }
    const Output output = run_program(words, {}, 1200);
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
    for (const Kind& kind : kinds())
      for (int seed = 1; seed <= 3; ++seed) {
        const fs::path folder = case_folder(std::string(kind.family) + "-" + kind.head + "-" + std::to_string(seed));
        const auto model = open_model(folder / "base");
        model->set_vocabulary(model->vocabulary() + 3);  // grown embeddings, biases and config must still agree
        save_model(*model, folder / "saved");
        const Batch batch = batch_for(*model, tensors_of(folder / "io.safetensors"), "batch0.");
        const at::NoGradGuard no_grad;
        NamedTensors io = {{"input_ids", batch.input_ids}, {"attention_mask", batch.attention_mask.to(at::kLong)}};
        if (batch.token_type_ids.defined()) io.emplace_back("token_type_ids", batch.token_type_ids);
        if (batch.decoder_input_ids.defined()) io.emplace_back("decoder_input_ids", batch.decoder_input_ids);
        io.emplace_back("logits", model->logits(batch));
        write_tensors(folder / "saved.safetensors", io);
        words.insert(words.end(), {std::string(kind.prefix) + kind.suffix, (folder / "saved").string(),
                                   (folder / "saved.safetensors").string()});
        names.push_back(folder.filename().string());
      }
    const Output output = run_program(words, {}, 1200);
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

QTEST_GUILESS_MAIN(RandomModelsTest)
#include "random_models_long_test.moc"
