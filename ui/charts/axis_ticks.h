#pragma once
// Where the ticks of an axis lie and what stands beside them.
#include <QString>
#include <vector>

namespace luthier {

struct AxisTicks {
  double lower = 0, upper = 1;  ///< the axis, widened to whole ticks where `widen` was asked
  std::vector<double> ticks;
};

/// About `count` round ticks (steps of 1, 2, 2.5 or 5 times a power of ten) between two values.
AxisTicks linearTicks(double lower, double upper, int count, bool widen);
/// The same for a logarithmic axis: 1, 3 (or 1, 2, 5) times powers of ten; linear steps within less than a decade.
AxisTicks logTicks(double lower, double upper, int count);

/// "2.0", "12k", "0.3", "2e-5": as short as the distance of the ticks allows.
QString tickText(double value, double step);

}  // namespace luthier
