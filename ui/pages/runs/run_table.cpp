#include "pages/runs/run_table.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>

#include "pages/runs/run_model.h"
#include "widgets/controls.h"
#include "widgets/states.h"

namespace luthier {

namespace {
StateKind markOf(RunStatus status) {
  switch (status) {
    case RunStatus::queued:
      return StateKind::notStarted;
    case RunStatus::running:
      return StateKind::running;
    case RunStatus::paused:
      return StateKind::paused;
    case RunStatus::success:
      return StateKind::done;
    case RunStatus::failed:
      return StateKind::error;
    case RunStatus::stopped:
      return StateKind::note;
    case RunStatus::interrupted:
      return StateKind::warning;
  }
  return StateKind::note;
}
}  // namespace

void RunDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  const Tokens& t = tokens();
  const int colour = index.data(RunModel::colourRole).toInt();
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  const bool marked = colour >= 0 || (option.state & QStyle::State_Selected);
  painter->fillRect(option.rect, marked ? t.accentSoft : t.surface);
  painter->setPen(t.gridLine);
  painter->drawLine(option.rect.bottomLeft(), option.rect.bottomRight());
  const QRectF inside = QRectF(option.rect).adjusted(8, 0, -8, 0);
  switch (index.column()) {
    case RunModel::tick: {
      const QRectF box(option.rect.center().x() - 7, option.rect.center().y() - 6.5, 14, 14);
      painter->setPen(QPen(colour >= 0 ? t.series(colour) : t.lineStrong, 1));
      painter->setBrush(colour >= 0 ? t.series(colour) : t.surface);
      painter->drawRoundedRect(box, 3, 3);
      if (colour >= 0) {
        painter->setPen(QPen(t.surface, 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter->drawPolyline(QPolygonF(
            {box.topLeft() + QPointF(3.4, 7.2), box.topLeft() + QPointF(6, 9.8), box.topLeft() + QPointF(10.8, 4.4)}));
      }
      break;
    }
    case RunModel::curve: {
      std::vector<double> values;
      for (const double value : index.data(RunModel::curveRole).value<QList<double>>()) values.push_back(value);
      paintSparkline(*painter, inside.adjusted(0, 7, 0, -7), values, colour >= 0 ? t.series(colour) : t.textTertiary);
      break;
    }
    case RunModel::state:
      paintState(*painter, QRectF(inside.left(), inside.center().y() - 8, 16, 16),
                 markOf(RunStatus(index.data(RunModel::statusRole).toInt())));
      [[fallthrough]];
    default: {
      const bool number = index.column() >= RunModel::best && index.column() <= RunModel::time;
      painter->setFont(luthier::font(number ? TextStyle::mono : TextStyle::table));
      painter->setPen(index.column() == RunModel::name ? t.textPrimary : t.textSecondary);
      const QRectF place = index.column() == RunModel::state ? inside.adjusted(22, 0, 0, 0) : inside;
      const QString text =
          painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, int(place.width()));
      painter->drawText(place, index.data(Qt::TextAlignmentRole).toInt(), text);
    }
  }
  painter->restore();
}

bool RunDelegate::editorEvent(QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option,
                              const QModelIndex& index) {
  if (index.column() != RunModel::tick) return false;
  if (event->type() == QEvent::MouseButtonRelease) {
    const bool ticked = index.data(Qt::CheckStateRole).toInt() == Qt::Checked;
    return model->setData(index, ticked ? Qt::Unchecked : Qt::Checked, Qt::CheckStateRole);
  }
  return event->type() == QEvent::MouseButtonPress || event->type() == QEvent::MouseButtonDblClick ||
         QStyledItemDelegate::editorEvent(event, model, option, index);
}

RunTable::RunTable(QWidget* parent) : QTableView(parent) {
  setObjectName("runTable");
  setAccessibleName(tr("Runs"));
  setItemDelegate(new RunDelegate(this));
  setSelectionBehavior(SelectRows);
  setSelectionMode(SingleSelection);
  setShowGrid(false);
  setSortingEnabled(true);
  setFrameShape(NoFrame);
  setEditTriggers(NoEditTriggers);
  verticalHeader()->hide();
  horizontalHeader()->setHighlightSections(false);
  horizontalHeader()->setSectionsMovable(true);
  setVerticalScrollMode(ScrollPerPixel);
  setHorizontalScrollMode(ScrollPerPixel);
  connect(&theme(), &Theme::changed, this, &RunTable::applySizes);
}

void RunTable::setModel(QAbstractItemModel* model) {
  QTableView::setModel(model);
  sortByColumn(RunModel::started, Qt::DescendingOrder);
  applySizes();
}

void RunTable::applySizes() {
  verticalHeader()->setDefaultSectionSize(scaled(30));
  const int widths[] = {36, 190, 136, 110, 110, 74, 132, 84, 96, 72, 110};
  for (int column = 0; column < RunModel::columns; ++column) setColumnWidth(column, scaled(widths[column]));
  horizontalHeader()->setStretchLastSection(true);
}

void RunTable::openColumnMenu(const QWidget& below) {
  auto* menu = new QMenu(this);
  menu->setObjectName("columnMenu");
  menu->setAttribute(Qt::WA_DeleteOnClose);
  for (int column = RunModel::method; column < RunModel::columns; ++column) {
    QAction* action = menu->addAction(model()->headerData(column, Qt::Horizontal).toString());
    action->setCheckable(true);
    action->setChecked(!isColumnHidden(column));
    connect(action, &QAction::toggled, this, [this, column](bool on) {
      setColumnHidden(column, !on);
      Q_EMIT columnsChanged();
    });
  }
  menu->popup(below.mapToGlobal(QPoint(0, below.height() + 4)));
}

QByteArray RunTable::hiddenColumns() const {
  QByteArrayList hidden;
  for (int column = RunModel::method; column < RunModel::columns; ++column)
    if (isColumnHidden(column)) hidden << QByteArray::number(column);
  return hidden.join(',');
}

void RunTable::showColumns(const QByteArray& hidden) {
  const QByteArrayList numbers = hidden.split(',');
  for (int column = RunModel::method; column < RunModel::columns; ++column)
    setColumnHidden(column, numbers.contains(QByteArray::number(column)));
}

void RunTable::copyRow() const {
  QStringList cells;
  for (int column = RunModel::name; column < RunModel::columns; ++column)
    if (column != RunModel::curve && !isColumnHidden(column))
      cells << currentIndex().siblingAtColumn(column).data().toString();
  if (currentIndex().isValid()) QGuiApplication::clipboard()->setText(cells.join('\t'));
}

void RunTable::keyPressEvent(QKeyEvent* event) {
  if (event->matches(QKeySequence::Copy)) return copyRow();
  if (event->key() == Qt::Key_Space && currentIndex().isValid()) {
    const QModelIndex index = currentIndex().siblingAtColumn(RunModel::tick);
    const bool ticked = index.data(Qt::CheckStateRole).toInt() == Qt::Checked;
    model()->setData(index, ticked ? Qt::Unchecked : Qt::Checked, Qt::CheckStateRole);
    return;
  }
  if (event->key() == Qt::Key_J || event->key() == Qt::Key_K) {
    const int next = currentIndex().row() + (event->key() == Qt::Key_J ? 1 : -1);
    if (next >= 0 && next < model()->rowCount()) setCurrentIndex(model()->index(next, RunModel::name));
    return;
  }
  if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
    Q_EMIT activated(currentIndex());
    return;
  }
  QTableView::keyPressEvent(event);
}

}  // namespace luthier
