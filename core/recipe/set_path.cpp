#include <nlohmann/json.hpp>

#include "base/error.h"
#include "recipe/recipe.h"

namespace luthier {

namespace {

/// The member or element `key` of `target`, made if absent.
Json& step_into(Json& target, const std::string& key, const std::string& assignment) {
  if (target.is_null()) target = Json::object();
  if (target.is_object()) return target[key];
  if (target.is_array()) {
    const bool number = !key.empty() && key.size() < 6 && key.find_first_not_of("0123456789") == std::string::npos;
    const std::size_t index = number ? std::stoul(key) : target.size() + 1;
    if (index < target.size()) return target[index];
    if (index == target.size()) return target.emplace_back();
    fail(ErrorKind::bad_input, "\"" + key + "\" is not an entry of a list of " + std::to_string(target.size()),
         assignment, "entries count from 0; the next free number adds one");
  }
  fail(ErrorKind::bad_input, "there is nothing below that value to set \"" + key + "\" in", assignment,
       "check the path: luthier-cli describe lists the options");
}

}  // namespace

void set_path(Json& json, const std::string& assignment) {
  const std::size_t equals = assignment.find('=');
  const std::string path = assignment.substr(0, equals);
  if (equals == std::string::npos || path.empty() || path.front() == '.' || path.back() == '.' ||
      path.find("..") != std::string::npos)
    fail(ErrorKind::bad_input, "this is not of the form path=value", assignment,
         "write it like training.learning_rate=1e-3");
  const std::string text = assignment.substr(equals + 1);
  Json value = Json::parse(text, nullptr, false);
  if (value.is_discarded()) value = text;

  Json* target = &json;
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find('.', start), path.size());
    target = &step_into(*target, path.substr(start, end - start), assignment);
    start = end + 1;
  }
  *target = std::move(value);
}

}  // namespace luthier
