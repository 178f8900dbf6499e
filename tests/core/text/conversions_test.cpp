// Tokenizers in other files than tokenizer.json against what transformers makes of the same files
// (tests/reference/text_conversions.py), and such files broken.
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/error.h"
#include "base/json.h"
#include "support/testing.h"
#include "text/conversions.h"
#include "text/tokenizer.h"
#include "text/whisper_tokens.h"

using namespace luthier;

namespace {

struct Expected {
  std::string name, path;
  std::vector<Json> cases;
};

std::string from_base64(const Json& text) {
  return QByteArray::fromBase64(QByteArray::fromStdString(text.get<std::string>())).toStdString();
}

std::string shown(const Json& value) {
  return value.dump(-1, ' ', true, Json::error_handler_t::replace).substr(0, 600);
}

/// A SentencePiece file: pieces of (text, score, kind), and further parts as bytes.
std::string model_file(const std::vector<std::tuple<std::string, float, int>>& pieces, const std::string& more = {}) {
  std::string out;
  for (const auto& [text, score, kind] : pieces) {
    std::string piece = "\x0A" + std::string(1, static_cast<char>(text.size())) + text + "\x15";
    piece.append(reinterpret_cast<const char*>(&score), 4);
    piece += "\x18" + std::string(1, static_cast<char>(kind));
    out += "\x0A" + std::string(1, static_cast<char>(piece.size())) + piece;
  }
  return out + more;
}

}  // namespace

class ConversionsTest : public QObject {
  Q_OBJECT

  TemporaryFolder work_;
  std::vector<std::string> texts_;
  std::vector<Expected> expected_;

 private Q_SLOTS:
  void initTestCase() {
    const auto folder = testing::shared("weights/tokenizers");
    if (!folder || !testing::has_python("transformers")) return;
    const auto output =
        testing::run_program({"python3", (testing::source_folder() / "tests/reference/text_conversions.py").string(),
                              folder->string(), work_.path().string()});
    QVERIFY2(output.exit_code == 0, output.err.c_str());
    std::istringstream lines(output.out);
    for (std::string line; std::getline(lines, line);) {
      Json value = Json::parse(line);
      if (value.contains("texts"))
        for (const Json& text : value["texts"]) texts_.push_back(from_base64(text));
      else if (value.contains("tokenizer"))
        expected_.push_back({value["tokenizer"], value["path"], {}});
      else
        expected_.back().cases.push_back(std::move(value));
    }
    QCOMPARE(expected_.size(), std::size_t{12});
  }

  void equalsTransformers_data() {
    QTest::addColumn<int>("index");
    for (std::size_t i = 0; i < expected_.size(); ++i) QTest::newRow(expected_[i].name.c_str()) << static_cast<int>(i);
    if (expected_.empty()) QTest::newRow("none") << -1;
  }
  void equalsTransformers() {
    QFETCH(int, index);
    if (index < 0) QSKIP("needs Python's transformers and the public tokenizers");
    const Expected& wanted = expected_[static_cast<std::size_t>(index)];
    const Tokenizer tokenizer = Tokenizer::open(wanted.path);
    int differ = 0;
    const auto compare = [&](const Json& one, const char* key, const Json& got) {
      if (!one.contains(key) || one[key] == got || ++differ > 8) return;
      const std::string text = one.contains("text")     ? texts_[one["text"].get<std::size_t>()]
                               : one.contains("string") ? from_base64(one["string"])
                                                        : shown(one["frames"]);
      qWarning("%s %s: %s\n  want %s\n  got  %s", wanted.name.c_str(), shown(text).c_str(), key,
               shown(one[key]).c_str(), shown(got).c_str());
    };
    for (const Json& one : wanted.cases) {
      if (one.contains("frames")) {
        const auto frames = one["frames"].get<std::vector<std::int64_t>>();
        compare(one, "spoken", tokenizer.ctc_decode(frames));
        continue;
      }
      if (one.contains("string")) {
        compare(one, "ids", tokenizer.encode(from_base64(one["string"])).ids);
        continue;
      }
      const std::string& text = texts_[one["text"].get<std::size_t>()];
      const Encoding got = one.contains("other") ? tokenizer.encode_pair(text, texts_[one["other"].get<std::size_t>()])
                                                 : tokenizer.encode(text, !one.contains("plain"));
      compare(one, "ids", got.ids);
      compare(one, "offsets", got.offsets);
      compare(one, "types", got.type_ids);
      compare(one, "decoded", tokenizer.decode(got.ids, true));
      compare(one, "decoded_all", tokenizer.decode(got.ids, false));
    }
    QCOMPARE(differ, 0);
  }

  void staysTheSameWhenSaved() {
    if (expected_.empty()) QSKIP("needs Python's transformers and the public tokenizers");
    for (const Expected& one : expected_) {
      Tokenizer tokenizer = Tokenizer::open(one.path);
      if (one.name.starts_with("characters")) QCOMPARE(tokenizer.add_tokens({"<new>"}), 1);
      const fs::path folder = work_.path() / (one.name + "-saved");
      tokenizer.save(folder);
      const Tokenizer again = Tokenizer::open(folder);
      if (!one.name.starts_with("characters")) QCOMPARE(again.fingerprint(), tokenizer.fingerprint());
      QCOMPARE(again.encode("HELLO <new> world").ids, tokenizer.encode("HELLO <new> world").ids);
      QCOMPARE(again.ctc_decode({5, 5, 0, 5}), tokenizer.ctc_decode({5, 5, 0, 5}));
    }
  }

  void knowsTheRolesOfConvertedTokens() {
    LUTHIER_NEEDS(folder, "weights/tokenizers");
    const Tokenizer speech = Tokenizer::open(folder / "wav2vec2");
    QCOMPARE(speech.pad_id(), std::optional<std::int64_t>(0));
    QCOMPARE(speech.unknown_id(), std::optional<std::int64_t>(3));
    QCOMPARE(speech.vocabulary_size(), 32);
    QCOMPARE(speech.encode("A CAT").ids, (std::vector<std::int64_t>{7, 4, 19, 7, 6}));
    QCOMPARE(speech.decode({7, 4, 19, 7, 7, 6}), std::string("A CAAT"));
    QCOMPARE(speech.ctc_decode({7, 7, 0, 4, 4, 19, 7, 0, 7, 7, 6, 4}), std::string("A CAAT"));
    const Tokenizer t5 = Tokenizer::open(folder / "t5-small/spiece.model");
    QCOMPARE(t5.vocabulary_size(), 32100);
    QCOMPARE(t5.eos_id(), std::optional<std::int64_t>(1));
    QCOMPARE(t5.pad_id(), std::optional<std::int64_t>(0));
    QVERIFY(t5.is_special(*t5.id_of("<extra_id_0>")) && *t5.id_of("<extra_id_0>") == 32099);
    const Tokenizer llama = Tokenizer::open(folder / "llama2/tokenizer.model");
    QCOMPARE(llama.bos_id(), std::optional<std::int64_t>(1));
    QCOMPARE(llama.encode("Hello this is a test").ids, (std::vector<std::int64_t>{1, 15043, 445, 338, 263, 1243}));
  }

  void writesWhispersTaskTokens() {
    LUTHIER_NEEDS(folder, "weights/tokenizers/whisper-tiny");
    const Tokenizer tokenizer = Tokenizer::open(folder);
    // transformers: WhisperTokenizer(language, task).prefix_tokens of the multilingual vocabulary.
    QCOMPARE(whisper_prompt(tokenizer), (std::vector<std::int64_t>{50258, 50259, 50359, 50363}));
    QCOMPARE(whisper_prompt(tokenizer, {"German", true, true}), (std::vector<std::int64_t>{50258, 50261, 50358}));
    QCOMPARE(whisper_prompt(tokenizer, {"", false, false}), (std::vector<std::int64_t>{50258, 50363}));
    QCOMPARE(whisper_languages(tokenizer).size(), std::size_t{99});
    auto ids = whisper_prompt(tokenizer, {"en", false, true});
    const auto spoken = tokenizer.encode(" Hello there.", false).ids;
    ids.push_back(*tokenizer.id_of("<|0.00|>"));
    ids.insert(ids.end(), spoken.begin(), spoken.end());
    ids.push_back(*tokenizer.id_of("<|1.20|>"));
    QCOMPARE(whisper_text(tokenizer, ids), std::string(" Hello there."));
    QCOMPARE(whisper_seconds(tokenizer, ids.back()), 1.2);
    QVERIFY(whisper_seconds(tokenizer, spoken[0]) < 0);
    LUTHIER_FAILS(whisper_prompt(tokenizer, {"klingon", false, false}), "klingon");
    LUTHIER_NEEDS(gpt2, "weights/tokenizers/gpt2");
    LUTHIER_FAILS(whisper_prompt(Tokenizer::open(gpt2)), "Whisper");
  }

  void refusesBrokenFiles() {
    const TemporaryFolder folder;
    const fs::path file = folder.path() / "tokenizer.model";
    const std::string good =
        model_file({{"<unk>", 0, 2}, {"<s>", 0, 3}, {"</s>", 0, 3}, {"a", -1, 1}, {"ab", -2, 1}, {"b", -3, 1}});
    const auto open = [&](const std::string& bytes) {
      testing::write_text(file, bytes);
      return Tokenizer::open(folder.path());
    };
    QCOMPARE(open(good).encode("ab", false).ids.size(), std::size_t{2});  // unknown "▁", then "ab"
    LUTHIER_FAILS(open(""), "tokenizer.model");
    LUTHIER_FAILS(open(std::string(50, '\xFF')), "cut off");
    LUTHIER_FAILS(open(model_file({{"\xC3", 0, 2}})), "UTF-8");
    LUTHIER_FAILS(open(model_file({{"a", 0, 1}}, "\x12\x03\xC0\x02\x09")), "special piece");  // unk_id: 9
    LUTHIER_FAILS(open(model_file({{"a", 0, 1}, {"b", 0, 1}, {"c", 0, 1}}, "\x12\x02\x18\x03")), "words or characters");
    LUTHIER_FAILS(open("AA== 0\nAQ== x\n"), "tokenizer.model:2");
    for (std::size_t length = 0; length < good.size(); length += 3) {
      try {
        open(good.substr(0, length)).encode("abc");
      } catch (const Error& error) {
        QVERIFY(error.kind == ErrorKind::bad_input);
      }
    }
    std::uint32_t state = 99;
    for (int round = 0; round < 3000; ++round) {
      std::string bytes = good;
      for (int k = 0; k < 3; ++k) {
        state = state * 1664525 + 1013904223;
        bytes[(state >> 8) % bytes.size()] = static_cast<char>(state >> 24);
      }
      try {
        const Json nothing;
        Tokenizer::from_json(text::sentencepiece_tokenizer_json(bytes, {"fuzz", nothing, nothing, nothing}), "fuzz")
            .encode("ab \xC3\xA9");
      } catch (const Error& error) {
        QVERIFY(error.kind == ErrorKind::bad_input || error.kind == ErrorKind::unsupported);
      }
    }
    fs::remove(file);
    testing::write_text(folder.path() / "vocab.json", R"({"a": 0, "b": "x"})");
    LUTHIER_FAILS(Tokenizer::open(folder.path()), "model.vocab");
    testing::write_text(folder.path() / "vocab.json", R"({"de": {"a": 0}, "en": {"b": 0}})");
    LUTHIER_FAILS(Tokenizer::open(folder.path()), "target_lang");
    testing::write_text(folder.path() / "vocab.json", "[]");
    LUTHIER_FAILS(Tokenizer::open(folder.path()), "vocab.json");
    testing::write_text(folder.path() / "merges.txt", "#version: 0.2\na b\n");
    testing::write_text(folder.path() / "vocab.json", R"({"a": 0, "b": 1})");
    LUTHIER_FAILS(Tokenizer::open(folder.path()), "\"ab\" is not in the vocabulary");
    testing::write_text(folder.path() / "tokenizer_config.json", R"({"tokenizer_class": "CLIPTokenizer"})");
    LUTHIER_FAILS(Tokenizer::open(folder.path()), "CLIPTokenizer");
  }
};

QTEST_GUILESS_MAIN(ConversionsTest)
#include "conversions_test.moc"
