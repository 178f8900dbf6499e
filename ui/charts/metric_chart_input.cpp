// MetricChart: mouse and keys.
#include "charts/plot_library.h"

#include <QMenu>
#include <QStackedLayout>
#include <algorithm>
#include <cmath>

#include "charts/chart_export.h"
#include "charts/chart_table.h"
#include "charts/metric_chart.h"
#include "theme/theme.h"

namespace luthier {

namespace {
constexpr double kSmallestDrag = 5;  // pixels: less is a click
}

bool MetricChart::eventFilter(QObject* watched, QEvent* event) {
  if (watched != plot_) return QFrame::eventFilter(watched, event);
  const auto* mouse = dynamic_cast<QMouseEvent*>(event);
  switch (event->type()) {
    case QEvent::Resize:
      group_.redraw(this);
      return false;
    case QEvent::MouseButtonPress:
      if (mouse->button() != Qt::LeftButton) return false;
      setFocus(Qt::MouseFocusReason);
      dragFrom_ = mouse->position().x();
      dragTo_.reset();
      return true;
    case QEvent::MouseMove: {
      const double x = mouse->position().x();
      if (dragFrom_ && std::fabs(x - *dragFrom_) >= kSmallestDrag) dragTo_ = x;
      if (dragTo_) *dragTo_ = x;
      keyboardCursor_ = false;
      const Line* line = leading();
      if (line && plot_->axisRect()->rect().adjusted(-4, 0, 4, 0).contains(mouse->position().toPoint()))
        group_.setCursor(line->series.x(line->series.nearest(plot_->xAxis->pixelToCoord(x))));
      if (dragTo_) plot_->layer("overlay")->replot();
      return true;
    }
    case QEvent::MouseButtonRelease: {
      if (mouse->button() != Qt::LeftButton) return false;
      if (dragFrom_ && dragTo_) {
        const double from = plot_->xAxis->pixelToCoord(std::min(*dragFrom_, *dragTo_));
        const double to = plot_->xAxis->pixelToCoord(std::max(*dragFrom_, *dragTo_));
        const auto [lower, upper] = group_.range();
        group_.zoom(std::max(from, lower), std::min(to, upper));
      }
      dragFrom_.reset();
      dragTo_.reset();
      plot_->layer("overlay")->replot();
      return true;
    }
    case QEvent::MouseButtonDblClick:
      dragFrom_.reset();
      dragTo_.reset();
      group_.resetZoom();
      return true;
    case QEvent::Leave:
      if (!keyboardCursor_) group_.setCursor(std::nullopt);
      return false;
    default:
      return false;
  }
}

void MetricChart::leaveEvent(QEvent* event) {
  if (!keyboardCursor_) group_.setCursor(std::nullopt);
  QFrame::leaveEvent(event);
}

void MetricChart::moveCursor(int points) {
  const Line* line = leading();
  if (!line) return;
  keyboardCursor_ = true;
  const auto last = std::ptrdiff_t(line->series.size()) - 1;
  const auto cursor = group_.cursor();
  const std::ptrdiff_t from = cursor ? std::ptrdiff_t(line->series.nearest(*cursor)) : points > 0 ? -1 : last + 1;
  group_.setCursor(line->series.x(std::size_t(std::clamp<std::ptrdiff_t>(from + points, 0, last))));
}

void MetricChart::keyPressEvent(QKeyEvent* event) {
  const int far = event->modifiers() & Qt::ShiftModifier ? 10 : 1;
  if (event->matches(QKeySequence::Copy)) {
    group_.copy();
  } else if (event->key() == Qt::Key_Left) {
    moveCursor(-far);
  } else if (event->key() == Qt::Key_Right) {
    moveCursor(far);
  } else if (event->key() == Qt::Key_Escape && (group_.cursor() || group_.isZoomed())) {
    keyboardCursor_ = false;
    if (group_.cursor())
      group_.setCursor(std::nullopt);
    else
      group_.resetZoom();
  } else {
    QFrame::keyPressEvent(event);
  }
}

void MetricChart::focusInEvent(QFocusEvent* event) {
  group_.active_ = this;
  const bool keys = event->reason() != Qt::MouseFocusReason && event->reason() != Qt::ActiveWindowFocusReason;
  setProperty("keyboard", keys);
  QFrame::focusInEvent(event);
  update();
}

void MetricChart::focusOutEvent(QFocusEvent* event) {
  if (keyboardCursor_) {
    keyboardCursor_ = false;
    group_.setCursor(std::nullopt);
  }
  if (group_.active_ == this && event->reason() != Qt::PopupFocusReason && event->reason() != Qt::MouseFocusReason)
    group_.active_ = nullptr;
  QFrame::focusOutEvent(event);
  update();
}

void MetricChart::paintEvent(QPaintEvent* event) {
  QFrame::paintEvent(event);
  if (!hasFocus() || !property("keyboard").toBool()) return;
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(tokens().accent, 2));
  painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 7, 7);
}

void MetricChart::showEvent(QShowEvent* event) {
  QFrame::showEvent(event);
  group_.redraw(this);
}

void MetricChart::contextMenuEvent(QContextMenuEvent* event) {
  auto* menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  menu->addAction(tr("Copy"), this, [this] { copyCharts({this}); });
  menu->addAction(tr("Save this chart..."), this, [this] { askAndSaveCharts({this}, this); });
  menu->addSeparator();
  menu->addAction(tr("Whole range"), this, [this] { group_.resetZoom(); })->setEnabled(group_.isZoomed());
  QAction* rows = menu->addAction(tr("As a table"), this, [this] { setTableShown(!isTableShown()); });
  rows->setShortcut(Qt::ALT | Qt::SHIFT | Qt::Key_T);
  rows->setCheckable(true);
  rows->setChecked(isTableShown());
  menu->popup(event->globalPos());
}

bool MetricChart::isTableShown() const { return stack_->currentIndex() == 1; }

void MetricChart::setTableShown(bool shown) {
  if (shown && !table_) {
    table_ = new ChartTable(*this);
    table_->setObjectName(objectName() + "Table");
    stack_->addWidget(table_);
  }
  stack_->setCurrentIndex(shown ? 1 : 0);
  if (shown) {
    table_->refresh();
    table_->setFocus(Qt::OtherFocusReason);
  } else {
    setFocus(Qt::OtherFocusReason);
    group_.redraw(this);
  }
}

}  // namespace luthier
