#include "pages/data/microscope.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/controls.h"
#include "widgets/format.h"
#include "widgets/token_view.h"

namespace luthier {

namespace {
/// The box that stands for one kind of token in the legend.
class TokenKey : public QWidget {
 public:
  explicit TokenKey(TokenKind kind, QWidget* parent = nullptr) : QWidget(parent), kind_(kind) { setFixedSize(12, 12); }

 protected:
  void paintEvent(QPaintEvent*) override {
    const Tokens& t = tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF box(1.5, 1.5, 9, 9);
    painter.setPen(kind_ == TokenKind::special ? QPen(t.series4)
                   : kind_ == TokenKind::cut   ? QPen(t.textTertiary)
                                               : Qt::NoPen);
    painter.setBrush(kind_ == TokenKind::trained   ? QBrush(t.accent)
                     : kind_ == TokenKind::context ? QBrush(t.lineStrong)
                     : kind_ == TokenKind::cut     ? QBrush(t.textTertiary, Qt::BDiagPattern)
                                                   : Qt::NoBrush);
    painter.drawRoundedRect(box, 2, 2);
  }

 private:
  TokenKind kind_;
};

constexpr TokenKind kKinds[] = {TokenKind::trained, TokenKind::context, TokenKind::special, TokenKind::cut};

QString kindName(TokenKind kind) {
  switch (kind) {
    case TokenKind::trained:
      return Microscope::tr("trained");
    case TokenKind::special:
      return Microscope::tr("special");
    case TokenKind::cut:
      return Microscope::tr("cut off");
    case TokenKind::context:
    case TokenKind::trainingOnly:
    case TokenKind::servingOnly:
      break;
  }
  return Microscope::tr("context");
}

/// The next power of two that holds so many tokens, at least 32, as far as the model reads.
std::int64_t raisedLimit(std::int64_t needed, const ModelOutline* model) {
  std::int64_t limit = 32;
  while (limit < needed) limit *= 2;
  if (model && model->sizes.positions > 0) limit = std::min(limit, model->sizes.positions);
  return limit;
}
}  // namespace

Microscope::Microscope(Workbench& workbench, QWidget* parent)
    : QWidget(parent), workbench_(workbench), encoder_(std::make_shared<RowEncoding>()) {
  setObjectName("microscope");
  setAccessibleName(tr("Token microscope"));
  auto* card = new Card(tr("Token microscope"));
  auto* all = makeColumn(0, this);
  all->addWidget(card);
  buildHeader(*card);
  card->body()->setContentsMargins(0, 0, 0, 0);
  card->body()->setSpacing(0);
  card->body()->addWidget(makeLine());

  nothing_ =
      new EmptyState("eye", tr("No row chosen"), tr("Choose a row to see the tokens that training makes of it."));
  noModel_ = new EmptyState("model", tr("No model chosen"), tr("A row becomes tokens by the model's own tokenizer."));
  QPushButton* choose = noModel_->addAction(tr("Choose a model"), "microscopeModelButton", "primary");
  connect(choose, &QPushButton::clicked, this, [this] { workbench_.goTo(Step::model); });
  auto* failed = new QScrollArea;
  failed->setWidgetResizable(true);
  error_ = new ErrorCard;
  QPushButton* other = error_->addFix(tr("Choose another model"), "microscopeOtherModelButton");
  connect(other, &QPushButton::clicked, this, [this] { workbench_.goTo(Step::model); });
  auto* held = new QWidget;
  auto* upper = makeColumn(0, held);
  upper->setContentsMargins(12, 12, 12, 12);
  upper->addWidget(error_);
  upper->addStretch(1);
  failed->setWidget(held);
  stack_ = new QStackedWidget;
  stack_->addWidget(nothing_);
  stack_->addWidget(noModel_);
  stack_->addWidget(failed);
  stack_->addWidget(buildContent());
  card->body()->addWidget(stack_, 1);

  connect(&workbench.document, &Document::changed, this, &Microscope::documentChanged);
  connect(&workbench.document, &Document::projectChanged, this, &Microscope::clear);
  connect(&workbench.facts, &ProjectFacts::estimateChanged, this, [this] {
    if (shown_) showLimit(*shown_);
  });
}

Microscope::~Microscope() = default;

void Microscope::buildHeader(Card& card) {
  number_ = card.subtitle();
  QHBoxLayout* header = card.header();
  legend_ = new QWidget;
  auto* keys = makeRow(8, legend_);
  for (const TokenKind kind : {TokenKind::context, TokenKind::special, TokenKind::trained}) {
    keys->addWidget(new TokenKey(kind));
    keys->addWidget(makeLabel(kindName(kind), TextStyle::small, "secondary"));
    keys->addSpacing(6);
  }
  header->addWidget(legend_);
  mode_ = new SegmentedControl("microscopeMode");
  mode_->setAccessibleName(tr("Which tokens are shown"));
  mode_->setChoices({"training", "serving", "difference"}, {tr("Training"), tr("Serving"), tr("Difference")});
  mode_->setCurrent("training");
  mode_->hide();
  header->addWidget(mode_);
  connect(mode_, &SegmentedControl::chosen, this, &Microscope::showTokens);
  QPushButton* previous = makeIconButton("up", tr("Previous row"), "microscopePrev");
  QPushButton* next = makeIconButton("down", tr("Next row"), "microscopeNext");
  QPushButton* close = makeIconButton("x", tr("Close the microscope"), "microscopeClose");
  connect(previous, &QPushButton::clicked, this, &Microscope::previousWanted);
  connect(next, &QPushButton::clicked, this, &Microscope::nextWanted);
  connect(close, &QPushButton::clicked, this, &Microscope::closed);
  for (QPushButton* button : {previous, next, close}) {
    button->setFixedWidth(scaled(28));
    header->addWidget(button);
  }
}

QWidget* Microscope::buildContent() {
  auto* content = new QWidget;
  auto* row = makeRow(0, content);
  view_ = new TokenView("microscopeTokens");
  row->addWidget(view_, 1);
  row->addWidget(makeLine(Qt::Vertical));

  auto* side = new QWidget;
  auto* column = makeColumn(6, side);
  column->setContentsMargins(14, 12, 14, 12);
  targetRow_ = new QWidget;
  auto* target = makeColumn(4, targetRow_);
  target->addWidget(makeLabel(tr("Trained target"), TextStyle::caption, "tertiary"));
  auto* named = makeRow(6);
  target_ = makeLabel({}, TextStyle::mono);
  target_->setProperty("chip", "accent");
  targetId_ = makeLabel({}, TextStyle::small, "tertiary");
  named->addWidget(target_);
  named->addWidget(targetId_);
  named->addStretch(1);
  target->addLayout(named);
  column->addWidget(targetRow_);
  cutRow_ = new QWidget;
  auto* cut = makeColumn(8, cutRow_);
  auto* warning = makeRow(8);
  warning->addWidget(new StateMark(StateKind::warning), 0, Qt::AlignTop);
  cutText_ = makeText({}, TextStyle::small, "secondary");
  warning->addWidget(cutText_, 1);
  cut->addLayout(warning);
  auto* fix = makeRow(0);
  raise_ = makeSmallButton({}, "microscopeRaiseLimitButton");
  connect(raise_, &QPushButton::clicked, this, &Microscope::raiseLimit);
  fix->addWidget(raise_);
  fix->addStretch(1);
  cut->addLayout(fix);
  limitCost_ = makeText({}, TextStyle::caption, "tertiary");
  cut->addWidget(limitCost_);
  column->addWidget(cutRow_);
  explanation_ = makeText({}, TextStyle::small, "secondary");
  column->addWidget(explanation_);

  countRows_ = new QWidget;
  auto* counts = makeColumn(4, countRows_);
  for (std::size_t i = 0; i < std::size(kKinds); ++i) {
    auto* line = makeRow(8);
    counts_[i] = makeLabel({}, TextStyle::mono);
    line->addWidget(new TokenKey(kKinds[i]));
    line->addWidget(makeLabel(kindName(kKinds[i]), TextStyle::body, "secondary"), 1);
    line->addWidget(counts_[i]);
    counts->addLayout(line);
  }
  counts->addWidget(makeLine());
  const auto line = [&](const QString& name) {
    auto* layout = makeRow(8);
    QLabel* value = makeLabel({}, TextStyle::mono);
    layout->addWidget(makeLabel(name, TextStyle::body, "secondary"), 1);
    layout->addWidget(value);
    counts->addLayout(layout);
    return value;
  };
  loss_ = line(tr("Loss tokens"));
  limit_ = line(tr("Limit"));
  column->addWidget(countRows_);

  column->addStretch(1);

  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setFixedWidth(scaled(236));
  side->setProperty("surface", "none");
  scroll->setWidget(side);
  row->addWidget(scroll);
  return content;
}

void Microscope::showRow(const RoleRow& row, std::int64_t number) {
  wanted_ = Wanted{row, number};
  encode();
}

void Microscope::clear() {
  wanted_.reset();
  shown_.reset();
  number_->clear();
  view_->setTokens({});
  stack_->setCurrentWidget(nothing_);
}

void Microscope::documentChanged(const QStringList& paths) {
  const auto matters = [](const QString& path) {
    return path.isEmpty() || path.startsWith("data") || path.startsWith("model") || path.startsWith("objective");
  };
  if (wanted_ && std::any_of(paths.begin(), paths.end(), matters)) encode();
}

void Microscope::encode() {
  if (encoding_) {
    again_ = true;
    return;
  }
  const Recipe& recipe = workbench_.document.lenient();
  if (recipe.model.path.empty() && recipe.model.tokenizer.empty()) {
    shown_.reset();
    stack_->setCurrentWidget(noModel_);
    return;
  }
  std::vector<std::string> labels;
  if (const DataProfile* data = workbench_.facts.data())
    for (const LabelCount& label : data->labels) labels.push_back(label.name);
  encoding_ = true;
  auto result = std::make_shared<RowTokens>();
  // The encoding lives as long as the thread that uses it; only one does at a time.
  auto* job = new ThreadJob(
      tr("The row cannot be shown as tokens"),
      [encoder = encoder_, recipe, labels, wanted = *wanted_, result](JobProgress&) {
        encoder->prepare(recipe, labels);
        *result = encoder->encode(wanted.row, wanted.number);
      },
      [] {}, this);
  connect(job, &Job::finished, this, [this, result](const std::optional<ErrorText>& error) {
    encoding_ = false;
    if (again_ && wanted_) {
      again_ = false;
      return encode();
    }
    if (!wanted_) return;
    if (error) {
      shown_.reset();
      error_->setError(*error);
      stack_->setCurrentIndex(2);
    } else {
      take(*result);
    }
    Q_EMIT rowShown();
  });
  job->start();
}

void Microscope::take(const RowTokens& tokens) {
  shown_ = std::make_shared<RowTokens>(tokens);
  number_->setText(tr("row %1, %2").arg(countText(tokens.number), tokens.model));
  // Two prompts can be compared where there is one; what the counts tell then needs no legend.
  mode_->setVisible(!tokens.serving.empty());
  legend_->setVisible(tokens.serving.empty());
  if (tokens.serving.empty()) mode_->setCurrent("training");
  const std::int64_t values[] = {tokens.trained, tokens.context, tokens.special, tokens.cut};
  for (std::size_t i = 0; i < std::size(values); ++i) counts_[i]->setText(countText(values[i]));
  loss_->setText(tokens.kept() > 0 ? percentText(double(tokens.trained) / double(tokens.kept())) : "0 %");
  limit_->setText(countText(tokens.limit));
  showTokens();
  stack_->setCurrentIndex(3);
}

void Microscope::showTokens() {
  if (!shown_) return;
  const RowTokens& tokens = *shown_;
  const QString mode = mode_->current();
  const bool training = mode == "training", classifies = tokens.task == "classification";
  view_->setTokens(training ? tokens.tokens : mode == "serving" ? tokens.serving : tokens.difference);
  view_->setAccessibleName(
      training ? tr("Tokens of row %1").arg(countText(tokens.number))
      : mode == "serving"
          ? tr("Tokens that a server gives the model for row %1").arg(countText(tokens.number))
          : tr("Tokens of the prompt of row %1, in training and in serving").arg(countText(tokens.number)));
  targetRow_->setVisible(classifies);
  target_->setText(tokens.target.isEmpty() ? tr("none") : tokens.target);
  targetId_->setText(tokens.targetId ? tr("class id %1").arg(*tokens.targetId) : QString());
  countRows_->setVisible(!classifies && training);
  if (training)
    explain(tokens);
  else
    explainPrompt(tokens);
  showLimit(tokens);
}

void Microscope::explain(const RowTokens& tokens) {
  if (tokens.task == "classification")
    explanation_->setText(
        (!tokens.targetId ? tr("The row has no known label, so it is left out of training.") + '\n'
         : tokens.cut > 0 ? QString()  // what is lost matters more here, and stands above
                          : tr("Only the label carries loss. The tokens are context, read but not predicted.") + '\n') +
        tr("%1 of at most %2 tokens").arg(countText(tokens.kept()), countText(tokens.limit)));
  else if (tokens.task == "masked_lm")
    explanation_->setText(tr("Each time the row is read, %1 of the trained tokens are masked at random and predicted.")
                              .arg(percentText(tokens.maskShare)));
  else if (tokens.task == "tagging")
    explanation_->setText(tr("Words with a tag: %1. The tag of a token is in its note.").arg(countText(tokens.words)));
  else
    explanation_->setText(tr("What this row trains"));
}

void Microscope::explainPrompt(const RowTokens& tokens) {
  const auto number = [](std::size_t count) { return countText(std::int64_t(count)); };
  if (mode_->current() == "serving")
    return explanation_->setText(
        tr("What luthier-cli serve gives the model for this row: %1 tokens. Its answer comes behind them.")
            .arg(number(tokens.serving.size())));
  if (tokens.trainingOnly + tokens.servingOnly == 0)
    return explanation_->setText(
        tr("Training and serving read the same prompt: %1 tokens.").arg(number(tokens.difference.size())));
  QString text = tr("Only in training: %1 (struck through). Only in serving: %2 (framed). In both: %3.")
                     .arg(countText(tokens.trainingOnly), countText(tokens.servingOnly),
                          countText(std::int64_t(tokens.difference.size()) - tokens.trainingOnly - tokens.servingOnly));
  if (tokens.systemInTrainingOnly)
    text += '\n' + tr("The recipe writes a system prompt into every row. Requests must send it too.");
  explanation_->setText(text);
}

void Microscope::showLimit(const RowTokens& tokens) {
  const bool cut = tokens.cut > 0 && mode_->current() == "training";
  cutRow_->setVisible(cut);
  if (!cut) return;
  cutText_->setText(tokens.endCut ? tr("Tokens cut off: %1, the end among them. The model may not learn when to stop.")
                                        .arg(countText(tokens.cut))
                                  : tr("Tokens cut off: %1").arg(countText(tokens.cut)));
  const ModelOutline* model = workbench_.facts.model();
  raiseTo_ = raisedLimit(tokens.whole(), model);
  raise_->setText(tr("Raise limit to %1").arg(countText(raiseTo_)));
  raise_->setAccessibleName(raise_->text());
  setEnabledBecause(raise_, raiseTo_ > tokens.limit,
                    tr("Not available: the model reads at most %1 tokens.").arg(countText(raiseTo_)));
  limitCost_->clear();
  if (!model || raiseTo_ <= tokens.limit) return;
  const Recipe& recipe = workbench_.document.lenient();
  const DataProfile* data = workbench_.facts.data();
  const auto memoryAt = [&](std::int64_t limit) {
    const std::int64_t longest = std::max(data ? data->lengths.longest : 0, tokens.whole());
    const BatchContent batch = batch_content(recipe, std::min(limit, longest));
    return double(estimate_memory(*model, recipe.method, recipe.training, batch).total());
  };
  limitCost_->setText(
      tr("Estimate: memory %1 to %2").arg(bytesText(memoryAt(tokens.limit)), bytesText(memoryAt(raiseTo_))));
}

void Microscope::raiseLimit() {
  if (shown_ && raiseTo_ > shown_->limit) workbench_.document.set("data.max_tokens", raiseTo_, tr("Token limit"));
}

}  // namespace luthier
