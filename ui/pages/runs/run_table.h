#pragma once
// The table of runs: state marks, sparklines, ticks in the colours of the overlay.
#include <QStyledItemDelegate>
#include <QTableView>

namespace luthier {

class RunDelegate : public QStyledItemDelegate {
  Q_OBJECT
 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  bool editorEvent(QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option,
                   const QModelIndex& index) override;
};

class RunTable : public QTableView {
  Q_OBJECT
 public:
  explicit RunTable(QWidget* parent = nullptr);
  void setModel(QAbstractItemModel* model) override;
  /// A menu of the columns, to show and hide them.
  void openColumnMenu(const QWidget& below);
  /// Their numbers, with commas between: what showColumns() takes.
  QByteArray hiddenColumns() const;
  void showColumns(const QByteArray& hidden);

 Q_SIGNALS:
  void columnsChanged();

 protected:
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void applySizes();
  void copyRow() const;
};

}  // namespace luthier
