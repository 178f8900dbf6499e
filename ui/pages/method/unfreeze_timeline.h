#pragma once
// When each block of a model starts to train: a bar a block over the epochs, the head on top. The left edge of a bar is
// dragged; keys do the same.
#include <QString>
#include <QWidget>
#include <set>
#include <vector>

namespace luthier {

class UnfreezeTimeline : public QWidget {
  Q_OBJECT
 public:
  struct Row {
    QString name;
    qint64 parameters = 0;
    double start = 0;        ///< epoch; negative: frozen
    bool atPlateau = false;  ///< joins when the validation stops improving: nothing to drag
    double rate = 1;         ///< share of the learning rate
  };
  explicit UnfreezeTimeline(QWidget* parent = nullptr);

  void setRows(const std::vector<Row>& rows, double epochs);
  const std::vector<Row>& rows() const { return rows_; }
  double epochs() const { return epochs_; }
  int cursorRow() const { return cursor_; }
  const std::set<int>& selected() const { return selected_; }
  QString rowText(int row) const;  ///< "block 8, trains from epoch 2, rate 0.52"
  /// By program, as if by the user: negative freezes.
  void setStart(int row, double epoch);

  /// Where things are: for clicks, tests and accessibility.
  QRect rowRect(int row) const;
  QRect barRect(int row) const;  ///< of a frozen row: the whole track
  int xOf(double epoch) const;

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 Q_SIGNALS:
  /// By the user; once a drag has ended.
  void edited();
  void cursorMoved(int row);

 protected:
  void paintEvent(QPaintEvent*) override;
  void mousePressEvent(QMouseEvent*) override;
  void mouseMoveEvent(QMouseEvent*) override;
  void mouseReleaseEvent(QMouseEvent*) override;
  void mouseDoubleClickEvent(QMouseEvent*) override;
  void keyPressEvent(QKeyEvent*) override;
  void focusInEvent(QFocusEvent*) override;

 private:
  int rowAt(const QPoint& position) const;
  bool onEdge(int row, const QPoint& position) const;
  void select(int row, bool extend);
  void moveSelected(double epochs);
  void toggleSelected();
  void freezeSelected();
  double snapped(double epoch) const;
  void tellCursor();
  int nameWidth() const;
  int parametersWidth() const;
  QRect track() const;  ///< x and width of the bars
  void paintRow(class QPainter& painter, int row) const;
  void paintAxis(class QPainter& painter) const;

  std::vector<Row> rows_;
  double epochs_ = 1;
  int cursor_ = 0, anchor_ = 0;
  std::set<int> selected_ = {0};
  int dragged_ = -1;
  std::vector<double> dragStarts_;  ///< of all rows, when the drag began
};

/// Makes assistive technology see every row of an UnfreezeTimeline as a slider. Call once before the first one.
void installUnfreezeTimelineAccess();

}  // namespace luthier
