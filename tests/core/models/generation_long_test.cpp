// Greedy writing and beam search against transformers' generate, token for token, on random small models that are made
// while the test runs (tests/reference/generated.py).
#include <torch/types.h>

#include "core/models/numbers.h"
#include "models/generation.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

const std::vector<std::string> kFamilies = {"gpt2", "llama", "qwen2", "qwen3", "mistral", "t5", "mt5", "whisper"};

GenerateOptions options_of(const Json& json) {
  GenerateOptions options;
  options.max_new_tokens = json["max_new_tokens"];
  options.stop_ids = {json["eos_token_id"].get<std::int64_t>()};
  options.repetition_penalty = json.value("repetition_penalty", 1.0);
  options.no_repeat_ngram = json.value("no_repeat_ngram_size", 0);
  options.suppress = json.value("suppress_tokens", std::vector<std::int64_t>());
  options.suppress_at_start = json.value("begin_suppress_tokens", std::vector<std::int64_t>());
  options.beams = json.value("num_beams", 1);
  options.length_penalty = json.value("length_penalty", 1.0);
  options.stop_at_enough = json.value("early_stopping", false);
  return options;
}

GenerateInputs inputs_of(const Model& model, const fs::path& folder, const Json& prompts) {
  GenerateInputs inputs;
  const auto rows = prompts.get<std::vector<std::vector<std::int64_t>>>();
  if (model.family() != "t5") inputs.prompts = rows;
  if (model.family() == "whisper")
    inputs.source.input_features = tensors_of(folder / "features.safetensors").at("input_features");
  if (model.family() != "t5") return inputs;
  std::size_t longest = 0;
  for (const auto& row : rows) longest = std::max(longest, row.size());
  const auto size = [](std::size_t count) { return static_cast<std::int64_t>(count); };
  Tensor ids = torch::zeros({size(rows.size()), size(longest)}, torch::kLong);
  for (std::size_t row = 0; row < rows.size(); ++row)
    ids[size(row)].narrow(0, 0, size(rows[row].size())).copy_(torch::tensor(rows[row], torch::kLong));
  inputs.source.input_ids = ids;
  inputs.source.attention_mask = ids.ne(0);
  return inputs;
}

}  // namespace

class GenerationLongTest : public QObject {
  Q_OBJECT

  TemporaryFolder folder_;

 private Q_SLOTS:
  void initTestCase() {
    if (!has_python("transformers, safetensors")) QSKIP("needs Python with transformers");
    std::vector<std::string> words = {"python3", (source_folder() / "tests/reference/generated.py").string()};
    for (const std::string& family : kFamilies)
      for (const std::string seed : {"1", "2", "3"})
        words.insert(words.end(), {family, seed, (folder_.path() / (family + "-" + seed)).string()});
    const Output output = run_program(words, {}, 1200);
    QVERIFY2(output.exit_code == 0, output.err.c_str());
  }

  void writesWhatTransformersWrites_data() {
    QTest::addColumn<QString>("folder");
    for (const std::string& family : kFamilies)
      for (const std::string seed : {"1", "2", "3"})
        QTest::newRow((family + "-" + seed).c_str())
            << QString::fromStdString((folder_.path() / (family + "-" + seed)).string());
  }
  void writesWhatTransformersWrites() {
    QFETCH(QString, folder);
    const fs::path path = folder.toStdString();
    const auto model = open_model(path / "base");
    for (const Json& one : read_json(path / "cases.json")) {
      GenerateOptions options = options_of(one["options"]);
      const GenerateInputs inputs = inputs_of(*model, path, one["prompts"]);
      for (const bool cached : {true, false}) {
        options.use_cache = cached;
        const Json written = generate_from(*model, inputs, options);
        QVERIFY2(written == one["written"], (one["options"].dump() + (cached ? " cached" : " anew") + "\n" +
                                             written.dump() + " not\n" + one["written"].dump())
                                                .c_str());
      }
    }
  }
};

QTEST_GUILESS_MAIN(GenerationLongTest)
#include "generation_long_test.moc"
