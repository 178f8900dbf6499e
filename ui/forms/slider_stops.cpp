#include "forms/slider_stops.h"

#include <algorithm>
#include <cmath>

namespace luthier {

namespace {

std::vector<double> powersOfTwo(double first, double last) {
  std::vector<double> stops;
  for (double value = first; value <= last; value *= 2) stops.push_back(value);
  return stops;
}

/// 1, 2, 3, 5 of each power of ten.
std::vector<double> decades(int first, int last) {
  std::vector<double> stops;
  for (int exponent = first; exponent < last; ++exponent)
    // From the text, so that the values are the very ones that a person would type.
    for (const char* digit : {"1", "2", "3", "5"}) stops.push_back(std::stod(digit + ("e" + std::to_string(exponent))));
  stops.push_back(std::stod("1e" + std::to_string(last)));
  return stops;
}

std::vector<double> steps(double first, double last, double step) {
  std::vector<double> stops;
  const int count = int(std::lround((last - first) / step));
  // Rounded to what a person would write: 0.15, not 0.15000000000000002.
  for (int i = 0; i <= count; ++i) stops.push_back(std::round((first + i * step) * 1e6) / 1e6);
  return stops;
}

}  // namespace

std::vector<double> sliderStops(const OptionSpec& spec) {
  if (spec.type != "integer" && spec.type != "number") return {};
  std::vector<double> stops;
  const std::string& key = spec.info.key;
  if (key == "rank") stops = powersOfTwo(1, 256);
  if (key == "alpha") stops = powersOfTwo(1, 512);
  if (key == "learning_rate") stops = decades(-6, -2);
  if (key == "epochs") stops = {0.5, 1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30};
  if (key == "weight_decay") stops = steps(0, 0.2, 0.01);
  if (key == "patience") stops = steps(1, 10, 1);
  if (key == "text_size") stops = steps(90, 150, 10);
  if (key == "temperature") stops = steps(0, 2, 0.1);
  if (key == "adam_beta1" || key == "adam_beta2" || key == "adam_epsilon") return {};
  const bool isShare = spec.type == "number" && spec.info.min >= 0 && spec.info.max <= 1;
  if (stops.empty() && isShare) stops = steps(std::ceil(spec.info.min / 0.05) * 0.05, spec.info.max, 0.05);
  std::erase_if(stops, [&](double stop) { return stop < spec.info.min || stop > spec.info.max; });
  return stops.size() < 3 ? std::vector<double>() : stops;
}

}  // namespace luthier
