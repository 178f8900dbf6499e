#pragma once
// A finding in its own words, below the cell that shows it: what, where, what to do.
#include <QFrame>

#include "pages/data/finding_actions.h"

namespace luthier {

class FindingDetails : public QFrame {
  Q_OBJECT
 public:
  FindingDetails(const Finding& finding, const FindingAction& action, QWidget* parent);
  /// Opens with its upper left corner there, as far as the window allows.
  void openAt(const QPoint& global);

 Q_SIGNALS:
  void showWanted(const QString& filter);
  void fixWanted(const QStringList& assignments, const QString& what);
};

}  // namespace luthier
