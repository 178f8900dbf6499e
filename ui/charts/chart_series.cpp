#include "charts/chart_series.h"

#include <algorithm>
#include <cmath>

namespace luthier {

namespace {
constexpr std::size_t kBlock = 256;
}  // namespace

double Smoother::add(double value) {
  if (!std::isfinite(value)) return value;
  sum_ = weight_ * sum_ + (1 - weight_) * value;
  power_ *= weight_;
  return sum_ / (1 - power_);
}

void ChartSeries::Column::add(double value) {
  const std::size_t index = values.size();
  values.push_back(value);
  if (index % kBlock == 0) {
    blocks.emplace_back(index, index);
    return;
  }
  auto& [lowest, highest] = blocks.back();
  // NaN compares false: it takes the place of nothing, and anything takes its place.
  if (value < values[lowest] || std::isnan(values[lowest])) lowest = index;
  if (value > values[highest] || std::isnan(values[highest])) highest = index;
}

void ChartSeries::Column::truncate(std::size_t count) {
  std::vector<double> tail(values.begin() + std::ptrdiff_t(count / kBlock * kBlock),
                           values.begin() + std::ptrdiff_t(count));
  values.resize(count / kBlock * kBlock);
  blocks.resize(count / kBlock);
  for (const double value : tail) add(value);
}

std::pair<std::size_t, std::size_t> ChartSeries::Column::extremes(std::size_t first, std::size_t last) const {
  std::pair<std::size_t, std::size_t> found{first, first};
  const auto look = [&](std::size_t low, std::size_t high) {
    if (values[low] < values[found.first] || std::isnan(values[found.first])) found.first = low;
    if (values[high] > values[found.second] || std::isnan(values[found.second])) found.second = high;
  };
  std::size_t index = first;
  while (index < last) {
    if (index % kBlock == 0 && index + kBlock <= last) {
      look(blocks[index / kBlock].first, blocks[index / kBlock].second);
      index += kBlock;
    } else {
      look(index, index);
      ++index;
    }
  }
  return found;
}

void ChartSeries::clear() {
  x_.clear();
  raw_ = smooth_ = {};
  smoother_ = Smoother(weight_);
}

void ChartSeries::append(double x, double value) {
  x_.push_back(x);
  raw_.add(value);
  smooth_.add(smoother_.add(value));
}

void ChartSeries::truncate(std::size_t count) {
  if (count >= size()) return;
  x_.resize(count);
  raw_.truncate(count);
  setSmoothing(weight_);
}

void ChartSeries::setX(std::size_t first, const std::vector<double>& x) {
  std::copy(x.begin(), x.begin() + std::ptrdiff_t(std::min(x.size(), x_.size() - first)),
            x_.begin() + std::ptrdiff_t(first));
}

void ChartSeries::setSmoothing(double weight) {
  weight_ = std::clamp(weight, 0.0, 0.9999);
  smoother_ = Smoother(weight_);
  smooth_ = {};
  smooth_.values.reserve(raw_.values.size());
  for (const double value : raw_.values) smooth_.add(smoother_.add(value));
}

std::size_t ChartSeries::atOrBefore(double x) const {
  const auto after = std::upper_bound(x_.begin(), x_.end(), x);
  return after == x_.begin() ? size() : std::size_t(after - x_.begin()) - 1;
}

std::size_t ChartSeries::nearest(double x) const {
  if (x_.empty()) return 0;
  const auto after = std::lower_bound(x_.begin(), x_.end(), x);
  if (after == x_.begin()) return 0;
  const std::size_t index = std::size_t(after - x_.begin());
  if (after == x_.end()) return index - 1;
  return x - x_[index - 1] <= x_[index] - x ? index - 1 : index;
}

std::pair<std::size_t, std::size_t> ChartSeries::extremes() const {
  if (x_.empty()) return {0, 0};
  const auto found = raw_.extremes(0, size());
  return std::isnan(raw(found.first)) ? std::pair{size(), size()} : found;
}

std::pair<std::size_t, std::size_t> ChartSeries::between(double lower, double upper) const {
  std::size_t first = std::size_t(std::lower_bound(x_.begin(), x_.end(), lower) - x_.begin());
  std::size_t last = std::size_t(std::upper_bound(x_.begin(), x_.end(), upper) - x_.begin());
  if (first > 0) --first;
  if (last < size()) ++last;
  return {first, last};
}

std::size_t ChartSeries::countBetween(double lower, double upper) const {
  const auto [first, last] = between(lower, upper);
  return last - first;
}

void ChartSeries::points(bool smoothed, double lower, double upper, std::vector<QPointF>& points) const {
  points.clear();
  const Column& column = smoothed ? smooth_ : raw_;
  const auto [first, last] = between(lower, upper);
  for (std::size_t index = first; index < last; ++index) points.emplace_back(x_[index], column.values[index]);
}

void ChartSeries::columns(bool smoothed, double lower, double upper, int count, std::vector<ValueSpan>& columns) const {
  columns.assign(std::size_t(std::max(count, 1)), {});
  const Column& column = smoothed ? smooth_ : raw_;
  const double width = (upper - lower) / double(columns.size());
  auto begin = std::lower_bound(x_.begin(), x_.end(), lower);
  for (std::size_t i = 0; i < columns.size() && begin != x_.end(); ++i) {
    const double edge = i + 1 == columns.size() ? upper : lower + width * double(i + 1);
    const auto end = std::upper_bound(begin, x_.end(), edge);
    if (end != begin) {
      const auto [low, high] = column.extremes(std::size_t(begin - x_.begin()), std::size_t(end - x_.begin()));
      columns[i] = {column.values[low], column.values[high]};
    } else if (begin != x_.begin()) {
      const std::size_t after = std::size_t(begin - x_.begin());
      const double share = (edge - x_[after - 1]) / (x_[after] - x_[after - 1]);
      const double value = column.values[after - 1] + share * (column.values[after] - column.values[after - 1]);
      columns[i] = {value, value};
    }
    begin = end;
  }
}

}  // namespace luthier
