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

 protected:
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void applySizes();
};

}  // namespace luthier
