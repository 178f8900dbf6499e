#include "pages/method/recipe_edits.h"

#include <QCoreApplication>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "document/document.h"
#include "forms/catalog_text.h"

namespace luthier {

namespace {

struct RecipeWords {
  Q_DECLARE_TR_FUNCTIONS(RecipeEdits)
};

QString listed(const std::vector<std::string>& roles) {
  QStringList words;
  for (const std::string& role : roles) words << inSentence(choiceText(role));
  return words.join(RecipeWords::tr(" and "));
}

QString assignment(const char* path, const Json& value) {
  return QString::fromLatin1(path) + '=' + QString::fromStdString(value.dump());
}

/// The roles that this objective asks of the recipe's columns.
std::vector<std::string> rolesFor(const ObjectiveEntry& entry, const Recipe& recipe) {
  std::vector<std::string> given;
  for (const auto& [role, column] : recipe.data.roles) given.push_back(role);
  return roles_for(entry, modality_of(recipe.data), given);
}

}  // namespace

bool objectiveFits(const ObjectiveEntry& entry, const Recipe& recipe, const ModelOutline* model) {
  if (kind_of(recipe.objective) == entry.kind) return true;
  if (!contains(entry.modalities, modality_of(recipe.data))) return false;
  if (!model) return true;
  return std::none_of(families().begin(), families().end(), [&](const FamilyEntry& family) {
    return family.kind == model->family && head_for(entry, family).empty();
  });
}

QString objectiveObstacle(const ObjectiveEntry& entry, const Recipe& recipe) {
  if (kind_of(recipe.objective) == entry.kind) return {};
  if (recipe.data.roles.empty()) return {};
  std::vector<std::string> missing;
  for (const std::string& role : rolesFor(entry, recipe)) {
    const auto isRole = [&](const auto& one) { return one.first == role; };
    if (std::none_of(recipe.data.roles.begin(), recipe.data.roles.end(), isRole)) missing.push_back(role);
  }
  if (missing.empty()) return {};
  return RecipeWords::tr("Not available: no column has the role %1. Choose it on Data.").arg(listed(missing));
}

QStringList objectiveEdits(const ObjectiveEntry& entry, const Recipe& recipe) {
  QStringList edits = {assignment("objective", Json{{"kind", entry.kind}})};
  const std::vector<std::string> required = rolesFor(entry, recipe);
  const std::vector<std::string> optional = optional_roles_of(entry, modality_of(recipe.data));
  const std::vector<std::string> metrics = metrics_of(entry, modality_of(recipe.data));
  Json roles = Json::object();
  for (const auto& [role, column] : recipe.data.roles)
    if (contains(required, role) || contains(optional, role)) roles[role] = column;
  if (roles.size() != recipe.data.roles.size()) edits << assignment("data.roles", roles);
  if (!entry.has_labels() && !recipe.data.labels.empty()) edits << assignment("data.labels", Json::array());
  if (const auto& stopping = recipe.training.early_stopping; stopping && !contains(metrics, stopping->metric))
    edits << assignment("training.early_stopping.metric", metrics.front());
  return edits;
}

QStringList methodEdits(const Json& method, const Json& recipe) {
  QStringList edits = {assignment("method", method)};
  const auto exports = recipe.find("export");
  if (exports == recipe.end() || !exports->is_array()) return edits;
  Json kept = Json::array();
  for (const Json& one : *exports) {
    const auto isThis = [&](const ExporterEntry& entry) {
      return one.is_object() && one.contains("format") && one["format"] == entry.kind;
    };
    const auto entry = std::find_if(exporters().begin(), exporters().end(), isThis);
    const bool merged = !one.is_object() || one.value("merge", Json(true)) != Json(false);
    const bool works =
        entry == exporters().end() || can_export(*entry, method_entry(method["kind"].get<std::string>()), merged);
    if (works) kept.push_back(one);
  }
  if (kept.size() != exports->size()) edits << assignment("export", kept);
  return edits;
}

Json recipeFor(const Document& document, const fs::path& file) {
  Json recipe = read_json(file, 16u << 20);
  if (!recipe.is_object() || !recipe.contains("luthier"))
    fail(ErrorKind::bad_input, "this file is no recipe: it has no \"luthier\" version", file.string(),
         "choose a recipe.json");
  static constexpr std::pair<const char*, const char*> kPaths[] = {
      {"model", "path"},      {"model", "adapter"}, {"model", "tokenizer"},      {"data", "train"},
      {"data", "validation"}, {"data", "test"},     {"training", "batches_file"}};
  for (const auto& [section, key] : kPaths) {
    const auto inner = recipe.find(section);
    if (inner == recipe.end() || !inner->is_object()) continue;
    const auto path = inner->find(key);
    if (path == inner->end() || !path->is_string() || path->get<std::string>().empty()) continue;
    *path = document.storedPath(resolve_path(path->get<std::string>(), fs::absolute(file).parent_path()));
  }
  return recipe;
}

}  // namespace luthier
