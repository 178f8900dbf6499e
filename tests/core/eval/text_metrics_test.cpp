// Metrics of text. Expected numbers are those that the tools' own documentation and tests print, or worked out beside
// the case.
#include "eval/text_metrics.h"

#include <cmath>

#include "base/random.h"
#include "eval/text_pieces.h"
#include "support/testing.h"

using namespace luthier;

namespace {

using Words = std::vector<std::string>;
using Pairs = std::vector<std::pair<std::string, std::string>>;  ///< answer, reference

bool near(double a, double b, double tolerance = 1e-9) { return std::abs(a - b) < tolerance; }

TextScores scores(const Pairs& pairs) {
  TextScores all;
  for (const auto& [answer, reference] : pairs) all.add(answer, reference);
  return all;
}

double chrf3(const Pairs& pairs) { return scores(pairs).chrf().score(3); }
double wer(const std::string& reference, const std::string& answer) {
  return scores({{answer, reference}}).word_error_rate();
}

Pairs random_pairs(std::uint64_t seed) {
  Random random(seed);
  const Words words = {"a", "the", "cat", "Hund", "größer", "2.5", "saß", "!", "日本", "on"};
  Pairs pairs;
  for (int i = 0; i < 6; ++i) {
    std::string texts[2];
    for (std::string& text : texts)
      for (std::uint64_t n = random.below(9); n > 0; --n) text += words[random.below(words.size())] + " ";
    pairs.emplace_back(texts[0], texts[1]);
  }
  return pairs;
}

}  // namespace

class TextMetricsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void splitsAsMteval13aDoes() {
    QCOMPARE(tokens_13a("Hello, world! It's 3.5% (of 1,000)."),
             (Words{"Hello", ",", "world", "!", "It's", "3.5", "%", "(", "of", "1,000", ")", "."}));
    QCOMPARE(tokens_13a("a-b 1990-2000 -5 x/y"), (Words{"a-b", "1990", "-", "2000", "-5", "x", "/", "y"}));
    QCOMPARE(tokens_13a("&quot;a&quot; &amp;lt; b"), (Words{"\"", "a", "\"", "<", "b"}));
    QCOMPARE(tokens_13a("hyphen-\nated<skipped> line\nnext"), (Words{"hyphenated", "line", "next"}));
    QCOMPARE(tokens_13a("…größer.Ende 5."), (Words{"…größer", ".", "Ende", "5", "."}));
    QCOMPARE(tokens_13a(""), Words{});
  }

  void splitsAsRougeScoreDoes() {
    QCOMPARE(rouge_tokens("The Cat's 2nd-best ÄRGER!"), (Words{"the", "cat", "s", "2nd", "best", "rger"}));
    QCOMPARE(rouge_tokens("日本 …"), Words{});
  }

  void whiteSpaceIsUnicodes() {
    QCOMPARE(words_of(" a\tb\u00a0c\u3000d\n"), (Words{"a", "b", "c", "d"}));
    QCOMPARE(trimmed("\u2003 a b \n"), std::string("a b"));
    QCOMPARE(trimmed(" \n"), std::string());
    QCOMPARE(letters_of("ä b", false), std::u32string(U"äb"));
  }

  void bleuEqualsThePublishedNumbers() {
    // the example of the sacreBLEU metric card of the evaluate library; there 6 of 10, 4 of 8, 2 of 6 and 1 of 4 match
    const Pairs card = {{"hello there general kenobi", "hello there general kenobi"},
                        {"on our way to ankh morpork", "goodbye ankh morpork"}};
    QVERIFY(near(scores(card).bleu().score(), 39.76353643835252));
    // counts 4 2 1 0 of 6 5 4 3 in sacreBLEU's tests; the missing one is smoothed to 1/2, 6 tokens against 8
    const double expected = 100 * std::pow(4.0 / 6 * 2 / 5 * 1 / 4 * 0.5 / 3, 0.25) * std::exp(1 - 8.0 / 6);
    QVERIFY(
        near(scores({{"am I am a character sequence", "I am a symbol string sequence a a"}}).bleu().score(), expected));
  }

  void bleuSmoothsEveryMissingOrderByHalfAgain() {
    // 1 of 4 tokens, none of 3 pairs, 2 triples, 1 quadruple: 1/4, 1/2 of 3, 1/4 of 2, 1/8 of 1
    const double expected = 100 * std::pow(0.25 * (0.5 / 3) * (0.25 / 2) * 0.125, 0.25);
    QVERIFY(near(scores({{"a b c d", "d x y z"}}).bleu().score(), expected));
  }

  void bleuOfNothingIsZero() {
    QCOMPARE(Bleu().score(), 0.0);
    QCOMPARE(scores({{"", "a b c d e"}}).bleu().score(), 0.0);
    QCOMPARE(scores({{"x y z w v", "a b c d e"}}).bleu().score(), 0.0);
    QCOMPARE(scores({{"a b c", "a b c"}}).bleu().score(), 0.0);  // no 4-gram anywhere, as sacreBLEU says
  }

  void chrfEqualsThePublishedNumbers() {
    // the chrF metric card of the evaluate library
    const Pairs card = {{"The relationship between cats and dogs is not exactly friendly.",
                         "The relationship between dogs and cats is not exactly friendly."},
                        {"a good bookshop is just a genteel black hole that knows how to read.",
                         "A good bookshop is just a genteel Black Hole that knows how to read."}};
    QVERIFY(near(scores(card).chrf().score(), 84.64214891738334));
    // sacreBLEU's tests, with beta 3
    QVERIFY(near(chrf3({{"a", "a"}}), 100));
    QVERIFY(near(chrf3({{"", "reference"}}), 0));
    QVERIFY(near(chrf3({{"a b c", "abc"}}), 100));
    QVERIFY(near(chrf3({{"a", "a"}, {"b", "c"}}), 50));
    QVERIFY(near(chrf3({{"aa", "ab"}}), 25));
    QVERIFY(near(chrf3({{"Niemand hat die Absicht, eine Mauer zu errichten",
                         "Niemand hat die Absicht, eine Mauer zu errichten"}}),
                 100));
    QVERIFY(near(chrf3({{" Die    Beziehung zwischen  Obama und Netanjahu ist nicht gerade  freundlich. ",
                         "Das Verhältnis zwischen Obama und Netanyahu ist nicht gerade freundschaftlich."}}),
                 64.1302698, 1e-6));
    QVERIFY(near(chrf3({{" risk assessment must be made of those who are qualified and expertise in the sector - these "
                         "are the scientists .",
                         "risk assessment has to be undertaken by those who are qualified and expert in that area - "
                         "that is the scientists ."}}),
                 63.361730, 1e-6));
  }

  void rougeEqualsThePublishedNumbers() {
    // rouge_score's README
    const Rouge readme =
        scores({{"The quick brown dog jumps on the log.", "The quick brown fox jumps over the lazy dog"}}).rouge();
    QVERIFY(near(readme.rouge1(), 0.7058823529411765));
    QVERIFY(near(readme.rouge2(), 0.26666666666666666));
    QVERIFY(near(readme.rouge_l(), 0.5882352941176471));
  }

  void rougeIsTheMeanOverRows() {
    const Rouge rouge = scores({{"a b", "a b"}, {"", "x"}, {"a c d", "a b c"}}).rouge();
    QVERIFY(near(rouge.rouge1(), (1 + 0 + 2.0 / 3) / 3));
    QVERIFY(near(rouge.rouge2(), 1.0 / 3));
    QVERIFY(near(rouge.rouge_l(), (1 + 0 + 2.0 / 3) / 3));
  }

  void wordErrorsEqualThePublishedNumbers() {
    // jiwer's tests, some of them from Morris et al. 2004
    QVERIFY(near(wer("This is a test", "This test"), 0.5));
    QVERIFY(near(wer("This is a test", ""), 1));
    QVERIFY(near(wer("X", "X X Y Y"), 3));
    QVERIFY(near(wer("X Y X", "X Z"), 2.0 / 3));
    QVERIFY(near(wer("X", "Y Z"), 2));
    QVERIFY(near(wer("i am a short ground truth", "i am a considerably longer and very much incorrect hypothesis"),
                 7.0 / 6));
    QVERIFY(near(wer("", ""), 0) && near(wer("", "a"), 1));
  }

  void errorsAreCountedOverAllRowsTogether() {
    const TextScores two = scores({{"a", "a b c d"}, {"x", "x"}});
    QVERIFY(near(two.word_error_rate(), 3.0 / 5));
    QVERIFY(near(two.character_error_rate(), 6.0 / 8));
  }

  void distancesOfKnownWords() {
    QCOMPARE(edit_distance(U"kitten", U"sitting"), 3);
    QCOMPARE(edit_distance(U"", U"abc"), 3);
    QCOMPARE(edit_distance(U"Straße", U"Strasse"), 2);
    QCOMPARE(common_subsequence(U"abcbdab", U"bdcaba"), 4);
    QCOMPARE(shared_ngrams(U"aaab", U"aab", 1), 3);
    QCOMPARE(shared_ngrams(U"aaab", U"aab", 2), 2);
    QCOMPARE(shared_ngrams(U"a", U"a", 2), 0);
  }

  void aPerfectAnswerIsTheBest() {
    const TextScores perfect =
        scores({{"The cat sat on the mat.", "The cat sat on the mat."}, {" Ein Haus am See \n", "Ein Haus am See"}});
    QVERIFY(near(perfect.bleu().score(), 100));
    QVERIFY(near(perfect.chrf().score(), 100));
    QVERIFY(near(perfect.rouge().rouge1(), 1) && near(perfect.rouge().rouge_l(), 1));
    QCOMPARE(perfect.word_error_rate(), 0.0);
    QCOMPARE(perfect.character_error_rate(), 0.0);
    QCOMPARE(perfect.exact_match(), 1.0);
    QCOMPARE(scores({{"a", "b"}, {"c", "c"}}).exact_match(), 0.5);
  }

  void theOrderOfRowsDoesNotMatter() {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      Pairs pairs = random_pairs(seed);
      const TextScores forward = scores(pairs);
      std::reverse(pairs.begin(), pairs.end());
      const TextScores backward = scores(pairs);
      QVERIFY(near(forward.bleu().score(), backward.bleu().score()));
      QVERIFY(near(forward.chrf().score(), backward.chrf().score()));
      QVERIFY(near(forward.rouge().rouge_l(), backward.rouge().rouge_l()));
      QCOMPARE(forward.word_error_rate(), backward.word_error_rate());
      for (const double value : {forward.bleu().score(), forward.chrf().score()}) QVERIFY(value >= 0 && value <= 100);
      for (const auto& [answer, reference] : pairs) {
        const auto a = letters_of(answer), b = letters_of(reference);
        QCOMPARE(edit_distance(a, b), edit_distance(b, a));
        QCOMPARE(common_subsequence(a, b), common_subsequence(b, a));
        // one letter dropped and one added instead of each replaced: the two measures bound each other
        QVERIFY(edit_distance(a, b) <= static_cast<std::int64_t>(a.size() + b.size()) - 2 * common_subsequence(a, b));
      }
    }
  }

  void brokenBytesAndLongAnswersAreNoProblem() {
    const std::string broken = "ab\xff\xc3 c\xe2\x82", large(20000, 'a');
    const TextScores odd = scores({{broken, "ab c"}, {"", ""}, {std::string(1, '\0'), "x"}, {large, "a a a a"}});
    QCOMPARE(odd.rows(), 4);
    QVERIFY(odd.chrf().score() >= 0 && odd.word_error_rate() > 0);
  }
};

QTEST_GUILESS_MAIN(TextMetricsTest)
#include "text_metrics_test.moc"
