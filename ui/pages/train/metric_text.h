#pragma once
// Metrics of the catalog as the window writes them.
#include <QString>
#include <string>
#include <vector>

#include "recipe/recipe.h"

namespace luthier {

/// "Accuracy"; the name itself where the catalog has none.
QString metricLabel(const std::string& metric);
/// True for shares of one, which are written in percent.
bool isShare(const std::string& metric);
bool higherIsBetter(const std::string& metric);
/// "67.9 %", "1.142"
QString metricText(const std::string& metric, double value);
/// The metrics of the recipe's objective in the order of display.
std::vector<std::string> metricsOf(const Recipe& recipe);
/// The one that decides which evaluation is best, as in the trainer.
std::string watchedMetric(const Recipe& recipe);
/// The one beside the loss that says most.
std::string chartedMetric(const Recipe& recipe);

}  // namespace luthier
