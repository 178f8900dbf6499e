#include "shell/pages_ahead.h"

#include <QElapsedTimer>
#include <QPixmap>
#include <QStackedWidget>

namespace luthier {

namespace {
constexpr int kSliceMilliseconds = 8, kBetweenSlicesMilliseconds = 25;
constexpr int kFilledMilliseconds = 700;  ///< until pages have what an opened project puts on them
}  // namespace

PagesAhead::PagesAhead(QStackedWidget* stack, QWidget* other, QObject* parent)
    : QObject(parent), stack_(stack), other_(other) {
  connect(&slices_, &QTimer::timeout, this, &PagesAhead::slice);
  again_.setSingleShot(true);
  again_.setInterval(kFilledMilliseconds);
  connect(&again_, &QTimer::timeout, this, [this] {
    unlaid_.clear();
    for (int i = stack_->count(); i-- > 0;) unlaid_ << stack_->widget(i);
    slices_.start(kBetweenSlicesMilliseconds);
  });
}

void PagesAhead::start() {
  if (slices_.isActive()) return;
  for (int i = stack_->count(); i-- > 0;) {
    if (stack_->widget(i)->isVisible()) continue;
    unlaid_ << stack_->widget(i);
    unstyled_ << stack_->widget(i);
    for (QWidget* widget : stack_->widget(i)->findChildren<QWidget*>()) unstyled_ << widget;
  }
  unstyled_ << other_;
  for (QWidget* widget : other_->findChildren<QWidget*>()) unstyled_ << widget;
  slices_.start(kBetweenSlicesMilliseconds);
}

void PagesAhead::layOutAgain() { again_.start(); }

void PagesAhead::slice() {
  QElapsedTimer clock;
  clock.start();
  // Parents before their children: Qt notes what a style says of a child's container for good, but learns only from a
  // container that was polished itself that it is gone.
  while (!unstyled_.isEmpty() && clock.elapsed() < kSliceMilliseconds)
    if (QWidget* widget = unstyled_.takeFirst()) widget->ensurePolished();
  if (unstyled_.isEmpty() && !layOutNext()) slices_.stop();
}

bool PagesAhead::layOutNext() {
  while (!unlaid_.isEmpty()) {
    QWidget* page = unlaid_.takeLast();
    if (!page || page->isVisible()) continue;
    page->resize(stack_->size());
    // Drawing any part of a hidden page makes Qt lay out all of it.
    QPixmap corner(1, 1);
    page->render(&corner, {}, QRect(0, 0, 1, 1));
    return true;
  }
  return false;
}

}  // namespace luthier
