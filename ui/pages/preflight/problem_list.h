#pragma once
// What is wrong with the recipe before anything can be checked: path, message, hint, and the page where it is set.
#include <vector>

#include "base/options.h"
#include "pages/page.h"
#include "widgets/basics.h"

namespace luthier {

class ProblemList : public Card {
  Q_OBJECT
 public:
  explicit ProblemList(Workbench& workbench, QWidget* parent = nullptr);
  void setProblems(const std::vector<Problem>& problems);

 private:
  Workbench& workbench_;
  QVBoxLayout* rows_;
};

/// The page on which an option of the recipe is edited.
Step pageOf(const QString& path);
QString pageName(Step step);

}  // namespace luthier
