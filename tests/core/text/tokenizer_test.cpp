// Encoding and decoding against the tokenizers library (its Python binding), which tests/reference/text_tokenizers.py
// asks in one process a test run, over a corpus of many scripts, emoji, controls and broken UTF-8.
#include "text/tokenizer.h"

#include <atomic>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "base/json.h"
#include "support/testing.h"

using namespace luthier;

namespace {

struct Expected {
  std::string name, path, json;
  std::vector<Json> cases;
};

std::string words_at(const std::string& text, std::size_t& at) {
  const std::size_t end = std::min(text.find(' ', at), text.size());
  std::string word = text.substr(at, end - at);
  at = end + 1;
  return word;
}

/// As Python's str.split(" "). Broken UTF-8 stays whole: U+0020 never is a part of a sequence.
std::vector<std::string> split_at_spaces(const std::string& text) {
  std::vector<std::string> words;
  std::size_t at = 0;
  do words.push_back(words_at(text, at));
  while (at <= text.size());
  return words;
}

std::string shown(const Json& value) { return value.dump(-1, ' ', true, Json::error_handler_t::replace); }

}  // namespace

class TokenizerTest : public QObject {
  Q_OBJECT

  std::vector<std::string> texts_;
  std::vector<Expected> expected_;

  Encoding encode(const Tokenizer& tokenizer, const Json& wanted) const {
    const std::string kind = wanted["kind"];
    const std::string& text = texts_[wanted["text"].get<std::size_t>()];
    const bool special = !kind.starts_with("plain");
    if (kind == "words") return tokenizer.encode_words(split_at_spaces(text));
    if (kind == "file-truncation")
      return tokenizer.encode(text + "|" + text + "|" + text + "|" + text + "|" + text, true, 0);
    const std::int64_t most = wanted.value("most", -1);
    if (!wanted.contains("other")) return tokenizer.encode(text, special, most);
    return tokenizer.encode_pair(text, texts_[wanted["other"].get<std::size_t>()], special, most);
  }

 private Q_SLOTS:
  void initTestCase() {
    if (!testing::has_python("tokenizers")) QSKIP("needs Python's tokenizers");
    const auto folder = testing::shared("weights/tokenizers");
    const auto output =
        testing::run_program({"python3", (testing::source_folder() / "tests/reference/text_tokenizers.py").string(),
                              folder ? folder->string() : ""});
    QVERIFY2(output.exit_code == 0, output.err.c_str());
    std::istringstream lines(output.out);
    for (std::string line; std::getline(lines, line);) {
      Json value = Json::parse(line);
      if (value.contains("texts")) {
        for (const Json& text : value["texts"])
          texts_.push_back(QByteArray::fromBase64(QByteArray::fromStdString(text.get<std::string>())).toStdString());
      } else if (value.contains("tokenizer")) {
        expected_.push_back({value["tokenizer"], value.value("path", ""), value.value("json", ""), {}});
      } else {
        expected_.back().cases.push_back(std::move(value));
      }
    }
    QVERIFY(expected_.size() >= 15);
  }

  void equalsTheLibrary_data() {
    QTest::addColumn<int>("index");
    for (std::size_t i = 0; i < expected_.size(); ++i) QTest::newRow(expected_[i].name.c_str()) << static_cast<int>(i);
  }
  void equalsTheLibrary() {
    QFETCH(int, index);
    const Expected& wanted = expected_[static_cast<std::size_t>(index)];
    const Tokenizer tokenizer =
        wanted.path.empty() ? Tokenizer::from_json(wanted.json, wanted.name) : Tokenizer::open(wanted.path);
    QVERIFY(wanted.cases.size() > 1000);
    int differ = 0;
    for (const Json& one : wanted.cases) {
      const Encoding got = encode(tokenizer, one);
      Json actual{{"ids", got.ids},
                  {"offsets", got.offsets},
                  {"types", got.type_ids},
                  {"special", got.special},
                  {"words", got.words}};
      if (one.contains("decoded")) {
        actual["decoded"] = tokenizer.decode(got.ids, true);
        actual["decoded_all"] = tokenizer.decode(got.ids, false);
      }
      for (const auto& [key, value] : actual.items()) {
        if (one[key] == value) continue;
        if (++differ > 12) break;
        qWarning("%s", (wanted.name + " " + shown(one["kind"]) + " " + shown(texts_[one["text"].get<std::size_t>()]) +
                        ": " + key + "\n  want " + shown(one[key]) + "\n  got  " + shown(value))
                           .substr(0, 1500)
                           .c_str());
      }
    }
    QCOMPARE(differ, 0);
  }

  void splitsTheSquadQuestionsAsBertDoes() {
    LUTHIER_NEEDS(folder, "weights/tokenizers/bert-base-uncased");
    // The questions as basic tokens and as ids, both by the reference implementation; there the raw text is not kept,
    // but basic tokens joined by spaces have the same ids.
    const Tokenizer tokenizer = Tokenizer::open(folder / "vocab.txt");
    const Json words = read_json(folder / "expected/basic_tokenized_questions.json");
    const Json ids = read_json(folder / "expected/tokenized_questions.json");
    QCOMPARE(words.size(), ids.size());
    QVERIFY(words.size() > 1000);
    for (std::size_t i = 0; i < words.size(); ++i) {
      std::string text;
      for (const Json& word : words[i]) text += (text.empty() ? "" : " ") + word.get<std::string>();
      QCOMPARE(Json(tokenizer.encode(text, false).ids), ids[i]);
    }
  }

  void decodesWhatByteLevelTokenizersEncode() {
    for (const Expected& one : expected_) {
      if (one.name != "qwen2-like" && one.name != "gpt2/tokenizer.json" && one.name != "llama3-like") continue;
      const Tokenizer tokenizer =
          one.path.empty() ? Tokenizer::from_json(one.json, one.name) : Tokenizer::open(one.path);
      for (const std::string& text : texts_) {
        const QString valid = QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
        if (valid.toUtf8().toStdString() != text) continue;  // broken UTF-8 cannot come back
        if (one.name == "qwen2-like" && valid.normalized(QString::NormalizationForm_C) != valid) continue;
        QCOMPARE(tokenizer.decode(tokenizer.encode(text, false).ids, false), text);
      }
    }
  }

  void isTheSameFromManyThreads() {
    QVERIFY(!expected_.empty());
    const Tokenizer tokenizer = Tokenizer::from_json(expected_[0].json, "threads");
    const Tokenizer alone = Tokenizer::from_json(expected_[0].json, "alone");
    std::atomic<int> differ = 0;
    std::vector<std::thread> threads;
    for (int start = 0; start < 4; ++start)
      threads.emplace_back([&, start] {
        for (std::size_t i = static_cast<std::size_t>(start); i < texts_.size() * 4; i += 3) {
          const std::string& text = texts_[i % texts_.size()];
          if (tokenizer.encode(text).ids != alone.encode(text).ids) ++differ;
        }
      });
    for (std::thread& thread : threads) thread.join();
    QCOMPARE(differ.load(), 0);
  }

  void readsBrokenUtf8AsPythonDoes() {
    const Tokenizer tokenizer = Tokenizer::from_json(
        R"({"model": {"type": "WordLevel", "vocab": {"a": 0, "\ufffd": 1, "?": 2}, "unk_token": "?"},
            "pre_tokenizer": {"type": "Split", "pattern": {"Regex": "[\\s\\S]"}, "behavior": "Isolated", "invert": false}})",
        "broken");
    // Python: b"...".decode("utf-8", "replace"). E2 82 is one broken sequence, C0 AF are two, ED A0 80 three.
    QCOMPARE(tokenizer
                 .encode("a\xE2\x82"
                         "a")
                 .ids,
             (std::vector<std::int64_t>{0, 1, 0}));
    QCOMPARE(tokenizer.encode("\xC0\xAF").ids, (std::vector<std::int64_t>{1, 1}));
    QCOMPARE(tokenizer.encode("\xED\xA0\x80").ids, (std::vector<std::int64_t>{1, 1, 1}));
    QCOMPARE(tokenizer.encode("\xF0\x9F\x98").ids, (std::vector<std::int64_t>{1}));
    QCOMPARE(tokenizer.encode("\xF4\x90\x80\x80").ids.size(), std::size_t{4});
  }

  void encodesALongTextInTime() {
    LUTHIER_NEEDS(folder, "weights/tokenizers/phi-3-mini");
    // Llama 2's pipeline has no pre-tokenizer: the whole text is one piece, and merging must not be quadratic.
    const Tokenizer tokenizer = Tokenizer::open(folder);
    std::string text;
    while (text.size() < 1 << 20) text += "A long text is one piece here, " + std::to_string(text.size()) + " ";
    QElapsedTimer timer;
    timer.start();
    QVERIFY(tokenizer.encode(text).ids.size() > 100000);
    QVERIFY2(timer.elapsed() < 10000, QByteArray::number(timer.elapsed()));
    QCOMPARE(tokenizer.encode(std::string(200000, ' ')).truncated, false);
    QCOMPARE(tokenizer.encode(text, true, 32).ids.size(), std::size_t{32});
    QVERIFY(tokenizer.encode(text, true, 32).truncated);
  }
};

QTEST_GUILESS_MAIN(TokenizerTest)
#include "tokenizer_test.moc"
