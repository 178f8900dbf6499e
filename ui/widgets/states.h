#pragma once
// Cards for what is not there yet and for what went wrong, and the mark of a state: shape plus colour.
#include <QWidget>
#include <functional>
#include <vector>

#include "widgets/basics.h"

namespace luthier {

struct ErrorText;

enum class StateKind { notStarted, done, running, paused, warning, error, serving, note };
/// "warning": part of accessible names.
QString stateName(StateKind state);
void paintState(QPainter& painter, const QRectF& rect, StateKind state, double turn = 0);

/// A mark of 16 pixels; `running` turns once in 1.2 s unless motion is reduced.
class StateMark : public QWidget {
  Q_OBJECT
 public:
  explicit StateMark(StateKind state = StateKind::notStarted, QWidget* parent = nullptr);
  void setState(StateKind state);
  StateKind state() const { return state_; }
  QSize sizeHint() const override { return {16, 16}; }

 protected:
  void paintEvent(QPaintEvent*) override;
  void timerEvent(QTimerEvent*) override;

 private:
  StateKind state_;
  int timer_ = 0;
  double turn_ = 0;
};

/// Icon, what will be here (one line), one action.
class EmptyState : public QWidget {
  Q_OBJECT
 public:
  EmptyState(const QString& iconName, const QString& title, const QString& text, QWidget* parent = nullptr);
  /// Buttons below the text, in order.
  QPushButton* addAction(const QString& text, const QString& name, const char* kind = "");
  void setText(const QString& title, const QString& text);

 private:
  QLabel *title_, *text_;
  QHBoxLayout* actions_;
};

/// What happened to the user's work: what, why, do; the best fix first and primary, then "Copy details" and "Open log".
class ErrorCard : public QFrame {
  Q_OBJECT
 public:
  explicit ErrorCard(QWidget* parent = nullptr);
  void setError(const ErrorText& error);
  /// A button before "Copy details"; the first one is primary.
  QPushButton* addFix(const QString& text, const QString& name);
  void clearFixes();
  /// Shows "Open log".
  void setLog(const QString& file);

 private:
  StateMark* mark_;
  QLabel *title_, *what_, *why_, *do_;
  QWidget *whatRow_, *whyRow_, *doRow_;
  QHBoxLayout* fixes_;
  QPushButton* log_;
  QString details_, logFile_;
};

}  // namespace luthier
