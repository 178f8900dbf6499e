// The bundle's JavaScript tokenizer gives the ids that Luthier's gives.
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/json.h"
#include "support/testing.h"
#include "text/tokenizer.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

/// Texts that each component treats in its own way.
const std::vector<std::string>& texts() {
  static const std::vector<std::string> list = {
      "Hello world!",
      "Müller's Café, naïve ÉCOLE",
      "日本語 text 中文字",
      "don't we'll I'M they've 's",
      "  two  spaces\t\ttabs\n\nnewlines  ",
      "[CLS] hi [SEP]<mask> x <s></s> [MASK]",
      "<|endoftext|>a<|endoftext|> b",
      "ΑΣ ΣΑΣ İstanbul ß ﬁ Å",
      "e\u0301 a\u0308\u0327 a\u200bb\u00a0c",
      "👩‍👩‍👧 🇩🇪 ok",
      "12345 3.14 ½ ² $100+5<6=>7^8`9|~",
      std::string(150, 'x'),
      "한국어 조선말 हिन्दी में الْعَرَبِيَّة",
      "— – … “quotes” ",
  };
  return list;
}

struct Case {
  std::string text, pair;
  std::int64_t most;
};

std::vector<Case> cases() {
  std::vector<Case> list;
  const auto& all = texts();
  for (const std::int64_t most : {5, 8, 12, 1000})
    for (std::size_t i = 0; i < all.size(); ++i) {
      list.push_back({all[i], "", most});
      list.push_back({all[i], all[(i + 1) % all.size()], most});
    }
  return list;
}

}  // namespace

class TokenizerTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void nodeGivesTheSameIds_data() {
    QTest::addColumn<QString>("file");
    const auto add = [](const char* name, const fs::path& file) {
      if (fs::exists(file)) QTest::newRow(name) << QString::fromStdString(file.string());
    };
    const fs::path starters = source_folder() / "resources/starters";
    add("WordPiece of a starter", starters / "classify-text/encoder/tokenizer.json");
    add("byte-level BPE of a starter", starters / "follow-instructions/model/tokenizer.json");
    for (const char* name : {"bert-base-uncased", "gpt2", "roberta-base"})
      if (const auto folder = shared(std::string("weights/tokenizers/") + name)) add(name, *folder / "tokenizer.json");
  }

  void nodeGivesTheSameIds() {
    QFETCH(QString, file);
    if (run_program({"node", "--version"}).exit_code != 0) QSKIP("needs Node");
    const Tokenizer tokenizer = Tokenizer::open(file.toStdString());
    std::string asked;
    for (const Case& one : cases()) asked += Json::array({one.text, one.pair, one.most}).dump() + "\n";
    const Output output =
        run_program({"node", (source_folder() / "tests/bundle/token_ids.mjs").string(),
                     (source_folder() / "resources/bundle/tokenizer.mjs").string(), file.toStdString()},
                    asked);
    QVERIFY2(output.exit_code == 0, output.err.c_str());
    std::istringstream lines(output.out);
    for (const Case& one : cases()) {
      std::string line;
      QVERIFY(std::getline(lines, line));
      const Encoding wanted = one.pair.empty() ? tokenizer.encode(one.text, true, one.most)
                                               : tokenizer.encode_pair(one.text, one.pair, true, one.most);
      const Json found = Json::parse(line), both = Json::array({wanted.ids, wanted.type_ids});
      QVERIFY2(found == both, (one.text + " | " + one.pair + ": " + line + " instead of " + both.dump()).c_str());
    }
  }
};

QTEST_GUILESS_MAIN(TokenizerTest)
#include "tokenizer_test.moc"
