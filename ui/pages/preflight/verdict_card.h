#pragma once
// The top of the page: may it start, when will it be done, what does it take.
#include "pages/preflight/preflight_result.h"
#include "widgets/basics.h"

namespace luthier {

class VerdictCard : public QFrame {
  Q_OBJECT
 public:
  explicit VerdictCard(QWidget* parent = nullptr);
  /// `now`: seconds since 1970, for when it would finish. `stale`: the recipe has changed since.
  void setResult(const PreflightResult& result, bool stale, double now);

 private:
  QLabel* addFigure(QHBoxLayout* row, const QString& name, const char* objectName);
  StateMark* mark_;
  QLabel *title_, *text_, *finishes_, *duration_, *memory_, *disk_;
};

}  // namespace luthier
