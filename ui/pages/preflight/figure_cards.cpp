#include "pages/preflight/figure_cards.h"

#include <QHBoxLayout>
#include <cmath>

#include "widgets/format.h"

namespace luthier {

namespace {
constexpr int kBarPixels = 12;
constexpr double kGoodEstimate = 0.1;  // of the measured peak

QPixmap square(const QColor& colour) {
  QPixmap pixmap(8, 8);
  pixmap.fill(colour);
  return pixmap;
}

void subtitleToTheRight(Card& card) {
  card.header()->removeWidget(card.subtitle());
  card.header()->addWidget(card.subtitle());
}
}  // namespace

double roundScale(double value) {
  if (!(value > 0)) return 1;
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (const double step : {1.0, 1.2, 1.6, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0})
    if (step * power >= value * (1 - 1e-9)) return step * power;
  return 10 * power;
}

MemoryComparison::MemoryComparison(QWidget* parent) : Card(tr("Peak memory"), parent) {
  setObjectName("memoryComparison");
  subtitleToTheRight(*this);
  auto* grid = new QGridLayout;
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setHorizontalSpacing(10);
  grid->setVerticalSpacing(6);
  const auto addRow = [&](int line, const QString& name, const char* objectName) {
    Row row{makeLabel(name, TextStyle::body, "secondary"), new MemoryBar, makeLabel({}, TextStyle::mono)};
    row.bar->setBarHeight(kBarPixels);
    row.bar->setObjectName(objectName);
    row.value->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    grid->addWidget(row.name, line, 0);
    grid->addWidget(row.bar, line, 1);
    grid->addWidget(row.value, line, 2);
    return row;
  };
  estimate_ = addRow(0, tr("Estimate"), "memoryEstimate");
  measured_ = addRow(1, tr("Measured"), "memoryMeasured");
  grid->setColumnStretch(1, 1);
  body()->addLayout(grid);
  auto* line = makeRow(8);
  auto* words = new QWidget;
  auto* legend = new FlowLayout(8, words);
  const auto names = memorySegments(0, 0, 0, 0);
  for (std::size_t i = 0; i < marks_.size(); ++i) {
    auto* one = new QWidget;
    auto* pair = makeRow(6, one);
    marks_[i] = new QLabel;
    pair->addWidget(marks_[i]);
    pair->addWidget(makeLabel(names[i].name, TextStyle::small, "secondary"));
    legend->addWidget(one);
  }
  line->addWidget(words, 1);
  difference_ = makeChip({}, "good");
  difference_->setObjectName("estimateOff");
  line->addWidget(difference_, 0, Qt::AlignTop);
  body()->addLayout(line);
  body()->addStretch(1);
  connect(&theme(), &Theme::changed, this, &MemoryComparison::paintLegend);
  paintLegend();
}

void MemoryComparison::paintLegend() {
  const auto segments = memorySegments(0, 0, 0, 0);
  for (std::size_t i = 0; i < marks_.size(); ++i) marks_[i]->setPixmap(square(segments[i].colour));
  setResult(PreflightResult(result_));
}

void MemoryComparison::show(const Row& row, const PreflightMemory& memory, double scale) {
  const QString value = bytesText(memory.total);
  const auto segments = memorySegments(memory.weights, memory.gradients, memory.optimizer, memory.activations);
  QStringList parts;
  for (const MemoryBar::Segment& segment : segments) parts << segment.name + " " + bytesText(segment.value);
  row.bar->setSegments(segments, scale, tr("%1: %2. %3").arg(row.name->text(), value, parts.join(", ")));
  row.bar->setToolTip(parts.join("\n"));
  row.value->setText(value);
}

void MemoryComparison::setResult(const PreflightResult& result) {
  result_ = result;
  const double scale = roundScale(1.05 * std::max(result_.estimate.total, result_.measured.total));
  subtitle()->setText(tr("scale 0 to %1, %2 available").arg(bytesText(scale), bytesText(result_.memoryAvailable)));
  show(estimate_, result_.estimate, scale);
  show(measured_, result_.measured, scale);
  if (result_.wasMeasured()) {
    const double off = std::fabs(result_.estimate.total / result_.measured.total - 1);
    setChip(difference_, tr("estimate off by %1").arg(percentText(off)), off <= kGoodEstimate ? "good" : "warning");
  } else {
    measured_.value->setText("–");
    setChip(difference_, tr("not measured"), "neutral");
  }
}

TokenShare::TokenShare(QWidget* parent) : Card(tr("Tokens"), parent) {
  setObjectName("tokenShare");
  subtitleToTheRight(*this);
  bar_ = new MemoryBar;
  bar_->setBarHeight(kBarPixels);
  bar_->setObjectName("tokenBar");
  body()->addWidget(bar_);
  auto* words = new QWidget;
  auto* flow = new FlowLayout(10, words);
  for (QLabel** label : {&loss_, &context_, &cut_}) {
    *label = makeLabel({}, TextStyle::small);
    flow->addWidget(*label);
  }
  loss_->setObjectName("tokenLoss");
  context_->setObjectName("tokenContext");
  cut_->setObjectName("tokenCut");
  QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
  policy.setHeightForWidth(true);
  words->setSizePolicy(policy);
  body()->addWidget(words);
  note_ = makeText({}, TextStyle::small, "tertiary");
  body()->addWidget(note_);
  body()->addStretch(1);
  connect(&theme(), &Theme::changed, this, &TokenShare::paintBar);
}

void TokenShare::paintBar() {
  const Tokens& t = tokens();
  const PreflightResult& r = result_;
  const QString what = loss_->text() + ", " + context_->text() + ", " + cut_->text();
  bar_->setSegments({{tr("Loss"), r.lossTokens, t.accent},
                     {tr("Context"), r.contextTokens, t.lineStrong},
                     {tr("Cut off"), r.cutTokens, t.warningLine, true}},
                    r.tokens, what);
}

void TokenShare::setResult(const PreflightResult& result) {
  result_ = result;
  const double all = result.tokens > 0 ? result.tokens : 1;
  subtitle()->setText(tr("%1 in %2 rows").arg(shortCountText(result.tokens), countText(result.rows)));
  loss_->setText(tr("%1 carry loss").arg(percentText(result.lossTokens / all)));
  context_->setText(tr("%1 context").arg(percentText(result.contextTokens / all)));
  cut_->setText(tr("%1 cut off").arg(percentText(result.cutTokens / all)));
  setTone(cut_, result.cutTokens > 0 ? "warning" : "");
  note_->setText(tr("%1 of what the batches hold is padding.").arg(percentText(result.paddingShare)));
  paintBar();
}

}  // namespace luthier
