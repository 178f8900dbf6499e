#include "pages/try_it/classify_view.h"

#include <QHeaderView>
#include <QRandomGenerator>
#include <QVBoxLayout>

#include "base/error.h"
#include "data/table.h"
#include "widgets/format.h"

namespace luthier {

namespace {
constexpr int kTypingMilliseconds = 200, kSettledMilliseconds = 1500, kMostTried = 50;

std::vector<LabelProbability> probabilitiesOf(const Json& json) {
  std::vector<LabelProbability> all;
  for (const Json& one : json.value("probabilities", Json::array()))
    all.push_back({QString::fromStdString(one.value("label", std::string())), one.value("probability", 0.0)});
  return all;
}
}  // namespace

ClassifyView::ClassifyView(Workbench& workbench, ModelServer& server, QWidget* parent)
    : QWidget(parent), workbench_(workbench), server_(server) {
  auto* column = makeColumn(12, this);
  auto* input = new Card;
  edit_ = new QPlainTextEdit;
  edit_->setObjectName("inputEdit");
  edit_->setAccessibleName(tr("Text to classify"));
  edit_->setPlaceholderText(tr("Write or paste a text. The models answer while you type."));
  edit_->setFixedHeight(scaled(76));
  edit_->setTabChangesFocus(true);
  auto* below = makeRow(8);
  auto* random = makeSmallButton(tr("Random test row"), "randomRowButton", "quiet");
  connect(random, &QPushButton::clicked, this, &ClassifyView::randomRow);
  facts_ = makeLabel({}, TextStyle::caption, "tertiary");
  below->addWidget(random);
  below->addStretch(1);
  below->addWidget(facts_);
  input->body()->addWidget(edit_);
  input->body()->addLayout(below);
  column->addWidget(input);
  error_ = new ErrorCard;
  error_->hide();
  column->addWidget(error_);

  auto* sides = makeRow(12);
  baseCard_ = new Card(tr("Base"));
  tunedCard_ = new Card(tr("Tuned"));
  base_ = new ProbabilityBars("probabilityBase", true);
  tuned_ = new ProbabilityBars("probabilityTuned", false);
  baseCard_->body()->addWidget(base_);
  tunedCard_->body()->addWidget(tuned_);
  sides->addWidget(baseCard_, 1);
  sides->addWidget(tunedCard_, 1);
  column->addLayout(sides);

  auto* history = new Card(tr("Tried in this session"));
  tried_ = new QTableWidget(0, 4);
  tried_->setObjectName("sessionTable");
  tried_->setAccessibleName(tr("Tried in this session"));
  tried_->setHorizontalHeaderLabels({tr("Text"), tr("Tuned"), tr("Confidence"), tr("Base")});
  tried_->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
  tried_->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  tried_->horizontalHeader()->setStyleSheet(
      "QHeaderView::section { padding: 0px 11px; }");  // where the cells' text begins
  tried_->verticalHeader()->hide();
  tried_->verticalHeader()->setDefaultSectionSize(scaled(28));
  tried_->setShowGrid(false);
  tried_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  tried_->setSelectionBehavior(QAbstractItemView::SelectRows);
  connect(tried_, &QTableWidget::cellActivated, this,
          [this](int row) { edit_->setPlainText(tried_->item(row, 0)->text()); });
  history->body()->setContentsMargins(0, 0, 0, 0);
  history->body()->addWidget(tried_);
  column->addWidget(history, 1);

  soon_.setSingleShot(true);
  soon_.setInterval(kTypingMilliseconds);
  settled_.setSingleShot(true);
  settled_.setInterval(kSettledMilliseconds);
  connect(edit_, &QPlainTextEdit::textChanged, &soon_, qOverload<>(&QTimer::start));
  connect(&soon_, &QTimer::timeout, this, &ClassifyView::ask);
  connect(&settled_, &QTimer::timeout, this, [this] { remember(answeredText_); });
}

void ClassifyView::begin(const QString& base, const QString& tuned) {
  baseCard_->subtitle()->setText(base);
  tunedCard_->subtitle()->setText(tuned);
  baseCard_->setVisible(server_.hasBase());
  edit_->setFocus();
  ask();
}

void ClassifyView::ask() {
  const QString text = edit_->toPlainText().trimmed();
  settled_.stop();
  ++round_;
  if (text.isEmpty() || server_.state() != ModelServer::State::ready) {
    base_->setProbabilities({});
    tuned_->setProbabilities({});
    facts_->clear();
    return;
  }
  for (const bool base : {false, true}) {
    if (base && !server_.hasBase()) continue;
    server_.post("/v1/classify", Json{{"text", text.toStdString()}, {"model", base ? "base" : "tuned"}},
                 [this, text, base, round = round_](const Json& json, const std::optional<ErrorText>& error) {
                   if (round != round_) return;  // typed on since
                   error_->setVisible(error.has_value());
                   if (error)
                     error_->setError(*error);
                   else
                     answer(text, base, json);
                 });
  }
}

void ClassifyView::answer(const QString& text, bool base, const Json& json) {
  (base ? base_ : tuned_)->setProbabilities(probabilitiesOf(json));
  if (base) {
    baseLabel_ = QString::fromStdString(json.value("label", std::string()));
    return;
  }
  facts_->setText(tr("%1 tokens%2, answered in %3 ms")
                      .arg(json.value("tokens", 0))
                      .arg(json.value("truncated", false) ? tr(", cut") : QString())
                      .arg(json.value("milliseconds", 0.0), 0, 'f', 1));
  answeredText_ = text;
  settled_.start();
}

void ClassifyView::remember(const QString& text) {
  if (tuned_->probabilities().empty()) return;
  for (int row = 0; row < tried_->rowCount(); ++row)
    if (tried_->item(row, 0)->text() == text) return;
  tried_->insertRow(0);
  const LabelProbability best = tuned_->probabilities().front();
  const QString cells[] = {
      text, best.label, percentText(best.probability),
      server_.hasBase() && !base_->probabilities().empty() ? base_->probabilities().front().label : QString("–")};
  for (int i = 0; i < 4; ++i) tried_->setItem(0, i, new QTableWidgetItem(cells[i]));
  if (tried_->rowCount() > kMostTried) tried_->removeRow(kMostTried);
}

void ClassifyView::randomRow() {
  // From the test file where there is one, else validation, else training: what its text column says.
  const Recipe& recipe = workbench_.document.lenient();
  const std::string file = !recipe.data.test.empty()         ? recipe.data.test
                           : !recipe.data.validation.empty() ? recipe.data.validation
                                                             : recipe.data.train;
  const auto error = attempt(tr("No row could be read"), [&] {
    if (file.empty()) fail(ErrorKind::not_found, "no data is chosen", {}, "choose data on the Data page");
    ReadOptions options{recipe.data.format, recipe.data.encoding, recipe.data.delimiter, recipe.data.quote,
                        recipe.data.header};
    const Table table = Table::open(file, options);
    std::string column;
    for (const auto& [role, name] : recipe.data.roles)
      if (role == "text") column = name;
    const std::size_t index = column.empty() ? 0 : table.column(column);
    const std::vector<Row> rows = table.head(500);
    if (rows.empty()) fail(ErrorKind::bad_input, "the file has no rows", file);
    edit_->setPlainText(
        QString::fromStdString(rows[std::size_t(QRandomGenerator::global()->bounded(int(rows.size())))].values[index]));
  });
  error_->setVisible(error.has_value());
  if (error) error_->setError(*error);
}

}  // namespace luthier
