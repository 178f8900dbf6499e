#include "pages/method/bake_off.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "pages/method/method_words.h"

namespace luthier {

namespace {
/// In the middle of the usual range, by ratios.
double usualRateOf(const std::string& kind) {
  const auto [low, high] = usualRates(kind);
  return std::sqrt(low * high);
}

double twoDigits(double rate) {
  const double unit = std::pow(10, std::floor(std::log10(rate)) - 1);
  return std::round(rate / unit) * unit;
}
}  // namespace

std::vector<std::string> bakeOffMethods(const Advice& advice) {
  std::vector<std::string> kinds;
  for (const RankedMethod& method : advice.methods)
    if (method.obstacle.reason.empty() && method.fits && kinds.size() < kBakeOffMethods) kinds.push_back(method.kind);
  return kinds;
}

std::vector<Recipe> bakeOffRecipes(const Json& recipe, const std::filesystem::path& folder,
                                   const std::vector<std::string>& kinds, const std::map<std::string, Json>& others) {
  const Recipe own = recipe_from_json(recipe, folder, "recipe");
  const std::string now = kind_of(own.method);
  std::vector<Recipe> recipes;
  for (const std::string& kind : kinds) {
    Json json = recipe;
    if (kind != now) {
      const auto other = others.find(kind);
      json["method"] = other != others.end() ? other->second : Json{{"kind", kind}};
      json["training"]["learning_rate"] = twoDigits(own.training.learning_rate * usualRateOf(kind) / usualRateOf(now));
    }
    const std::int64_t rows = own.data.max_rows;
    json["data"]["max_rows"] = rows > 0 ? std::min(rows, kBakeOffRows) : kBakeOffRows;
    json["export"] = Json::array();
    recipes.push_back(recipe_from_json(json, folder, "recipe"));
  }
  return recipes;
}

}  // namespace luthier
