#pragma once
// The learning-rate range test: starts it as a job, shows its curve and takes the rate that follows from it.
#include <QPointer>

#include "pages/page.h"
#include "recipe/rate_test.h"
#include "widgets/basics.h"

namespace luthier {

class RateChart;

class RateCard : public Card {
  Q_OBJECT
 public:
  explicit RateCard(Workbench& workbench, QWidget* parent = nullptr);
  /// After any change of the recipe.
  void refresh();

 private:
  void startOrCancel();
  void take(const std::optional<ErrorText>& error);

  Workbench& workbench_;
  QPointer<CliJob> job_;
  Json found_;
  std::optional<double> rate_;
  QPushButton *run_, *use_;
  QLabel* text_;
  RateChart* chart_;
};

}  // namespace luthier
