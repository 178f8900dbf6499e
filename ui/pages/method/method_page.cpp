#include "pages/method/method_page.h"

#include <QAction>
#include <QBoxLayout>
#include <QScrollArea>
#include <QStackedWidget>
#include <algorithm>
#include <cmath>

#include "forms/catalog_text.h"
#include "forms/option_form.h"
#include "pages/method/bake_off.h"
#include "pages/method/memory_legend.h"
#include "pages/method/method_card.h"
#include "pages/method/rate_card.h"
#include "pages/method/recipe_edits.h"
#include "pages/method/targets_card.h"
#include "pages/method/unfreeze_card.h"
#include "recipe/catalog.h"
#include "recipe/draft.h"
#include "widgets/controls.h"
#include "widgets/format.h"
#include "widgets/layout_pause.h"

namespace luthier {

namespace {
constexpr int kPrepareMilliseconds = 250, kRefreshMilliseconds = 10;

/// The next of 1, 2, 3, 5 times a power of ten: an end of the scale that reads well.
double sharedScale(double bytes) {
  if (bytes <= 0) return 0;
  const double unit = std::pow(10, std::floor(std::log10(bytes)));
  for (const double step : {1.0, 2.0, 3.0, 5.0})
    if (bytes <= step * unit) return step * unit;
  return 10 * unit;
}

/// The optional first stage, as one switch with options below it.
struct AdaptationSwitch {
  std::optional<AdaptationOptions> adaptation;
  void describe(OptionVisitor& v) {
    v.options({.key = "adaptation",
               .label = QT_TRANSLATE_NOOP("Catalog", "Adapt to the field"),
               .help = QT_TRANSLATE_NOOP("Catalog",
                                         "A first stage on plain text of the field, with the model's own language "
                                         "objective; the task starts from what it makes."),
               .level = OptionLevel::advanced},
              adaptation);
  }
};

MethodOptions optionsFrom(const Json& method, const std::string& kind) {
  Json recipe = {{"method", method.is_object() ? method : Json::object()}};
  recipe["method"]["kind"] = kind;
  std::vector<Problem> ignored;
  return read_draft(recipe, {}, ignored).method;
}
}  // namespace

MethodPage::MethodPage(Workbench& workbench, QWidget* parent) : Page(workbench, tr("Method"), "methodPage", parent) {
  QPushButton* load = makeButton(tr("Load recipe"), "loadRecipeButton");
  continue_ = makeButton(tr("Continue to Preflight"), "pagePrimaryButton", "primary");
  addHeaderButton(load);
  addHeaderButton(continue_);

  stack_ = new QStackedWidget;
  auto* empty = new EmptyState("method", tr("No project is open"),
                               tr("The objective, the method and their options are chosen here."));
  QPushButton* home = empty->addAction(tr("Go to Home"), "methodGoHomeButton");
  filled_ = new QWidget;
  filled_->setProperty("surface", "none");
  column_ = makeColumn(12, filled_);
  column_->setContentsMargins(20, 16, 20, 16);
  // Lower than its parts can be, the page scrolls.
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setFocusPolicy(Qt::NoFocus);
  scroll->setWidget(filled_);
  stack_->addWidget(empty);
  stack_->addWidget(scroll);
  content()->setContentsMargins(0, 0, 0, 0);
  content()->addWidget(stack_, 1);
  error_ = new ErrorCard;
  error_->hide();
  column_->addWidget(error_);
  addTop();
  addCards();
  addForm();
  addActions();

  connect(home, &QPushButton::clicked, this, [this] { this->workbench().goTo(Step::home); });
  connect(load, &QPushButton::clicked, actions_.last(), &QAction::trigger);
  connect(continue_, &QPushButton::clicked, this, [this] { this->workbench().goTo(Step::preflight); });
  prepareSoon_.setSingleShot(true);
  prepareSoon_.setInterval(kPrepareMilliseconds);
  connect(&prepareSoon_, &QTimer::timeout, this, &MethodPage::prepare);
  Document& document = workbench.document;
  connect(&document, &Document::projectChanged, this, [this] {
    others_.clear();
    error_->hide();
    refresh();
  });
  connect(&document, &Document::changed, this, &MethodPage::refresh);
  // An edit has half a dozen consequences: the page is filled once for all of them.
  refreshSoon_.setSingleShot(true);
  refreshSoon_.setInterval(kRefreshMilliseconds);
  connect(&refreshSoon_, &QTimer::timeout, this, &MethodPage::refresh);
  const auto soon = [this] {
    Q_EMIT stateChanged();
    if (!refreshSoon_.isActive()) refreshSoon_.start();
  };
  for (const auto signal : {&ProjectFacts::modelChanged, &ProjectFacts::dataChanged, &ProjectFacts::estimateChanged})
    connect(&workbench.facts, signal, this, soon);
  connect(&theme(), &Theme::changed, this, &MethodPage::updateCards);  // the bars' colours
  refresh();
}

void MethodPage::showEvent(QShowEvent* event) {
  Page::showEvent(event);
  // After the page is there: laying it out and filling it at once would take longer than a key may wait.
  QTimer::singleShot(0, this, &MethodPage::refresh);
}

void MethodPage::prepare() {
  if (isVisible() || !workbench().document.isOpen()) return;
  updateForm();
  QTimer::singleShot(0, this, [this] {
    for (QWidget* part : form_->findChildren<QWidget*>()) part->ensurePolished();
  });
  QTimer::singleShot(0, this, [this] {
    if (workbench().document.isOpen()) fillCards();
  });
}

void MethodPage::refresh() {
  refreshSoon_.stop();
  Q_EMIT stateChanged();
  const bool open = workbench().document.isOpen();
  stack_->setCurrentIndex(open ? 1 : 0);
  // All else is brought up to date when it comes to the front. Rows of options and the cards take longest: they are
  // made before.
  if (!isVisible()) return prepareSoon_.start();
  setEnabledBecause(continue_, open, tr("Not available: open a project first."));
  if (!open) return setSubtitle({});
  setSubtitle(catalogText(methods().at(workbench().document.lenient().method.index()).label));
  updateObjectives();
  // New rows take as long as all the rest: they come after it.
  if (formFor_ == wantedForm())
    updateForm();
  else
    QTimer::singleShot(0, this, &MethodPage::updateForm);
  updateCards();
  updateTargets();
  updateTimeline();
  rates_->refresh();
  updateProblem();
}

StateKind MethodPage::state() const {
  if (!workbench().document.isOpen()) return StateKind::notStarted;
  return ownProblems().empty() ? StateKind::done : StateKind::error;
}

std::vector<Problem> MethodPage::ownProblems() const {
  std::vector<Problem> own;
  for (const Problem& problem : workbench().document.problems())
    for (const char* section : {"method", "objective", "training", "seed", "data.max_", "adaptation"})
      if (problem.path.rfind(section, 0) == 0) own.push_back(problem);
  return own;
}

void MethodPage::updateProblem() {
  const std::vector<Problem> own = ownProblems();
  problemRow_->setVisible(!own.empty());
  const QString reason = own.empty() ? QString() : QString::fromStdString(own.front().path + " " + own.front().message);
  setEnabledBecause(continue_, own.empty(), reason);
  if (own.empty()) return;
  const Problem& first = own.front();
  problem_->setText(
      QString::fromStdString(first.path + " " + first.message + (first.hint.empty() ? "" : ": ") + first.hint));
  problem_->setProperty("path", QString::fromStdString(first.path));
}

// ---- objective and method -------------------------------------------------------------------------------------------
void MethodPage::updateObjectives() {
  const Recipe& recipe = workbench().document.lenient();
  const ModelOutline* model = workbench().facts.model();
  QStringList kinds, labels, reasons;
  for (const ObjectiveEntry& entry : objectives()) {
    if (!objectiveFits(entry, recipe, model)) continue;
    kinds << QString::fromStdString(entry.kind);
    labels << catalogText(entry.label);
    reasons << objectiveObstacle(entry, recipe);
  }
  if (objective_->labels() != labels) objective_->setChoices(kinds, labels);
  for (qsizetype i = 0; i < kinds.size(); ++i) objective_->setDisabledBecause(kinds[i], reasons[i]);
  objective_->setCurrent(QString::fromStdString(kind_of(recipe.objective)));
}

void MethodPage::chooseObjective(const QString& kind) {
  Document& document = workbench().document;
  const std::string wanted = kind.toStdString();
  const ObjectiveEntry& entry = objective_entry(wanted);
  document.apply(objectiveEdits(entry, document.lenient()), tr("Objective: %1").arg(catalogText(entry.label)));
}

void MethodPage::chooseMethod(const QString& kind) {
  Document& document = workbench().document;
  const std::string now = kind_of(document.lenient().method), wanted = kind.toStdString();
  if (now == wanted) return;
  if (const auto method = document.json().find("method"); method != document.json().end()) others_[now] = *method;
  Json method = others_.count(wanted) ? others_[wanted] : Json{{"kind", wanted}};
  document.apply(methodEdits(method, document.json()), tr("Method: %1").arg(catalogText(method_entry(wanted).label)));
}

void MethodPage::moveMethod(const QString& from, int step) {
  const auto at = std::find_if(cards_.begin(), cards_.end(), [&](MethodCard* card) { return card->kind() == from; });
  for (int next = int(at - cards_.begin()) + step; next >= 0 && next < cards_.size(); next += step)
    if (cards_[next]->isAvailable()) {
      cards_[next]->setFocus(Qt::TabFocusReason);
      return chooseMethod(cards_[next]->kind());
    }
}

Estimates MethodPage::estimates() const {
  Estimates all;
  const Document& document = workbench().document;
  const std::string now = kind_of(document.lenient().method);
  for (const MethodEntry& entry : methods()) {
    const auto other = others_.find(entry.kind);
    const MethodOptions options = entry.kind == now
                                      ? document.lenient().method
                                      : optionsFrom(other == others_.end() ? Json() : other->second, entry.kind);
    std::optional<Estimate>& estimate = all[QString::fromStdString(entry.kind)];
    // A broken expression for LoRA's layers leaves its card without figures; the problem row says why.
    attempt({}, [&] { estimate = workbench().facts.estimateFor(options); });
  }
  return all;
}

void MethodPage::updateCards() {
  if (!isVisible()) return prepareSoon_.start();
  if (workbench().document.isOpen()) fillCards();
}

void MethodPage::fillCards() {
  const Recipe& recipe = workbench().document.lenient();
  const Estimates known = estimates();
  double largest = 0;
  for (const auto& estimate : known)
    if (estimate) largest = std::max(largest, double(estimate->memory.total()));
  const double scale = sharedScale(largest);
  legend_->setScale(scale);
  legend_->setVisible(scale > 0);
  placeLegend();
  const AdviceFacts facts = adviceFacts(recipe, workbench().facts, known);
  const Advice advice = advise(facts);
  const LayoutPause pause(cardGrid_);
  for (MethodCard* card : std::as_const(cards_)) {
    const bool current = card->kind().toStdString() == kind_of(recipe.method);
    card->setObstacle(obstacleText(method_obstacle(card->kind().toStdString(), recipe, workbench().facts.model())));
    card->setEstimate(known.value(card->kind()), scale);
    card->setSentence(cardSentence(card->kind(), advice));
    card->setRecommended(card->isAvailable() && card->kind().toStdString() == advice.kind());
    card->setChecked(current);
    // One tab stop for all cards.
    card->setFocusPolicy(current ? Qt::StrongFocus : Qt::ClickFocus);
  }
  reasonCard_->title()->setText(adviceTitle(advice));
  reason_->setText(adviceText(advice));
  updateBakeOff(advice);
  const QHash<QString, QString> effects = optionEffects(recipe, workbench().facts);
  for (auto effect = effects.cbegin(); effect != effects.cend(); ++effect)
    form_->setEffect(effect.key(), effect.value());
}

void MethodPage::updateBakeOff(const Advice& advice) {
  bakeOffKinds_ = bakeOffMethods(advice);
  const DataProfile* data = workbench().facts.data();
  const bool known = advice.reason != AdviceReason::unknown && data;
  const bool ready = known && bakeOffKinds_.size() > 1 && workbench().document.recipe().has_value();
  QStringList names;
  for (const std::string& kind : bakeOffKinds_) names << catalogText(method_entry(kind).label);
  bakeOff_->setText(tr("Compare %n methods", nullptr, int(std::max<std::size_t>(2, bakeOffKinds_.size()))));
  bakeOffText_->setText(
      ready ? tr("%1, on %2 rows").arg(names.join(", "), countText(std::min(data->train_rows, kBakeOffRows)))
            : QString());
  setEnabledBecause(bakeOff_, ready,
                    !known ? tr("Not available: data and model come first.")
                           : tr("Not available: there are not two methods that can be used with this recipe."));
  if (ready)
    bakeOff_->setToolTip(
        tr("One run each, one after the other, with the learning rate that suits the method; their "
           "curves grow on Runs."));
}

void MethodPage::startBakeOff() {
  QStringList runs;
  const Document& document = workbench().document;
  const auto error = attempt(tr("The comparison was not started"), [&] {
    for (const Recipe& recipe : bakeOffRecipes(document.json(), document.folder(), bakeOffKinds_, others_))
      runs << workbench().runs.startRun(recipe);
  });
  error_->setVisible(error.has_value());
  if (error) error_->setError(*error);
  if (!runs.isEmpty()) workbench().compareRuns(runs);
}

void MethodPage::updateTargets() {
  const auto* lora = lora_of(workbench().document.lenient().method);
  targets_->setVisible(lora);
  if (lora) targets_->show(workbench().facts.model(), *lora);
}

void MethodPage::updateTimeline() {
  if (!workbench().document.isOpen() || !isVisible()) return;
  const Recipe& recipe = workbench().document.lenient();
  const bool layerwise = std::holds_alternative<LayerwiseOptions>(recipe.method);
  lower_->setCurrentIndex(layerwise && !allOptions_ ? 1 : 0);
  toTimeline_->setVisible(layerwise);
  if (!layerwise) return;
  const DataProfile* data = workbench().facts.data();
  const std::int64_t rowsAStep = recipe.training.batch_size * recipe.training.gradient_accumulation;
  const std::int64_t steps = data ? (data->train_rows + rowsAStep - 1) / rowsAStep : 1000;
  unfreeze_->show(workbench().facts.model(), recipe, steps,
                  [this](const MethodOptions& method) { return workbench().facts.estimateFor(method); });
}

// ---- options --------------------------------------------------------------------------------------------------------
QString MethodPage::wantedForm() const {
  const Recipe& recipe = workbench().document.lenient();
  return QString::fromStdString(kind_of(recipe.objective) + "/" + kind_of(recipe.method) + "/" +
                                modality_of(recipe.data));
}

void MethodPage::updateForm() {
  if (!workbench().document.isOpen()) return;
  const Recipe& recipe = workbench().document.lenient();
  const MethodEntry& method = methods().at(recipe.method.index());
  const ObjectiveEntry& objective = objectives().at(recipe.objective.index());
  const QString wanted = wantedForm();
  if (formFor_ != wanted) {
    formFor_ = wanted;
    std::vector<OptionSection> sections;
    std::vector<OptionSpec> options = method.options;
    if (method.kind == "layerwise")  // these two are edited on the timeline
      std::erase_if(options,
                    [](const OptionSpec& spec) { return spec.info.key == "rate_decay" || spec.info.key == "starts"; });
    if (!options.empty()) sections.push_back({catalogText(method.label), "method", options});
    if (!objective.options.empty()) sections.push_back({catalogText(objective.label), "objective", objective.options});
    sections.push_back({tr("Training"), "training", option_specs<TrainingOptions>()});
    std::vector<OptionSpec> rows;
    for (const OptionSpec& spec : option_specs<DataOptions>())
      if (spec.info.key == "max_tokens" || spec.info.key == "max_rows") rows.push_back(spec);
    sections.push_back({tr("Rows"), "data", rows});
    if (modality_of(recipe.data) == "text")
      sections.push_back({tr("Before the task"), "", option_specs<AdaptationSwitch>()});
    OptionSpec seed;
    seed.info.key = "seed";
    seed.info.label = QT_TRANSLATE_NOOP("Catalog", "Seed");
    seed.info.help =
        QT_TRANSLATE_NOOP("Catalog", "Decides every random choice: the same recipe and seed give the same run.");
    seed.info.min = 0;
    seed.info.max = 9e15;
    seed.info.level = OptionLevel::advanced;
    seed.type = "integer";
    seed.default_json = std::to_string(Recipe{}.seed);
    sections.push_back({tr("Run"), "", {seed}});
    form_->setSections(sections);
    formCard_->title()->setText(tr("%1 options").arg(catalogText(method.label)));
  }
  form_->setValues(workbench().document.json());
  const int changed = form_->changedCount();
  changed_->setText(tr("%1 changed").arg(changed));
  changed_->setAccessibleName(tr("Show the %1 changed settings alone").arg(changed));
  changed_->setVisible(changed > 0 || changed_->isChecked());
}

void MethodPage::loadRecipe(const QString& file) {
  if (!workbench().document.isOpen()) return workbench().openPath(file);
  const auto error = attempt(tr("The recipe could not be loaded"), [&] {
    Document& document = workbench().document;
    document.replace(recipeFor(document, file.toStdString()), tr("Load recipe"));
  });
  error_->setVisible(error.has_value());
  if (error) error_->setError(*error);
}

}  // namespace luthier
