#pragma once
// One line above the charts that says how the run stands and offers what to do: paused, waiting, stopped, finished, or
// the question whether to stop.
#include <QFrame>

class QHBoxLayout;
class QLabel;
class QPushButton;

namespace luthier {

class StateMark;
enum class StateKind;

class RunBanner : public QFrame {
  Q_OBJECT
 public:
  explicit RunBanner(QWidget* parent = nullptr);
  /// `look`: banner, warning or true (a plain card). Removes the buttons.
  void show(StateKind state, const char* look, const QString& title, const QString& text);
  /// Hides it, with its buttons.
  void clear();
  QPushButton* addButton(const QString& text, const QString& name, const char* kind = "");

 private:
  StateMark* mark_;
  QLabel* text_;
  QHBoxLayout* buttons_;
};

}  // namespace luthier
