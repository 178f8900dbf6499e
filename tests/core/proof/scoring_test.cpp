// Metrics of logits, against sums done by hand.
#include "proof/scoring.h"

#include <QtTest>
#include <cmath>

#include "base/error.h"
#include "proof/answers.h"

using namespace luthier;

namespace {
using Positions = std::vector<std::int64_t>;

double value(const Scores& scores, const std::string& name) {
  const auto values = scores.values();
  const auto found = values.find(name);
  return found == values.end() ? NAN : found->second;
}
bool near(double a, double b) { return std::abs(a - b) < 1e-6; }
}  // namespace

class ScoringTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void classes() {
    const auto scores = make_scores("label");
    QVERIFY(scores->values().empty());
    const std::vector<float> even = {0, 0}, sure = {std::log(9.0f), 0};  // shares 1/2 1/2 and 9/10 1/10
    scores->add(even, 2, {}, std::vector<double>{1});
    scores->add(sure, 2, {}, std::vector<double>{0});
    QVERIFY(near(value(*scores, "loss"), (std::log(2.0) + std::log(10.0 / 9)) / 2));
    QCOMPARE(value(*scores, "accuracy"), 0.5);          // of equal ones the first is said
    scores->add(even, 2, {}, std::vector<double>{2});   // no such class
    scores->add(even, 2, {}, std::vector<double>{});    // not known
    scores->add(even, 2, {}, std::vector<double>{-1});  // not known
    QCOMPARE(value(*scores, "accuracy"), 0.5);
  }

  void tokensBelongToPositions() {
    const std::vector<float> logits = {5, 0, 0, 0, 5, 0};  // positions 1 and 3 say 0 and 1
    const Positions positions = {1, 3};
    const auto own = make_scores("tokens"), next = make_scores("next_tokens");
    const std::vector<double> truth = {2, 0, 1, 0, 1};
    own->add(logits, 3, positions, truth);   // 0 at 1: right; 0 at 3: wrong
    next->add(logits, 3, positions, truth);  // 1 at 2: wrong; 1 at 4: right
    QCOMPARE(value(*own, "token_accuracy"), 0.5);
    QCOMPARE(value(*next, "token_accuracy"), 0.5);
    const double sum = std::log(std::exp(5.0) + 2);
    QVERIFY(near(value(*next, "loss"), (sum + sum - 5) / 2));
    const auto silent = make_scores("next_tokens");
    silent->add(logits, 3, positions, std::vector<double>{2, 0, kNotJudged, 0, 1});
    QCOMPARE(value(*silent, "token_accuracy"), 1.0);
    QCOMPARE(judged_positions("next_tokens", std::vector<double>{7, kNotJudged, 1, 2}), (Positions{1, 2}));
    QCOMPARE(judged_positions("tokens", std::vector<double>{7, kNotJudged, 1}), (Positions{0, 2}));
    QVERIFY(judged_positions("label", std::vector<double>{1}).empty());
  }

  void setsOfLabels() {
    const auto scores = make_scores("label_set");
    scores->add(std::vector<float>{2, 2, -2, -2}, 4, {}, std::vector<double>{1, 0, 1, 0});
    QCOMPARE(value(*scores, "f1"), 0.5);  // one hit, one too many, one missed
    QVERIFY(near(value(*scores, "loss"), std::log1p(std::exp(-2.0)) + 1));
  }

  void numbers() {
    const auto scores = make_scores("number");
    scores->add(std::vector<float>{3}, 1, {}, std::vector<double>{1});
    scores->add(std::vector<float>{1}, 1, {}, std::vector<double>{1});
    QCOMPARE(value(*scores, "mse"), 2.0);
  }

  void framesSpellTokens() {
    // Frames say 1 1 0 1 2: "1 1 2" without blanks (0) and repetitions.
    const std::vector<float> logits = {0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1};
    const auto same = make_scores("spelling", 0), other = make_scores("spelling", 0);
    same->add(logits, 3, {}, std::vector<double>{1, 1, 2});
    other->add(logits, 3, {}, std::vector<double>{1, 2, 2, 2});  // two replaced or put in
    QCOMPARE(value(*same, "token_error_rate"), 0.0);
    QCOMPARE(value(*other, "token_error_rate"), 0.5);
  }

  void kindsThatNobodyKnowsAreRefused() {
    QVERIFY(!make_scores(""));
    QVERIFY_THROWS_EXCEPTION(Error, make_scores("guesses"));
  }

  void answersEndWithAnEndOrWhenTheyAreLong() {
    std::vector<std::size_t> asked;
    int heard = 0;
    const NextLogits next = [&](const std::vector<std::int64_t>& ids) {
      asked.push_back(ids.size());
      std::vector<float> logits(5, 0);
      logits[static_cast<std::size_t>(ids.back() + 1) % 5] = 1;
      return logits;
    };
    QCOMPARE(write_answer({{0, 1}, 9, {4}, [&] { return ++heard > 0; }}, next), (std::vector<std::int64_t>{2, 3, 4}));
    QCOMPARE(heard, 3);
    QCOMPARE(asked, (std::vector<std::size_t>{2, 1, 1}));  // the prompt, then one token at a time
    QCOMPARE(write_answer({{0}, 2, {}, {}}, next), (std::vector<std::int64_t>{1, 2}));
    QVERIFY(write_answer({{0}, 0, {}, {}}, next).empty());
    QCOMPARE(write_answer({{0}, 9, {}, [] { return false; }}, next), (std::vector<std::int64_t>{1}));
  }
};

QTEST_APPLESS_MAIN(ScoringTest)
#include "scoring_test.moc"
