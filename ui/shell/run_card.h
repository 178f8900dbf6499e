#pragma once
// The card at the right of every page: what the run will be, its memory, time and disk as estimated or measured, and
// what should be looked at. It follows every change of the recipe.
#include <QTimer>
#include <QWidget>

#include "pages/page.h"
#include "widgets/controls.h"

namespace luthier {

class RunCard : public QWidget {
  Q_OBJECT
 public:
  explicit RunCard(Workbench& workbench, QWidget* parent = nullptr);
  bool isCollapsed() const { return collapsed_; }
  void setCollapsed(bool collapsed);
  /// Errors and warnings among the findings.
  int warnings() const { return warnings_; }

 Q_SIGNALS:
  void collapsedChanged();

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  void update();
  void updateMemory();
  void updateFindings();
  /// What a fix has changed, for two seconds.
  void showChange(const QString& change);
  QLabel* fact(const QString& name);

  Workbench& workbench_;
  QWidget *open_, *closed_;
  QVBoxLayout *facts_, *findings_;
  QHash<QString, ElidedLabel*> values_;
  QLabel *chip_, *memoryTotal_, *memoryNote_, *findingCount_, *change_;
  QList<QLabel*> memoryParts_;
  MemoryBar* memory_;
  QTimer changeTime_;
  QString findingsShown_;
  StateMark* closedMark_;
  bool collapsed_ = false;
  int warnings_ = 0;
};

}  // namespace luthier
