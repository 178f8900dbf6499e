#pragma once
// What the run has achieved so far: every metric of the base model, of the last evaluation, and of the tuned model at
// the end; then what was measured and exported.
#include <map>
#include <optional>

#include "recipe/recipe.h"
#include "store/store.h"
#include "widgets/basics.h"

class QGridLayout;

namespace luthier {

class RunCurves;

class EvaluationPanel : public Card {
  Q_OBJECT
 public:
  explicit EvaluationPanel(QWidget* parent = nullptr);
  /// `recipe` may be null; `artefacts` are the run's exports.
  void show(const RunRow& run, const Recipe* recipe, const RunCurves& curves,
            const std::vector<ArtefactRow>& artefacts);

 private:
  using Values = std::map<std::string, double>;
  void fillTable(const std::vector<std::string>& metrics, const Values& base, const Values& now,
                 const QString& nowName);
  void fillFacts(const std::vector<std::pair<QString, QString>>& facts);

  QLabel* empty_;
  QWidget *table_, *facts_;
  QGridLayout *tableGrid_, *factsGrid_;
  QLabel* note_;
  QString tableShown_, factsShown_;  ///< so that nothing is made anew when nothing is new
};

}  // namespace luthier
