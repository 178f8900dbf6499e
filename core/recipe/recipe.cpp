#include "recipe/recipe.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "recipe/catalog.h"
#include "recipe/checks.h"
#include "recipe/draft.h"

namespace luthier {

namespace {

constexpr std::size_t kSizeLimitBytes = 16u << 20;
const std::vector<std::string> kSections = {"luthier", "name",   "seed",     "objective", "model",
                                            "data",    "method", "training", "export",    "adaptation"};

/// The fields that stand directly in the document.
struct Head {
  std::string name;
  std::int64_t seed = 42;
  void describe(OptionVisitor& v) {
    v.text({.key = "name", .label = "Name", .help = "What the run is called."}, name);
    v.integer({.key = "seed", .label = "Seed", .help = "Same seed, same numbers.", .min = 0, .max = 9007199254740991.0},
              seed);
  }
};

template <class Variant, std::size_t... Index>
Variant alternative(std::size_t index, std::index_sequence<Index...>) {
  Variant value;
  ((Index == index ? static_cast<void>(value.template emplace<Index>()) : void()), ...);
  return value;
}

/// Reads {"kind": ..., options of that kind}; the variant's alternatives stand in the order of the catalog.
template <class Variant, class Entry>
void read_kind(const Json& json, const std::string& key, const std::vector<Entry>& catalog, Variant& value,
               std::vector<Problem>& problems) {
  static_assert(std::variant_size_v<Variant> > 0);
  if (!json.contains(key)) return problems.push_back({key, "is missing", R"(write {"kind": ...})"});
  const Json& object = json[key];
  if (!object.is_object()) return problems.push_back({key, "must be an object", R"(write {"kind": ...})"});
  std::vector<std::string> kinds;
  std::string list;
  for (const Entry& entry : catalog) {
    kinds.push_back(entry.kind);
    list += (list.empty() ? "" : ", ") + entry.kind;
  }
  const auto found = object.find("kind");
  if (found == object.end()) return problems.push_back({key + ".kind", "is missing", "one of: " + list});
  const std::string kind = found->is_string() ? found->template get<std::string>() : std::string();
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (kinds[i] != kind) continue;
    value = alternative<Variant>(i, std::make_index_sequence<std::variant_size_v<Variant>>());
    std::visit([&](auto& options) { read_options(object, key, options, problems, {"kind"}); }, value);
    return;
  }
  const std::string meant = closest(kind, kinds);
  problems.push_back(
      {key + ".kind", "must be one of: " + list, meant.empty() ? "" : "did you mean \"" + meant + "\"?"});
}

template <class Options>
void read_section(const Json& json, const std::string& key, bool required, Options& options,
                  std::vector<Problem>& problems) {
  if (json.contains(key))
    read_options(json[key], key, options, problems);
  else if (required)
    problems.push_back({key, "is missing", {}});
}

void read_exports(const Json& json, std::vector<ExportOptions>& exports, std::vector<Problem>& problems) {
  const auto found = json.find("export");
  if (found == json.end()) return;
  if (!found->is_array())
    return problems.push_back({"export", "must be a list", R"(like [{"format": "huggingface"}])"});
  for (std::size_t i = 0; i < found->size(); ++i)
    read_options((*found)[i], "export." + std::to_string(i), exports.emplace_back(), problems);
}

/// False when the rest of the document need not be looked at.
bool check_version(const Json& json, std::vector<Problem>& problems) {
  if (!json.is_object()) {
    problems.push_back({"", "a recipe must be a JSON object", R"(it starts with {"luthier": 1, ...)"});
    return false;
  }
  const auto found = json.find("luthier");
  if (found == json.end()) {
    problems.push_back({"luthier", "is missing", R"(every recipe says "luthier": 1)"});
    return true;
  }
  if (found->is_number_integer() && *found > kRecipeVersion) {
    problems.push_back({"luthier",
                        "this recipe is of version " + found->dump() + "; this Luthier reads up to version " +
                            std::to_string(kRecipeVersion),
                        "install a newer Luthier"});
    return false;
  }
  if (!found->is_number_integer() || *found < 1)
    problems.push_back({"luthier", "must be the recipe's version", "write 1"});
  return true;
}

bool covered(const std::vector<Problem>& problems, const std::string& path) {
  for (const Problem& one : problems)
    if (path == one.path || path.rfind(one.path + ".", 0) == 0) return true;
  return false;
}

Recipe read(const Json& document, std::vector<Problem>& problems) {
  Recipe recipe;
  if (!check_version(document, problems)) return recipe;
  Json json = document;
  if (json.contains("data") && json["data"].is_object() && json["data"].contains("header"))
    if (Json& header = json["data"]["header"]; header.is_boolean()) header = header.get<bool>() ? "yes" : "no";

  Head head;
  std::vector<std::string> sections = kSections;
  read_options(json, "", head, problems, sections);
  for (Problem& problem : problems)  // a slip in a section's name deserves the same hint as one in an option's
    if (problem.message == "is not known here")
      if (const std::string meant = closest(problem.path, sections); !meant.empty() && !json.contains(meant))
        problem.hint = "did you mean \"" + meant + "\"?";
  recipe.name = head.name;
  recipe.seed = head.seed;
  read_kind(json, "objective", objectives(), recipe.objective, problems);
  read_section(json, "model", true, recipe.model, problems);
  read_section(json, "data", true, recipe.data, problems);
  read_kind(json, "method", methods(), recipe.method, problems);
  read_section(json, "training", false, recipe.training, problems);
  read_exports(json, recipe.exports, problems);
  if (json.contains("adaptation") && !json["adaptation"].is_null())
    read_options(json["adaptation"], "adaptation", recipe.adaptation.emplace(), problems);

  std::vector<Problem> more = combination_problems(recipe);
  const bool kinds_known = !covered(problems, "objective.kind") && !covered(problems, "method.kind");
  for (Problem& problem : more)
    if (kinds_known && !covered(problems, problem.path)) problems.push_back(std::move(problem));
  return recipe;
}

template <class Variant>
Json with_kind(const Variant& value, const std::string& kind) {
  Json object = std::visit([](const auto& options) { return write_options(options); }, value);
  object["kind"] = kind;
  return object;
}

}  // namespace

std::string kind_of(const ObjectiveOptions& objective) { return objectives().at(objective.index()).kind; }
std::string kind_of(const MethodOptions& method) { return methods().at(method.index()).kind; }

Recipe read_recipe(const std::filesystem::path& file) {
  const auto folder = std::filesystem::absolute(file).parent_path();
  return recipe_from_json(read_json(file, kSizeLimitBytes), folder, file.string());
}

Recipe recipe_from_json(const Json& json, const std::filesystem::path& folder, const std::string& where) {
  std::vector<Problem> problems;
  Recipe recipe = read(json, problems);
  if (!problems.empty())
    fail_with(problems, problems.size() == 1 ? "the recipe has a problem" : "the recipe has problems", where);
  recipe.folder = folder;
  return recipe;
}

Recipe read_draft(const Json& json, const std::filesystem::path& folder, std::vector<Problem>& problems) {
  Recipe recipe = read(json, problems);
  recipe.folder = folder;
  return recipe;
}

std::vector<Problem> recipe_problems(const Json& json) {
  std::vector<Problem> problems;
  read(json, problems);
  return problems;
}

Json recipe_to_json(const Recipe& recipe) {
  Json exports = Json::array();
  for (const ExportOptions& one : recipe.exports) exports.push_back(write_options(one));
  return {{"luthier", kRecipeVersion},
          {"name", recipe.name},
          {"seed", recipe.seed},
          {"objective", with_kind(recipe.objective, kind_of(recipe.objective))},
          {"model", write_options(recipe.model)},
          {"data", write_options(recipe.data)},
          {"method", with_kind(recipe.method, kind_of(recipe.method))},
          {"training", write_options(recipe.training)},
          {"export", std::move(exports)},
          {"adaptation", recipe.adaptation ? write_options(*recipe.adaptation) : Json(nullptr)}};
}

}  // namespace luthier
