#include "pages/method/rate_card.h"

#include <QBoxLayout>
#include <nlohmann/json.hpp>

#include "pages/method/rate_chart.h"
#include "widgets/format.h"

namespace luthier {

RateCard::RateCard(Workbench& workbench, QWidget* parent) : Card(tr("Learning rate"), parent), workbench_(workbench) {
  setObjectName("rateTestCard");
  run_ = makeSmallButton(tr("Try rates"), "rateTestButton");
  run_->setToolTip(
      tr("A hundred steps on your rows with a rate that rises until the loss runs away. Nothing of it is kept."));
  header()->addWidget(run_);
  text_ = makeText({}, TextStyle::small);
  text_->setObjectName("rateTestText");
  chart_ = new RateChart;
  chart_->hide();
  use_ = makeSmallButton({}, "rateTestUse", "primary");
  use_->hide();
  body()->addWidget(text_);
  body()->addWidget(chart_);
  body()->addWidget(use_, 0, Qt::AlignLeft);
  connect(run_, &QPushButton::clicked, this, &RateCard::startOrCancel);
  connect(use_, &QPushButton::clicked, this, [this] {
    if (rate_) workbench_.document.set("training.learning_rate", *rate_, tr("Learning rate"));
  });
  refresh();
}

void RateCard::refresh() {
  const bool ready = workbench_.document.isOpen() && workbench_.document.recipe().has_value();
  setEnabledBecause(run_, ready || job_, tr("Not available: the recipe is not complete yet."));
  run_->setText(job_ ? tr("Cancel") : tr("Try rates"));
  if (!job_ && chart_->isHidden())
    text_->setText(tr("Which rate suits this model and data can be tried out in about the time of a hundred steps."));
  use_->setVisible(rate_ && !job_);
  if (!rate_) return;
  const bool used = workbench_.document.isOpen() && workbench_.document.number("training.learning_rate") == *rate_;
  use_->setText(tr("Use %1").arg(numberText(*rate_)));
  setEnabledBecause(use_, !used, tr("Not available: this is the learning rate now."));
}

void RateCard::startOrCancel() {
  if (job_) return job_->cancel();
  if (const auto error = attempt(tr("No rates were tried"), [this] { workbench_.document.save(); })) return take(error);
  found_ = Json();
  const QString file = QString::fromStdString(workbench_.document.file().string());
  job_ = new CliJob(tr("Trying rates"), {"preflight", file, "--rate-test", "--json"});
  connect(job_, &CliJob::line, this, [this](const Json& json) {
    if (json.is_object() && json.contains("rate_test")) found_ = json["rate_test"];
  });
  connect(job_, &Job::progressed, this, [this] {
    if (job_) text_->setText(job_->stage());
  });
  connect(job_, &Job::finished, this, &RateCard::take);
  text_->setText(tr("Starting"));
  workbench_.jobs.run(job_);
  refresh();
}

void RateCard::take(const std::optional<ErrorText>& error) {
  job_ = nullptr;
  if (error && error->kind == "cancelled") {
    text_->setText(tr("Stopped. Nothing was changed."));
    return refresh();
  }
  RateTest test;
  const auto unreadable =
      error ? error : attempt(tr("The rates could not be tried"), [&] { test = rate_test_from_json(found_); });
  if (unreadable) {
    text_->setText(unreadable->what);
    return refresh();
  }
  chart_->setTest(test);
  chart_->show();
  rate_ = test.suggested();
  text_->setText(
      rate_ ? tr("The loss falls fastest at %1 and is lowest at %2: %3 is suggested.")
                  .arg(numberText(*test.steepest()), numberText(10 * *test.below_minimum()), numberText(*rate_))
            : tr("The loss did not fall at any rate: look at the data and at what trains."));
  refresh();
}

}  // namespace luthier
