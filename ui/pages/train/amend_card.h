#pragma once
// What can be changed of a paused run: the fields that Method has, checked as they are typed.
#include <nlohmann/json.hpp>

#include "recipe/recipe.h"
#include "widgets/basics.h"

namespace luthier {

class OptionForm;

class AmendCard : public Card {
  Q_OBJECT
 public:
  explicit AmendCard(QWidget* parent = nullptr);
  /// Begins with the run's recipe as it is now, nothing changed.
  void begin(const Recipe& recipe);
  /// {"training.learning_rate": 1e-4, ...}: what is to be changed.
  const Json& changes() const { return changes_; }

 Q_SIGNALS:
  void applied();
  void cancelled();

 private:
  void take(const QString& path, const Json& value);
  void refresh();

  Recipe recipe_;
  Json changes_ = Json::object();
  OptionForm* form_ = nullptr;  ///< made when it is first wanted
  QLabel* problem_;
  QPushButton* apply_;
};

}  // namespace luthier
