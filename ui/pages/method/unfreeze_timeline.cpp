#include "pages/method/unfreeze_timeline.h"

#include <QAccessible>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "theme/theme.h"
#include "widgets/format.h"

namespace luthier {

namespace {
constexpr double kSnap = 0.5;  // epochs
constexpr int kBlockRow = 24, kBlockBar = 14, kHeader = 26, kColumnGap = 14, kRate = 48, kBarEdge = 7, kSideRoom = 12;
}  // namespace

UnfreezeTimeline::UnfreezeTimeline(QWidget* parent) : QWidget(parent) {
  installUnfreezeTimelineAccess();
  setObjectName("unfreezeTimeline");
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  connect(&theme(), &Theme::changed, this, [this] { updateGeometry(); });
}

void UnfreezeTimeline::setRows(const std::vector<Row>& rows, double epochs) {
  if (dragged_ >= 0) return;
  const bool same = rows.size() == rows_.size();
  rows_ = rows;
  epochs_ = std::max(kSnap, epochs);
  if (!same) {
    cursor_ = anchor_ = 0;
    selected_ = {0};
  }
  const auto frozen = std::count_if(rows_.begin(), rows_.end(), [](const Row& row) { return row.start < 0; });
  setAccessibleName(tr("Unfreezing timeline: %1 of %2 blocks train within %3 epochs")
                        .arg(qsizetype(rows_.size()) - frozen)
                        .arg(rows_.size())
                        .arg(numberText(epochs_)));
  updateGeometry();
  update();
}

QString UnfreezeTimeline::rowText(int row) const {
  if (row < 0 || row >= int(rows_.size())) return {};
  const Row& one = rows_[std::size_t(row)];
  if (one.atPlateau) return tr("%1, joins when the validation stops improving").arg(one.name);
  if (one.start < 0) return tr("%1, frozen").arg(one.name);
  return tr("%1, trains from epoch %2, rate %3")
      .arg(one.name, numberText(one.start), QString::number(one.rate, 'f', 2));
}

// ---- geometry -------------------------------------------------------------------------------------------------------
int UnfreezeTimeline::nameWidth() const {
  const QFontMetrics metrics(luthier::font(TextStyle::body));
  int width = metrics.horizontalAdvance(tr("Block"));
  for (const Row& row : rows_) width = std::max(width, metrics.horizontalAdvance(row.name));
  return width;
}

int UnfreezeTimeline::parametersWidth() const {
  const QFontMetrics metrics(luthier::font(TextStyle::mono));
  int width = QFontMetrics(luthier::font(TextStyle::small)).horizontalAdvance(tr("Parameters"));
  for (const Row& row : rows_) width = std::max(width, metrics.horizontalAdvance(countText(row.parameters)));
  return width;
}

QRect UnfreezeTimeline::track() const {
  const int left = kSideRoom + nameWidth() + kColumnGap + parametersWidth() + kColumnGap;
  return {left, 0, std::max(20, width() - left - scaled(kRate) - kSideRoom), height()};
}

int UnfreezeTimeline::xOf(double epoch) const {
  const QRect area = track();
  return area.left() + int(std::lround(area.width() * std::clamp(epoch / epochs_, 0.0, 1.0)));
}

QRect UnfreezeTimeline::rowRect(int row) const {
  return {0, scaled(kHeader) + row * scaled(kBlockRow), width(), scaled(kBlockRow)};
}

QRect UnfreezeTimeline::barRect(int row) const {
  const QRect line = rowRect(row);
  const Row& one = rows_[std::size_t(row)];
  const int left = one.start < 0 ? xOf(0) : xOf(one.start), height = scaled(kBlockBar);
  return {left, line.top() + (line.height() - height) / 2, xOf(epochs_) - left, height};
}

QSize UnfreezeTimeline::sizeHint() const {
  return {minimumSizeHint().width() + 240, scaled(kHeader) + int(rows_.size()) * scaled(kBlockRow) + 4};
}

QSize UnfreezeTimeline::minimumSizeHint() const {
  return {2 * kSideRoom + nameWidth() + parametersWidth() + 2 * kColumnGap + scaled(kRate) + 120,
          scaled(kHeader) + int(rows_.size()) * scaled(kBlockRow) + 4};
}

int UnfreezeTimeline::rowAt(const QPoint& position) const {
  const int row = (position.y() - scaled(kHeader)) / scaled(kBlockRow);
  return position.y() < scaled(kHeader) || row >= int(rows_.size()) ? -1 : row;
}

bool UnfreezeTimeline::onEdge(int row, const QPoint& position) const {
  const Row& one = rows_[std::size_t(row)];
  return one.start >= 0 && !one.atPlateau && std::abs(position.x() - (barRect(row).left() + 3)) <= kBarEdge;
}

double UnfreezeTimeline::snapped(double epoch) const {
  const double last = std::max(0.0, std::ceil(epochs_ / kSnap - 1) * kSnap);  // something is left to train in
  return std::clamp(std::round(epoch / kSnap) * kSnap, 0.0, last);
}

// ---- changing -------------------------------------------------------------------------------------------------------
void UnfreezeTimeline::setStart(int row, double epoch) {
  Row& one = rows_[std::size_t(row)];
  if (one.atPlateau) return;
  one.start = epoch < 0 ? -1 : snapped(epoch);
  update();
  Q_EMIT edited();
}

void UnfreezeTimeline::select(int row, bool extend) {
  cursor_ = row;
  if (!extend) anchor_ = row;
  selected_.clear();
  for (int i = std::min(anchor_, row); i <= std::max(anchor_, row); ++i) selected_.insert(i);
  tellCursor();
  update();
}

void UnfreezeTimeline::moveSelected(double epochs) {
  bool moved = false;
  for (const int row : selected_) {
    Row& one = rows_[std::size_t(row)];
    if (one.start < 0 || one.atPlateau) continue;
    const double to = snapped(one.start + epochs);
    moved = moved || to != one.start;
    one.start = to;
  }
  tellCursor();
  update();
  if (moved) Q_EMIT edited();
}

void UnfreezeTimeline::freezeSelected() {
  for (const int row : selected_)
    if (!rows_[std::size_t(row)].atPlateau) rows_[std::size_t(row)].start = -1;
  tellCursor();
  update();
  Q_EMIT edited();
}

/// Frozen blocks start with the block above them, as unfreezing goes from the top down; others freeze.
void UnfreezeTimeline::toggleSelected() {
  const bool frozen = rows_[std::size_t(cursor_)].start < 0;
  for (const int row : selected_) {
    Row& one = rows_[std::size_t(row)];
    if (one.atPlateau) continue;
    const double above = row > 0 ? rows_[std::size_t(row) - 1].start : 0;
    one.start = frozen ? std::max(0.0, above) : -1;
  }
  tellCursor();
  update();
  Q_EMIT edited();
}

void UnfreezeTimeline::tellCursor() {
  setAccessibleDescription(rowText(cursor_));
  QAccessibleEvent event(this, QAccessible::Focus);
  event.setChild(cursor_);
  QAccessible::updateAccessibility(&event);
  Q_EMIT cursorMoved(cursor_);
}

// ---- mouse and keys -------------------------------------------------------------------------------------------------
void UnfreezeTimeline::mousePressEvent(QMouseEvent* event) {
  const QPoint at = event->position().toPoint();
  const int row = rowAt(at);
  if (event->button() != Qt::LeftButton || row < 0) return;
  const bool edge = onEdge(row, at);
  // The edge of one of several selected rows moves them all.
  if (event->modifiers() & Qt::ShiftModifier)
    select(row, true);
  else if (!(edge && selected_.count(row)))
    select(row, false);
  cursor_ = row;
  if (!edge) return;
  dragged_ = row;
  dragStarts_.clear();
  for (const Row& one : rows_) dragStarts_.push_back(one.start);
}

void UnfreezeTimeline::mouseMoveEvent(QMouseEvent* event) {
  const QPoint at = event->position().toPoint();
  const int row = rowAt(at);
  if (dragged_ < 0) {
    setCursor(row >= 0 && onEdge(row, at) ? Qt::SizeHorCursor : Qt::ArrowCursor);
    return setToolTip(rowText(row));
  }
  const QRect area = track();
  const double epoch = snapped(epochs_ * (at.x() - area.left()) / area.width());
  const double by = epoch - dragStarts_[std::size_t(dragged_)];
  for (const int other : selected_)
    if (dragStarts_[std::size_t(other)] >= 0 && !rows_[std::size_t(other)].atPlateau)
      rows_[std::size_t(other)].start = snapped(dragStarts_[std::size_t(other)] + by);
  update();
}

void UnfreezeTimeline::mouseReleaseEvent(QMouseEvent*) {
  if (dragged_ < 0) return;
  dragged_ = -1;
  tellCursor();
  for (std::size_t i = 0; i < rows_.size(); ++i)
    if (rows_[i].start != dragStarts_[i]) return void(Q_EMIT edited());
}

void UnfreezeTimeline::mouseDoubleClickEvent(QMouseEvent* event) {
  const int row = rowAt(event->position().toPoint());
  if (event->button() != Qt::LeftButton || row < 0) return;
  dragged_ = -1;
  select(row, false);
  toggleSelected();
}

void UnfreezeTimeline::keyPressEvent(QKeyEvent* event) {
  if (rows_.empty()) return QWidget::keyPressEvent(event);
  const bool extend = event->modifiers() & Qt::ShiftModifier;
  const int last = int(rows_.size()) - 1;
  switch (event->key()) {
    case Qt::Key_Up:
      return select(std::max(0, cursor_ - 1), extend);
    case Qt::Key_Down:
      return select(std::min(last, cursor_ + 1), extend);
    case Qt::Key_Home:
      return select(0, extend);
    case Qt::Key_End:
      return select(last, extend);
    case Qt::Key_Left:
      return moveSelected(-kSnap);
    case Qt::Key_Right:
      return moveSelected(kSnap);
    case Qt::Key_Delete:
    case Qt::Key_Backspace:
      return freezeSelected();
    case Qt::Key_Space:
      return toggleSelected();
  }
  QWidget::keyPressEvent(event);
}

void UnfreezeTimeline::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  tellCursor();
  update();
}

// ---- painting -------------------------------------------------------------------------------------------------------
void UnfreezeTimeline::paintAxis(QPainter& painter) const {
  const Tokens& t = tokens();
  const int header = scaled(kHeader), bottom = scaled(kHeader) + int(rows_.size()) * scaled(kBlockRow);
  painter.setFont(luthier::font(TextStyle::small));
  painter.setPen(t.textSecondary);
  painter.drawText(QRect(kSideRoom, 0, nameWidth() + kColumnGap, header), Qt::AlignVCenter | Qt::AlignLeft,
                   tr("Block"));
  painter.drawText(QRect(kSideRoom, 0, nameWidth() + kColumnGap + parametersWidth(), header),
                   Qt::AlignVCenter | Qt::AlignRight, tr("Parameters"));
  painter.drawText(QRect(width() - kSideRoom - scaled(kRate), 0, scaled(kRate), header),
                   Qt::AlignVCenter | Qt::AlignRight, tr("Rate ×"));
  const double every = std::max(1.0, std::ceil(epochs_ / std::max(1.0, track().width() / 36.0)));
  for (double epoch = 0; epoch <= epochs_ + 1e-9; epoch += every) {
    const int x = xOf(epoch);
    painter.setPen(t.gridLine);
    painter.drawLine(x, header, x, bottom);
    painter.setPen(t.textSecondary);
    painter.drawText(QRect(x - 24, 0, 48, header), Qt::AlignCenter, numberText(epoch));
  }
}

void UnfreezeTimeline::paintRow(QPainter& painter, int row) const {
  const Tokens& t = tokens();
  const Row& one = rows_[std::size_t(row)];
  const QRect line = rowRect(row), bar = barRect(row);
  const QRect whole(xOf(0), bar.top(), xOf(epochs_) - xOf(0), bar.height());
  const bool waits = one.start < 0;
  painter.setFont(luthier::font(TextStyle::body));
  painter.setPen(waits ? t.textTertiary : t.textPrimary);
  painter.drawText(line.adjusted(kSideRoom, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, one.name);
  painter.setFont(luthier::font(TextStyle::mono));
  painter.setPen(t.textTertiary);
  painter.drawText(QRect(kSideRoom, line.top(), nameWidth() + kColumnGap + parametersWidth(), line.height()),
                   Qt::AlignVCenter | Qt::AlignRight, countText(one.parameters));
  painter.setPen(Qt::NoPen);
  painter.setBrush(t.fill);
  painter.drawRoundedRect(whole, 2, 2);
  if (waits) {
    painter.setFont(luthier::font(TextStyle::caption));
    painter.setPen(t.textTertiary);
    painter.drawText(whole, Qt::AlignCenter, one.atPlateau ? tr("at a plateau") : tr("frozen"));
  } else {
    painter.setBrush(t.accent);
    painter.drawRoundedRect(bar, 2, 2);
    painter.setPen(QPen(t.onAccent, 1));
    for (const int x : {4, 7}) painter.drawLine(bar.left() + x, bar.top() + 4, bar.left() + x, bar.bottom() - 4);
  }
  if (waits && !one.atPlateau) return;
  painter.setFont(luthier::font(TextStyle::mono));
  painter.setPen(waits ? t.textTertiary : t.textPrimary);
  painter.drawText(QRect(width() - kSideRoom - scaled(kRate), line.top(), scaled(kRate), line.height()),
                   Qt::AlignVCenter | Qt::AlignRight, QString::number(one.rate, 'f', 2));
}

void UnfreezeTimeline::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  if (rows_.empty()) return;
  painter.setPen(Qt::NoPen);
  painter.setBrush(tokens().accentSoft);
  for (const int row : selected_)
    if (selected_.size() > 1 || hasFocus()) painter.drawRect(rowRect(row));
  paintAxis(painter);
  for (int row = 0; row < int(rows_.size()); ++row) paintRow(painter, row);
  if (!hasFocus() || !window()->property("keyboardFocus").toBool()) return;
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(tokens().accent, 2));
  painter.drawRoundedRect(QRectF(rowRect(cursor_)).adjusted(1, 1, -1, -1), 4, 4);
}

}  // namespace luthier
