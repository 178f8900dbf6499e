#pragma once
// The points of one line of a chart: raw and smoothed values, and what of them has to be drawn at a given width. Knows
// nothing of widgets, so that a million points can be tested and measured by themselves.
#include <QPointF>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace luthier {

/// Exponential smoothing with debiasing: s_n = w s_(n-1) + (1 - w) v_n, shown as s_n / (1 - w^n), so that the first
/// values are not pulled towards zero (the bias correction of Kingma and Ba 2015, section 3). Values that are not
/// finite are passed on and do not count.
class Smoother {
 public:
  explicit Smoother(double weight = 0) : weight_(weight) {}
  double add(double value);

 private:
  double weight_, sum_ = 0, power_ = 1;
};

/// Lowest and highest value; NaN where there is none.
struct ValueSpan {
  double low = std::numeric_limits<double>::quiet_NaN(), high = std::numeric_limits<double>::quiet_NaN();
};

class ChartSeries {
 public:
  void clear();
  /// `x` must not fall.
  void append(double x, double value);
  /// Keeps the first `count` points.
  void truncate(std::size_t count);
  /// Another axis: the x of every point from `first` on.
  void setX(std::size_t first, const std::vector<double>& x);
  /// 0: no smoothing; below 1.
  void setSmoothing(double weight);

  std::size_t size() const { return x_.size(); }
  double x(std::size_t index) const { return x_[index]; }
  double raw(std::size_t index) const { return raw_.values[index]; }
  double smooth(std::size_t index) const { return smooth_.values[index]; }
  /// Index of the point nearest to `x`; size() when there are none.
  std::size_t nearest(double x) const;
  /// Index of the last point at or before `x`; size() when there is none.
  std::size_t atOrBefore(double x) const;

  /// Index of the lowest and of the highest raw value; size() when there are none.
  std::pair<std::size_t, std::size_t> extremes() const;

  /// How many points a line between two x goes through, with one on each side.
  std::size_t countBetween(double lower, double upper) const;
  /// These points.
  void points(bool smoothed, double lower, double upper, std::vector<QPointF>& points) const;
  /// The lowest and highest value in each of `count` columns of equal width from `lower` to `upper`; a column without
  /// points between others carries the line from one to the next.
  void columns(bool smoothed, double lower, double upper, int count, std::vector<ValueSpan>& columns) const;

 private:
  struct Column {  ///< values, and lowest and highest index of each block of them
    std::vector<double> values;
    std::vector<std::pair<std::size_t, std::size_t>> blocks;
    void add(double value);
    void truncate(std::size_t count);
    std::pair<std::size_t, std::size_t> extremes(std::size_t first, std::size_t last) const;
  };
  std::pair<std::size_t, std::size_t> between(double lower, double upper) const;
  std::vector<double> x_;
  Column raw_, smooth_;
  double weight_ = 0;
  Smoother smoother_;
};

}  // namespace luthier
