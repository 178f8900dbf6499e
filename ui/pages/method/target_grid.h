#pragma once
// The layers that get an adapter, as a grid: a row a kind of layer, a column a block. Click or drag to change cells,
// click a name or a number to change a row or a column.
#include <QWidget>
#include <set>
#include <string>

#include "recipe/target_choice.h"

namespace luthier {

class TargetGrid : public QWidget {
  Q_OBJECT
 public:
  explicit TargetGrid(QWidget* parent = nullptr);

  void setLayers(const TargetLayout& layout);
  void setChosen(const std::set<std::string>& modules);
  const std::set<std::string>& chosen() const { return chosen_; }
  const TargetLayout& layers() const { return layout_; }

  /// Where things are: for clicks, tests and accessibility.
  QRect cellRect(int row, int block) const;
  QRect rowHeaderRect(int row) const;
  QRect columnHeaderRect(int block) const;
  bool hasCell(int row, int block) const;
  bool isChosen(int row, int block) const;
  void toggle(int row, int block);
  int columns() const { return std::max(layout_.blocks, 1); }
  /// The cell that the keys act on.
  int cursorRow() const { return cursorRow_; }
  int cursorBlock() const { return cursorBlock_; }
  int shownBlock() const { return shownBlock_; }
  QString cellText(int row, int block) const;  ///< "query, block 3, adapted"

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 Q_SIGNALS:
  /// By the user; once a drag has ended.
  void edited();
  /// The block under the mouse or the cursor; -1: none.
  void blockShown(int block);

 protected:
  void paintEvent(QPaintEvent*) override;
  void mousePressEvent(QMouseEvent*) override;
  void mouseMoveEvent(QMouseEvent*) override;
  void mouseReleaseEvent(QMouseEvent*) override;
  void leaveEvent(QEvent*) override;
  void keyPressEvent(QKeyEvent*) override;
  void focusInEvent(QFocusEvent*) override;
  void focusOutEvent(QFocusEvent*) override;

 private:
  struct Hit {
    int row = -1, block = -1;  ///< a header has one of the two
  };
  Hit hit(const QPoint& position) const;
  void setCell(int row, int block, bool on);
  void toggleRow(int row);
  void toggleColumn(int block);
  void moveCursor(int rows, int blocks);
  void showBlock(int block);
  void tellCursor();
  int labelWidth() const;
  double pitch() const;
  int rowTop(int row) const;

  TargetLayout layout_;
  std::set<std::string> chosen_;
  int cursorRow_ = 0, cursorBlock_ = 0, shownBlock_ = -1;
  bool dragging_ = false, dragTurnsOn_ = false;
};

/// Makes assistive technology see every cell of a TargetGrid as a check box. Call once before the first grid.
void installTargetGridAccess();

}  // namespace luthier
