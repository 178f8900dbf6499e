// TrainPage: how the run stands, and what can be done about it.
#include <QStackedWidget>
#include <QTabBar>
#include <nlohmann/json.hpp>

#include "pages/train/amend_card.h"
#include "pages/train/run_banner.h"
#include "pages/train/run_settings.h"
#include "pages/train/samples_panel.h"
#include "pages/train/train_charts.h"
#include "pages/train/train_page.h"
#include "recipe/catalog.h"
#include "widgets/format.h"

namespace luthier {

namespace {
QString words(const std::string& words) { return QString::fromStdString(words); }

/// Hints of the store name commands of the terminal; here there is a button.
QString withoutCommands(const QString& hint) { return hint.contains("luthier-cli") ? QString() : hint; }

bool isDiscarded(const RunRow& run) { return run.reason == "stopped and discarded"; }
}  // namespace

void TrainPage::refreshState() {
  const RunRow* run = row();
  stack_->setCurrentIndex(run ? 1 : 0);
  const RunStatus status = run ? run->status : RunStatus::success;
  const bool going = run && (status == RunStatus::running || status == RunStatus::paused);
  const bool canContinue = run && is_final(status) && status != RunStatus::success;
  checkpoint_->setVisible(going);
  pause_->setVisible(run && status == RunStatus::running);
  resume_->setVisible((run && status == RunStatus::paused) || canContinue);
  stop_->setVisible(run && !is_final(status));
  if (!run) {
    setSubtitle({});
    return;
  }
  QStringList parts{words(run->name)};
  if (recipe_) {
    const std::string method = kind_of(recipe_->method);
    parts << words(std::filesystem::path(recipe_->model.path).filename().string()) << words(method_entry(method).label);
  }
  setSubtitle(parts.join(", "));

  const QString shown = run_ + words(to_string(status)) + words(run->reason) + words(asked_) +
                        QString::number(stopQuestion_) + (problem_ ? problem_->what : QString()) +
                        (status == RunStatus::running ? QString() : QString::number(run->step));
  if (shown != stateShown_) {
    if (!stateShown_.startsWith(run_ + words(to_string(status)))) {  // the status itself is another one
      asked_.clear();
      checkpointAsked_ = false;
      stopQuestion_ = stopQuestion_ && !is_final(status);
      const bool broke = status == RunStatus::failed || status == RunStatus::interrupted;
      if (broke) tabs_->setCurrentIndex(1);
    }
    stateShown_ = shown;
    showBanner(*run);
    showError(*run);
    Q_EMIT stateChanged();
  }
  const bool begun = run->total_steps > 0;
  const QString soon = tr("Waiting for the present step to end");
  setEnabledBecause(pause_, asked_.empty() && begun, begun ? soon : tr("Not available: the first step has not begun"));
  setEnabledBecause(resume_, asked_.empty(), soon);
  setEnabledBecause(stop_, asked_ != "stop" && !stopQuestion_,
                    asked_ == "stop" ? soon : tr("Answer the question below"));
  setEnabledBecause(checkpoint_, !checkpointAsked_ && begun,
                    begun ? tr("Being written") : tr("Not available: the first step has not begun"));
  samples_->setAskable(going && begun && !sampleAsked_, !going ? tr("Not available: the run does not go on")
                                                        : sampleAsked_
                                                            ? soon
                                                            : tr("Not available: the first step has not begun"));
  if (status != RunStatus::paused) amend_->hide();
}

bool TrainPage::writesText() const {
  if (!recipe_) return false;
  const std::string objective = kind_of(recipe_->objective);
  return objective == "causal_lm" || objective == "preference";
}

void TrainPage::showBanner(const RunRow& run) {
  const QString step = countText(run.step);
  if (stopQuestion_) {
    const bool queued = run.status == RunStatus::queued;
    banner_->show(StateKind::warning, "warning", queued ? tr("Leave the queue?") : tr("Stop at step %1?").arg(step),
                  queued ? tr("The run can be put into the queue again later.")
                         : tr("With its checkpoint the run can be continued, tried and exported later. Discarded, "
                              "its curves alone stay."));
    const auto stop = [this](bool discard) {
      send("stop", discard ? Json{{"discard", true}} : Json::object());
      askToStop(false);
    };
    connect(banner_->addButton(queued ? tr("Leave the queue") : tr("Stop and keep checkpoint"), "stopConfirmButton",
                               "danger"),
            &QPushButton::clicked, this, [stop] { stop(false); });
    if (!queued)
      connect(banner_->addButton(tr("Stop and discard"), "stopDiscardButton"), &QPushButton::clicked, this,
              [stop] { stop(true); });
    auto* back = banner_->addButton(queued ? tr("Keep waiting") : tr("Continue"), "stopCancelButton");
    connect(back, &QPushButton::clicked, this, [this] { askToStop(false); });
    back->setFocus(Qt::OtherFocusReason);
    return;
  }
  const auto tryButton = [this](const QString& words) {
    connect(banner_->addButton(words, "bannerTryButton"), &QPushButton::clicked, this,
            [this] { workbench().goTo(Step::tryIt); });
  };
  const auto exportButton = [this](const char* kind) {
    connect(banner_->addButton(tr("Export"), "bannerExportButton", kind), &QPushButton::clicked, this,
            [this] { workbench().goTo(Step::exports); });
  };
  switch (run.status) {
    case RunStatus::paused: {
      const bool wanted = run.reason == "paused on demand";
      banner_->show(wanted ? StateKind::paused : StateKind::warning, wanted ? "banner" : "warning",
                    tr("Paused at step %1.").arg(step),
                    wanted ? tr("The model stays in memory. Learning rate, batch and evaluations may be changed; "
                                "unchanged, the resumed run is bit-equal.")
                           : wholeSentence(words(run.reason)) + " " + wholeSentence(withoutCommands(words(run.hint))));
      tryButton(tr("Try the model"));
      connect(banner_->addButton(tr("Change settings"), "bannerChangeButton"), &QPushButton::clicked, this, [this] {
        if (!recipe_) return;
        amend_->begin(*recipe_);
        amend_->show();
      });
      return;
    }
    case RunStatus::queued: {
      const RunRow* before = nullptr;
      for (const RunRow& other : workbench().runs.runs())
        if (other.device == run.device && other.id != run.id && !is_final(other.status) &&
            (other.status != RunStatus::queued || other.created < run.created))
          before = &other;
      if (!before) {
        banner_->show(StateKind::running, "true", tr("Starting."), tr("The trainer loads data and model."));
        return;
      }
      banner_->show(
          StateKind::notStarted, "true", tr("Waiting for its turn."),
          tr("%1 has the device %2 (step %3 of %4).")
              .arg(words(before->name), words(run.device), countText(before->step), countText(before->total_steps)));
      connect(banner_->addButton(tr("Show that run"), "bannerShowButton"), &QPushButton::clicked, this,
              [this, id = words(before->id)] {
                workbench().showRun(id);
                shown();
              });
      return;
    }
    case RunStatus::stopped:
      banner_->show(StateKind::note, "true", tr("Stopped at step %1.").arg(step),
                    isDiscarded(run) ? tr("No checkpoint is kept. Resume begins anew.")
                    : run.step > 0   ? tr("Its checkpoint is kept. Resume goes on from there.")
                                     : tr("It had not begun. Resume puts it into the queue."));
      if (run.step > 0 && !isDiscarded(run)) {
        tryButton(tr("Try the model"));
        exportButton("");
      }
      return;
    case RunStatus::success: {
      const double seconds = run.ended - run.started;
      const bool best = recipe_ && recipe_->training.keep_best;
      banner_->show(StateKind::done, "true", tr("Finished after %1.").arg(durationText(seconds)),
                    best ? tr("The weights of the best evaluation are in place. Next: try the model, or export it.")
                         : tr("The weights of the last step are in place. Next: try the model, or export it."));
      tryButton(tr("Try it"));
      exportButton("primary");
      return;
    }
    default:
      banner_->clear();
  }
}

void TrainPage::showError(const RunRow& run) {
  error_->clearFixes();
  error_->setLog(words((workbench().runs.store().run_folder(run.id) / "log.txt").string()));
  if (problem_) {
    error_->setError(*problem_);
    error_->show();
    return;
  }
  const bool interrupted = run.status == RunStatus::interrupted;
  error_->setVisible(interrupted || run.status == RunStatus::failed);
  if (!error_->isVisibleTo(this)) return;
  ErrorText error;
  const QString step = countText(run.step);
  error.title = interrupted    ? tr("Training was interrupted at step %1").arg(step)
                : run.step > 0 ? tr("Training failed at step %1").arg(step)
                               : tr("Training failed before its first step");
  error.what = wholeSentence(words(run.reason));
  error.doThis = wholeSentence(withoutCommands(words(run.hint)));
  if (interrupted) {
    if (run.signal == 9) error.why = tr("Another program ended it, or the system needed the memory.");
    const QString resumes =
        tr("Resume goes on from the last checkpoint, with the same numbers as without the interruption.");
    error.doThis = error.doThis.isEmpty() ? resumes : error.doThis + " " + resumes;
  } else if (error.doThis.isEmpty()) {
    error.doThis = tr("Read the end of the log below, put it right, then resume.");
  }
  error_->setError(error);
  // What failed would fail again: the recipe comes first. What was interrupted goes on.
  for (const bool resumes : {interrupted, !interrupted})
    if (resumes)
      connect(error_->addFix(tr("Resume"), "errorResumeButton"), &QPushButton::clicked, this, &TrainPage::resume);
    else
      connect(error_->addFix(tr("Go to Preflight"), "errorPreflightButton"), &QPushButton::clicked, this,
              [this] { workbench().goTo(Step::preflight); });
}

void TrainPage::send(const std::string& kind, const Json& detail) {
  problem_ = attempt(tr("The run could not be told"), [&] { workbench().runs.command(run_, kind, detail); });
  if (!problem_ && kind == "checkpoint")
    checkpointAsked_ = true;
  else if (!problem_ && kind == "sample")
    sampleAsked_ = true;
  else if (!problem_ && kind != "amend")
    asked_ = kind;
  refreshState();
}

void TrainPage::amend() {
  send("amend", amend_->changes());
  amend_->setVisible(problem_.has_value());
}

void TrainPage::recipeAmended() {
  attempt({}, [&] { recipe_ = read_recipe(workbench().runs.store().run_folder(run_.toStdString()) / "recipe.json"); });
  if (!recipe_) return;
  charts_->setPlan(*recipe_);
  settings_->setRecipe(&*recipe_);
}

void TrainPage::resume() {
  const RunRow* run = row();
  if (!run) return;
  if (run->status == RunStatus::paused) {
    send("resume");
    return;
  }
  problem_ = attempt(tr("The run could not be resumed"), [&] { workbench().runs.resumeInterrupted(run_); });
  refreshState();
}

void TrainPage::askToStop(bool ask) {
  stopQuestion_ = ask;
  refreshState();
}

}  // namespace luthier
