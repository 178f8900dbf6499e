#pragma once
// A recent project as a row: name, task, how its last run ended, and a button that opens it.
#include <QWidget>

#include "pages/home/recent_projects.h"
#include "widgets/states.h"

namespace luthier {

class RecentRow : public QWidget {
  Q_OBJECT
 public:
  RecentRow(const RecentProject& project, int index, QWidget* parent = nullptr);
  /// The same project, later.
  void setProject(const RecentProject& project);

 Q_SIGNALS:
  void openWanted();

 protected:
  void mouseDoubleClickEvent(QMouseEvent*) override { Q_EMIT openWanted(); }

 private:
  ElidedLabel *name_, *facts_, *run_;
  StateMark* mark_;
};

}  // namespace luthier
