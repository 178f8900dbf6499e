#include "pages/data/data_table.h"

#include <QAccessible>
#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>
#include <limits>

#include "pages/data/data_table_accessible.h"
#include "pages/data/table_header.h"
#include "theme/theme.h"

namespace luthier {

namespace {
constexpr int kHeaderHeight = 44, kRowHeight = 28, kPad = DataTable::kPad;
constexpr int kNarrowest = 48, kTextNarrowest = 160;

}  // namespace

DataTable::DataTable(RowSource& rows, QWidget* parent) : QAbstractScrollArea(parent), rows_(rows) {
  installDataTableAccessibility();
  setObjectName("dataTable");
  setAccessibleName(tr("Rows"));
  setFocusPolicy(Qt::StrongFocus);
  setFrameShape(QFrame::NoFrame);
  viewport()->setAutoFillBackground(false);
  viewport()->setMouseTracking(true);
  header_ = new TableHeader(*this);
  setViewportMargins(0, scaled(kHeaderHeight), 0, 0);
  connect(&rows_, &RowSource::rowsArrived, this, [this] {
    if (!fitted_) fitColumns();
    viewport()->update();
  });
  connect(&rows_, &RowSource::marksChanged, viewport(), qOverload<>(&QWidget::update));
  connect(&theme(), &Theme::changed, this, [this] {
    setViewportMargins(0, scaled(kHeaderHeight), 0, 0);
    fitted_ = false;
    fitColumns();
    place();
    viewport()->update();
    header_->update();
  });
}

int DataTable::rowHeight() const { return scaled(kRowHeight); }
int DataTable::visibleRows() const { return std::max(1, viewport()->height() / rowHeight()); }
int DataTable::headerOffset() const { return horizontalScrollBar()->value(); }

int DataTable::numberWidth() const {
  const QFontMetrics metrics(luthier::font(TextStyle::mono));
  return std::max(scaled(48),
                  metrics.horizontalAdvance(QString::number(std::max<std::int64_t>(rows_.total(), 999))) + 3 * kPad);
}

int DataTable::columnLeft(int column) const {
  int x = numberWidth() - headerOffset();
  for (int i = 0; i < column; ++i) x += columns_[i].width;
  return x;
}

void DataTable::setColumns(const QList<TableColumn>& columns) {
  // Roles change often: widths that are there stay.
  const bool same = columns.size() == columns_.size() &&
                    std::equal(columns.begin(), columns.end(), columns_.begin(),
                               [](const auto& a, const auto& b) { return a.title == b.title && a.kind == b.kind; });
  QList<TableColumn> next = columns;
  if (same)
    for (qsizetype i = 0; i < next.size(); ++i) next[i].width = columns_[i].width;
  if (fitted_ && next == columns_) return;
  columns_ = next;
  if (!same) columnsResized_ = false;
  fitted_ = false;
  fitColumns();
  currentColumn_ = std::clamp(currentColumn_, 0, std::max(0, int(columns_.size()) - 1));
  header_->update();
  viewport()->update();
}

void DataTable::setLabels(const QHash<QString, LabelLook>& labels) {
  if (labels == labels_) return;
  labels_ = labels;
  fitted_ = false;
  fitColumns();
  viewport()->update();
}

void DataTable::fitColumns() {
  if (columnsResized_ || columns_.isEmpty()) return updateBars();
  const QFontMetrics metrics(luthier::font(TextStyle::table)), strong(luthier::font(TextStyle::label));
  const std::int64_t first = firstVisible();
  bool seen = false;
  QList<int> wished;
  for (qsizetype c = 0; c < columns_.size(); ++c) {
    TableColumn& column = columns_[c];
    int width = std::max(strong.horizontalAdvance(column.title), strong.horizontalAdvance(roleLabel(column.role)) + 18);
    if (column.kind == TableColumn::Kind::split) width = std::max(width, metrics.horizontalAdvance(tr("validation")));
    for (std::int64_t i = first; i < first + 40; ++i) {
      const RowSource::Cells* cells = rows_.count() > i ? rows_.row(i) : nullptr;
      if (!cells) break;
      seen = true;
      const QString text = cellText(i, int(c));
      width = std::max(width, metrics.horizontalAdvance(text.left(60)) + (column.role == "label" ? 16 : 0));
    }
    wished << std::clamp(width + 2 * kPad + 2, scaled(kNarrowest), scaled(column.isLong() ? 480 : 240));
  }
  // What is left or missing is the text columns'.
  int fixed = numberWidth(), stretching = 0;
  for (qsizetype c = 0; c < columns_.size(); ++c) {
    if (columns_[c].isLong())
      ++stretching;
    else
      fixed += wished[c];
  }
  const int room = viewport()->width() - fixed;
  for (qsizetype c = 0; c < columns_.size(); ++c)
    columns_[c].width =
        columns_[c].isLong() ? std::max(scaled(kTextNarrowest), room / std::max(1, stretching)) : wished[c];
  if (stretching == 0 && room > 0) {
    auto widest = std::max_element(columns_.begin(), columns_.end(),
                                   [](const auto& a, const auto& b) { return a.width < b.width; });
    widest->width += room;
  }
  fitted_ = seen || rows_.count() == 0;
  updateBars();
}

void DataTable::resizeColumn(int column, int width) {
  columnsResized_ = true;
  columns_[column].width = std::clamp(width, scaled(kNarrowest), 4000);
  updateBars();
  header_->update();
  viewport()->update();
}

void DataTable::updateBars() {
  const std::int64_t pixels = rows_.count() * rowHeight(), view = viewport()->height();
  const std::int64_t most = std::max<std::int64_t>(0, pixels - view);
  // A scroll bar counts to two thousand million: for more pixels a step is several.
  unit_ = most / std::numeric_limits<int>::max() + 1;
  offset_ = std::clamp<std::int64_t>(offset_, 0, most);
  const QSignalBlocker blocker(verticalScrollBar());
  verticalScrollBar()->setRange(0, int(most / unit_));
  verticalScrollBar()->setPageStep(int(std::max<std::int64_t>(1, view / unit_)));
  verticalScrollBar()->setSingleStep(int(std::max<std::int64_t>(1, rowHeight() / unit_)));
  verticalScrollBar()->setValue(int(offset_ / unit_));
  int width = numberWidth();
  for (const TableColumn& column : columns_) width += column.width;
  horizontalScrollBar()->setRange(0, std::max(0, width - viewport()->width()));
  horizontalScrollBar()->setPageStep(viewport()->width());
  horizontalScrollBar()->setSingleStep(scaled(32));
}

void DataTable::place() {
  header_->setGeometry(0, 0, viewport()->width(), scaled(kHeaderHeight));
  updateBars();
}

void DataTable::resizeEvent(QResizeEvent*) {
  place();
  fitColumns();
}

void DataTable::scrollContentsBy(int dx, int dy) {
  if (dy != 0) offset_ = std::int64_t(verticalScrollBar()->value()) * unit_;
  if (dx != 0) header_->update();
  viewport()->update();
}

void DataTable::rowsReset() {
  current_ = currentNumber_ < 0 || rows_.count() == 0 ? -1 : rows_.indexOf(currentNumber_);
  if (current_ >= 0 && rows_.numberAt(current_) != currentNumber_) current_ = -1;
  if (current_ < 0) offset_ = 0;
  fitted_ = columnsResized_;
  updateBars();
  if (current_ >= 0) showIndex(current_);
  viewport()->update();
}

void DataTable::setCurrentRow(std::int64_t index) { setCurrent(index, currentColumn_); }

void DataTable::setCurrent(std::int64_t index, int column) {
  if (rows_.count() == 0) return;
  index = std::clamp<std::int64_t>(index, 0, rows_.count() - 1);
  column = std::clamp(column, 0, std::max(0, int(columns_.size()) - 1));
  const bool moved = index != current_;
  current_ = index;
  currentColumn_ = column;
  currentNumber_ = rows_.numberAt(index);
  showIndex(index);
  viewport()->update();
  if (moved) Q_EMIT currentRowChanged(index);
  announce();
}

void DataTable::showIndex(std::int64_t index) {
  const std::int64_t top = index * rowHeight(), view = viewport()->height();
  if (top < offset_)
    offset_ = top;
  else if (top + rowHeight() > offset_ + view)
    offset_ = top + rowHeight() - view;
  updateBars();
}

void DataTable::announce() {
  if (!QAccessible::isActive()) return;
  QAccessibleAnnouncementEvent event(this, describeRow(current_));
  QAccessible::updateAccessibility(&event);
}

std::int64_t DataTable::indexAt(int y) const {
  const std::int64_t index = (offset_ + y) / rowHeight();
  return index < rows_.count() ? index : -1;
}

int DataTable::columnAt(int x) const {
  for (int i = 0; i < columns_.size(); ++i)
    if (x < columnLeft(i) + columns_[i].width) return i;
  return std::max(0, int(columns_.size()) - 1);
}

void DataTable::mousePressEvent(QMouseEvent* event) {
  const std::int64_t index = indexAt(int(event->position().y()));
  if (index >= 0) setCurrent(index, columnAt(int(event->position().x())));
}

void DataTable::mouseDoubleClickEvent(QMouseEvent* event) {
  const std::int64_t index = indexAt(int(event->position().y()));
  if (index >= 0 && event->button() == Qt::LeftButton) Q_EMIT rowOpened(index);
}

void DataTable::keyPressEvent(QKeyEvent* event) {
  const std::int64_t now = std::max<std::int64_t>(0, current_), page = std::max(1, visibleRows() - 1);
  if (event->matches(QKeySequence::Copy)) {
    if (current_ >= 0) Q_EMIT copyWanted(current_, currentColumn_);
    return;
  }
  const bool alt = event->modifiers().testFlag(Qt::AltModifier);
  if (event->modifiers().testFlag(Qt::ControlModifier)) {
    if (event->key() == Qt::Key_Home) return setCurrent(0, currentColumn_);
    if (event->key() == Qt::Key_End) return setCurrent(rows_.count() - 1, currentColumn_);
    return QAbstractScrollArea::keyPressEvent(event);
  }
  switch (event->key()) {
    case Qt::Key_Up:
    case Qt::Key_K:
      return setCurrent(current_ < 0 ? firstVisible() : now - 1, currentColumn_);
    case Qt::Key_Down:
      if (alt) return openRoleMenu(currentColumn_);
      [[fallthrough]];
    case Qt::Key_J:
      return setCurrent(current_ < 0 ? firstVisible() : now + 1, currentColumn_);
    case Qt::Key_PageUp:
      return setCurrent(now - page, currentColumn_);
    case Qt::Key_PageDown:
      return setCurrent(now + page, currentColumn_);
    case Qt::Key_Home:
      return setCurrent(0, currentColumn_);
    case Qt::Key_End:
      return setCurrent(rows_.count() - 1, currentColumn_);
    case Qt::Key_Left:
      return setCurrent(now, currentColumn_ - 1);
    case Qt::Key_Right:
      return setCurrent(now, currentColumn_ + 1);
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (current_ >= 0) Q_EMIT rowOpened(current_);
      return;
    default:
      QAbstractScrollArea::keyPressEvent(event);
  }
}

void DataTable::contextMenuEvent(QContextMenuEvent* event) {
  std::int64_t index = current_;
  QPoint at = event->globalPos();
  if (event->reason() == QContextMenuEvent::Mouse) {
    const QPoint inside = viewport()->mapFromGlobal(event->globalPos());
    index = indexAt(inside.y());
    if (index >= 0) setCurrent(index, columnAt(inside.x()));
  } else if (current_ >= 0) {
    at = viewport()->mapToGlobal(QPoint(columnLeft(currentColumn_), int((current_ + 1) * rowHeight() - offset_)));
  }
  if (index >= 0) Q_EMIT contextMenuWanted(index, currentColumn_, at);
}

void DataTable::openRoleMenu(int column) {
  if (column < 0 || column >= columns_.size() || columns_[column].kind != TableColumn::Kind::file) return;
  Q_EMIT roleMenuWanted(column, header_->mapToGlobal(QPoint(std::max(0, columnLeft(column)), header_->height())));
}

void DataTable::focusInEvent(QFocusEvent* event) {
  if (current_ < 0 && rows_.count() > 0 && event->reason() != Qt::MouseFocusReason)
    setCurrent(firstVisible(), currentColumn_);
  viewport()->update();
}

void DataTable::focusOutEvent(QFocusEvent*) { viewport()->update(); }

bool DataTable::viewportEvent(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    auto* help = static_cast<QHelpEvent*>(event);
    const std::int64_t index = indexAt(help->pos().y());
    const int column = columns_.isEmpty() ? -1 : columnAt(help->pos().x());
    const QString text = index >= 0 && column >= 0 ? cellText(index, column) : QString();
    const bool cut = column >= 0 && QFontMetrics(luthier::font(TextStyle::table)).horizontalAdvance(text.left(500)) >
                                        columns_[column].width - 2 * kPad;
    if (cut)
      QToolTip::showText(help->globalPos(), "<p>" + text.left(600).toHtmlEscaped() + "</p>", this);
    else
      QToolTip::hideText();
    return true;
  }
  return QAbstractScrollArea::viewportEvent(event);
}

}  // namespace luthier
