#pragma once
// The layer-wise method: the timeline on which blocks start to train, with what that means for parameters and memory.
#include <QStringList>
#include <functional>

#include "document/project_facts.h"
#include "recipe/blocks.h"
#include "widgets/basics.h"

class QBoxLayout;
class QComboBox;
class QLineEdit;

namespace luthier {

class StepChart;
class UnfreezeTimeline;

/// The property of a widget whose parts stand one below the other.
inline constexpr const char* kStacked = "stacked";

class UnfreezeCard : public Card {
  Q_OBJECT
 public:
  explicit UnfreezeCard(QWidget* parent = nullptr);

  using EstimateFor = std::function<std::optional<Estimate>(const MethodOptions&)>;
  /// `model` may be null: then there is nothing to choose from yet. `estimateFor` gives the memory of a method.
  void show(const ModelOutline* model, const Recipe& recipe, std::int64_t stepsPerEpoch,
            const EstimateFor& estimateFor);

 Q_SIGNALS:
  /// Assignments as Document::apply takes them, with what the change is called.
  void edited(const QStringList& assignments, const QString& what);
  void rateDecayEdited(double decay);
  void allOptionsWanted();

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void arrange();
  void showRows();
  void showCharts(const EstimateFor& estimateFor);
  void tellRow(int row);
  void tellTimeline();
  void choosePreset(int index);
  QString blockName(const std::string& block) const;

  std::vector<BlockOutline> blocks_;
  std::vector<std::string> names_;
  std::int64_t total_ = 0, stepsPerEpoch_ = 1;
  LayerwiseOptions options_;
  double epochs_ = 1, rate_ = 0;

  QComboBox* preset_;
  QLineEdit* decay_;
  UnfreezeTimeline* timeline_;
  StepChart *trainable_, *memory_;
  QLabel *nothing_, *row_, *decayLabel_;
  QWidget *filled_, *charts_;
  QBoxLayout* parts_;
};

}  // namespace luthier
