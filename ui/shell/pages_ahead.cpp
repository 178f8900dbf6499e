#include "shell/pages_ahead.h"

#include <QElapsedTimer>
#include <QPixmap>
#include <QStackedWidget>

namespace luthier {

namespace {
constexpr int kSliceMilliseconds = 8, kBetweenSlicesMilliseconds = 25;
constexpr int kFilledMilliseconds = 700;  ///< until pages have what an opened project puts on them
}  // namespace

PagesAhead::PagesAhead(QStackedWidget* stack, QObject* parent) : QObject(parent), stack_(stack) {
  connect(&slices_, &QTimer::timeout, this, &PagesAhead::slice);
  again_.setSingleShot(true);
  again_.setInterval(kFilledMilliseconds);
  connect(&again_, &QTimer::timeout, this, &PagesAhead::layOut);
}

void PagesAhead::start(const QWidgetList& others) {
  if (slices_.isActive()) return;
  const auto style = [this](QWidget* part) {
    unstyled_ << part;
    for (QWidget* widget : part->findChildren<QWidget*>()) unstyled_ << widget;
  };
  for (int i = 0; i < stack_->count(); ++i)
    if (!stack_->widget(i)->isVisible()) style(stack_->widget(i));
  for (QWidget* other : others) style(other);
  layOut();
}

void PagesAhead::layOut() {
  unlaid_.clear();
  for (int i = 0; i < stack_->count(); ++i) unlaid_ << stack_->widget(i);
  slices_.start(kBetweenSlicesMilliseconds);
}

void PagesAhead::layOutAgain() { again_.start(); }

void PagesAhead::slice() {
  QElapsedTimer clock;
  clock.start();
  // Every widget looks itself up in the style sheet before it is shown first, and a page has hundreds.
  while (!unstyled_.isEmpty() && clock.elapsed() < kSliceMilliseconds)
    if (QWidget* widget = unstyled_.takeFirst()) widget->ensurePolished();
  if (unstyled_.isEmpty() && !layOutNext()) slices_.stop();
}

bool PagesAhead::layOutNext() {
  while (!unlaid_.isEmpty()) {
    QWidget* page = unlaid_.takeFirst();
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
