#pragma once
// The table of rows: paints the rows in view and nothing else, so that a file of any size scrolls. (QHeaderView keeps
// eight bytes for every row.) A row that is not there yet is a grey bar until it arrives.
#include <QAbstractScrollArea>
#include <QHash>

#include "pages/data/row_source.h"
#include "pages/data/table_column.h"

namespace luthier {

class TableHeader;

class DataTable : public QAbstractScrollArea {
  Q_OBJECT
 public:
  static constexpr int kPad = 8;  ///< pixels left and right of a cell's text

  explicit DataTable(RowSource& rows, QWidget* parent = nullptr);

  void setColumns(const QList<TableColumn>& columns);
  const QList<TableColumn>& columns() const { return columns_; }
  /// The values of the label column, each with its label's name and number.
  struct LabelLook {
    QString name;
    int id = 0;
    bool operator==(const LabelLook&) const = default;
  };
  void setLabels(const QHash<QString, LabelLook>& labels);
  /// Row numbers of the file are kept in view where they are still shown.
  void rowsReset();

  std::int64_t currentRow() const { return current_; }  ///< among those shown; -1: none
  int currentColumn() const { return currentColumn_; }
  void setCurrentRow(std::int64_t index);
  /// What a cell says; empty while it is on its way.
  QString cellText(std::int64_t index, int column) const;
  /// A row as a sentence, for those who hear it.
  QString describeRow(std::int64_t index) const;
  std::int64_t rowCount() const { return rows_.count(); }
  std::int64_t firstVisible() const { return offset_ / rowHeight(); }
  int visibleRows() const;
  int rowHeight() const;
  /// The role menu of a column, below its header.
  void openRoleMenu(int column);

  /// For the header: where columns lie from the left edge of the table.
  int numberWidth() const;
  int columnLeft(int column) const;
  int columnWidth(int column) const { return columns_[column].width; }
  void resizeColumn(int column, int width);
  int headerOffset() const;

 Q_SIGNALS:
  void currentRowChanged(std::int64_t index);
  void rowOpened(std::int64_t index);  ///< Enter or a double click
  void roleMenuWanted(int column, const QPoint& at);
  void contextMenuWanted(std::int64_t index, int column, const QPoint& at);
  void copyWanted(std::int64_t index, int column);

 protected:
  void paintEvent(QPaintEvent*) override;
  void resizeEvent(QResizeEvent*) override;
  void mousePressEvent(QMouseEvent*) override;
  void mouseDoubleClickEvent(QMouseEvent*) override;
  void keyPressEvent(QKeyEvent*) override;
  void contextMenuEvent(QContextMenuEvent*) override;
  void focusInEvent(QFocusEvent*) override;
  void focusOutEvent(QFocusEvent*) override;
  void scrollContentsBy(int dx, int dy) override;
  bool viewportEvent(QEvent*) override;

 private:
  void updateBars();
  void fitColumns();
  void place();
  void setCurrent(std::int64_t index, int column);
  void showIndex(std::int64_t index);
  std::int64_t indexAt(int y) const;
  int columnAt(int x) const;
  void paintRow(QPainter& painter, std::int64_t index, const QRect& rect);
  void paintCell(QPainter& painter, const RowSource::Cells& cells, int column, QRect rect);
  void paintChips(QPainter& painter, const RowMark& mark, QRect& rect);
  void announce();

  RowSource& rows_;
  TableHeader* header_;
  QList<TableColumn> columns_;
  QHash<QString, LabelLook> labels_;
  std::int64_t current_ = -1, currentNumber_ = -1;
  int currentColumn_ = 0;
  std::int64_t offset_ = 0;  ///< pixels above the first one shown
  std::int64_t unit_ = 1;    ///< pixels a step of the scroll bar
  bool fitted_ = false, columnsResized_ = false;
};

}  // namespace luthier
