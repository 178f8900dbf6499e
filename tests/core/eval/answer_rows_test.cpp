// Answers to rows of files. The models are random; what they say is compared with generate_from() and the logits alone.
#include "eval/answer_rows.h"

#include <torch/types.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "models/generation.h"
#include "support/testing.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

/// Words by number, "</s>" last.
Tokenizer word_tokenizer() {
  Json vocabulary = {{"<pad>", 0}, {"</s>", 1}, {"<unk>", 2}};
  for (int id = 3; id < 96; ++id) vocabulary["w" + std::to_string(id)] = id;
  const Json end = {{"SpecialToken", {{"id", "</s>"}, {"type_id", 0}}}},
             text = {{"Sequence", {{"id", "A"}, {"type_id", 0}}}};
  Json added = Json::array();
  for (const auto& [id, token] : std::vector<std::pair<int, std::string>>{{0, "<pad>"}, {1, "</s>"}})
    added.push_back({{"id", id},
                     {"content", token},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", false},
                     {"special", true}});
  const Json json = {{"version", "1.0"},
                     {"added_tokens", added},
                     {"normalizer", nullptr},
                     {"pre_tokenizer", {{"type", "WhitespaceSplit"}}},
                     {"post_processor",
                      {{"type", "TemplateProcessing"},
                       {"single", {text, end}},
                       {"pair", {text, end}},
                       {"special_tokens", {{"</s>", {{"id", "</s>"}, {"ids", {1}}, {"tokens", {"</s>"}}}}}}}},
                     {"decoder", nullptr},
                     {"model", {{"type", "WordLevel"}, {"vocab", vocabulary}, {"unk_token", "<unk>"}}}};
  return Tokenizer::from_json(json.dump(), "words");
}

std::shared_ptr<Model> fixture_model(const std::string& name) {
  const fs::path folder = fixture("full/" + name) / "base";
  LoadOptions options;
  options.head = head_of_config(read_json(folder / "config.json"));
  return load_model(folder, options);
}

/// A tone of a second, 16-bit PCM at 16 kHz.
void write_tone(const fs::path& path, double hertz) {
  std::string bytes = "RIFF";
  const auto number = [&](std::uint32_t value, int size) {
    for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> 8 * i & 255);
  };
  const std::uint32_t samples = 16000;
  number(36 + 2 * samples, 4);
  bytes += "WAVEfmt ";
  number(16, 4);
  number(1, 2);
  number(1, 2);
  number(16000, 4);
  number(32000, 4);
  number(2, 2);
  number(16, 2);
  bytes += "data";
  number(2 * samples, 4);
  for (std::uint32_t i = 0; i < samples; ++i)
    number(static_cast<std::uint16_t>(static_cast<std::int16_t>(8000 * std::sin(hertz * i * 6.283185307 / 16000))), 2);
  write_text(path, bytes);
}

}  // namespace

class AnswerRowsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void encoderDecodersWriteAnAnswerARow() {
    const auto model = fixture_model("t5-s2s");
    const Tokenizer tokenizer = word_tokenizer();
    std::vector<TextRow> rows(5);
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i].text = "w" + std::to_string(20 + i) + " w7 w8";
    rows[2].text = "w9";
    AnswerRowsOptions options;
    options.seq2seq.max_target_tokens = 6;
    options.seq2seq.prefix = "w3 ";
    options.stop_ids = {1};
    options.batch_size = 2;
    for (const std::int64_t beams : {1, 2}) {
      options.seq2seq.beams = beams;
      const auto answers = written_answers(*model, tokenizer, {}, rows, options);
      QCOMPARE(answers.size(), rows.size());
      for (std::size_t i = 0; i < rows.size(); ++i) {
        Batch source{.input_ids = torch::tensor(tokenizer.encode("w3 " + rows[i].text).ids).unsqueeze(0)};
        const auto alone = generate_from(*model, {.prompts = {}, .source = source},
                                         {.max_new_tokens = 6, .stop_ids = {1}, .beams = beams});
        QCOMPARE(answers[i].text, tokenizer.decode(alone[0]));
        QVERIFY(!answers[i].unreadable);
      }
    }
  }

  void recordingsGetLabelsAndUnreadableOnesNone() {
    const auto model = fixture_model("wav2vec2-cls");
    const Processors processors = open_processors(fixture("full/wav2vec2-cls") / "base");
    const TemporaryFolder folder;
    write_tone(folder.path() / "low.wav", 200);
    write_tone(folder.path() / "high.wav", 900);
    write_text(folder.path() / "broken.wav", "no recording");
    std::vector<TextRow> rows(4);
    const char* names[] = {"low.wav", "broken.wav", "high.wav", "missing.wav"};
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i].media_path = (folder.path() / names[i]).string();
    const auto answers = media_answers(*model, processors, rows, {});
    for (const std::size_t i : {0u, 2u}) {
      const torch::NoGradGuard no_grad;
      const Batch batch = audio_batch({audio_input({rows[i].media_path, {}}, processors, 30)}, processors);
      const torch::Tensor shares = model->logits(batch).softmax(-1)[0];
      QCOMPARE(answers[i].labels.size(), std::size_t{1});
      QCOMPARE(answers[i].labels[0], shares.argmax().item<std::int64_t>());
      for (std::size_t label = 0; label < answers[i].probabilities[0].size(); ++label)
        QVERIFY(std::abs(answers[i].probabilities[0][label] - shares[static_cast<std::int64_t>(label)].item<float>()) <
                1e-5f);
    }
    QVERIFY(answers[1].labels.empty() && answers[3].labels.empty());
  }

  void refusesOtherHeads() {
    const auto model = fixture_model("bert-cls");
    LUTHIER_FAILS(written_answers(*model, word_tokenizer(), {}, {}, {}), "write answers");
    LUTHIER_FAILS(media_answers(*model, {}, {}, {}), "images or recordings");
  }
};

QTEST_GUILESS_MAIN(AnswerRowsTest)
#include "answer_rows_test.moc"
