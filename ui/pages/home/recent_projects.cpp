#include "pages/home/recent_projects.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "forms/catalog_text.h"
#include "recipe/catalog.h"
#include "recipe/recipe.h"

namespace luthier {

namespace {
constexpr std::size_t kRecipeLimitBytes = 16u << 20;

/// A value deep in a recipe as text; "" where it is absent or of another type.
std::string textAt(const Json& recipe, const char* section, const char* key) {
  const auto group = recipe.is_object() ? recipe.find(section) : recipe.end();
  if (group == recipe.end() || !group->is_object()) return {};
  const auto value = group->find(key);
  return value != group->end() && value->is_string() ? value->get<std::string>() : std::string();
}

/// Two recipes with one name are told apart by their training data.
bool isRunOf(const fs::path& runFolder, const fs::path& train) {
  try {
    return fs::path(textAt(read_json(runFolder / "recipe.json", kRecipeLimitBytes), "data", "train")) == train;
  } catch (const Error&) {
    return false;
  }
}
}  // namespace

std::vector<RecentProject> readRecentProjects(const std::vector<std::filesystem::path>& folders,
                                              const std::vector<RunRow>& runs, const std::filesystem::path& home) {
  std::vector<RecentProject> projects;
  for (const fs::path& folder : folders) try {
      const Json recipe = read_json(folder / "recipe.json", kRecipeLimitBytes);
      if (!recipe.is_object()) continue;
      RecentProject project;
      project.folder = folder;
      const auto name = recipe.find("name");
      const std::string called =
          name != recipe.end() && name->is_string() ? name->get<std::string>() : folder.filename().string();
      project.name = QString::fromStdString(called.empty() ? folder.filename().string() : called);
      const std::string kind = textAt(recipe, "objective", "kind");
      for (const ObjectiveEntry& objective : objectives())
        if (objective.kind == kind) project.task = catalogText(objective.label);
      project.model = QString::fromStdString(fs::path(textAt(recipe, "model", "path")).filename().string());
      const std::string train = textAt(recipe, "data", "train");
      project.data = QString::fromStdString(fs::path(train).filename().string());
      const fs::path data = train.empty() ? fs::path() : resolve_path(train, folder);
      for (const RunRow& run : runs)
        if (run.name == called && isRunOf(home / "runs" / run.id, data)) {
          project.lastRun = run;
          break;
        }
      projects.push_back(std::move(project));
    } catch (const Error&) {
      // Gone or broken: there is nothing to open.
    }
  return projects;
}

}  // namespace luthier
