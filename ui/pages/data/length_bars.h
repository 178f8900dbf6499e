#pragma once
// How many tokens rows have, and the line after which they are cut: it can be dragged.
#include <QWidget>

#include "data/profile.h"

namespace luthier {

class LengthBars : public QWidget {
  Q_OBJECT
 public:
  explicit LengthBars(QWidget* parent = nullptr);
  void setLengths(const LengthProfile& lengths);
  void setLimit(std::int64_t limit);
  std::int64_t limit() const { return limit_; }
  /// Where the line of the limit stands.
  int limitX() const;
  /// About how many rows are longer than `limit`.
  std::int64_t longerThan(std::int64_t limit) const;
  QSize sizeHint() const override { return {200, 112}; }
  QSize minimumSizeHint() const override { return {120, 96}; }

 Q_SIGNALS:
  /// While it is dragged, and when it is let go (then also by keys).
  void limitMoved(std::int64_t limit);
  void limitChosen(std::int64_t limit);

 protected:
  void paintEvent(QPaintEvent*) override;
  void mousePressEvent(QMouseEvent*) override;
  void mouseMoveEvent(QMouseEvent*) override;
  void mouseReleaseEvent(QMouseEvent*) override;
  void keyPressEvent(QKeyEvent*) override;
  void focusInEvent(QFocusEvent*) override { update(); }
  void focusOutEvent(QFocusEvent*) override { update(); }

 private:
  QRect plot() const;
  double xOf(double tokens) const;
  void paintAxis(QPainter& painter, const QRect& area);
  void move(std::int64_t limit);
  void describe();

  LengthProfile lengths_;
  std::int64_t limit_ = 0, shownTo_ = 1;
  bool dragging_ = false;
};

}  // namespace luthier
