#include "pages/train/train_stats.h"

#include <QHBoxLayout>
#include <algorithm>
#include <cmath>

#include "pages/train/metric_text.h"
#include "pages/train/run_curves.h"
#include "widgets/basics.h"
#include "widgets/controls.h"
#include "widgets/format.h"

namespace luthier {

namespace {
constexpr int kSides = 14, kStatGap = 15;
}

TrainStats::TrainStats(QWidget* parent) : QFrame(parent) {
  setObjectName("trainStats");
  setProperty("card", "true");
  auto* row = makeRow(0, this);
  row->setContentsMargins(kSides, 9, kSides, 9);
  progressBox_ = new QWidget;
  auto* left = makeColumn(6, progressBox_);
  auto* top = makeRow(6);
  epoch_ = makeLabel({}, TextStyle::label);
  share_ = makeLabel({}, TextStyle::monoCaption, "secondary");
  top->addWidget(epoch_);
  top->addStretch(1);
  top->addWidget(share_);
  progress_ = new DoubleProgress;
  progress_->setObjectName("trainProgress");
  left->addLayout(top);
  left->addWidget(progress_);
  row->addWidget(progressBox_, 1);
  step_ = addFigure(tr("Step"), "statStep");
  trainLoss_ = addFigure(tr("Train loss"), "statTrainLoss");
  validationLoss_ = addFigure(tr("Val loss"), "statValidationLoss");
  metric_ = addFigure(tr("Metric"), "statMetric");
  speed_ = addFigure(tr("Speed"), "statSpeed");
  elapsed_ = addFigure(tr("Elapsed"), "statElapsed");
  left_ = addFigure(tr("Left"), "statLeft");
  figures_ = {&step_, &trainLoss_, &validationLoss_, &metric_, &speed_, &elapsed_, &left_};
  setMinimumWidth(scaled(600));  // below the hint: small words go first, see fit()
}

TrainStats::Figure TrainStats::addFigure(const QString& name, const QString& objectName) {
  Figure figure{new QWidget, makeLine(Qt::Vertical), makeLabel(name, TextStyle::caption, "tertiary"),
                makeLabel("–", TextStyle::heading), makeLabel({}, TextStyle::caption, "tertiary")};
  figure.value->setObjectName(objectName);
  auto* row = static_cast<QHBoxLayout*>(layout());
  row->addSpacing(kStatGap);
  row->addWidget(figure.line);
  row->addSpacing(kStatGap);
  auto* column = makeColumn(0, figure.box);
  auto* values = makeRow(6);
  values->addWidget(figure.value);
  values->addWidget(figure.more, 0, Qt::AlignBottom);
  values->addStretch(1);
  column->addWidget(figure.name);
  column->addLayout(values);
  row->addWidget(figure.box);
  return figure;
}

void TrainStats::set(const Figure& figure, const QString& value, const QString& more) {
  figure.value->setText(value);
  figure.more->setText(more);
  figure.value->setAccessibleName(figure.name->text() + " " + value + (more.isEmpty() ? "" : " " + more));
}

void TrainStats::show(const RunRow& run, const Recipe* recipe, const RunCurves& curves, const RunClock& clock) {
  const double whole = run.total_steps > 0 ? std::min(1.0, double(run.step) / double(run.total_steps)) : 0;
  const double perEpoch = run.epoch > 0 ? double(run.step) / run.epoch : 0;
  const double epochs = perEpoch > 0 ? double(run.total_steps) / perEpoch : recipe ? recipe->training.epochs : 1;
  const double into = run.epoch - std::floor(run.epoch);
  const bool atEnd = run.step > 0 && (whole >= 1 || into < 1e-9);
  const int number = std::max(1, int(std::ceil(run.epoch - 1e-9)));
  const int last = std::max(number, int(std::ceil(epochs - 1e-6)));
  epoch_->setText(tr("Epoch %1 of %2")
                      .arg(std::min(run.epoch > 0 && !atEnd ? int(std::floor(run.epoch)) + 1 : number, last))
                      .arg(last));
  const double upper = atEnd ? 1 : into;
  share_->setText(percentText(whole));
  progress_->setShares(upper, whole);
  progress_->setAccessibleName(tr("Epoch %1, run %2").arg(percentText(upper), percentText(whole)));

  const auto lastOf = [&](const std::string& name) {
    const Curve& curve = curves.of(name);
    return curve.values.empty() ? std::optional<double>() : curve.values.back();
  };
  const auto bestOf = [&](const std::string& name, bool highest) {
    std::optional<double> best;
    for (const double value : curves.of(name).values)
      if (std::isfinite(value) && (!best || (highest ? value > *best : value < *best))) best = value;
    return best;
  };
  const auto text = [](const std::optional<double>& value) { return value ? numberText(*value) : QString("–"); };
  set(step_, countText(run.step), run.total_steps > 0 ? tr("of %1").arg(countText(run.total_steps)) : QString());
  set(trainLoss_, text(lastOf("train.loss")));
  const auto best = bestOf("validation.loss", false);
  set(validationLoss_, text(lastOf("validation.loss")), best ? tr("best %1").arg(numberText(*best)) : QString());
  const std::string charted = recipe ? chartedMetric(*recipe) : "loss";
  const bool hasMetric = charted != "loss";
  metric_.box->setVisible(hasMetric);
  metric_.line->setVisible(hasMetric);
  if (hasMetric) {
    const auto value = lastOf("validation." + charted), top = bestOf("validation." + charted, higherIsBetter(charted));
    metric_.name->setText(metricLabel(charted));
    set(metric_, value ? metricText(charted, *value) : "–",
        top ? tr("best %1").arg(metricText(charted, *top)) : QString());
  }
  const bool working = run.status == RunStatus::running;
  const auto speed = lastOf("tokens_per_second");
  set(speed_, speed ? shortCountText(run.status == RunStatus::paused ? 0 : *speed) : "–", tr("tokens/s"));
  set(elapsed_, clock.elapsed() > 0 ? clockDurationText(clock.elapsed()) : "–");
  const double rest = double(run.total_steps - run.step) * clock.secondsPerStep();
  const bool goesOn = working || run.status == RunStatus::paused;
  set(left_, goesOn && run.step > 0 && run.total_steps > 0 ? clockDurationText(rest) : "–");
  fit();
}

void TrainStats::fit() {
  // What stands small beside a value goes first where there is no room.
  int wanted = 2 * kSides + scaled(170);
  for (const Figure* figure : figures_)
    if (figure->box->isVisibleTo(this))
      wanted += 2 * kStatGap + 1 +
                std::max(figure->name->sizeHint().width(),
                         figure->value->sizeHint().width() +
                             (figure->more->text().isEmpty() ? 0 : 6 + figure->more->sizeHint().width()));
  for (Figure* figure : {&metric_, &step_, &speed_, &validationLoss_}) {
    const bool hide = wanted > width() && !figure->more->text().isEmpty();
    if (hide) wanted -= 6 + figure->more->sizeHint().width();
    figure->more->setVisible(!hide);
    figure->box->setToolTip(hide ? figure->value->text() + " " + figure->more->text() : QString());
  }
}

void TrainStats::resizeEvent(QResizeEvent* event) {
  QFrame::resizeEvent(event);
  fit();
}

}  // namespace luthier
