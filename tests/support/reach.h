#pragma once
// What a person without a mouse or without eyes meets in a window: names, roles, reasons, sizes and the order of focus.
#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAccessible>
#include <QHeaderView>
#include <QLineEdit>
#include <QScrollArea>
#include <QScrollBar>
#include <QSplitterHandle>
#include <QStringList>
#include <QWidget>
#include <set>

namespace luthier::testing {

inline QString called(const QWidget& widget) {
  return QString("%1 %2 \"%3\"").arg(widget.metaObject()->className(), widget.objectName(), widget.accessibleName());
}

/// Takes part in keyboard and speech: what can have the focus. Parts of Qt's own widgets are theirs.
inline bool is_control(const QWidget& widget) {
  return widget.isVisible() && widget.focusPolicy() != Qt::NoFocus && !qobject_cast<const QScrollArea*>(&widget) &&
         !widget.objectName().startsWith("qt_");
}

/// Controls without a name or without a role, and painted widgets of the window's own that say nothing at all.
inline QStringList namelessControls(const QWidget& window) {
  QStringList found;
  for (QWidget* widget : window.findChildren<QWidget*>()) {
    if (!is_control(*widget)) continue;
    QAccessibleInterface* spoken = QAccessible::queryAccessibleInterface(widget);
    if (!spoken || spoken->text(QAccessible::Name).isEmpty()) found << "no name: " + called(*widget);
    const bool vague = !spoken || spoken->role() == QAccessible::NoRole || spoken->role() == QAccessible::Client;
    if (vague) found << "no role: " + called(*widget);
  }
  return found;
}

/// Buttons and fields that cannot be used and do not say why.
inline QStringList withoutReason(const QWidget& window) {
  QStringList found;
  for (const QWidget* widget : window.findChildren<QWidget*>()) {
    if (!widget->isVisible() || widget->isEnabled() || !widget->parentWidget()->isEnabled()) continue;
    const bool control = qobject_cast<const QAbstractButton*>(widget) || qobject_cast<const QLineEdit*>(widget);
    if (control && widget->toolTip().isEmpty()) found << "no reason: " + called(*widget);
  }
  return found;
}

/// Buttons that are smaller than a finger's tip: 24 x 24.
inline QStringList tooSmall(const QWidget& window) {
  QStringList found;
  for (const QAbstractButton* button : window.findChildren<QAbstractButton*>()) {
    // The button that clears a field is a part of the field.
    if (!button->isVisible() || !button->isEnabled() || qobject_cast<const QLineEdit*>(button->parentWidget()))
      continue;
    if (button->width() < 24 || button->height() < 24)
      found << QString("%1 x %2: %3").arg(button->width()).arg(button->height()).arg(called(*button));
  }
  return found;
}

/// Pairs of controls in one column of which Tab reaches the lower one first.
inline QStringList focusUpwards(const QWidget& window) {
  QList<const QWidget*> chain;
  const QWidget* at = &window;
  do {
    const bool tabbed = is_control(*at) && at->isEnabled() && (at->focusPolicy() & Qt::TabFocus) && at != &window;
    if (tabbed && window.isAncestorOf(at)) chain << at;
    at = at->nextInFocusChain();
  } while (at != &window);
  const auto place = [&](const QWidget* widget) { return QRect(widget->mapTo(&window, QPoint()), widget->size()); };
  QStringList found;
  for (qsizetype i = 0; i + 1 < chain.size(); ++i) {
    const QRect one = place(chain[i]), next = place(chain[i + 1]);
    const bool sameColumn = one.left() < next.right() && next.left() < one.right();
    // From the end of one column to the head of the next is no step back.
    if (sameColumn && one.top() >= next.bottom() && chain[i]->parentWidget() == chain[i + 1]->parentWidget())
      found << "Tab goes up: from " + called(*chain[i]) + " to " + called(*chain[i + 1]);
  }
  return found;
}

}  // namespace luthier::testing
