#include "recipe/rate_test.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace luthier {

namespace {

constexpr double kSmoothing = 0.9;  // share of the average that a step keeps
constexpr double kRunaway = 4;
constexpr std::size_t kFewestSteps = 10;

double two_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1e", value);
  return std::strtod(text, nullptr);
}

/// The lowest point of the smoothed loss, an index; the average's first steps are no more than noise.
std::size_t lowest(const std::vector<RatePoint>& points) {
  return static_cast<std::size_t>(
      std::min_element(points.begin(), points.end(), [](auto& a, auto& b) { return a.smoothed < b.smoothed; }) -
      points.begin());
}

Json number_or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

}  // namespace

std::optional<double> RateTest::steepest() const {
  // Over a window of five points, up to the lowest: behind it the loss only rises.
  const std::size_t end = points.empty() ? 0 : lowest(points);
  double steepest = 0;
  std::optional<double> rate;
  for (std::size_t i = 2; i + 2 < points.size() && i < end; ++i) {
    const double slope = (points[i + 2].smoothed - points[i - 2].smoothed) /
                         (std::log(points[i + 2].rate) - std::log(points[i - 2].rate));
    if (slope >= steepest) continue;
    steepest = slope;
    rate = points[i].rate;
  }
  return rate;
}

std::optional<double> RateTest::below_minimum() const {
  const std::size_t at = points.empty() ? 0 : lowest(points);
  if (at == 0) return std::nullopt;
  return points[at].rate / 10;
}

std::optional<double> RateTest::suggested() const {
  const auto steep = steepest(), below = below_minimum();
  if (!steep || !below) return std::nullopt;
  return two_digits(std::min(*steep, *below));
}

bool add_point(RateTest& test, double rate, double loss) {
  if (!std::isfinite(loss)) {
    test.diverged = true;
    return false;
  }
  const auto n = static_cast<double>(test.points.size());
  // Undoing the correction for the start gives the plain average back.
  const double before = test.points.empty() ? 0 : test.points.back().smoothed * (1 - std::pow(kSmoothing, n));
  const double smoothed = (kSmoothing * before + (1 - kSmoothing) * loss) / (1 - std::pow(kSmoothing, n + 1));
  test.points.push_back({rate, loss, smoothed});
  const double least = test.points[lowest(test.points)].smoothed;
  test.diverged = test.points.size() > kFewestSteps && smoothed > kRunaway * least;
  return !test.diverged;
}

double test_rate(std::int64_t i, std::int64_t steps, double from, double to) {
  return from * std::pow(to / from, static_cast<double>(i) / static_cast<double>(std::max<std::int64_t>(1, steps - 1)));
}

Json rate_test_to_json(const RateTest& test) {
  Json points = Json::array();
  for (const RatePoint& point : test.points)
    points.push_back({{"rate", point.rate}, {"loss", point.loss}, {"smoothed", point.smoothed}});
  return {{"points", points},
          {"diverged", test.diverged},
          {"seconds", test.seconds},
          {"steepest", number_or_null(test.steepest())},
          {"below_minimum", number_or_null(test.below_minimum())},
          {"suggested", number_or_null(test.suggested())}};
}

RateTest rate_test_from_json(const Json& json) {
  try {
    RateTest test;
    for (const Json& point : json.at("points"))
      test.points.push_back({point.at("rate"), point.at("loss"), point.at("smoothed")});
    test.diverged = json.at("diverged");
    test.seconds = json.at("seconds");
    return test;
  } catch (const Json::exception& error) {
    fail(ErrorKind::bad_input, std::string("this is no rate test: ") + error.what());
  }
}

}  // namespace luthier
