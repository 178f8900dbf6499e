#pragma once
// Training, validation and test as one bar with handles between the parts.
#include <QWidget>
#include <array>

namespace luthier {

class SplitBar : public QWidget {
  Q_OBJECT
 public:
  explicit SplitBar(QWidget* parent = nullptr);
  /// Shares of validation and test, of the training file or of all rows.
  void setShares(double validation, double test);
  double validation() const { return validation_; }
  double test() const { return test_; }
  /// A part that has a file of its own, or a column that says it, cannot be dragged.
  void setMovable(bool validation, bool test);
  /// Where the handle before validation (0) or before test (1) is.
  int handleX(int handle) const;
  QSize sizeHint() const override { return {160, 24}; }
  QSize minimumSizeHint() const override { return {80, 24}; }

 Q_SIGNALS:
  void moved(double validation, double test);
  void chosen(double validation, double test);

 protected:
  void paintEvent(QPaintEvent*) override;
  void mousePressEvent(QMouseEvent*) override;
  void mouseMoveEvent(QMouseEvent*) override;
  void mouseReleaseEvent(QMouseEvent*) override;
  void keyPressEvent(QKeyEvent*) override;
  void focusInEvent(QFocusEvent*) override { update(); }
  void focusOutEvent(QFocusEvent*) override { update(); }

 private:
  int handleAt(int x) const;
  void place(int handle, double at);
  void describe();

  double validation_ = 0, test_ = 0;
  std::array<bool, 2> movable_{true, true};
  int dragged_ = -1, current_ = 0;
};

}  // namespace luthier
