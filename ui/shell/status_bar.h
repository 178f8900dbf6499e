#pragma once
// The bar at the bottom: device and its memory, what runs now with its progress, when the recipe was saved.
#include <QTimer>
#include <QWidget>

#include "pages/page.h"
#include "widgets/controls.h"

namespace luthier {

class StatusBar : public QWidget {
  Q_OBJECT
 public:
  explicit StatusBar(Workbench& workbench, QWidget* parent = nullptr);

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  void updateMemory();
  void updateJob();
  Workbench& workbench_;
  QLabel *device_, *memoryText_, *saved_, *left_;
  ElidedLabel *job_, *beside_;  ///< what runs; a job of the window beside a run
  MemoryBar* memory_;
  StateMark *mark_, *besideMark_;
  DoubleProgress* progress_;
  QPushButton *pause_, *stop_, *cancel_;
  QTimer slow_;
  QString run_;
};

}  // namespace luthier
