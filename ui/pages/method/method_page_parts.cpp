// How the Method page is put together.
#include <QAction>
#include <QBoxLayout>
#include <QFileDialog>
#include <QLineEdit>
#include <QScrollArea>
#include <QScrollBar>
#include <QStackedWidget>
#include <algorithm>

#include "forms/catalog_text.h"
#include "forms/option_form.h"
#include "pages/method/memory_legend.h"
#include "pages/method/method_card.h"
#include "pages/method/method_page.h"
#include "pages/method/rate_card.h"
#include "pages/method/targets_card.h"
#include "pages/method/unfreeze_card.h"
#include "recipe/catalog.h"
#include "widgets/controls.h"

namespace luthier {

namespace {
constexpr int kCardsInARow = 4;
constexpr int kCardWidth = 210;    ///< pixels: what a card's figures take
constexpr int kLowerHeight = 236;  ///< pixels: a few options, at least
constexpr int kLowPage = 780;      ///< below it the options would have too little room under whole cards

/// Two parts beside each other, or one below the other where there is not the width for both.
class TwoParts : public QWidget {
 public:
  TwoParts(QWidget* left, int leftShare, QWidget* right, int rightShare) : left_(left), right_(right) {
    row_ = new QBoxLayout(QBoxLayout::LeftToRight, this);
    row_->setContentsMargins(0, 0, 0, 0);
    row_->setSpacing(12);
    row_->addWidget(left, leftShare);
    row_->addWidget(right, rightShare);
  }
  QSize minimumSizeHint() const override {
    return {std::max(left_->minimumSizeHint().width(), right_->minimumSizeHint().width()), 0};
  }

 protected:
  void resizeEvent(QResizeEvent* event) override {
    QWidget::resizeEvent(event);
    arrangeSoon();
  }
  bool event(QEvent* event) override {
    if (event->type() == QEvent::LayoutRequest) arrangeSoon();  // a part needs another width now
    return QWidget::event(event);
  }

 private:
  /// After the layout that is going on: it would take no notice of another height.
  void arrangeSoon() {
    QMetaObject::invokeMethod(this, [this] { arrange(); }, Qt::QueuedConnection);
  }
  void arrange() {
    const int beside = left_->minimumSizeHint().width() + right_->minimumSizeHint().width() + row_->spacing();
    const auto direction = width() >= beside ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom;
    if (direction == row_->direction()) return;
    row_->setDirection(direction);
    setProperty(kStacked, direction == QBoxLayout::TopToBottom);
    if (parentWidget()) parentWidget()->updateGeometry();
  }
  QWidget *left_, *right_;
  QBoxLayout* row_;
};

/// As wide as what it scrolls up and down.
class ScrolledPart : public QScrollArea {
 public:
  explicit ScrolledPart(QWidget* content) {
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::NoFocus);
    setWidget(content);
  }
  QSize minimumSizeHint() const override {
    const int wide = widget()->minimumSizeHint().width() + verticalScrollBar()->sizeHint().width();
    return {std::max(scaled(300), wide), QScrollArea::minimumSizeHint().height()};
  }
};

/// As wide as what is in front asks for, and as high as the page has room: what is in it scrolls.
class LowerPart : public QStackedWidget {
 public:
  LowerPart() {
    connect(this, &QStackedWidget::currentChanged, this, [this] { updateGeometry(); });
  }
  bool hasHeightForWidth() const override { return false; }
  QSize sizeHint() const override { return minimumSizeHint(); }
  QSize minimumSizeHint() const override {
    const int rows = currentWidget() && currentWidget()->property(kStacked).toBool() ? 2 : 1;
    return {currentWidget() ? currentWidget()->minimumSizeHint().width() : 0, rows * scaled(kLowerHeight)};
  }
};
}  // namespace

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
  objective_->setWraps(true);
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
  cardGrid_ = new QGridLayout(cardRow_);
  cardGrid_->setContentsMargins(0, 0, 0, 0);
  cardGrid_->setSpacing(12);
  for (const MethodEntry& entry : methods()) {
    auto* card = new MethodCard(QString::fromStdString(entry.kind), catalogText(entry.label));
    card->setToolTip(catalogText(entry.help));
    cards_ << card;
    connect(card, &MethodCard::chosen, this, [this, card] { chooseMethod(card->kind()); });
    connect(card, &MethodCard::moved, this, [this, card](int step) { moveMethod(card->kind(), step); });
  }
  reasonCard_ = new Card(tr("Which method"));
  reason_ = makeText({}, TextStyle::small, "secondary");
  reason_->setObjectName("methodReason");
  reasonCard_->body()->addWidget(reason_);
  auto* compare = makeRow(8);
  bakeOff_ = makeSmallButton({}, "bakeOffButton");
  bakeOffText_ = makeText({}, TextStyle::small, "tertiary");
  compare->addWidget(bakeOff_);
  compare->addWidget(bakeOffText_, 1);
  reasonCard_->body()->addLayout(compare);
  connect(bakeOff_, &QPushButton::clicked, this, &MethodPage::startBakeOff);
  reasonCard_->body()->addStretch(1);
  column_->addWidget(cardRow_);
}

void MethodPage::addForm() {
  formCard_ = new Card(tr("Options"));
  form_ = new OptionForm;
  changed_ = makeSmallButton({}, "optionChangedButton", "quiet");
  changed_->setCheckable(true);
  formCard_->header()->insertWidget(2, changed_);
  toTimeline_ = makeSmallButton(tr("Timeline"), "unfreezeBack", "quiet");
  formCard_->header()->addWidget(toTimeline_);
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
  rightColumn_ = makeColumn(12, right);
  targets_ = new TargetsCard;
  rates_ = new RateCard(workbench());
  rightColumn_->addWidget(targets_);
  rightColumn_->addWidget(rates_);
  rightColumn_->addStretch(1);
  placeCards(kCardsInARow);
  lower_ = new LowerPart;
  lower_->addWidget(new TwoParts(formCard_, 26, new ScrolledPart(right), 25));
  column_->addWidget(lower_, 1);
  addTimeline();

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
    allOptions_ = true;
    updateTimeline();
    form_->showOption(problem_->property("path").toString());
  });
}

void MethodPage::addTimeline() {
  unfreeze_ = new UnfreezeCard;
  lower_->addWidget(unfreeze_);
  const auto showOptions = [this](bool all) {
    allOptions_ = all;
    updateTimeline();
  };
  connect(unfreeze_, &UnfreezeCard::allOptionsWanted, this, [showOptions] { showOptions(true); });
  connect(toTimeline_, &QPushButton::clicked, this, [showOptions] { showOptions(false); });
  connect(unfreeze_, &UnfreezeCard::edited, this, [this](const QStringList& assignments, const QString& what) {
    workbench().document.apply(assignments, what);
  });
  connect(unfreeze_, &UnfreezeCard::rateDecayEdited, this,
          [this](double decay) { workbench().document.set("method.rate_decay", decay, tr("Rate decay per block")); });
}

void MethodPage::placeCards(int columns) {
  if (columns == columns_) return;
  for (MethodCard* card : std::as_const(cards_)) cardGrid_->removeWidget(card);
  for (int i = 0; i < int(cards_.size()); ++i) cardGrid_->addWidget(cards_[i], i / columns, i % columns);
  for (int i = 0; i < kCardsInARow; ++i) cardGrid_->setColumnStretch(i, i < columns ? 1 : 0);
  columns_ = columns;
  placeReason(!compact_);
}

void MethodPage::fitCards() { placeCards(std::clamp((width() - 40) / scaled(kCardWidth), 2, kCardsInARow)); }

void MethodPage::placeReason(bool besideCards) {
  // What the methods leave of their last row says which of them to take; in low windows there is no room for it.
  cardGrid_->removeWidget(reasonCard_);
  rightColumn_->removeWidget(reasonCard_);
  const int used = int(cards_.size()) % columns_, row = int(cards_.size()) / columns_;
  if (besideCards)
    cardGrid_->addWidget(reasonCard_, row, used, 1, columns_ - used);
  else
    rightColumn_->insertWidget(1, reasonCard_);
}

void MethodPage::setCompact(bool compact) {
  if (compact == compact_) return;
  compact_ = compact;
  for (MethodCard* card : std::as_const(cards_)) card->setCompact(compact);
  placeReason(!compact);
}

void MethodPage::addActions() {
  auto* search = new QAction(tr("Search settings"), this);
  search->setShortcut(QKeySequence(Qt::Key_Slash));
  search->setShortcutContext(Qt::WindowShortcut);
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

void MethodPage::placeLegend() {
  const bool fits = objectiveRow_->sizeHint().width() + legend_->sizeHint().width() + 8 <= width() - 40;
  top_->setDirection(fits ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
}

void MethodPage::resizeEvent(QResizeEvent* event) {
  Page::resizeEvent(event);
  placeLegend();
  fitCards();
  setCompact(height() < scaled(kLowPage));
}

}  // namespace luthier
