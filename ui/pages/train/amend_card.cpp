#include "pages/train/amend_card.h"

#include <QBoxLayout>
#include <algorithm>

#include "forms/option_form.h"
#include "jobs/error_text.h"
#include "recipe/amendment.h"
#include "widgets/format.h"

namespace luthier {

namespace {
std::vector<OptionSpec> amendableSpecs() {
  std::vector<OptionSpec> specs;
  for (const OptionSpec& spec : option_specs<TrainingOptions>())
    if (std::ranges::find(amendable_paths(), "training." + spec.info.key) != amendable_paths().end())
      specs.push_back(spec);
  return specs;
}

const Json& valueAt(const Json& recipe, const std::string& path) {
  return recipe.at("training").at(path.substr(path.find('.') + 1));
}
}  // namespace

AmendCard::AmendCard(QWidget* parent) : Card(tr("Change settings"), parent) {
  setObjectName("amendCard");
  subtitle()->setText(tr("They hold from the next step on, and in the run's own recipe."));
  problem_ = makeText({}, TextStyle::small, "error");
  problem_->setObjectName("amendProblem");
  auto* buttons = makeRow(8);
  apply_ = makeSmallButton(tr("Apply"), "amendApplyButton", "primary");
  QPushButton* cancel = makeSmallButton(tr("Cancel"), "amendCancelButton");
  buttons->addWidget(problem_, 1);
  buttons->addWidget(cancel);
  buttons->addWidget(apply_);
  body()->addLayout(buttons);
  connect(apply_, &QPushButton::clicked, this, &AmendCard::applied);
  connect(cancel, &QPushButton::clicked, this, &AmendCard::cancelled);
}

void AmendCard::begin(const Recipe& recipe) {
  recipe_ = recipe;
  changes_ = Json::object();
  if (!form_) {
    form_ = new OptionForm;
    form_->setObjectName("amendForm");
    form_->setCompact();
    form_->setSections({{{}, "training", amendableSpecs()}});
    body()->insertWidget(0, form_);
    connect(form_, &OptionForm::edited, this, &AmendCard::take);
  }
  form_->setValues(recipe_to_json(recipe_));
  refresh();
}

void AmendCard::take(const QString& path, const Json& value) {
  const std::string where = path.toStdString();
  changes_[where] = value.is_null() ? valueAt(recipe_to_json(Recipe{}), where) : value;
  if (changes_[where] == valueAt(recipe_to_json(recipe_), where)) changes_.erase(where);
  refresh();
}

void AmendCard::refresh() {
  Recipe changed = recipe_;
  std::optional<ErrorText> error;
  if (!changes_.empty()) error = attempt({}, [&] { changed = amended(recipe_, changes_); });
  problem_->setText(error ? (error->what + " " + error->doThis).simplified() : QString());
  const TrainingOptions& training = changed.training;
  form_->setEffect("training.batch_size",
                   tr("%1 × %2 = %3 rows a step")
                       .arg(countText(training.batch_size), countText(training.gradient_accumulation),
                            countText(recipe_.training.batch_size * recipe_.training.gradient_accumulation)));
  form_->setEffect("training.learning_rate", tr("was %1").arg(numberText(recipe_.training.learning_rate)));
  setEnabledBecause(apply_, !error && !changes_.empty(),
                    error ? problem_->text() : tr("Not available: nothing is changed yet."));
}

}  // namespace luthier
