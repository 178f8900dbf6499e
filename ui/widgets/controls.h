#pragma once
// Painted controls: a row of segments of which one is chosen, an on/off switch, bars for memory and progress, a
// sparkline, and a layout that flows like text.
#include <QAbstractButton>
#include <QLayout>
#include <QStringList>
#include <QWidget>
#include <vector>

namespace luthier {

/// One of a few choices, shown side by side; one tab stop, arrow keys move.
class SegmentedControl : public QWidget {
  Q_OBJECT
 public:
  explicit SegmentedControl(const QString& name, QWidget* parent = nullptr);
  /// `ids` are what current() gives; `labels` what is shown.
  void setChoices(const QStringList& ids, const QStringList& labels);
  QString current() const { return current_ < 0 ? QString() : ids_[current_]; }
  /// Does not emit chosen().
  void setCurrent(const QString& id);
  /// A choice that cannot be taken, with the reason as tooltip; empty: it can.
  void setDisabledBecause(const QString& id, const QString& reason);
  const QStringList& ids() const { return ids_; }
  QStringList labels() const { return labels_; }
  /// Where a segment lies, in the coordinates of this widget (for clicks of tests and accessibility).
  QRect segmentRect(const QString& id) const;
  /// Where there is not the width for all in one line, several lines are taken instead of being cut.
  void setWraps(bool wraps);
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;
  int heightForWidth(int width) const override;

 Q_SIGNALS:
  /// By mouse or key.
  void chosen(const QString& id);

 protected:
  void paintEvent(QPaintEvent*) override;
  void mousePressEvent(QMouseEvent*) override;
  void keyPressEvent(QKeyEvent*) override;
  bool event(QEvent*) override;

 private:
  int segmentWidth(int index) const;
  std::vector<QRect> rectsIn(int width) const;
  QRect rectOf(int index) const { return rectsIn(width())[std::size_t(index)]; }
  void choose(int index);
  QStringList ids_, labels_, reasons_;
  int current_ = -1;
  bool wraps_ = false;
};

class Switch : public QAbstractButton {
  Q_OBJECT
 public:
  explicit Switch(const QString& what, const QString& name, QWidget* parent = nullptr);
  QSize sizeHint() const override { return {34, 24}; }

 protected:
  void paintEvent(QPaintEvent*) override;
};

/// Segments of one quantity on a track: 8 pixels high, at least 1 pixel a segment, 1 pixel between.
class MemoryBar : public QWidget {
  Q_OBJECT
 public:
  struct Segment {
    QString name;
    double value = 0;
    QColor colour;
    bool hatched = false;
  };
  explicit MemoryBar(QWidget* parent = nullptr);
  /// `scale`: the value at the right end. `what` begins the accessible name ("Memory 12.4 GB of 80 GB").
  void setSegments(const std::vector<Segment>& segments, double scale, const QString& what = {});
  void setBarHeight(int pixels);
  QSize sizeHint() const override { return {160, height_}; }
  QSize minimumSizeHint() const override { return {40, height_}; }

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  std::vector<Segment> segments_;
  double scale_ = 1;
  int height_ = 8;
};

/// The colours of memory on every page: weights, gradients, optimiser, activations.
std::vector<MemoryBar::Segment> memorySegments(double weights, double gradients, double optimizer, double activations);

/// Upper bar: the epoch, lower bar: the whole run; shares from 0 to 1.
class DoubleProgress : public QWidget {
  Q_OBJECT
 public:
  explicit DoubleProgress(QWidget* parent = nullptr);
  void setShares(double upper, double lower);
  QSize sizeHint() const override { return {150, 10}; }
  QSize minimumSizeHint() const override { return {60, 10}; }

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  double upper_ = 0, lower_ = 0;
};

/// Values as a line of one colour, without axes.
void paintSparkline(QPainter& painter, const QRectF& rect, const std::vector<double>& values, const QColor& colour);

/// Children from left to right, in as many lines as it takes.
class FlowLayout : public QLayout {
 public:
  explicit FlowLayout(int gap, QWidget* parent = nullptr);
  ~FlowLayout() override;
  void addItem(QLayoutItem* item) override { items_.push_back(item); }
  int count() const override { return int(items_.size()); }
  QLayoutItem* itemAt(int index) const override { return items_.value(index); }
  QLayoutItem* takeAt(int index) override;
  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override { return arrange(QRect(0, 0, width, 0), false); }
  QSize sizeHint() const override { return minimumSize(); }
  QSize minimumSize() const override;
  void setGeometry(const QRect& rect) override;

 private:
  int arrange(const QRect& rect, bool place) const;
  QList<QLayoutItem*> items_;
  int gap_;
};

}  // namespace luthier
