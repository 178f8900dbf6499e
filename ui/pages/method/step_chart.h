#pragma once
// A quantity that goes up or down in steps, over epochs: an area under a line.
#include <QString>
#include <QWidget>
#include <functional>
#include <vector>

namespace luthier {

class StepChart : public QWidget {
  Q_OBJECT
 public:
  StepChart(const QString& name, int series, QWidget* parent = nullptr);

  struct Step {
    double from = 0, value = 0;  ///< the value holds from this epoch on
  };
  /// `text` writes values on the axis and for assistive technology; `what` begins the accessible name.
  void setSteps(const std::vector<Step>& steps, double epochs, const QString& what,
                std::function<QString(double)> text);
  const std::vector<Step>& steps() const { return steps_; }
  QSize sizeHint() const override { return {230, 116}; }
  QSize minimumSizeHint() const override { return {160, 100}; }

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  int series_;
  std::vector<Step> steps_;
  double epochs_ = 1;
  std::function<QString(double)> text_;
};

}  // namespace luthier
