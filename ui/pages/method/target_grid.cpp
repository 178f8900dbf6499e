#include "pages/method/target_grid.h"

#include <QAccessible>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>

#include "theme/theme.h"

namespace luthier {

namespace {
constexpr int kRowPitch = 20, kCell = 14, kGroupGap = 8, kBlockAxis = 20, kLabelGap = 10;
constexpr double kWidestPitch = 22;
}  // namespace

TargetGrid::TargetGrid(QWidget* parent) : QWidget(parent) {
  installTargetGridAccess();
  setObjectName("targetGrid");
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  connect(&theme(), &Theme::changed, this, [this] { updateGeometry(); });
}

void TargetGrid::setLayers(const TargetLayout& layout) {
  layout_ = layout;
  cursorRow_ = std::clamp(cursorRow_, 0, std::max(0, int(layout_.rows.size()) - 1));
  cursorBlock_ = std::clamp(cursorBlock_, 0, columns() - 1);
  shownBlock_ = -1;
  updateGeometry();
  update();
}

void TargetGrid::setChosen(const std::set<std::string>& modules) {
  if (dragging_) return;
  chosen_ = modules;
  setAccessibleName(
      tr("Layers with an adapter: %1 of %2").arg(qsizetype(chosen_.size())).arg(qlonglong(layout_.layers())));
  update();
}

// ---- geometry -----------------------------------------------------------------------------------------------------
int TargetGrid::labelWidth() const {
  const QFontMetrics metrics(luthier::font(TextStyle::mono));
  int width = 0;
  for (const TargetRow& row : layout_.rows)
    width = std::max(width, metrics.horizontalAdvance(QString::fromStdString(row.name)));
  return width + kLabelGap;
}

double TargetGrid::pitch() const { return std::min(kWidestPitch, double(width() - labelWidth()) / columns()); }

int TargetGrid::rowTop(int row) const {
  int gaps = 0;
  for (int i = 1; i <= row; ++i) {
    const TargetRow &one = layout_.rows[std::size_t(i)], &before = layout_.rows[std::size_t(i) - 1];
    gaps += one.in_attention != before.in_attention || one.outside != before.outside;
  }
  return row * scaled(kRowPitch) + gaps * kGroupGap;
}

QRect TargetGrid::cellRect(int row, int block) const {
  const double step = pitch();
  const int left = labelWidth() + int(block * step), right = labelWidth() + int((block + 1) * step);
  const int gap = step >= 8 ? 2 : 1, height = scaled(kCell);
  return {left, rowTop(row) + (scaled(kRowPitch) - height) / 2, std::max(right - left - gap, 2), height};
}

QRect TargetGrid::rowHeaderRect(int row) const { return {0, rowTop(row), labelWidth() - 2, scaled(kRowPitch)}; }

QRect TargetGrid::columnHeaderRect(int block) const {
  const QRect cell = cellRect(0, block);
  return {cell.left(), rowTop(int(layout_.rows.size()) - 1) + scaled(kRowPitch), cell.width(), scaled(kBlockAxis)};
}

QSize TargetGrid::sizeHint() const {
  const int rows = layout_.rows.empty() ? 0 : rowTop(int(layout_.rows.size()) - 1) + scaled(kRowPitch);
  return {labelWidth() + int(columns() * kWidestPitch), rows + scaled(kBlockAxis)};
}

QSize TargetGrid::minimumSizeHint() const { return {labelWidth() + columns() * 3, sizeHint().height()}; }

TargetGrid::Hit TargetGrid::hit(const QPoint& position) const {
  Hit found;
  const int rows = int(layout_.rows.size());
  for (int row = 0; row < rows; ++row) {
    if (rowHeaderRect(row).contains(position)) return {row, -1};
    if (position.y() >= rowTop(row) && position.y() < rowTop(row) + scaled(kRowPitch)) found.row = row;
  }
  if (position.x() < labelWidth() || rows == 0) return {};
  found.block = int((position.x() - labelWidth()) / pitch());
  if (found.block >= columns()) return {};
  const bool onAxis = columnHeaderRect(0).top() <= position.y() && position.y() < height();
  if (found.row < 0 && !onAxis) return {};
  return found;
}

// ---- what is chosen -----------------------------------------------------------------------------------------------
bool TargetGrid::hasCell(int row, int block) const {
  if (row < 0 || row >= int(layout_.rows.size()) || block < 0) return false;
  const auto& modules = layout_.rows[std::size_t(row)].modules;
  return block < int(modules.size()) && !modules[std::size_t(block)].empty();
}

bool TargetGrid::isChosen(int row, int block) const {
  return hasCell(row, block) && chosen_.count(layout_.rows[std::size_t(row)].modules[std::size_t(block)]) > 0;
}

void TargetGrid::setCell(int row, int block, bool on) {
  if (!hasCell(row, block)) return;
  const std::string& module = layout_.rows[std::size_t(row)].modules[std::size_t(block)];
  if (on)
    chosen_.insert(module);
  else
    chosen_.erase(module);
  update();
}

void TargetGrid::toggle(int row, int block) {
  setCell(row, block, !isChosen(row, block));
  tellCursor();
  Q_EMIT edited();
}

void TargetGrid::toggleRow(int row) {
  bool all = true;
  for (int block = 0; block < columns(); ++block) all &= !hasCell(row, block) || isChosen(row, block);
  for (int block = 0; block < columns(); ++block) setCell(row, block, !all);
  Q_EMIT edited();
}

void TargetGrid::toggleColumn(int block) {
  bool all = true;
  const auto inColumn = [&](int row) { return !layout_.rows[std::size_t(row)].outside && hasCell(row, block); };
  for (int row = 0; row < int(layout_.rows.size()); ++row) all &= !inColumn(row) || isChosen(row, block);
  for (int row = 0; row < int(layout_.rows.size()); ++row)
    if (inColumn(row)) setCell(row, block, !all);
  Q_EMIT edited();
}

QString TargetGrid::cellText(int row, int block) const {
  if (!hasCell(row, block)) return {};
  const TargetRow& one = layout_.rows[std::size_t(row)];
  const QString state = isChosen(row, block) ? tr("adapted") : tr("frozen");
  const QString name = QString::fromStdString(one.name);
  return one.outside ? tr("%1, %2").arg(name, state) : tr("%1, block %2, %3").arg(name).arg(block).arg(state);
}

// ---- mouse and keys -----------------------------------------------------------------------------------------------
void TargetGrid::mousePressEvent(QMouseEvent* event) {
  const Hit at = hit(event->position().toPoint());
  if (event->button() != Qt::LeftButton) return;
  if (at.row >= 0 && at.block < 0) return toggleRow(at.row);
  if (at.row < 0 && at.block >= 0) return toggleColumn(at.block);
  if (!hasCell(at.row, at.block)) return;
  cursorRow_ = at.row;
  cursorBlock_ = at.block;
  dragging_ = true;
  dragTurnsOn_ = !isChosen(at.row, at.block);
  setCell(at.row, at.block, dragTurnsOn_);
}

void TargetGrid::mouseMoveEvent(QMouseEvent* event) {
  const Hit at = hit(event->position().toPoint());
  setCursor(at.row >= 0 || at.block >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
  const bool outside = at.row >= 0 && layout_.rows[std::size_t(at.row)].outside;
  showBlock(outside ? -1 : at.block);
  if (at.row >= 0 && at.block >= 0) setToolTip(cellText(at.row, at.block));
  if (dragging_ && at.row >= 0 && at.block >= 0) setCell(at.row, at.block, dragTurnsOn_);
}

void TargetGrid::mouseReleaseEvent(QMouseEvent*) {
  if (!dragging_) return;
  dragging_ = false;
  tellCursor();
  Q_EMIT edited();
}

void TargetGrid::leaveEvent(QEvent*) { showBlock(hasFocus() ? cursorBlock_ : -1); }

void TargetGrid::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  if (event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason) moveCursor(0, 0);
}

void TargetGrid::focusOutEvent(QFocusEvent* event) {
  QWidget::focusOutEvent(event);
  showBlock(-1);
}

void TargetGrid::moveCursor(int rows, int blocks) {
  cursorRow_ = std::clamp(cursorRow_ + rows, 0, std::max(0, int(layout_.rows.size()) - 1));
  cursorBlock_ = std::clamp(cursorBlock_ + blocks, 0, columns() - 1);
  if (!hasCell(cursorRow_, cursorBlock_)) cursorBlock_ = 0;
  showBlock(cursorBlock_);
  tellCursor();
  update();
}

void TargetGrid::tellCursor() {
  setAccessibleDescription(cellText(cursorRow_, cursorBlock_));
  QAccessibleEvent event(this, QAccessible::Focus);
  event.setChild(cursorRow_ * columns() + cursorBlock_);
  QAccessible::updateAccessibility(&event);
}

void TargetGrid::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Left:
      return moveCursor(0, -1);
    case Qt::Key_Right:
      return moveCursor(0, 1);
    case Qt::Key_Up:
      return moveCursor(-1, 0);
    case Qt::Key_Down:
      return moveCursor(1, 0);
    case Qt::Key_Home:
      return moveCursor(0, -columns());
    case Qt::Key_End:
      return moveCursor(0, columns());
    case Qt::Key_Space:
      if (event->modifiers() & Qt::ShiftModifier) return toggleRow(cursorRow_);
      if (event->modifiers() & Qt::ControlModifier) return toggleColumn(cursorBlock_);
      return toggle(cursorRow_, cursorBlock_);
  }
  QWidget::keyPressEvent(event);
}

void TargetGrid::showBlock(int block) {
  if (block == shownBlock_) return;
  shownBlock_ = block;
  update();
  Q_EMIT blockShown(block);
}

// ---- painting -----------------------------------------------------------------------------------------------------
void TargetGrid::paintEvent(QPaintEvent*) {
  const Tokens& t = tokens();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const int rows = int(layout_.rows.size());
  if (rows == 0) return;
  for (int row = 0; row < rows; ++row) {
    painter.setFont(luthier::font(TextStyle::mono));
    painter.setPen(t.textPrimary);
    painter.drawText(rowHeaderRect(row), Qt::AlignVCenter | Qt::AlignLeft,
                     QString::fromStdString(layout_.rows[std::size_t(row)].name));
    painter.setPen(Qt::NoPen);
    for (int block = 0; block < columns(); ++block) {
      if (!hasCell(row, block)) continue;
      painter.setBrush(isChosen(row, block) ? t.accent : t.fillStrong);
      painter.drawRoundedRect(cellRect(row, block), 2, 2);
    }
  }
  painter.setFont(luthier::font(TextStyle::caption));
  painter.setPen(t.textTertiary);
  const QRect axis = columnHeaderRect(0);
  if (layout_.blocks == 0) return;
  painter.drawText(QRect(0, axis.top(), labelWidth(), axis.height()), Qt::AlignVCenter, tr("block"));
  const int every = pitch() >= 18 ? 1 : std::max(1, int(std::ceil(30 / pitch())));
  for (int block = 0; block < columns(); ++block) {
    const bool last = block == columns() - 1, near = columns() - 1 - block < every && !last;
    if (!(last || (block % every == 0 && !near))) continue;
    const QRect number = columnHeaderRect(block).adjusted(-12, 0, 12, 0);
    painter.drawText(number, Qt::AlignCenter, QString::number(block));
  }
  painter.setBrush(Qt::NoBrush);
  if (shownBlock_ >= 0 && shownBlock_ < layout_.blocks) {
    int lastRow = rows - 1;
    while (lastRow > 0 && layout_.rows[std::size_t(lastRow)].outside) --lastRow;
    painter.setPen(QPen(t.textPrimary, 1));
    const QRect column = cellRect(0, shownBlock_).united(cellRect(lastRow, shownBlock_));
    painter.drawRoundedRect(QRectF(column).adjusted(-1.5, -2.5, 1.5, 2.5), 3, 3);
  }
  if (hasFocus() && window()->property("keyboardFocus").toBool()) {
    painter.setPen(QPen(t.textPrimary, 2));
    painter.drawRoundedRect(QRectF(cellRect(cursorRow_, cursorBlock_)).adjusted(-1, -1, 1, 1), 3, 3);
  }
}

}  // namespace luthier
