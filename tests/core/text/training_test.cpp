// Learning vocabularies, against the tokenizers library's trainers (tests/reference/text_training.py).
#include "text/training.h"

#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/json.h"
#include "support/testing.h"
#include "text/tokenizer.h"

using namespace luthier;

class TrainingTest : public QObject {
  Q_OBJECT

  Json wanted_;
  std::vector<std::string> texts_;

  TextSource source() const {
    return [this](const std::function<void(std::string_view)>& take) {
      for (const std::string& text : texts_) take(text);
    };
  }
  static TextSource source(const std::vector<std::string>& texts) {
    return [texts](const std::function<void(std::string_view)>& take) {
      for (const std::string& text : texts) take(text);
    };
  }

 private Q_SLOTS:
  void initTestCase() {
    if (!testing::has_python("tokenizers")) QSKIP("needs Python's tokenizers");
    const auto output =
        testing::run_program({"python3", (testing::source_folder() / "tests/reference/text_training.py").string()});
    QVERIFY2(output.exit_code == 0, output.err.c_str());
    wanted_ = Json::parse(output.out);
    texts_ = wanted_["texts"].get<std::vector<std::string>>();
  }

  void learnsTheLibrarysWordPieces_data() {
    QTest::addColumn<QString>("key");
    QTest::addColumn<int>("size");
    QTest::addColumn<int>("frequency");
    QTest::addColumn<int>("alphabet");
    QTest::newRow("lower case") << "lower" << 2600 << 2 << 0;
    QTest::newRow("cased") << "cased" << 1500 << 5 << 0;
  }
  void learnsTheLibrarysWordPieces() {
    QFETCH(QString, key);
    QFETCH(int, size);
    QFETCH(int, frequency);
    QFETCH(int, alphabet);
    VocabularyOptions options;
    options.size = size;
    options.min_frequency = frequency;
    options.lowercase = key != "cased";
    options.alphabet = alphabet;
    options.special_tokens = wanted_["special"].get<std::vector<std::string>>();
    const Json got = parse_json(train_wordpiece(source(), options), "learned")["model"]["vocab"];
    const Json& wanted = wanted_[key.toStdString()];
    QCOMPARE(got.size(), wanted.size());
    for (const auto& [token, id] : wanted.items())
      QVERIFY2(got.contains(token) && got[token] == id, (token + " " + id.dump()).c_str());
  }

  void keepsOnlyTheMostFrequentCharacters() {
    // Which of equally frequent characters stay is chance in the library: most of the vocabulary has to agree.
    VocabularyOptions options;
    options.size = 1800;
    options.alphabet = 60;
    options.special_tokens = wanted_["special"].get<std::vector<std::string>>();
    const Json got = parse_json(train_wordpiece(source(), options), "learned")["model"]["vocab"];
    const Json& wanted = wanted_["small_alphabet"];
    std::size_t common = 0;
    for (const auto& [token, id] : wanted.items()) common += got.contains(token);
    QVERIFY2(common > wanted.size() * 98 / 100, std::to_string(common).c_str());
  }

  void learnsNearlyTheSameWhereTheLibraryDrawsLots() {
    VocabularyOptions options;
    options.size = 1200;
    const Tokenizer tokenizer = Tokenizer::from_json(train_wordpiece(source(), options), "learned");
    const Json& wanted = wanted_["free"];
    std::size_t common = 0;
    for (const auto& [token, id] : wanted.items()) common += tokenizer.id_of(token).has_value();
    QCOMPARE(tokenizer.vocabulary_size(), static_cast<std::int64_t>(wanted.size()));
    QVERIFY2(common > wanted.size() * 97 / 100, std::to_string(common).c_str());
    QCOMPARE(tokenizer.pad_id(), std::optional<std::int64_t>(0));
    QCOMPARE(tokenizer.mask_id(), std::optional<std::int64_t>(4));
  }

  void learnsTheLibrarysByteLevelMerges_data() {
    QTest::addColumn<QString>("key");
    QTest::addColumn<int>("size");
    QTest::addColumn<int>("frequency");
    QTest::newRow("900 tokens") << "bytes" << 900 << 2;
    QTest::newRow("all that is frequent") << "bytes_all" << 100000 << 3;
  }
  void learnsTheLibrarysByteLevelMerges() {
    QFETCH(QString, key);
    QFETCH(int, size);
    QFETCH(int, frequency);
    VocabularyOptions options;
    options.size = size;
    options.min_frequency = frequency;
    options.special_tokens = {"<|endoftext|>", "<pad>"};
    const Json got = parse_json(train_byte_level_bpe(source(), options), "learned")["model"];
    const Json& wanted = wanted_[key.toStdString()];
    QCOMPARE(got["vocab"].size(), wanted["vocab"].size());
    QVERIFY(got["vocab"] == wanted["vocab"]);
    QVERIFY(got["merges"] == wanted["merges"]);
  }

  void learnsTheSameFromTextsInAnyOrder() {
    const std::vector<std::string> texts{"low lower lowest", "new newer newest", "wide wider widest",
                                         "low low new new"};
    VocabularyOptions options;
    options.size = 60;
    auto reversed = texts;
    std::reverse(reversed.begin(), reversed.end());
    QCOMPARE(train_wordpiece(source(texts), options), train_wordpiece(source(reversed), options));
    QCOMPARE(train_byte_level_bpe(source(texts), options), train_byte_level_bpe(source(reversed), options));
  }

  void learnsACompleteTokenizer() {
    std::vector<double> shares;
    VocabularyOptions options;
    options.size = 600;
    const std::vector<std::string> texts(400, "the cat sat on the mat, the dog lay under the table; \xFF broken");
    const auto progress = [&](double share) { shares.push_back(share); };
    const Tokenizer words = Tokenizer::from_json(train_wordpiece(source(texts), options, progress), "words");
    QCOMPARE(words.decode(words.encode("The cat, under the TABLE").ids), std::string("the cat, under the table"));
    QVERIFY(!shares.empty() && std::is_sorted(shares.begin(), shares.end()) && shares.back() <= 1.0);
    const Tokenizer bytes = Tokenizer::from_json(train_byte_level_bpe(source(texts), options), "bytes");
    QCOMPARE(bytes.decode(bytes.encode("The caté\n 你好").ids), std::string("The caté\n 你好"));
    QVERIFY(bytes.encode(" table").ids.size() == 1);
    QVERIFY(bytes.id_of("<|endoftext|>") && bytes.is_special(*bytes.id_of("<|endoftext|>")));
  }

  void refusesWhatCannotBeLearned() {
    LUTHIER_FAILS(train_wordpiece(source({}), {}), "no text");
    LUTHIER_FAILS(train_byte_level_bpe(source({"", ""}), {}), "no text");
    VocabularyOptions options;
    options.size = -5;
    LUTHIER_FAILS(train_wordpiece(source({"a"}), options), "cannot be learned");
    options = {};
    options.special_tokens = {"\xFF"};
    LUTHIER_FAILS(train_byte_level_bpe(source({"a"}), options), "special_tokens");
  }
};

QTEST_GUILESS_MAIN(TrainingTest)
#include "training_test.moc"
