// Counter-based randomness.
#include "base/random.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "support/testing.h"

using namespace luthier;

class RandomTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void aPermutationHoldsEveryNumberOnce() {
    for (const std::int64_t count : {0, 1, 2, 3, 10, 1000, 4097}) {
      auto order = permutation(count, 42, 7);
      std::sort(order.begin(), order.end());
      std::vector<std::int64_t> expected(static_cast<std::size_t>(count));
      std::iota(expected.begin(), expected.end(), 0);
      QCOMPARE(order, expected);
    }
  }

  void aPermutationIsAFunctionOfSeedAndStream() {
    QCOMPARE(permutation(1000, 1, 2), permutation(1000, 1, 2));
    QVERIFY(permutation(1000, 1, 2) != permutation(1000, 1, 3));
    QVERIFY(permutation(1000, 1, 2) != permutation(1000, 2, 2));
    QVERIFY(permutation(1000, 1, 2) != permutation(1000, 2, 1));
  }

  // Each of the 6 orders of 3 numbers is expected 1000 times in 6000 draws, with a standard deviation of 29; 150 is
  // more than five of these.
  void allOrdersAreEquallyLikely() {
    std::map<std::vector<std::int64_t>, int> seen;
    for (std::uint64_t stream = 0; stream < 6000; ++stream) ++seen[permutation(3, 11, stream)];
    QCOMPARE(seen.size(), 6u);
    for (const auto& [order, times] : seen) QVERIFY2(std::abs(times - 1000) < 150, std::to_string(times).c_str());
  }

  void drawsAreUniform() {
    Random random(5);
    double sum = 0, squares = 0;
    for (int i = 0; i < 20'000; ++i) {
      const double value = random.uniform();
      QVERIFY(value >= 0 && value < 1);
      sum += value;
      squares += value * value;
    }
    QVERIFY(std::abs(sum / 20'000 - 0.5) < 0.011);  // 5 standard errors
    QVERIFY(std::abs(squares / 20'000 - 1.0 / 3) < 0.011);
  }

  void normalsHaveMeanZeroAndVarianceOne() {
    Random random(6, 1);
    double sum = 0, squares = 0;
    for (int i = 0; i < 20'000; ++i) {
      const double value = random.normal();
      QVERIFY(std::isfinite(value));
      sum += value;
      squares += value * value;
    }
    QVERIFY(std::abs(sum / 20'000) < 0.036);          // 5 standard errors: 5 / sqrt(20000)
    QVERIFY(std::abs(squares / 20'000 - 1) < 0.051);  // 5 sqrt(2 / 20000)
  }

  void belowStaysBelowAndReachesAll() {
    Random random(7);
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 1000; ++i) seen.insert(random.below(7));
    QCOMPARE(seen.size(), 7u);
    QCOMPARE(*seen.rbegin(), std::uint64_t(6));
    QCOMPARE(random.below(1), std::uint64_t(0));
    const std::uint64_t large = (std::uint64_t(1) << 63) + 1;
    for (int i = 0; i < 100; ++i) QVERIFY(random.below(large) < large);
  }

  void streamsAndIndicesDiffer() {
    std::set<std::uint64_t> first;
    for (std::uint64_t seed = 0; seed < 5; ++seed)
      for (std::uint64_t stream = 0; stream < 5; ++stream)
        for (std::uint64_t index = 0; index < 5; ++index) first.insert(Random(seed, stream, index).next());
    QCOMPARE(first.size(), 125u);
    QVERIFY(mix(1, 2) != mix(2, 1));
  }

  // Test vectors of the FNV-1a reference (Fowler, Noll, Vo; draft-eastlake-fnv): "" and "a" and "foobar".
  void hashesAreFnv1a() {
    QCOMPARE(hex(hash_bytes("", 0)), std::string("cbf29ce484222325"));
    QCOMPARE(hex(hash_bytes("a", 1)), std::string("af63dc4c8601ec8c"));
    QCOMPARE(hex(hash_bytes("foobar", 6)), std::string("85944171f73967e8"));
    QCOMPARE(hash_bytes("bar", 3, hash_bytes("foo", 3)), hash_bytes("foobar", 6));
    QCOMPARE(hex(15), std::string("000000000000000f"));
  }
};

QTEST_GUILESS_MAIN(RandomTest)
#include "random_test.moc"
