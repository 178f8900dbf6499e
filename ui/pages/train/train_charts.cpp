#include "pages/train/train_charts.h"

#include <QCheckBox>
#include <QGridLayout>
#include <QSlider>
#include <algorithm>
#include <cmath>

#include "charts/axis_ticks.h"
#include "charts/chart_export.h"
#include "charts/metric_chart.h"
#include "forms/option_editor.h"
#include "pages/train/metric_text.h"
#include "pages/train/run_curves.h"
#include "recipe/best_evaluation.h"
#include "recipe/schedule.h"
#include "widgets/basics.h"
#include "widgets/controls.h"
#include "widgets/format.h"

namespace luthier {

namespace {
constexpr int kSmoothingSteps = 100, kStartSmoothing = 90;
/// Of the planned rate: fewer than pixels, so that the chart draws them as a dashed line.
constexpr int kPlanPoints = 60;

QString shareTick(double value, double step) { return tickText(value * 100, step * 100) + "%"; }
}  // namespace

TrainCharts::TrainCharts(QWidget* parent) : QWidget(parent) {
  auto* grid = new QGridLayout(this);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setSpacing(12);
  loss_ = new MetricChart(group_, tr("Loss"), "lossChart");
  metric_ = new MetricChart(group_, tr("Metric"), "metricChart");
  rate_ = new MetricChart(group_, tr("Learning rate"), "rateChart");
  gradient_ = new MetricChart(group_, tr("Gradient norm"), "gradientChart");
  gradientChoice_ = new SegmentedControl("gradientToggle");
  gradientChoice_->setChoices({"norm", "throughput"}, {tr("Gradient norm"), tr("Throughput")});
  gradientChoice_->setCurrent("norm");
  gradientChoice_->setAccessibleName(tr("What the fourth chart shows"));
  gradient_->setTitleWidget(gradientChoice_);
  grid->addWidget(loss_, 0, 0);
  grid->addWidget(metric_, 0, 1);
  grid->addWidget(rate_, 1, 0);
  grid->addWidget(gradient_, 1, 1);
  for (int i : {0, 1}) {
    grid->setColumnStretch(i, 1);
    grid->setRowStretch(i, 1);
  }
  makeToolbar();
  connect(gradientChoice_, &SegmentedControl::chosen, this, [this] {
    buildOtherCharts();
    if (clock_) anew_ = true;
    Q_EMIT wanted();
  });
  setRun(nullptr);
}

void TrainCharts::makeToolbar() {
  toolbar_ = new QWidget;
  auto* row = makeRow(12, toolbar_);
  smoothing_ = new QSlider(Qt::Horizontal);
  smoothing_->setObjectName("smoothingSlider");
  smoothing_->setAccessibleName(tr("Smoothing"));
  guardWheel(smoothing_);
  smoothing_->setRange(0, kSmoothingSteps - 1);
  smoothing_->setMinimumWidth(scaled(50));
  smoothing_->setMaximumWidth(scaled(110));
  smoothingText_ = makeLabel({}, TextStyle::mono);
  const auto smooth = [this](int value) {
    group_.setSmoothing(double(value) / kSmoothingSteps);
    smoothingText_->setText(QString::number(double(value) / kSmoothingSteps, 'f', 2));
  };
  connect(smoothing_, &QSlider::valueChanged, this, smooth);
  smoothing_->setValue(kStartSmoothing);
  scale_ = new SegmentedControl("scaleToggle");
  scale_->setChoices({"linear", "log"}, {tr("Linear"), tr("Log")});
  scale_->setCurrent("linear");
  scale_->setAccessibleName(tr("Scale of the loss"));
  connect(scale_, &SegmentedControl::chosen, this, [this](const QString& id) { group_.setLogScale(id == "log"); });
  axis_ = new SegmentedControl("axisToggle");
  axis_->setChoices({"steps", "epochs", "time"}, {tr("Steps"), tr("Epochs"), tr("Time")});
  axis_->setCurrent("steps");
  axis_->setAccessibleName(tr("Horizontal axis"));
  connect(axis_, &SegmentedControl::chosen, this, &TrainCharts::chooseAxis);
  events_ = new QCheckBox(tr("Events"));
  events_->setObjectName("eventsBox");
  events_->setChecked(true);
  connect(events_, &QCheckBox::toggled, this, [this](bool on) { group_.setEventsShown(on); });
  auto* copy = makeSmallButton(tr("Copy"), "chartCopyButton", "quiet");
  auto* save = makeSmallButton(tr("Save PNG, SVG, CSV"), "chartSaveButton", "quiet");
  const auto draw = [copy, save] {
    copy->setIcon(icon("copy"));
    save->setIcon(icon("dl"));
  };
  draw();
  connect(&theme(), &Theme::changed, copy, draw);
  copy->setToolTip(tr("The charts as a picture and as values, to the clipboard"));
  connect(copy, &QPushButton::clicked, this, [this] { copyCharts(group_.charts()); });
  connect(save, &QPushButton::clicked, this, [this, save] { askAndSaveCharts(group_.charts(), save); });
  row->addWidget(makeLabel(tr("Smoothing"), TextStyle::body, "secondary"));
  row->addWidget(smoothing_, 1);
  row->addWidget(smoothingText_);
  row->addWidget(scale_);
  row->addWidget(axis_);
  row->addWidget(events_);
  row->addStretch(1);
  row->addWidget(copy);
  row->addWidget(save);
}

void TrainCharts::moveSmoothing(int ticks) { smoothing_->setValue(smoothing_->value() + ticks); }

void TrainCharts::toggleScale() {
  const bool log = !group_.logScale();
  group_.setLogScale(log);
  scale_->setCurrent(log ? "log" : "linear");
}

void TrainCharts::setRun(const Recipe* recipe) {
  recipe_ = recipe ? std::optional<Recipe>(*recipe) : std::nullopt;
  charted_ = recipe ? chartedMetric(*recipe) : "accuracy";
  run_ = {};
  clock_ = nullptr;
  numbered_.clear();
  group_.setEvents({});
  group_.resetZoom();
  group_.setCursor(std::nullopt);
  feeds_.clear();
  buildLossCharts();
  buildOtherCharts();
  anew_ = true;
}

void TrainCharts::buildLossCharts() {
  loss_->clearLines();
  metric_->clearLines();
  loss_->addLine({.name = tr("train"), .colour = 0, .smoothed = true});
  loss_->addLine({.name = tr("val"), .colour = 1, .points = true});
  metric_->addLine({.name = tr("val"), .colour = 1, .points = true});
  metric_->setTitle(metricLabel(charted_));
  metric_->setScale(MetricChart::Scale::linear);
  metric_->setValueText([metric = charted_](double value) { return metricText(metric, value); },
                        isShare(charted_) ? std::function<QString(double, double)>(shareTick) : nullptr);
  if (isShare(charted_))
    metric_->setBounds(0, 1);
  else
    metric_->setBounds(0, std::numeric_limits<double>::infinity());
  // The ring is around what the run keeps: the best by the metric that it watches.
  const bool kept = recipe_ && recipe_->training.keep_best;
  const std::string watched = recipe_ ? watchedMetric(*recipe_) : "loss";
  loss_->setBest(1, false, watched == "loss" && kept ? tr("kept") : QString());
  metric_->setBest(0, higherIsBetter(charted_), watched == charted_ && kept ? tr("kept") : QString());
  feeds_ = {{loss_, 0, "train.loss"}, {loss_, 1, "validation.loss"}, {metric_, 0, "validation." + charted_}};
}

void TrainCharts::buildOtherCharts() {
  std::erase_if(feeds_, [this](const Feed& feed) { return feed.chart == rate_ || feed.chart == gradient_; });
  rate_->clearLines();
  gradient_->clearLines();
  rate_->setScale(MetricChart::Scale::linear);
  const double highest = recipe_ && recipe_->training.learning_rate > 0 ? recipe_->training.learning_rate : 1e-4;
  const int power = int(std::floor(std::log10(highest) + 1e-9));
  const double unit = std::pow(10, power);
  rate_->setTitle(tr("Learning rate, 1e%1").arg(power));
  rate_->setBounds(0, std::numeric_limits<double>::infinity());
  rate_->setValueText([unit](double value) { return QString::number(value / unit, 'f', 2); },
                      [unit](double value, double step) { return tickText(value / unit, step / unit); });
  rate_->addLine({.name = tr("rate"), .colour = 0});
  planLine_ = rate_->addLine({.name = tr("planned"), .colour = 0, .dashed = true});
  feeds_.push_back({rate_, 0, "learning_rate"});

  const bool norm = gradientChoice_->current() != "throughput";
  gradient_->setTitle(norm ? tr("Gradient norm") : tr("Throughput"));
  gradient_->setScale(norm ? MetricChart::Scale::log : MetricChart::Scale::linear);
  gradient_->setValueText(norm ? numberText : shortCountText);
  gradient_->addLine({.name = norm ? tr("norm") : tr("tokens/s"), .colour = 2, .smoothed = true});
  const double clip = recipe_ ? recipe_->training.max_grad_norm : 0;
  std::vector<ChartReference> limits;
  if (norm && clip > 0) limits.push_back({clip, tr("clip %1").arg(numberText(clip)), true});
  gradient_->setReferences(std::move(limits));
  feeds_.push_back({gradient_, 0, norm ? "grad_norm" : "tokens_per_second"});
}

double TrainCharts::xOf(std::int64_t step, double epoch, const RunClock& clock) const {
  const QString axis = axis_->current();
  return axis == "epochs" ? epoch : axis == "time" ? clock.at(double(step)) : double(step);
}

double TrainCharts::xOfStep(double step) const {
  const QString axis = axis_->current();
  if (axis == "epochs") return run_.step > 0 && run_.epoch > 0 ? step * run_.epoch / double(run_.step) : 0;
  if (axis == "time") return clock_ ? clock_->at(step) : 0;
  return step;
}

void TrainCharts::fill(Feed& feed, const RunCurves& curves, const RunClock& clock, bool anew) {
  const Curve& curve = curves.of(feed.metric);
  if (anew || curve.values.size() < feed.taken) {
    std::vector<double> x(curve.steps.size());
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = xOf(curve.steps[i], curve.epochs[i], clock);
    feed.chart->setPoints(feed.line, x, curve.values);
  } else {
    for (std::size_t i = feed.taken; i < curve.values.size(); ++i)
      feed.chart->append(feed.line, xOf(curve.steps[i], curve.epochs[i], clock), curve.values[i]);
    if (axis_->current() == "time" && feed.taken > 0) {
      // Times after the last event were reckoned with the speed of then.
      const auto from = std::upper_bound(curve.steps.begin(), curve.steps.end(), settled_) - curve.steps.begin();
      std::vector<double> x;
      for (std::size_t i = std::size_t(from); i < curve.steps.size(); ++i)
        x.push_back(clock.at(double(curve.steps[i])));
      if (!x.empty()) feed.chart->setX(feed.line, std::size_t(from), x);
    }
  }
  feed.taken = curve.values.size();
}

void TrainCharts::show(const RunRow& run, const RunCurves& curves, const RunClock& clock) {
  run_ = run;
  clock_ = &clock;
  const bool anew = anew_ || generation_ != curves.generation();
  anew_ = false;
  generation_ = curves.generation();
  for (Feed& feed : feeds_) fill(feed, curves, clock, anew);
  settled_ = clock.settledStep();
  fillReferences(curves);
  ringKept(curves);
  fillPlan();
  placeEvents();
  const bool ended = is_final(run.status) && run.status != RunStatus::interrupted;
  const double last = double(ended || run.total_steps == 0 ? std::max<std::int64_t>(run.step, 1) : run.total_steps);
  const double end = xOfStep(ended ? last * 1.01 : last);  // the last point is not cut in half
  group_.setFullRange(0, end > 0 ? end : 1);
}

void TrainCharts::fillReferences(const RunCurves& curves) {
  const auto base = curves.results("base");
  const QString split = QString::fromStdString(curves.splitOf("base"));
  const auto reference = [&](const std::string& metric) -> std::vector<ChartReference> {
    const auto found = base.find(metric);
    if (found == base.end()) return {};
    const QString where = split == "validation" ? QString() : tr(" (%1)").arg(split);
    return {ChartReference{found->second, tr("base model %1").arg(metricText(metric, found->second)) + where, false}};
  };
  metric_->setReferences(reference(charted_));
}

void TrainCharts::ringKept(const RunCurves& curves) {
  if (!recipe_ || !recipe_->training.keep_best) return;
  const std::string watched = watchedMetric(*recipe_);
  const Curve &values = curves.of("validation." + watched), &losses = curves.of("validation.loss");
  const auto& early = recipe_->training.early_stopping;
  BestEvaluation best{.higher_is_better = higherIsBetter(watched), .margin = early ? early->min_delta : 0};
  std::optional<std::size_t> kept;
  for (std::size_t i = 0; i < std::min(values.values.size(), losses.values.size()); ++i)
    if (best.take(std::int64_t(i), values.values[i], losses.values[i]) != BestEvaluation::Verdict::worse) kept = i;
  if (watched == "loss") loss_->setBestAt(kept);
  if (watched == charted_) metric_->setBestAt(kept);
}

void TrainCharts::fillPlan() {
  std::vector<double> x, rates;
  if (recipe_ && run_.total_steps > 0 && run_.epoch > 0 && !is_final(run_.status)) {
    const auto perEpoch = std::max<std::int64_t>(1, std::llround(double(run_.step) / run_.epoch));
    const Schedule schedule = schedule_of(recipe_->training, perEpoch, run_.total_steps);
    const double stride = std::max(1.0, double(run_.total_steps - run_.step) / kPlanPoints);
    for (double step = double(run_.step); step <= double(run_.total_steps); step += stride) {
      x.push_back(xOfStep(step));
      rates.push_back(rate_at(schedule, std::max<std::int64_t>(0, std::llround(step) - 1)));
    }
  }
  rate_->setPoints(planLine_, x, rates);
}

void TrainCharts::setEvents(std::vector<NumberedEvent> events) {
  numbered_ = std::move(events);
  placeEvents();
}

void TrainCharts::placeEvents() {
  std::vector<ChartEvent> placed;
  for (const NumberedEvent& event : numbered_)
    placed.push_back({xOfStep(double(event.step)), event.number, event.text});
  group_.setEvents(std::move(placed));
}

void TrainCharts::showStep(std::int64_t step) {
  const double x = xOfStep(double(step));
  if (const auto [lower, upper] = group_.range(); x < lower || x > upper) group_.resetZoom();
  group_.setCursor(x);
}

void TrainCharts::chooseAxis(const QString& id) {
  group_.setAxis(id == "time" ? timeAxis() : id == "epochs" ? epochAxis() : stepAxis());
  anew_ = true;
  Q_EMIT wanted();
}

}  // namespace luthier
