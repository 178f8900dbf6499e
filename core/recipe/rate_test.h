#pragma once
// What a learning-rate range test found (Smith 2017), and what follows from it. Without LibTorch: the window reads it.
#include <cstdint>
#include <optional>
#include <vector>

#include "base/json.h"

namespace luthier {

struct RatePoint {
  double rate = 0;
  double loss = 0;      ///< of one mini step
  double smoothed = 0;  ///< moving average of the losses, corrected for its start
};

struct RateTest {
  std::vector<RatePoint> points;  ///< the rate rises by the same factor from each to the next
  bool diverged = false;          ///< it was stopped because the loss ran away
  double seconds = 0;

  /// Where the smoothed loss falls fastest over the logarithm of the rate; nullopt when it never falls.
  std::optional<double> steepest() const;
  /// A tenth of the rate with the lowest smoothed loss; nullopt when that is the first.
  std::optional<double> below_minimum() const;
  /// The smaller of the two, rounded to two digits; nullopt when the loss did not fall.
  std::optional<double> suggested() const;
};

/// Adds a step to the test: smooths and tells whether to go on. The test is over when the loss is not finite or the
/// smoothed one is more than four times the lowest so far, after at least ten steps.
bool add_point(RateTest& test, double rate, double loss);

/// The rate of step `i` of `steps`, rising geometrically from `from` to `to`.
double test_rate(std::int64_t i, std::int64_t steps, double from, double to);

Json rate_test_to_json(const RateTest& test);
/// What rate_test_to_json wrote; bad_input for anything else.
RateTest rate_test_from_json(const Json& json);

}  // namespace luthier
