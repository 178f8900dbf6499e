#pragma once
// Labels with their probabilities as bars, the most likely first.
#include <QWidget>
#include <vector>

namespace luthier {

struct LabelProbability {
  QString label;
  double probability = 0;
};

class ProbabilityBars : public QWidget {
  Q_OBJECT
 public:
  /// `reference`: in the colour of the base model instead of the accent.
  ProbabilityBars(const QString& name, bool reference, QWidget* parent = nullptr);
  void setProbabilities(const std::vector<LabelProbability>& probabilities);
  const std::vector<LabelProbability>& probabilities() const { return probabilities_; }
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return {200, sizeHint().height()}; }

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  std::vector<LabelProbability> probabilities_;
  bool reference_;
};

}  // namespace luthier
