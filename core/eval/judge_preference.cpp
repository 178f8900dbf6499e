// Judge of preferences: how often, and how far, the better answer gained more.
#include <ATen/ops/sum.h>

#include "eval/judge.h"
#include "eval/preference.h"

namespace luthier {

namespace {

/// A mean that grows batch by batch.
struct RunningMean {
  double sum = 0, count = 0;
  void add(const Tensor& values) {
    sum += values.sum(at::kDouble).item<double>();
    count += static_cast<double>(values.numel());
  }
  double value() const { return count > 0 ? sum / count : 0; }
};

class PreferenceJudge : public Judge {
 public:
  explicit PreferenceJudge(const CollateOptions& options)
      : options_(options), preference_(std::get<PreferenceOptions>(options.objective)) {}

  void add(Model& model, const LabelledBatch& batch) override {
    LabelledBatch completed = batch;
    complete_preferences(model, {&completed, 1}, options_);
    const PreferenceTerms terms = preference_terms(model, completed, preference_);
    loss_.add(terms.losses);
    right_.add(terms.right);
    chosen_.add(terms.chosen);
    rejected_.add(terms.rejected);
  }

  MetricValues values() const override {
    MetricValues values = {{"preference_accuracy", right_.value()}, {"loss", loss_.value()}};
    if (chosen_.count > 0) values["chosen_reward"] = chosen_.value();
    if (rejected_.count > 0) values["rejected_reward"] = rejected_.value();
    if (chosen_.count > 0 && rejected_.count > 0) values["reward_margin"] = chosen_.value() - rejected_.value();
    return values;
  }

 private:
  const CollateOptions& options_;
  PreferenceOptions preference_;
  RunningMean loss_, right_, chosen_, rejected_;
};

}  // namespace

std::unique_ptr<Judge> make_preference_judge(const CollateOptions& options) {
  return std::make_unique<PreferenceJudge>(options);
}

}  // namespace luthier
