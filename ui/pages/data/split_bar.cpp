#include "pages/data/split_bar.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "theme/theme.h"
#include "widgets/format.h"

namespace luthier {

namespace {
constexpr int kGrabWidth = 9, kBarHeight = 20;
constexpr double kStep = 0.01, kMost = 0.9;
double rounded(double share) { return std::round(share / kStep) * kStep; }
}  // namespace

SplitBar::SplitBar(QWidget* parent) : QWidget(parent) {
  setObjectName("splitBar");
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  connect(&theme(), &Theme::changed, this, qOverload<>(&QWidget::update));
  describe();
}

void SplitBar::setShares(double validation, double test) {
  if (dragged_ >= 0) return;
  validation_ = validation;
  test_ = test;
  describe();
  update();
}

void SplitBar::setMovable(bool validation, bool test) {
  movable_ = {validation, test};
  setFocusPolicy(validation || test ? Qt::StrongFocus : Qt::NoFocus);
  update();
}

void SplitBar::describe() {
  setAccessibleName(tr("Split"));
  setAccessibleDescription(
      tr("training %1, validation %2, test %3")
          .arg(percentText(1 - validation_ - test_), percentText(validation_), percentText(test_)));
}

int SplitBar::handleX(int handle) const {
  return int(std::lround((handle == 0 ? 1 - validation_ - test_ : 1 - test_) * width()));
}

int SplitBar::handleAt(int x) const {
  int nearest = -1, distance = kGrabWidth + 1;
  for (const int handle : {0, 1}) {
    if (!movable_[std::size_t(handle)]) continue;
    const int away = std::abs(std::min(handleX(handle), width() - 3) - x);
    // Where both lie together, the one before is taken to the left and the other to the right.
    if (away < distance || (away == distance && x > handleX(handle))) {
      nearest = handle;
      distance = away;
    }
  }
  return nearest;
}

void SplitBar::paintEvent(QPaintEvent*) {
  const Tokens& t = tokens();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const QRectF bar(0, (height() - kBarHeight) / 2.0, width(), kBarHeight);
  QPainterPath outline;
  outline.addRoundedRect(bar, 4, 4);
  painter.setClipPath(outline);
  painter.fillRect(bar, t.series1);
  const double first = handleX(0), second = handleX(1);
  if (validation_ > 0) painter.fillRect(QRectF(first + 1, bar.top(), second - first - 1, bar.height()), t.series3);
  if (test_ > 0) painter.fillRect(QRectF(second + 1, bar.top(), width() - second - 1, bar.height()), t.series6);
  painter.setClipping(false);
  painter.setPen(Qt::NoPen);
  for (const int handle : {0, 1}) {
    if (handle == 0 ? validation_ > 0 : test_ > 0)
      painter.fillRect(QRectF(handleX(handle) - 1, bar.top(), 2, bar.height()), t.surface);
    if (!movable_[std::size_t(handle)]) continue;
    // A grip that shows where to pull, also where a part is still empty.
    const double x = std::min(handleX(handle), width() - 4) - (handle == 0 && validation_ <= 0 && test_ <= 0 ? 8 : 0);
    painter.setBrush(handle == current_ && hasFocus() ? t.accent : t.surface);
    painter.setPen(QPen(t.lineStrong, 1));
    painter.drawRoundedRect(QRectF(x - 2.5, bar.center().y() - 7, 5, 14), 2, 2);
    painter.setPen(Qt::NoPen);
  }
  if (hasFocus() && window()->property("keyboardFocus").toBool()) {
    painter.setPen(QPen(t.accent, 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 5, 5);
  }
}

void SplitBar::place(int handle, double at) {
  if (handle == 0) {
    validation_ = std::clamp(rounded(1 - at - test_), 0.0, kMost - test_);
  } else {
    // The test part grows at the cost of training when validation has a share that is not to change.
    test_ = std::clamp(rounded(1 - at), 0.0, kMost - validation_);
  }
  describe();
  update();
  Q_EMIT moved(validation_, test_);
}

void SplitBar::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  dragged_ = handleAt(int(event->position().x()));
  // At the right end, where both are empty, the first to be pulled out is validation.
  if (dragged_ == 1 && test_ <= 0 && validation_ <= 0 && movable_[0]) dragged_ = 0;
  if (dragged_ >= 0) current_ = dragged_;
}

void SplitBar::mouseMoveEvent(QMouseEvent* event) {
  if (dragged_ >= 0) return place(dragged_, event->position().x() / std::max(1, width()));
  setCursor(handleAt(int(event->position().x())) >= 0 ? Qt::SplitHCursor : Qt::ArrowCursor);
}

void SplitBar::mouseReleaseEvent(QMouseEvent*) {
  if (dragged_ < 0) return;
  dragged_ = -1;
  Q_EMIT chosen(validation_, test_);
}

void SplitBar::keyPressEvent(QKeyEvent* event) {
  const int step = event->key() == Qt::Key_Left ? -1 : event->key() == Qt::Key_Right ? 1 : 0;
  if (event->key() == Qt::Key_Up || event->key() == Qt::Key_Down) {
    current_ = event->key() == Qt::Key_Up ? 0 : 1;
    return update();
  }
  if (step == 0) return QWidget::keyPressEvent(event);
  if (!movable_[std::size_t(current_)]) current_ = 1 - current_;
  if (!movable_[std::size_t(current_)]) return;
  const double at = current_ == 0 ? 1 - validation_ - test_ : 1 - test_;
  place(current_, at + step * kStep);
  Q_EMIT chosen(validation_, test_);
}

}  // namespace luthier
