#pragma once
// The header of the table of rows: names, and below them the roles, which open a menu.
#include <QWidget>

namespace luthier {

class DataTable;

class TableHeader : public QWidget {
  Q_OBJECT
 public:
  explicit TableHeader(DataTable& table);

 protected:
  void paintEvent(QPaintEvent*) override;
  void mousePressEvent(QMouseEvent*) override;
  void mouseMoveEvent(QMouseEvent*) override;
  void mouseReleaseEvent(QMouseEvent*) override;
  void leaveEvent(QEvent*) override;
  bool event(QEvent*) override;

 private:
  /// The column whose right edge is near `x`, -1: none.
  int edgeAt(int x) const;
  int columnAt(int x) const;

  DataTable& table_;
  int resized_ = -1, pressedX_ = 0, widthBefore_ = 0, hovered_ = -1;
};

}  // namespace luthier
