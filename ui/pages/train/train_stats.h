#pragma once
// The line of figures above the charts: epoch and run as two bars, then step, losses, metric, speed and time.
#include <QFrame>

#include "recipe/recipe.h"
#include "store/store.h"

class QLabel;

namespace luthier {

class DoubleProgress;
class RunClock;
class RunCurves;

class TrainStats : public QFrame {
  Q_OBJECT
 public:
  explicit TrainStats(QWidget* parent = nullptr);
  /// `recipe` may be null (unreadable).
  void show(const RunRow& run, const Recipe* recipe, const RunCurves& curves, const RunClock& clock);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  struct Figure {
    QWidget *box, *line;
    QLabel *name, *value, *more;
  };
  Figure addFigure(const QString& name, const QString& objectName);
  void set(const Figure& figure, const QString& value, const QString& more = {});
  void fit();

  QLabel *epoch_, *share_;
  DoubleProgress* progress_;
  QWidget* progressBox_;
  Figure step_, trainLoss_, validationLoss_, metric_, speed_, elapsed_, left_;
  std::vector<Figure*> figures_;
};

}  // namespace luthier
