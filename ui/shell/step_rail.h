#pragma once
// The left rail: project switcher, the steps with their states, runs and settings, and "Find anything".
#include <QHash>
#include <QWidget>

#include "pages/page.h"

namespace luthier {

/// One row of the rail: icon, name, state mark. Painted; the rail moves the keyboard between them.
class RailItem : public QWidget {
  Q_OBJECT
 public:
  RailItem(Step step, const QString& iconName, const QString& text, bool hasState, QWidget* parent = nullptr);
  Step step() const { return step_; }
  void setState(StateKind state);
  void setSelected(bool selected);
  /// Steps without their input are drawn weaker; they open all the same and show their empty state.
  void setReady(bool ready);
  QSize sizeHint() const override;

 Q_SIGNALS:
  void chosen();

 protected:
  void paintEvent(QPaintEvent*) override;
  void mousePressEvent(QMouseEvent*) override;
  void timerEvent(QTimerEvent*) override;
  void enterEvent(QEnterEvent*) override { update(); }
  void leaveEvent(QEvent*) override { update(); }

 private:
  void name();
  Step step_;
  QString icon_, text_;
  StateKind state_ = StateKind::notStarted;
  bool hasState_, selected_ = false, ready_ = true;
  int timer_ = 0;
  double turn_ = 0;
};

class StepRail : public QWidget {
  Q_OBJECT
 public:
  explicit StepRail(Workbench& workbench, QWidget* parent = nullptr);
  void setCurrent(Step step);
  void setState(Step step, StateKind state);
  void setReady(Step step, bool ready);

 Q_SIGNALS:
  void chosen(luthier::Step step);
  void findWanted();
  void openWanted();  ///< choose a project's folder or a data file
  void newWanted();   ///< back to Home

 protected:
  void keyPressEvent(QKeyEvent*) override;
  void paintEvent(QPaintEvent*) override;

 private:
  void fillSwitcher();
  Workbench& workbench_;
  QPushButton* switcher_;
  ElidedLabel *project_, *task_;
  QList<RailItem*> items_;
  int current_ = -1;
};

}  // namespace luthier
