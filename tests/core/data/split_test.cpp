// Splits by share and label mapping. Expected sizes follow from the shares: round(share * rows).
#include "data/split.h"

#include <map>

#include "base/error.h"
#include "base/random.h"
#include "data/labels.h"
#include "support/testing.h"

using namespace luthier;

namespace {
std::vector<SplitRow> rows_of(const std::vector<std::int64_t>& class_sizes) {
  std::vector<SplitRow> rows;
  for (std::size_t c = 0; c < class_sizes.size(); ++c)
    for (std::int64_t i = 0; i < class_sizes[c]; ++i)
      rows.push_back({mix(c, static_cast<std::uint64_t>(i)), static_cast<std::int32_t>(c)});
  return rows;
}
std::int64_t count(const std::vector<Split>& splits, Split split) {
  return std::count(splits.begin(), splits.end(), split);
}
}  // namespace

class SplitTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void everyClassKeepsItsShare() {
    const auto rows = rows_of({700, 200, 100});
    const auto splits = split_by_share(rows, {0.1, 0.2}, 42);
    std::map<std::pair<std::int32_t, Split>, int> counts;
    for (std::size_t i = 0; i < rows.size(); ++i) ++counts[{rows[i].stratum, splits[i]}];
    QCOMPARE((counts[{0, Split::test}]), 140);
    QCOMPARE((counts[{1, Split::test}]), 40);
    QCOMPARE((counts[{2, Split::test}]), 20);
    QCOMPARE((counts[{0, Split::validation}]), 70);
    QCOMPARE((counts[{1, Split::validation}]), 20);
    QCOMPARE((counts[{2, Split::validation}]), 10);
  }

  void sharesThatDoNotDivideEvenlyStillAddUp() {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const auto splits = split_by_share(rows_of({13, 7, 5, 3, 1}), {0.2, 0.1}, seed);  // 29 rows
      QCOMPARE(count(splits, Split::test), 3);
      QCOMPARE(count(splits, Split::validation), 6);
    }
  }

  void theSeedDecidesAndNothingElse() {
    const auto rows = rows_of({500, 500});
    QVERIFY(split_by_share(rows, {0.1, 0.1}, 1) == split_by_share(rows, {0.1, 0.1}, 1));
    QVERIFY(split_by_share(rows, {0.1, 0.1}, 1) != split_by_share(rows, {0.1, 0.1}, 2));
    // Not simply the first or the last rows.
    const auto splits = split_by_share(rows, {0.5, 0}, 3);
    const auto early = std::count(splits.begin(), splits.begin() + 250, Split::validation);
    QVERIFY2(early > 90 && early < 160, QByteArray::number(qlonglong(early)).constData());
  }

  void equalRowsStayTogether() {
    auto rows = rows_of({300});
    for (int i = 0; i < 100; ++i) rows.push_back(rows[static_cast<std::size_t>(i)]);
    const auto splits = split_by_share(rows, {0.25, 0.25}, 9);
    for (std::size_t i = 0; i < 100; ++i) QVERIFY(splits[i] == splits[300 + i]);
    QCOMPARE(count(splits, Split::validation), 100);
    QCOMPARE(count(splits, Split::test), 100);
  }

  void smallDataStillGivesEverySplitARow() {
    const auto splits = split_by_share(rows_of({2, 2}), {0.01, 0.01}, 5);
    QCOMPARE(count(splits, Split::validation), 1);
    QCOMPARE(count(splits, Split::test), 1);
    // A class of one row is for training.
    const auto rare = rows_of({10, 1});
    for (std::uint64_t seed = 0; seed < 10; ++seed)
      QVERIFY(split_by_share(rare, {0.4, 0.4}, seed).back() == Split::train);
    QVERIFY(split_by_share(rows_of({1}), {0.5, 0}, 0).front() == Split::train);
  }

  void oneTextRepeatedManyTimesDoesNotEmptyASplit() {
    std::vector<SplitRow> rows;
    for (int i = 0; i < 30; ++i) rows.push_back({static_cast<std::uint64_t>(i / 10), 0});
    const auto splits = split_by_share(rows, {0.1, 0}, 1);
    QCOMPARE(count(splits, Split::validation), 10);
  }

  void sharesOfAllOrMoreAreRefused() {
    LUTHIER_FAILS(split_by_share(rows_of({10}), {0.5, 0.5}, 0), "together below 1");
    LUTHIER_FAILS(split_by_share(rows_of({10}), {-0.1, 0}, 0), "0 or more");
  }

  void splitNamesAreThoseInUse() {
    QVERIFY(split_by_name("dev") == Split::validation);
    QVERIFY(split_by_name("VAL") == Split::validation);
    QVERIFY(split_by_name("Train") == Split::train);
    QVERIFY(split_by_name("test") == Split::test);
    QVERIFY(!split_by_name("other"));
  }

  void labelsAreSortedNumbersByValueAndOutsideFirst() {
    QCOMPARE(sorted_labels({"10", "9", "-1"}, false), (std::vector<std::string>{"-1", "9", "10"}));
    QCOMPARE(sorted_labels({"10", "9", "x"}, false), (std::vector<std::string>{"10", "9", "x"}));
    QCOMPARE(sorted_labels({"B-LOC", "O", "I-LOC"}, true), (std::vector<std::string>{"O", "B-LOC", "I-LOC"}));
  }

  void givenNamesMapByNameOrByNumber() {
    const std::vector<std::string> names = {"negative", "positive"};
    QCOMPARE(LabelSet(names, {"positive"}, {"positive", "negative"}, false).id("positive").value(), 1);
    QCOMPARE(LabelSet(names, {"0", "1"}, {"0", "1"}, false).id("1").value(), 1);
    QCOMPARE(LabelSet(names, {"1", "2"}, {"1", "2"}, false).id("2").value(), 1);
    QCOMPARE(LabelSet(names, {"0", "4"}, {"0", "4"}, false).id("4").value(), 1);
    QCOMPARE(LabelSet({"a", "b", "c", "d"}, {"4", "1"}, {"4", "1"}, false).id("1").value(), 0);
    QVERIFY(!LabelSet(names, {"good", "bad"}, {"good", "bad"}, false).id("good"));
    QVERIFY(!LabelSet(names, {"0", "1", "2"}, {"0", "1", "2"}, false).id("2"));
    // Names that are numbers themselves are names.
    QCOMPARE(LabelSet({"2", "1"}, {"1", "2"}, {"1", "2"}, false).id("2").value(), 0);
    LUTHIER_FAILS(LabelSet({"a", "a"}, {}, {}, false), "listed twice");
  }
};

QTEST_APPLESS_MAIN(SplitTest)
#include "split_test.moc"
