#pragma once
// Texts of a window that do not fit where they stand.
#include <QAbstractButton>
#include <QAbstractScrollArea>
#include <QLabel>
#include <QStringList>
#include <QWidget>

#include "widgets/basics.h"

namespace luthier::testing {

/// True when the widget lies beyond the right edge of something that holds it and does not scroll sideways.
inline bool leaves_its_place(const QWidget& widget) {
  for (const QWidget* one = &widget; one->parentWidget() && !one->isWindow(); one = one->parentWidget()) {
    const auto* area = qobject_cast<const QAbstractScrollArea*>(one->parentWidget()->parentWidget());
    if (area && area->horizontalScrollBarPolicy() != Qt::ScrollBarAlwaysOff) return false;
    if (widget.mapTo(one->parentWidget(), QPoint(widget.width(), 0)).x() > one->parentWidget()->width() + 1)
      return true;
  }
  return false;
}

/// Labels that are narrower or lower than their text, buttons narrower than theirs, and those that reach out of their
/// place. Labels that shorten themselves with "…" have the whole text as a tooltip and may.
inline QStringList cutTexts(const QWidget& window) {
  QStringList cut;
  for (const QLabel* label : window.findChildren<QLabel*>()) {
    if (!label->isVisible() || label->text().isEmpty() || qobject_cast<const luthier::ElidedLabel*>(label)) continue;
    const bool narrow = !label->wordWrap() && label->width() + 1 < label->sizeHint().width();
    const bool low = label->wordWrap() && label->height() + 1 < label->heightForWidth(label->width());
    if (narrow || low || leaves_its_place(*label))
      cut << QString("%1 \"%2\"").arg(label->objectName(), label->text().left(60));
  }
  for (const QAbstractButton* button : window.findChildren<QAbstractButton*>()) {
    if (!button->isVisible() || button->text().isEmpty()) continue;
    if (button->width() + 1 < button->minimumSizeHint().width() || leaves_its_place(*button))
      cut << QString("button \"%1\"").arg(button->text());
  }
  cut.removeDuplicates();
  return cut;
}

}  // namespace luthier::testing
