#pragma once
// A learning-rate range test as a curve: losses and their moving average over the rate, on a logarithmic axis, with the
// suggested rate marked.
#include <QWidget>

#include "recipe/rate_test.h"

namespace luthier {

class RateChart : public QWidget {
  Q_OBJECT
 public:
  explicit RateChart(QWidget* parent = nullptr);
  void setTest(const RateTest& test);
  const RateTest& test() const { return test_; }
  QSize sizeHint() const override { return {360, 150}; }
  QSize minimumSizeHint() const override { return {200, 130}; }

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  RateTest test_;
};

}  // namespace luthier
