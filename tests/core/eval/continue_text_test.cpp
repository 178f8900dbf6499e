// Texts behind prompts. The tokenizer is byte-level BPE without merges: every token is one byte, so texts beyond ASCII
// have tokens that end inside characters. The model is random; what it writes is compared with generate() alone.
#include "eval/continue_text.h"

#include <torch/types.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "models/generation.h"
#include "support/testing.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

std::string utf8(int code_point) {
  if (code_point < 0x80) return std::string(1, static_cast<char>(code_point));
  return {static_cast<char>(0xC0 | code_point >> 6), static_cast<char>(0x80 | (code_point & 63))};
}

/// `around`: special tokens that the post-processor puts before and after a text.
Tokenizer byte_tokenizer(bool around = false) {
  Json vocabulary = Json::object();
  int moved = 256;  // GPT-2's alphabet: bytes that cannot be shown stand for the code points from here on
  for (int byte = 0; byte < 256; ++byte)
    vocabulary[utf8((byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174 ? byte : moved++)] =
        byte;
  const Json level = {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}};
  Json json = {{"version", "1.0"},
               {"added_tokens", Json::array()},
               {"normalizer", nullptr},
               {"pre_tokenizer", level},
               {"post_processor", nullptr},
               {"decoder", level},
               {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", Json::array()}}}};
  if (around) {
    for (const auto& [id, token] : std::vector<std::pair<int, std::string>>{{256, "<s>"}, {257, "</s>"}})
      json["added_tokens"].push_back({{"id", id},
                                      {"content", token},
                                      {"single_word", false},
                                      {"lstrip", false},
                                      {"rstrip", false},
                                      {"normalized", false},
                                      {"special", true}});
    const auto special = [](const char* token) { return Json{{"SpecialToken", {{"id", token}, {"type_id", 0}}}}; };
    const Json text = {{"Sequence", {{"id", "A"}, {"type_id", 0}}}};
    const auto entry = [](const char* token, int id) {
      return Json{{"id", token}, {"ids", {id}}, {"tokens", {token}}};
    };
    json["post_processor"] = {{"type", "TemplateProcessing"},
                              {"single", {special("<s>"), text, special("</s>")}},
                              {"pair", {text, {{"Sequence", {{"id", "B"}, {"type_id", 1}}}}}},
                              {"special_tokens", {{"<s>", entry("<s>", 256)}, {"</s>", entry("</s>", 257)}}}};
  }
  return Tokenizer::from_json(json.dump(), "bytes");
}

std::shared_ptr<Model> tiny_llama(std::int64_t vocabulary) {
  const TemporaryFolder folder;
  Json config = read_json(fixture("full/llama-lm") / "base/config.json");
  config["vocab_size"] = vocabulary;
  config["max_position_embeddings"] = 512;
  write_json(folder.path() / "config.json", config);
  LoadOptions options;
  options.head = Head::causal_lm;
  options.from_config = true;
  options.seed = 3;
  return load_model(folder.path(), options);
}

}  // namespace

class ContinueTextTest : public QObject {
  Q_OBJECT

  const Tokenizer tokenizer_ = byte_tokenizer();
  const std::shared_ptr<Model> model_ = tiny_llama(256);

  Continuation run(ContinueOptions options, std::string_view prompt = "Straße") {
    return continue_text(*model_, tokenizer_, prompt, options);
  }

 private Q_SLOTS:
  void encoderDecodersAnswerTheText() {
    const TemporaryFolder folder;
    Json config = read_json(fixture("full/t5-s2s") / "base/config.json");
    config["vocab_size"] = 260;
    config["pad_token_id"] = config["decoder_start_token_id"] = 258;
    write_json(folder.path() / "config.json", config);
    LoadOptions load;
    load.head = Head::seq2seq_lm;
    load.from_config = true;
    load.seed = 5;
    const auto t5 = load_model(folder.path(), load);
    const Tokenizer around = byte_tokenizer(true);
    for (const std::int64_t beams : {1, 3}) {
      ContinueOptions options;
      options.max_new_tokens = 12;
      options.beams = beams;
      std::string told;
      options.on_text = [&](std::string_view piece) { return told += piece, true; };
      const Continuation written = continue_text(*t5, around, "Grüße", options);
      QCOMPARE(written.prompt_ids, around.encode("Grüße").ids);  // with all that the tokenizer adds
      Batch source{.input_ids = torch::tensor(written.prompt_ids).unsqueeze(0)};
      QCOMPARE(written.ids,
               generate_from(*t5, {.prompts = {}, .source = source}, {.max_new_tokens = 12, .beams = beams})[0]);
      QCOMPARE(told, written.text);
      QCOMPARE(written.text, around.decode(written.ids));
    }
  }

  void writesWhatGenerateWrites() {
    ContinueOptions options;
    options.max_new_tokens = 50;
    options.temperature = 1;
    options.seed = 4;
    options.top_p = 0.9;
    options.repetition_penalty = 1.1;
    const Continuation written = run(options);
    QCOMPARE(written.prompt_ids, tokenizer_.encode("Straße").ids);
    QCOMPARE(written.ids,
             generate(*model_, {written.prompt_ids},
                      {.max_new_tokens = 50, .pick = pick_sampled(1, 4, 0.9), .repetition_penalty = 1.1})[0]);
    QCOMPARE(written.text, tokenizer_.decode(written.ids));
    QVERIFY(written.end == Continuation::End::length);
  }

  /// A random model writes bytes that are no characters at all: pieces stay valid, and nothing gets lost.
  void piecesAreWholeCharactersAndMakeUpTheText() {
    for (const std::uint64_t seed : {1, 2, 3, 4, 5}) {
      ContinueOptions options;
      options.max_new_tokens = 120;
      options.temperature = 1;
      options.seed = seed;
      std::string told;
      std::size_t pieces = 0, held_back = 0;
      options.on_text = [&](std::string_view piece) {
        if (piece.empty()) ++held_back;
        ++pieces;
        told += piece;
        return Json(std::string(piece)).dump().size() >= 2;  // throws on anything but UTF-8
      };
      const Continuation written = run(options);
      QCOMPARE(told, written.text);
      QCOMPARE(pieces, std::size_t{121});
      QVERIFY(held_back > 0);
    }
  }

  void endsBeforeTheFirstStopText() {
    ContinueOptions options;
    options.max_new_tokens = 100;
    options.temperature = 1;
    options.seed = 8;
    const std::string free = run(options).text;
    std::vector<std::size_t> plain;  // places where four characters of ASCII follow
    for (std::size_t i = 0; i + 4 < free.size(); ++i)
      if (std::all_of(free.begin() + static_cast<std::ptrdiff_t>(i), free.begin() + static_cast<std::ptrdiff_t>(i) + 2,
                      [](char c) { return c > 0; }))
        plain.push_back(i);
    QVERIFY(!plain.empty());
    const std::string stop = free.substr(plain[plain.size() / 2], 2);
    options.stop_texts = {stop + "never", stop};
    std::string told;
    options.on_text = [&](std::string_view piece) {
      told += piece;
      return true;
    };
    const Continuation written = run(options);
    QCOMPARE(written.text, free.substr(0, free.find(stop)));
    QCOMPARE(told, written.text);
    QVERIFY(written.end == Continuation::End::stop);
    QVERIFY(written.ids.size() < 100);
  }

  void endsAtStopTokensWhichAreNoText() {
    ContinueOptions options;
    options.max_new_tokens = 60;
    const Continuation free = run(options);
    options.stop_ids = {free.ids[5]};
    const Continuation written = run(options);
    QCOMPARE(written.ids.back(), free.ids[5]);
    QCOMPARE(written.text, tokenizer_.decode({written.ids.begin(), written.ids.end() - 1}));
    QVERIFY(written.end == Continuation::End::stop);
  }

  void endsWhenNobodyListens() {
    ContinueOptions options;
    int left = 4;
    options.on_text = [&](std::string_view) { return --left > 0; };
    const Continuation written = run(options);
    QCOMPARE(written.ids.size(), std::size_t{4});
    QVERIFY(written.end == Continuation::End::cancelled);
  }

  void promptsAreEncodedAsInTraining() {
    const Tokenizer around = byte_tokenizer(true);
    QCOMPARE(around.encode("ab").ids.size(), std::size_t{4});
    QCOMPARE(prompt_ids(around, "ab"), (std::vector<std::int64_t>{256, 'a', 'b'}));
    QCOMPARE(prompt_ids(around, ""), (std::vector<std::int64_t>{256}));
    QVERIFY(prompt_ids(tokenizer_, "").empty());
    const auto model = tiny_llama(258);
    ContinueOptions options;
    options.max_new_tokens = 3;
    QCOMPARE(continue_text(*model, around, "", options).ids.size(), std::size_t{3});
  }

  void knowsTheTokensThatEndAText() {
    const TemporaryFolder folder;
    const Tokenizer around = byte_tokenizer(true);
    QCOMPARE(end_tokens(*model_, folder.path(), around), stop_ids_of(model_->config()));
    write_text(folder.path() / "generation_config.json", R"({"eos_token_id": [7, 9]})");
    QCOMPARE(end_tokens(*model_, folder.path(), around), (std::vector<std::int64_t>{7, 9}));
    model_->mutable_config().erase("eos_token_id");
    QCOMPARE(end_tokens(*model_, folder.path() / "elsewhere", around), std::vector<std::int64_t>{257});
  }

  void refusesWhatCannotWork() {
    ContinueOptions options;
    options.stop_texts = {""};
    LUTHIER_FAILS(run(options), "stop text is empty");
    LUTHIER_FAILS(run({}, ""), "prompt is empty");
    LUTHIER_FAILS(run({.top_p = 0}), "top_p");
    LUTHIER_FAILS(run({.repetition_penalty = 0}), "repetition penalty");
  }
};

QTEST_GUILESS_MAIN(ContinueTextTest)
#include "continue_text_test.moc"
