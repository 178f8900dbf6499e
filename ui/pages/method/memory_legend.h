#pragma once
// What the colours of the memory bars stand for, and how much the whole bar is.
#include <QWidget>

class QLabel;

namespace luthier {

class MemoryLegend : public QWidget {
  Q_OBJECT
 public:
  explicit MemoryLegend(QWidget* parent = nullptr);
  void setScale(double bytes);  ///< 0: not known
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return sizeHint(); }

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  QString scaleText_;
};

}  // namespace luthier
