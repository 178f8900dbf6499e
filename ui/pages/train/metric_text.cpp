#include "pages/train/metric_text.h"

#include <algorithm>

#include "forms/catalog_text.h"
#include "recipe/catalog.h"
#include "widgets/format.h"

namespace luthier {

namespace {
const MetricEntry* entryOf(const std::string& metric) {
  for (const MetricEntry& entry : metrics())
    if (entry.kind == metric) return &entry;
  return nullptr;
}
}  // namespace

QString metricLabel(const std::string& metric) {
  const MetricEntry* entry = entryOf(metric);
  return entry ? catalogText(entry->label) : QString::fromStdString(metric);
}

bool isShare(const std::string& metric) {
  // Losses, squared errors and rewards (logarithms of probabilities) have no end to reach.
  for (const char* open : {"loss", "perplexity", "mse", "reward_margin", "chosen_reward", "rejected_reward"})
    if (metric == open) return false;
  return entryOf(metric);
}

bool higherIsBetter(const std::string& metric) {
  const MetricEntry* entry = entryOf(metric);
  return entry && entry->higher_is_better;
}

QString metricText(const std::string& metric, double value) {
  return isShare(metric) ? percentText(value) : numberText(value);
}

std::vector<std::string> metricsOf(const Recipe& recipe) {
  return metrics_of(objective_entry(kind_of(recipe.objective)), modality_of(recipe.data));
}

std::string watchedMetric(const Recipe& recipe) {
  return recipe.training.early_stopping ? recipe.training.early_stopping->metric : metricsOf(recipe).front();
}

std::string chartedMetric(const Recipe& recipe) {
  if (const std::string watched = watchedMetric(recipe); watched != "loss") return watched;
  for (const std::string& metric : metricsOf(recipe))
    if (isShare(metric)) return metric;
  return "loss";
}

}  // namespace luthier
