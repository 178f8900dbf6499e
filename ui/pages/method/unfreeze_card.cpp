#include "pages/method/unfreeze_card.h"

#include <QComboBox>
#include <QDoubleValidator>
#include <QLineEdit>
#include <QScrollArea>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "pages/method/step_chart.h"
#include "pages/method/unfreeze_timeline.h"
#include "widgets/format.h"

namespace luthier {

namespace {

enum Preset { onePerEpoch, twoPerEpoch, onePerHalfEpoch, allAtOnce, atPlateaus, drawn };

/// Two blocks join each epoch: the head at the start, then two at a time.
Json twoAtATime(const std::vector<std::string>& blocks) {
  Json starts = Json::object();
  for (std::size_t i = 0; i < blocks.size(); ++i) starts[blocks[i]] = double((i + 1) / 2);
  return starts;
}

Json startsOf(const LayerwiseOptions& options) {
  Json starts = Json::object();
  for (const auto& [block, epoch] : options.starts) starts[block] = epoch;
  return starts;
}

Preset presetOf(const LayerwiseOptions& options, const std::vector<std::string>& blocks) {
  if (options.unfreeze == "none") return allAtOnce;
  if (options.unfreeze == "plateau") return atPlateaus;
  if (options.unfreeze == "given") return startsOf(options) == twoAtATime(blocks) ? twoPerEpoch : drawn;
  if (options.first_blocks == 0 && options.unfreeze_every == HowOften{1, "epoch"}) return onePerEpoch;
  if (options.first_blocks == 0 && options.unfreeze_every == HowOften{0.5, "epoch"}) return onePerHalfEpoch;
  return drawn;
}

QString every(double epochs) { return QString(R"(method.unfreeze_every={"value": %1, "unit": "epoch"})").arg(epochs); }

}  // namespace

UnfreezeCard::UnfreezeCard(QWidget* parent) : Card(tr("Unfreezing timeline"), parent) {
  setObjectName("unfreezeCard");
  preset_ = new QComboBox;
  preset_->setObjectName("unfreezePreset");
  preset_->setAccessibleName(tr("When blocks join"));
  preset_->setToolTip(tr("Blocks join from the top down."));
  for (const QString& text : {tr("One block per epoch"), tr("Two blocks per epoch"), tr("One block every half epoch"),
                              tr("All from the start"), tr("When validation stops improving"), tr("As drawn")})
    preset_->addItem(text);
  decay_ = new QLineEdit;
  decay_->setObjectName("option.rate_decay");
  decay_->setAccessibleName(tr("Rate decay per block"));
  decay_->setToolTip(tr("Each block learns so many times as fast as the one above it; 1: all alike."));
  decay_->setFixedWidth(scaled(56));
  auto* validator = new QDoubleValidator(0.01, 1, 4, decay_);
  validator->setLocale(QLocale::c());
  decay_->setValidator(validator);
  decayLabel_ = makeLabel(tr("Rate decay per block"), TextStyle::body, "secondary");
  decayLabel_->setBuddy(decay_);
  preset_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  preset_->setMinimumContentsLength(16);
  preset_->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  preset_->setMaximumWidth(scaled(280));
  QPushButton* reset = makeIconButton("reset", tr("Back to the defaults"), "unfreezeReset");
  QPushButton* options = makeSmallButton(tr("All options"), "unfreezeAllOptions", "quiet");
  subtitle()->setText(tr("blocks by epochs"));
  header()->addWidget(preset_, 3);  // before the room beside the title
  header()->addWidget(decayLabel_);
  header()->addWidget(decay_);
  header()->addWidget(reset);
  header()->addWidget(options);

  body()->setContentsMargins(0, 0, 0, 0);
  nothing_ = makeText(tr("The blocks are shown here when a model is chosen."), TextStyle::body, "tertiary");
  nothing_->setContentsMargins(12, 12, 12, 12);
  filled_ = new QWidget;
  parts_ = new QBoxLayout(QBoxLayout::LeftToRight, filled_);
  parts_->setContentsMargins(0, 0, 0, 0);
  parts_->setSpacing(0);
  timeline_ = new UnfreezeTimeline;
  auto* left = new QWidget;
  left->setProperty("surface", "none");
  auto* leftColumn = makeColumn(6, left);
  leftColumn->setContentsMargins(0, 4, 0, 10);
  leftColumn->addWidget(timeline_);
  QLabel* hint = makeText(tr("Drag the left edge of a bar to set when a block starts to train. Double-click a row to "
                             "freeze it. Keys: left and right move, Delete freezes, Shift selects several."),
                          TextStyle::small, "tertiary");
  hint->setContentsMargins(12, 0, 12, 0);
  leftColumn->addWidget(hint);
  leftColumn->addStretch(1);
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setFocusPolicy(Qt::NoFocus);
  scroll->setWidget(left);
  auto* right = new QWidget;
  right->setProperty("surface", "none");
  auto* rightColumn = makeColumn(6, right);
  rightColumn->setContentsMargins(13, 10, 12, 10);
  trainable_ = new StepChart("trainableByEpoch", 0);
  memory_ = new StepChart("memoryByEpoch", 1);
  rightColumn->addWidget(makeLabel(tr("Trainable by epoch"), TextStyle::label));
  rightColumn->addWidget(trainable_);
  rightColumn->addSpacing(6);
  rightColumn->addWidget(makeLabel(tr("Memory by epoch, GB"), TextStyle::label));
  rightColumn->addWidget(memory_);
  row_ = makeText({}, TextStyle::small);
  row_->setObjectName("unfreezeRow");
  row_->setTextFormat(Qt::RichText);
  rightColumn->addWidget(row_);
  rightColumn->addStretch(1);
  auto* charts = new QScrollArea;
  charts->setWidgetResizable(true);
  charts->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  charts->setFrameShape(QFrame::NoFrame);
  charts->setFocusPolicy(Qt::NoFocus);
  charts->setWidget(right);
  charts_ = charts;
  scroll->setMinimumWidth(scaled(300));
  parts_->addWidget(scroll, 1);
  parts_->addWidget(makeLine(Qt::Vertical));
  parts_->addWidget(charts);
  body()->addWidget(nothing_);
  body()->addWidget(filled_, 1);

  connect(timeline_, &UnfreezeTimeline::edited, this, &UnfreezeCard::tellTimeline);
  connect(timeline_, &UnfreezeTimeline::cursorMoved, this, &UnfreezeCard::tellRow);
  connect(preset_, &QComboBox::activated, this, &UnfreezeCard::choosePreset);
  connect(decay_, &QLineEdit::textEdited, this, [this] {
    if (decay_->hasAcceptableInput()) Q_EMIT rateDecayEdited(QLocale::c().toDouble(decay_->text()));
  });
  connect(reset, &QPushButton::clicked, this, [this] {
    const LayerwiseOptions plain;
    Q_EMIT edited({"method.unfreeze=" + QString::fromStdString(plain.unfreeze), every(plain.unfreeze_every.value),
                   "method.first_blocks=0", "method.starts={}", QString("method.rate_decay=%1").arg(plain.rate_decay)},
                  tr("Unfreezing back to the defaults"));
  });
  connect(options, &QPushButton::clicked, this, &UnfreezeCard::allOptionsWanted);
}

void UnfreezeCard::resizeEvent(QResizeEvent* event) {
  Card::resizeEvent(event);
  subtitle()->setVisible(width() >= scaled(860));
  decayLabel_->setVisible(width() >= scaled(720));
  QMetaObject::invokeMethod(this, &UnfreezeCard::arrange, Qt::QueuedConnection);
}

/// The charts go below the timeline where it would have no room beside them.
void UnfreezeCard::arrange() {
  const bool beside = width() >= timeline_->minimumSizeHint().width() + scaled(272);
  parts_->setDirection(beside ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
  charts_->setMinimumWidth(beside ? scaled(272) : 0);
  charts_->setMaximumWidth(beside ? scaled(272) : QWIDGETSIZE_MAX);
  setProperty(kStacked, !beside);
  if (parentWidget()) parentWidget()->updateGeometry();
}

QString UnfreezeCard::blockName(const std::string& block) const {
  const auto dot = block.find('.');
  const QString number = dot == std::string::npos ? QString() : QString::fromStdString(block.substr(dot + 1));
  const std::string kind = block.substr(0, dot);
  if (kind == "head") return tr("head");
  if (kind == "embeddings") return tr("embeddings");
  if (kind == "encoder") return tr("encoder block %1").arg(number);
  if (kind == "decoder") return tr("decoder block %1").arg(number);
  return tr("block %1").arg(number);
}

void UnfreezeCard::show(const ModelOutline* model, const Recipe& recipe, std::int64_t stepsPerEpoch,
                        const EstimateFor& estimateFor) {
  nothing_->setVisible(!model);
  filled_->setVisible(model);
  if (!model) return;
  options_ = std::get<LayerwiseOptions>(recipe.method);
  blocks_ = block_outline(*model);
  names_.clear();
  for (const BlockOutline& block : blocks_) names_.push_back(block.name);
  total_ = model->total_parameters;
  stepsPerEpoch_ = std::max<std::int64_t>(1, stepsPerEpoch);
  epochs_ = recipe.training.max_steps > 0 ? double(recipe.training.max_steps) / double(stepsPerEpoch_)
                                          : recipe.training.epochs;
  rate_ = recipe.training.learning_rate;
  preset_->setCurrentIndex(presetOf(options_, names_));
  if (!decay_->hasFocus()) decay_->setText(QString::number(options_.rate_decay, 'g', 4));
  showRows();
  showCharts(estimateFor);
}

void UnfreezeCard::showRows() {
  const auto total = std::max<std::int64_t>(1, std::llround(epochs_ * double(stepsPerEpoch_)));
  const std::vector<std::int64_t> starts = block_starts(options_, names_, stepsPerEpoch_, total);
  const std::vector<double> epochs = block_epochs(options_, names_, stepsPerEpoch_, total);
  std::vector<UnfreezeTimeline::Row> rows;
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    // What would join after the end never trains.
    const double start = epochs[i] >= epochs_ ? -1 : epochs[i];
    rows.push_back(
        {blockName(names_[i]), blocks_[i].parameters, start, starts[i] == kAtAPlateau, block_rate(options_, i)});
  }
  timeline_->setRows(rows, epochs_);
  tellRow(timeline_->cursorRow());
}

void UnfreezeCard::showCharts(const EstimateFor& estimateFor) {
  const auto& rows = timeline_->rows();
  std::set<double> times{0};
  for (const auto& row : rows)
    if (row.start >= 0) times.insert(row.start);
  std::vector<StepChart::Step> trainable, memory;
  for (const double time : times) {
    std::int64_t parameters = 0;
    LayerwiseOptions now = options_;
    now.unfreeze = "given";
    now.starts.clear();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const bool trains = rows[i].start >= 0 && rows[i].start <= time;
      if (trains) parameters += blocks_[i].parameters;
      now.starts.emplace_back(names_[i], trains ? 0 : -1);
    }
    trainable.push_back({time, 100.0 * double(parameters) / double(std::max<std::int64_t>(1, total_))});
    if (const auto estimate = estimateFor(now)) memory.push_back({time, double(estimate->memory.total()) / 1e9});
  }
  trainable_->setSteps(trainable, epochs_, tr("Trainable"),
                       [](double value) { return numberText(value) + QStringLiteral("%"); });
  memory_->setSteps(memory, epochs_, tr("Memory in GB"), [](double value) { return numberText(value); });
}

void UnfreezeCard::tellRow(int row) {
  const auto& rows = timeline_->rows();
  if (row < 0 || row >= int(rows.size())) return row_->clear();
  const auto& one = rows[std::size_t(row)];
  const QString name = "<b>" + one.name.toHtmlEscaped() + "</b>";
  if (one.atPlateau) return row_->setText(tr("%1 joins when the validation stops improving.").arg(name));
  if (one.start < 0) return row_->setText(tr("%1 stays frozen.").arg(name));
  row_->setText(tr("%1 trains from epoch %2 at %3 × %4 = %5.")
                    .arg(name, numberText(one.start), QString::number(one.rate, 'f', 2), numberText(rate_),
                         numberText(one.rate * rate_)));
}

/// Whatever is drawn by hand is given block by block.
void UnfreezeCard::tellTimeline() {
  Json starts = Json::object();
  const auto& rows = timeline_->rows();
  for (std::size_t i = 0; i < rows.size(); ++i) starts[names_[i]] = rows[i].start;
  Q_EMIT edited({"method.unfreeze=given", "method.starts=" + QString::fromStdString(starts.dump())}, tr("Timeline"));
}

void UnfreezeCard::choosePreset(int index) {
  const QString what = tr("Unfreezing: %1").arg(preset_->itemText(index));
  const QString fromHead = "method.first_blocks=0";
  switch (Preset(index)) {
    case onePerEpoch:
      return void(Q_EMIT edited({"method.unfreeze=every", every(1), fromHead}, what));
    case onePerHalfEpoch:
      return void(Q_EMIT edited({"method.unfreeze=every", every(0.5), fromHead}, what));
    case twoPerEpoch:
      return void(Q_EMIT edited(
          {"method.unfreeze=given", "method.starts=" + QString::fromStdString(twoAtATime(names_).dump())}, what));
    case allAtOnce:
      return void(Q_EMIT edited({"method.unfreeze=none"}, what));
    case atPlateaus:
      return void(Q_EMIT edited({"method.unfreeze=plateau", fromHead}, what));
    case drawn:
      return tellTimeline();
  }
}

}  // namespace luthier
