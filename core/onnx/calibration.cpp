#include "onnx/calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace luthier::onnx {

namespace {

constexpr std::size_t kBins = 4096;  ///< even, so that two of them become one; at least 4 for each code
constexpr double kRangeSteps = 255;
constexpr double kTails[] = {0, 1e-5, 1e-4, 1e-3, 1e-2};

}  // namespace

Codebook codebook_of(const Range& range) {
  const double scale = (static_cast<double>(range.high) - range.low) / kRangeSteps;
  if (scale < std::numeric_limits<float>::min()) return {};
  const double zero = std::nearbyint(-range.low / scale);
  return {static_cast<float>(scale), static_cast<std::uint8_t>(std::clamp(zero, 0.0, kRangeSteps))};
}

void RangeFinder::add(std::span<const float> numbers) {
  float low = 0, high = 0;
  for (const float one : numbers) {
    if (!std::isfinite(one)) continue;
    low = std::min(low, one);
    high = std::max(high, one);
  }
  low_ = std::min(low_, low);
  high_ = std::max(high_, high);
  widen_to(std::max(-static_cast<double>(low), static_cast<double>(high)));
  if (counts_.empty()) return;  // nothing but zeros so far
  const double bins_a_unit = static_cast<double>(kBins) / (2 * limit_);
  for (const float one : numbers) {
    if (one == 0 || !std::isfinite(one)) continue;
    const auto bin = static_cast<std::size_t>((static_cast<double>(one) + limit_) * bins_a_unit);
    counts_[std::min(bin, kBins - 1)] += 1;
    total_ += 1;
  }
}

Range RangeFinder::range() const {
  Range best{low_, high_};
  if (counts_.empty()) return best;
  double least = squared_error(best);
  for (const double below : kTails)
    for (const double above : kTails) {
      const Range tried{low_end(below), high_end(above)};
      const double error = squared_error(tried);
      if (error >= least) continue;
      least = error;
      best = tried;
    }
  return best;
}

void RangeFinder::widen_to(double largest) {
  if (largest == 0) return;
  if (counts_.empty()) {
    counts_.assign(kBins, 0);
    limit_ = std::exp2(std::ceil(std::log2(largest)));
  }
  for (; limit_ < largest; limit_ *= 2) {
    std::vector<double> wider(kBins, 0);
    for (std::size_t i = 0; i < kBins; ++i) wider[(i + kBins / 2) / 2] += counts_[i];
    counts_ = std::move(wider);
  }
}

double RangeFinder::edge(std::size_t bin) const {
  return 2 * limit_ * static_cast<double>(bin) / static_cast<double>(kBins) - limit_;
}

float RangeFinder::low_end(double share) const {
  if (share == 0) return low_;
  double left = share * total_;
  for (std::size_t i = 0; i < kBins; ++i) {
    left -= counts_[i];
    if (left < 0) return std::clamp(static_cast<float>(edge(i)), low_, 0.0F);
  }
  return 0;
}

float RangeFinder::high_end(double share) const {
  if (share == 0) return high_;
  double left = share * total_;
  for (std::size_t i = kBins; i > 0; --i) {
    left -= counts_[i - 1];
    if (left < 0) return std::clamp(static_cast<float>(edge(i)), 0.0F, high_);
  }
  return 0;
}

double RangeFinder::squared_error(const Range& range) const {
  const double low = range.low, high = range.high, step = (high - low) / kRangeSteps;
  const double half = limit_ / static_cast<double>(kBins);
  double sum = 0;
  for (std::size_t i = 0; i < kBins; ++i) {
    if (counts_[i] == 0) continue;
    const double middle = edge(i) + half;
    const double outside = std::max({0.0, low - middle, middle - high});
    sum += counts_[i] * (outside > 0 ? outside * outside : step * step / 12);
  }
  return sum;
}

void add_outputs(Graph& graph, const std::vector<std::string>& values) {
  const auto is_among = [](const std::vector<Value>& list, const std::string& name) {
    return std::any_of(list.begin(), list.end(), [&](const Value& one) { return one.name == name; });
  };
  for (const std::string& name : values) {
    if (is_among(graph.inputs, name) || is_among(graph.outputs, name)) continue;
    Value value;
    value.name = name;
    value.is_typed = false;
    graph.outputs.push_back(std::move(value));
  }
}

}  // namespace luthier::onnx
