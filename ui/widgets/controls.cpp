#include "widgets/controls.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>
#include <algorithm>

#include "theme/theme.h"

namespace luthier {

namespace {
void paintFocusRing(QPainter& painter, const QRectF& rect, double radius) {
  painter.setPen(QPen(tokens().accent, 2));
  painter.setBrush(Qt::NoBrush);
  painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), radius, radius);
}
}  // namespace

// ---- SegmentedControl ---------------------------------------------------------------------------------------------
SegmentedControl::SegmentedControl(const QString& name, QWidget* parent) : QWidget(parent) {
  setObjectName(name);
  setFocusPolicy(Qt::StrongFocus);
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
  setFont(luthier::font(TextStyle::label));
  connect(&theme(), &Theme::changed, this, [this] {
    setFont(luthier::font(TextStyle::label));
    updateGeometry();
  });
}

void SegmentedControl::setChoices(const QStringList& ids, const QStringList& labels) {
  const QString kept = current();
  ids_ = ids;
  labels_ = labels;
  reasons_ = QStringList(ids.size(), QString());
  current_ = int(ids_.indexOf(kept));
  updateGeometry();
  update();
}

void SegmentedControl::setCurrent(const QString& id) {
  current_ = int(ids_.indexOf(id));
  setAccessibleDescription(current_ < 0 ? QString() : labels_[current_]);
  update();
}

void SegmentedControl::setDisabledBecause(const QString& id, const QString& reason) {
  const qsizetype index = ids_.indexOf(id);
  if (index < 0 || reasons_[index] == reason) return;
  reasons_[index] = reason;
  update();
}

void SegmentedControl::setWraps(bool wraps) {
  wraps_ = wraps;
  QSizePolicy policy(wraps ? QSizePolicy::Preferred : QSizePolicy::Fixed,
                     wraps ? QSizePolicy::Minimum : QSizePolicy::Fixed);
  policy.setHeightForWidth(wraps);
  setSizePolicy(policy);
}

int SegmentedControl::segmentWidth(int index) const { return fontMetrics().horizontalAdvance(labels_[index]) + 22; }

std::vector<QRect> SegmentedControl::rectsIn(int width) const {
  const int line = scaled(28) - 4;
  std::vector<QRect> rects;
  int x = 2, y = 2;
  for (int i = 0; i < labels_.size(); ++i) {
    const int wide = segmentWidth(i);
    if (wraps_ && x > 2 && x + wide > width - 2) {
      x = 2;
      y += line + 2;
    }
    rects.emplace_back(x, y, wide, line);
    x += wide;
  }
  return rects;
}

QRect SegmentedControl::segmentRect(const QString& id) const {
  const qsizetype index = ids_.indexOf(id);
  return index < 0 ? QRect() : rectOf(int(index));
}

QSize SegmentedControl::sizeHint() const {
  int width = 4;
  for (int i = 0; i < labels_.size(); ++i) width += segmentWidth(i);
  return {width, scaled(28)};
}

QSize SegmentedControl::minimumSizeHint() const {
  if (!wraps_) return sizeHint();
  int widest = 0;
  for (int i = 0; i < labels_.size(); ++i) widest = std::max(widest, segmentWidth(i));
  return {widest + 4, scaled(28)};
}

int SegmentedControl::heightForWidth(int width) const {
  if (!wraps_ || labels_.isEmpty()) return scaled(28);
  return rectsIn(width).back().bottom() + 3;
}

void SegmentedControl::paintEvent(QPaintEvent*) {
  const Tokens& t = tokens();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(t.fill);
  painter.drawRoundedRect(rect(), 6, 6);
  for (int i = 0; i < labels_.size(); ++i) {
    const QRect segment = rectOf(i);
    if (i == current_) {
      painter.setPen(QPen(t.lineStrong, 1));
      painter.setBrush(t.surface);
      painter.drawRoundedRect(QRectF(segment).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5);
    }
    const bool enabled = isEnabled() && reasons_[i].isEmpty();
    painter.setPen(!enabled ? t.textDisabled : i == current_ ? t.textPrimary : t.textSecondary);
    painter.drawText(segment, Qt::AlignCenter, labels_[i]);
  }
  if (hasFocus() && window()->property("keyboardFocus").toBool()) paintFocusRing(painter, rect(), 6);
}

void SegmentedControl::choose(int index) {
  if (index < 0 || index >= ids_.size() || index == current_ || !reasons_[index].isEmpty()) return;
  setCurrent(ids_[index]);
  Q_EMIT chosen(ids_[index]);
}

void SegmentedControl::mousePressEvent(QMouseEvent* event) {
  for (int i = 0; i < ids_.size(); ++i)
    if (rectOf(i).contains(event->position().toPoint())) choose(i);
}

void SegmentedControl::keyPressEvent(QKeyEvent* event) {
  const int step = event->key() == Qt::Key_Right ? 1 : event->key() == Qt::Key_Left ? -1 : 0;
  if (step == 0) return QWidget::keyPressEvent(event);
  for (int next = current_ + step; next >= 0 && next < ids_.size(); next += step)
    if (reasons_[next].isEmpty()) return choose(next);
}

bool SegmentedControl::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    auto* help = static_cast<QHelpEvent*>(event);
    for (int i = 0; i < ids_.size(); ++i)
      if (rectOf(i).contains(help->pos()) && !reasons_[i].isEmpty()) {
        QToolTip::showText(help->globalPos(), reasons_[i], this, rectOf(i));
        return true;
      }
  }
  return QWidget::event(event);
}

// ---- Switch -------------------------------------------------------------------------------------------------------
Switch::Switch(const QString& what, const QString& name, QWidget* parent) : QAbstractButton(parent) {
  setObjectName(name);
  setCheckable(true);
  setAccessibleName(what);
  setCursor(Qt::PointingHandCursor);
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void Switch::paintEvent(QPaintEvent*) {
  const Tokens& t = tokens();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const QRectF track(3, (height() - 16) / 2.0, 28, 16);
  painter.setPen(Qt::NoPen);
  painter.setBrush(!isEnabled() ? t.line : isChecked() ? t.accent : t.lineStrong);
  painter.drawRoundedRect(track, 8, 8);
  painter.setBrush(isEnabled() ? t.onAccent : t.surface);
  painter.drawEllipse(QRectF(isChecked() ? track.right() - 14 : track.left() + 2, track.top() + 2, 12, 12));
  if (hasFocus() && window()->property("keyboardFocus").toBool()) paintFocusRing(painter, rect(), 8);
}

// ---- MemoryBar ----------------------------------------------------------------------------------------------------
MemoryBar::MemoryBar(QWidget* parent) : QWidget(parent) { setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed); }

void MemoryBar::setBarHeight(int pixels) {
  height_ = pixels;
  updateGeometry();
}

void MemoryBar::setSegments(const std::vector<Segment>& segments, double scale, const QString& what) {
  segments_ = segments;
  scale_ = scale > 0 ? scale : 1;
  setAccessibleName(what);
  update();
}

void MemoryBar::paintEvent(QPaintEvent*) {
  const Tokens& t = tokens();
  QPainter painter(this);
  const QRectF track(0, (height() - height_) / 2.0, width(), height_);
  painter.setRenderHint(QPainter::Antialiasing);
  QPainterPath clip;
  clip.addRoundedRect(track, 2, 2);
  painter.setClipPath(clip);
  painter.fillRect(track, t.fillStrong);
  double x = 0;
  for (const Segment& segment : segments_) {
    if (segment.value <= 0) continue;
    const double length = std::max(1.0, segment.value / scale_ * track.width());
    const QRectF part(x, track.top(), std::min(length, track.width() - x), track.height());
    painter.fillRect(part, segment.hatched ? QBrush(segment.colour, Qt::BDiagPattern) : QBrush(segment.colour));
    x += length + 1;
    if (x >= track.width()) break;
  }
}

std::vector<MemoryBar::Segment> memorySegments(double weights, double gradients, double optimizer, double activations) {
  const Tokens& t = tokens();
  return {{QObject::tr("Weights"), weights, t.series1},
          {QObject::tr("Gradients"), gradients, t.series3},
          {QObject::tr("Optimiser"), optimizer, t.series4},
          {QObject::tr("Activations"), activations, t.series2}};
}

// ---- DoubleProgress -----------------------------------------------------------------------------------------------
DoubleProgress::DoubleProgress(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void DoubleProgress::setShares(double upper, double lower) {
  upper_ = std::clamp(upper, 0.0, 1.0);
  lower_ = std::clamp(lower, 0.0, 1.0);
  setAccessibleName(tr("Epoch %1 percent, run %2 percent").arg(qRound(upper_ * 100)).arg(qRound(lower_ * 100)));
  update();
}

void DoubleProgress::paintEvent(QPaintEvent*) {
  const Tokens& t = tokens();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  const double top = (height() - 10) / 2.0;
  for (const auto& [y, share] : {std::pair{top, upper_}, std::pair{top + 6, lower_}}) {
    painter.setBrush(t.fillStrong);
    painter.drawRoundedRect(QRectF(0, y, width(), 4), 2, 2);
    painter.setBrush(t.accent);
    if (share > 0) painter.drawRoundedRect(QRectF(0, y, std::max(4.0, width() * share), 4), 2, 2);
  }
}

void paintSparkline(QPainter& painter, const QRectF& rect, const std::vector<double>& values, const QColor& colour) {
  if (values.size() < 2) return;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double range = *high > *low ? *high - *low : 1;
  QPolygonF line;
  for (std::size_t i = 0; i < values.size(); ++i)
    line << QPointF(rect.left() + rect.width() * double(i) / double(values.size() - 1),
                    rect.bottom() - rect.height() * (values[i] - *low) / range);
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(colour, 1.4, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  painter.drawPolyline(line);
  painter.restore();
}

// ---- FlowLayout ---------------------------------------------------------------------------------------------------
FlowLayout::FlowLayout(int gap, QWidget* parent) : QLayout(parent), gap_(gap) { setContentsMargins(0, 0, 0, 0); }

FlowLayout::~FlowLayout() { qDeleteAll(items_); }

QLayoutItem* FlowLayout::takeAt(int index) {
  return index >= 0 && index < items_.size() ? items_.takeAt(index) : nullptr;
}

QSize FlowLayout::minimumSize() const {
  QSize size;
  for (const QLayoutItem* item : items_) size = size.expandedTo(item->minimumSize());
  const QMargins margins = contentsMargins();
  return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom());
}

void FlowLayout::setGeometry(const QRect& rect) {
  QLayout::setGeometry(rect);
  arrange(rect, true);
}

int FlowLayout::arrange(const QRect& rect, bool place) const {
  const QRect area = rect.marginsRemoved(contentsMargins());
  int x = area.x(), y = area.y(), lineHeight = 0;
  for (QLayoutItem* item : items_) {
    const QSize size = item->sizeHint();
    if (x > area.x() && x + size.width() > area.right() + 1) {
      x = area.x();
      y += lineHeight + gap_;
      lineHeight = 0;
    }
    if (place) item->setGeometry(QRect(QPoint(x, y), size));
    x += size.width() + gap_;
    lineHeight = std::max(lineHeight, size.height());
  }
  return y + lineHeight - rect.y() + contentsMargins().bottom();
}

}  // namespace luthier
