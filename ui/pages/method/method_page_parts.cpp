// How the Method page is put together.
#include <QAction>
#include <QBoxLayout>
#include <QFileDialog>
#include <QLineEdit>
#include <QScrollArea>

#include "forms/catalog_text.h"
#include "forms/option_form.h"
#include "pages/method/memory_legend.h"
#include "pages/method/method_card.h"
#include "pages/method/method_page.h"
#include "pages/method/targets_card.h"
#include "recipe/catalog.h"
#include "widgets/controls.h"

namespace luthier {

namespace {
constexpr int kCardsInARow = 4;
}

void MethodPage::addTop() {
  auto* top = new QWidget;
  // The window may be narrower than both parts beside each other: then the legend goes below.
  top->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Minimum);
  top_ = new QBoxLayout(QBoxLayout::LeftToRight, top);
  top_->setContentsMargins(0, 0, 0, 0);
  top_->setSpacing(8);
  objectiveRow_ = new QWidget;
  auto* row = makeRow(10, objectiveRow_);
  row->addWidget(makeLabel(tr("Objective"), TextStyle::label));
  objective_ = new SegmentedControl("objectiveSelector");
  objective_->setAccessibleName(tr("Objective"));
  row->addWidget(objective_);
  row->addStretch(1);
  legend_ = new MemoryLegend;
  top_->addWidget(objectiveRow_, 1);
  top_->addWidget(legend_);
  column_->addWidget(top);
  connect(objective_, &SegmentedControl::chosen, this, &MethodPage::chooseObjective);
}

void MethodPage::addCards() {
  cardRow_ = new QWidget;
  cardRow_->setAccessibleName(tr("Methods"));
  auto* grid = new QGridLayout(cardRow_);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setSpacing(12);
  int number = 0;
  for (const MethodEntry& entry : methods()) {
    auto* card = new MethodCard(QString::fromStdString(entry.kind), catalogText(entry.label));
    card->setToolTip(catalogText(entry.help));
    grid->addWidget(card, number / kCardsInARow, number % kCardsInARow);
    grid->setColumnStretch(number % kCardsInARow, 1);
    ++number;
    cards_ << card;
    connect(card, &MethodCard::chosen, this, [this, card] { chooseMethod(card->kind()); });
    connect(card, &MethodCard::moved, this, [this, card](int step) { moveMethod(card->kind(), step); });
  }
  column_->addWidget(cardRow_);
}

void MethodPage::addForm() {
  auto* lower = makeRow(12);
  formCard_ = new Card(tr("Options"));
  form_ = new OptionForm;
  changed_ = makeSmallButton({}, "optionChangedButton", "quiet");
  changed_->setCheckable(true);
  formCard_->header()->insertWidget(2, changed_);
  formCard_->header()->addWidget(form_->levelControl());
  formCard_->body()->setContentsMargins(13, 4, 8, 6);
  formCard_->body()->addWidget(form_, 1);
  problemRow_ = new QWidget;
  auto* problem = makeRow(8, problemRow_);
  problem->addWidget(new StateMark(StateKind::error), 0, Qt::AlignTop);
  problem_ = makeText({}, TextStyle::small, "error");
  problem_->setObjectName("methodProblem");
  problem->addWidget(problem_, 1);
  QPushButton* show = makeFixButton(tr("Show"), "methodProblemButton");
  problem->addWidget(show, 0, Qt::AlignTop);
  formCard_->body()->addWidget(problemRow_);

  auto* right = new QWidget;
  right->setProperty("surface", "none");
  auto* rightColumn = makeColumn(12, right);
  targets_ = new TargetsCard;
  reasonCard_ = new Card(tr("Which method"));
  reason_ = makeText({}, TextStyle::body, "secondary");
  reason_->setObjectName("methodReason");
  reasonCard_->body()->addWidget(reason_);
  rightColumn->addWidget(targets_);
  rightColumn->addWidget(reasonCard_);
  rightColumn->addStretch(1);
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setFocusPolicy(Qt::NoFocus);
  scroll->setWidget(right);
  lower->addWidget(formCard_, 26);
  lower->addWidget(scroll, 25);
  column_->addLayout(lower, 1);

  connect(form_, &OptionForm::edited, this, [this](const QString& path, const Json& value, const QString& label) {
    workbench().document.set(path, value, label);
  });
  connect(targets_, &TargetsCard::edited, this,
          [this](const Json& targets) { workbench().document.set("method.targets", targets, tr("Layers")); });
  connect(changed_, &QPushButton::toggled, this, [this](bool on) {
    setLookProperty(changed_, "kind", on ? "" : "quiet");
    form_->setChangedOnly(on);
    updateForm();
  });
  connect(show, &QPushButton::clicked, this, [this] {
    changed_->setChecked(false);
    form_->showOption(problem_->property("path").toString());
  });
}

void MethodPage::addActions() {
  auto* search = new QAction(tr("Search settings"), this);
  search->setShortcut(QKeySequence(Qt::Key_Slash));
  search->setShortcutContext(Qt::WidgetWithChildrenShortcut);
  connect(search, &QAction::triggered, this, [this] {
    form_->searchEdit()->setFocus(Qt::ShortcutFocusReason);
    form_->searchEdit()->selectAll();
  });
  auto* load = new QAction(tr("Load recipe"), this);
  connect(load, &QAction::triggered, this, [this] {
    const QString file = QFileDialog::getOpenFileName(this, tr("Load recipe"), {}, tr("Recipes (*.json)"));
    if (!file.isEmpty()) loadRecipe(file);
  });
  addAction(search);
  actions_ << search << load;
}

}  // namespace luthier
