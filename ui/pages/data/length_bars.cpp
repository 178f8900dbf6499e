#include "pages/data/length_bars.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "theme/theme.h"
#include "widgets/format.h"

namespace luthier {

namespace {
constexpr int kGrab = 8;
constexpr std::int64_t kShortestLimit = 4;
}  // namespace

LengthBars::LengthBars(QWidget* parent) : QWidget(parent) {
  setObjectName("lengthHistogram");
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  connect(&theme(), &Theme::changed, this, qOverload<>(&QWidget::update));
  describe();
}

void LengthBars::setLengths(const LengthProfile& lengths) {
  lengths_ = lengths;
  // One very long row must not press the others together: what is longer stands in the last bar.
  const auto usual = std::min(lengths.longest, std::max<std::int64_t>(8, lengths.p99 * 3 / 2));
  shownTo_ = std::max<std::int64_t>({8, usual + lengths.step, std::min(limit_ + limit_ / 10, usual * 2)});
  describe();
  update();
}

void LengthBars::setLimit(std::int64_t limit) {
  if (dragging_ || limit == limit_) return;
  limit_ = limit;
  setLengths(lengths_);
}

std::int64_t LengthBars::longerThan(std::int64_t limit) const {
  double rows = 0;
  for (std::size_t i = 0; i < lengths_.counts.size(); ++i) {
    // Bar i holds lengths from begin to end - 1; the part above the limit is taken as even.
    const auto begin = std::int64_t(i) * lengths_.step, end = begin + lengths_.step;
    const auto above = std::clamp<std::int64_t>(end - std::max(begin, limit + 1), 0, lengths_.step);
    rows += double(lengths_.counts[i]) * double(above) / double(lengths_.step);
  }
  return std::llround(rows);
}

void LengthBars::describe() {
  setAccessibleName(tr("Tokens per row"));
  setAccessibleDescription(tr("median %1, longest %2, limit %3: %4 rows are longer")
                               .arg(lengths_.median)
                               .arg(lengths_.longest)
                               .arg(limit_)
                               .arg(countText(longerThan(limit_))));
}

QRect LengthBars::plot() const {
  const int text = QFontMetrics(luthier::font(TextStyle::caption)).height();
  return rect().adjusted(0, text + 2, -1, -text - 4);
}

double LengthBars::xOf(double tokens) const {
  const QRect area = plot();
  return area.left() + std::clamp(tokens / double(shownTo_), 0.0, 1.0) * area.width();
}

int LengthBars::limitX() const { return int(xOf(double(limit_) + 0.5)); }

void LengthBars::paintEvent(QPaintEvent*) {
  const Tokens& t = tokens();
  QPainter painter(this);
  const QRect area = plot();
  // Bars that stand for at least three pixels each.
  const std::int64_t bars = std::max<std::int64_t>(1, area.width() / 5);
  const std::int64_t step = std::max(lengths_.step, (shownTo_ + bars - 1) / bars / lengths_.step * lengths_.step);
  std::vector<double> counts(std::size_t((shownTo_ + step - 1) / step), 0);
  for (std::size_t i = 0; i < lengths_.counts.size(); ++i) {
    const auto bar = std::size_t(std::int64_t(i) * lengths_.step / step);
    counts[std::min(bar, counts.size() - 1)] += double(lengths_.counts[i]);
  }
  const double most = std::max(1.0, *std::max_element(counts.begin(), counts.end()));
  painter.setPen(Qt::NoPen);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] <= 0) continue;
    const double left = xOf(double(i) * double(step)), right = xOf(double(i + 1) * double(step));
    const double height = std::max(1.0, counts[i] / most * area.height());
    painter.setBrush(double(i) * double(step) > double(limit_) ? t.warningLine : t.series1);
    painter.drawRect(QRectF(left, area.bottom() - height + 1, std::max(1.0, right - left - 1), height));
  }
  paintAxis(painter, area);
  if (limit_ <= 0) return;
  const int x = std::min(limitX(), area.right());
  painter.setPen(QPen(t.warning, dragging_ ? 2 : 1, Qt::DashLine));
  painter.drawLine(x, area.top() - 4, x, area.bottom());
  painter.setPen(t.warning);
  painter.setFont(luthier::font(TextStyle::caption));
  const QString text = tr("limit %1").arg(countText(limit_)) + (limit_ > shownTo_ ? " →" : "");
  const int width = painter.fontMetrics().horizontalAdvance(text);
  const int left = x - width - 5 >= 0 ? x - width - 5 : x + 5;
  painter.drawText(QRect(left, 0, width + 2, painter.fontMetrics().height()), Qt::AlignLeft | Qt::AlignTop, text);
  if (hasFocus() && window()->property("keyboardFocus").toBool()) {
    painter.setPen(QPen(t.accent, 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(rect().adjusted(1, 1, -1, -1), 5, 5);
  }
}

void LengthBars::paintAxis(QPainter& painter, const QRect& area) {
  const Tokens& t = tokens();
  painter.setPen(t.line);
  painter.drawLine(area.left(), area.bottom() + 1, area.right(), area.bottom() + 1);
  painter.setFont(luthier::font(TextStyle::caption));
  painter.setPen(t.textTertiary);
  const QFontMetrics metrics = painter.fontMetrics();
  // Steps of 1, 2 or 5 times a power of ten (or of eights, as lengths like it) that leave room for their numbers.
  const double wished = double(shownTo_) * 52 / std::max(1, area.width());
  std::int64_t step = 8;
  while (double(step) < wished) step *= 2;
  for (std::int64_t at = 0; at <= shownTo_; at += step) {
    const QString text = countText(at);
    const int width = metrics.horizontalAdvance(text), x = int(xOf(double(at)));
    const int left = std::clamp(x - width / 2, area.left(), std::max(area.left(), area.right() - width));
    painter.drawText(QRect(left, area.bottom() + 3, width + 2, metrics.height()), Qt::AlignLeft | Qt::AlignTop, text);
  }
}

void LengthBars::move(std::int64_t limit) {
  limit_ = std::clamp<std::int64_t>(limit, kShortestLimit, 1048576);
  describe();
  update();
  Q_EMIT limitMoved(limit_);
}

void LengthBars::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || lengths_.counts.empty()) return;
  dragging_ = std::abs(event->position().x() - std::min(limitX(), plot().right())) <= kGrab;
  update();
}

void LengthBars::mouseMoveEvent(QMouseEvent* event) {
  const QRect area = plot();
  if (dragging_) {
    const double share = std::clamp((event->position().x() - area.left()) / std::max(1, area.width()), 0.0, 1.0);
    return move(std::llround(share * double(shownTo_)));
  }
  const bool near = std::abs(event->position().x() - std::min(limitX(), area.right())) <= kGrab;
  setCursor(near && !lengths_.counts.empty() ? Qt::SplitHCursor : Qt::ArrowCursor);
  const auto tokens =
      std::int64_t((event->position().x() - area.left()) / std::max(1, area.width()) * double(shownTo_));
  setToolTip(near ? tr("Rows longer than this are cut: drag to change")
                  : tr("%1 rows have more than %2 tokens")
                        .arg(countText(longerThan(tokens)), countText(std::max<std::int64_t>(0, tokens))));
}

void LengthBars::mouseReleaseEvent(QMouseEvent*) {
  if (!dragging_) return;
  dragging_ = false;
  update();
  Q_EMIT limitChosen(limit_);
}

void LengthBars::keyPressEvent(QKeyEvent* event) {
  const std::int64_t step = event->modifiers().testFlag(Qt::ShiftModifier) ? 10 : 1;
  if (event->key() != Qt::Key_Left && event->key() != Qt::Key_Right) return QWidget::keyPressEvent(event);
  move(limit_ + (event->key() == Qt::Key_Right ? step : -step));
  Q_EMIT limitChosen(limit_);
}

}  // namespace luthier
