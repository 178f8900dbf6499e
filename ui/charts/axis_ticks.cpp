#include "charts/axis_ticks.h"

#include <algorithm>
#include <cmath>

namespace luthier {

namespace {
double roundStep(double rough) {
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double mantissa : {1.0, 2.0, 2.5, 5.0})
    if (rough <= mantissa * power * 1.0001) return mantissa * power;
  return 10 * power;
}
/// Decimals that show a step exactly: 0.25 needs two.
int decimalsOf(double step) {
  int decimals = 0;
  for (double rest = std::fabs(step); decimals < 6 && std::fabs(rest - std::round(rest)) > 1e-6 * rest; rest *= 10)
    ++decimals;
  return decimals;
}
}  // namespace

AxisTicks linearTicks(double lower, double upper, int count, bool widen) {
  if (!std::isfinite(lower) || !std::isfinite(upper)) return {0, 1, {0, 1}};
  if (!(upper - lower > 1e-9 * std::max(std::fabs(lower), std::fabs(upper)))) {  // equal but for rounding
    const double half = std::fabs(lower) < 1e-300 ? 0.5 : std::fabs(lower) * 0.05;
    lower -= half;
    upper += half;
  }
  const double step = roundStep((upper - lower) / std::max(count, 1));
  AxisTicks axis{lower, upper, {}};
  if (widen) {
    axis.lower = std::floor(lower / step + 1e-9) * step;
    axis.upper = std::ceil(upper / step - 1e-9) * step;
  }
  const double first = std::ceil(axis.lower / step - 1e-9), last = std::floor(axis.upper / step + 1e-6);
  for (int index = 0; first + index <= last; ++index) axis.ticks.push_back((first + index) * step);
  return axis;
}

AxisTicks logTicks(double lower, double upper, int count) {
  if (!(lower > 0) || !std::isfinite(upper) || upper <= 0) return {0.1, 10, {0.1, 1, 10}};
  if (upper / lower < 8) {
    AxisTicks axis = linearTicks(lower, upper, count, true);
    if (axis.lower <= 0) {
      axis.lower = lower;
      std::erase_if(axis.ticks, [&](double tick) { return tick < lower; });
    }
    return axis;
  }
  const double decades = std::log10(upper / lower);
  const std::vector<double> mantissas = decades < 2   ? std::vector<double>{1, 2, 5}
                                        : decades < 4 ? std::vector<double>{1, 3}
                                                      : std::vector<double>{1};
  const int every = std::max(1, int(std::ceil(decades / std::max(count, 2))));
  AxisTicks axis{lower, upper, {}};
  for (int power = int(std::floor(std::log10(lower))); power <= int(std::ceil(std::log10(upper))); ++power)
    for (const double mantissa : mantissas)
      if (const double tick = mantissa * std::pow(10, power);
          power % every == 0 && tick >= lower * 0.999 && tick <= upper * 1.001)
        axis.ticks.push_back(tick);
  return axis;
}

QString tickText(double value, double step) {
  const double size = std::max(std::fabs(value), std::fabs(step));
  if (value == 0 || std::fabs(value) < std::fabs(step) * 1e-6) return "0";
  if (size >= 1e15 || std::fabs(step) < 1e-4)
    return QString::number(value, 'g', 3).replace("e-0", "e-").replace("e+", "e").replace("e0", "e");
  for (const auto& [scale, unit] : {std::pair{1e9, "G"}, {1e6, "M"}, {1e3, "k"}})
    if (size >= scale) return QString::number(value / scale, 'f', std::min(decimalsOf(step / scale), 3)) + unit;
  return QString::number(value, 'f', decimalsOf(step));
}

}  // namespace luthier
