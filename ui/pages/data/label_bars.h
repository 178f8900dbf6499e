#pragma once
// How often each label is there: a bar a label, in the label's colour. A click shows its rows.
#include <QWidget>
#include <vector>

#include "data/profile.h"

namespace luthier {

class LabelBars : public QWidget {
  Q_OBJECT
 public:
  explicit LabelBars(QWidget* parent = nullptr);
  void setLabels(const std::vector<LabelCount>& labels);
  /// The label that the filter is about; -1: none.
  void setChosen(int index);
  int chosen() const { return chosen_; }
  QRect barRect(int index) const;
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return {80, 24}; }

 Q_SIGNALS:
  void clicked(int index);

 protected:
  void paintEvent(QPaintEvent*) override;
  void mousePressEvent(QMouseEvent*) override;
  void mouseMoveEvent(QMouseEvent*) override;
  void leaveEvent(QEvent*) override;
  void keyPressEvent(QKeyEvent*) override;
  void focusInEvent(QFocusEvent*) override;

 private:
  int indexAt(const QPoint& at) const;
  void describe();
  std::vector<LabelCount> labels_;
  int chosen_ = -1, hovered_ = -1, current_ = 0;
};

}  // namespace luthier
