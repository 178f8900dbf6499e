#include "base/options.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/edit_distance.h"
#include "base/error.h"

namespace luthier {

namespace {

Json how_often_json(const HowOften& value) { return {{"value", value.value}, {"unit", value.unit}}; }

class SpecVisitor : public OptionVisitor {
 public:
  std::vector<OptionSpec> specs;

  void boolean(const OptionInfo& info, bool& value) override { add(info, "boolean", Json(value)); }
  void integer(const OptionInfo& info, std::int64_t& value) override { add(info, "integer", Json(value)); }
  void number(const OptionInfo& info, double& value) override { add(info, "number", Json(value)); }
  void text(const OptionInfo& info, std::string& value) override { add(info, "text", Json(value)); }
  void choice(const OptionInfo& info, const std::vector<std::string>& choices, std::string& value) override {
    add(info, "choice", Json(value)).choices = choices;
  }
  void texts(const OptionInfo& info, std::vector<std::string>& value) override { add(info, "texts", Json(value)); }
  void numbers_by_name(const OptionInfo& info, std::vector<std::pair<std::string, double>>&) override {
    add(info, "numbers_by_name", Json::object());
  }
  void texts_by_name(const OptionInfo& info, std::vector<std::pair<std::string, std::string>>&) override {
    add(info, "texts_by_name", Json::object());
  }
  void how_often(const OptionInfo& info, HowOften& value) override { add(info, "how_often", how_often_json(value)); }
  void text_or_list(const OptionInfo& info, std::vector<std::string>& value, bool& is_list) override {
    add(info, "text_or_list", is_list || value.empty() ? Json(value) : Json(value.front()));
  }
  void group(const OptionInfo& info, const std::function<void(OptionVisitor&)>& describe, bool* present) override {
    SpecVisitor inner;
    describe(inner);
    add(info, "group", present && !*present ? Json() : Json::object()).children = std::move(inner.specs);
  }

 private:
  OptionSpec& add(const OptionInfo& info, const char* type, const Json& value) {
    specs.push_back({info, type, {}, value.dump(), {}});
    return specs.back();
  }
};

class WriteVisitor : public OptionVisitor {
 public:
  Json object = Json::object();

  void boolean(const OptionInfo& info, bool& value) override { object[info.key] = value; }
  void integer(const OptionInfo& info, std::int64_t& value) override { object[info.key] = value; }
  void number(const OptionInfo& info, double& value) override { object[info.key] = value; }
  void text(const OptionInfo& info, std::string& value) override { object[info.key] = value; }
  void choice(const OptionInfo& info, const std::vector<std::string>&, std::string& value) override {
    object[info.key] = value;
  }
  void texts(const OptionInfo& info, std::vector<std::string>& value) override { object[info.key] = value; }
  void numbers_by_name(const OptionInfo& info, std::vector<std::pair<std::string, double>>& value) override {
    table(info, value);
  }
  void texts_by_name(const OptionInfo& info, std::vector<std::pair<std::string, std::string>>& value) override {
    table(info, value);
  }
  void how_often(const OptionInfo& info, HowOften& value) override { object[info.key] = how_often_json(value); }
  void text_or_list(const OptionInfo& info, std::vector<std::string>& value, bool& is_list) override {
    if (is_list || value.empty())
      object[info.key] = value;
    else
      object[info.key] = value.front();
  }
  void group(const OptionInfo& info, const std::function<void(OptionVisitor&)>& describe, bool* present) override {
    if (present && !*present) {
      object[info.key] = nullptr;
      return;
    }
    WriteVisitor inner;
    describe(inner);
    object[info.key] = std::move(inner.object);
  }

 private:
  template <class Table>
  void table(const OptionInfo& info, const Table& value) {
    Json& target = object[info.key] = Json::object();
    for (const auto& [name, entry] : value) target[name] = entry;
  }
};

class ReadVisitor : public OptionVisitor {
 public:
  ReadVisitor(const Json& object, std::string path, std::vector<Problem>& problems)
      : object_(object), path_(std::move(path)), problems_(problems) {}

  std::vector<std::string> known;

  void boolean(const OptionInfo& info, bool& value) override {
    const Json* found = find(info);
    if (!found) return;
    if (found->is_boolean())
      value = found->get<bool>();
    else
      wrong(info, "must be true or false", *found);
  }
  void integer(const OptionInfo& info, std::int64_t& value) override {
    const Json* found = find(info);
    if (!found) return;
    const bool whole = found->is_number_integer() ||
                       (found->is_number_float() && std::floor(found->get<double>()) == found->get<double>() &&
                        std::abs(found->get<double>()) < 9e15);
    if (!whole) return wrong(info, "must be a whole number", *found);
    if (in_range(info, found->get<double>(), *found)) value = found->get<std::int64_t>();
  }
  void number(const OptionInfo& info, double& value) override {
    const Json* found = find(info);
    if (!found) return;
    if (!found->is_number()) return wrong(info, "must be a number", *found);
    if (in_range(info, found->get<double>(), *found)) value = found->get<double>();
  }
  void text(const OptionInfo& info, std::string& value) override {
    const Json* found = find(info);
    if (!found) return;
    if (found->is_string())
      value = found->get<std::string>();
    else
      wrong(info, "must be a text", *found);
  }
  void choice(const OptionInfo& info, const std::vector<std::string>& choices, std::string& value) override {
    const Json* found = find(info);
    if (!found) return;
    if (found->is_string() && std::find(choices.begin(), choices.end(), found->get<std::string>()) != choices.end()) {
      value = found->get<std::string>();
      return;
    }
    std::string list;
    for (const std::string& one : choices) list += (list.empty() ? "" : ", ") + one;
    wrong(info, "must be one of: " + list, *found);
  }
  void texts(const OptionInfo& info, std::vector<std::string>& value) override {
    if (const Json* found = find(info)) read_texts(info, *found, value);
  }
  void numbers_by_name(const OptionInfo& info, std::vector<std::pair<std::string, double>>& value) override {
    const Json* found = find(info);
    if (!found) return;
    if (!found->is_object()) return wrong(info, "must be an object of numbers", *found);
    value.clear();
    for (const auto& [name, entry] : found->items()) {
      if (!entry.is_number())
        wrong(info, "must hold numbers only", entry, "." + name);
      else if (in_range(info, entry.get<double>(), entry, "." + name))
        value.emplace_back(name, entry.get<double>());
    }
  }
  void texts_by_name(const OptionInfo& info, std::vector<std::pair<std::string, std::string>>& value) override {
    const Json* found = find(info);
    if (!found) return;
    if (!found->is_object()) return wrong(info, "must be an object of texts", *found);
    value.clear();
    for (const auto& [name, entry] : found->items()) {
      if (!entry.is_string())
        wrong(info, "must hold texts only", entry, "." + name);
      else
        value.emplace_back(name, entry.get<std::string>());
    }
  }
  void how_often(const OptionInfo& info, HowOften& value) override {
    const Json* found = find(info);
    if (!found) return;
    static const std::vector<std::string> units = {"step", "epoch", "minute", "run"};
    const bool right = found->is_object() && found->size() == 2 && found->contains("value") &&
                       found->contains("unit") && (*found)["value"].is_number() && (*found)["unit"].is_string() &&
                       std::find(units.begin(), units.end(), (*found)["unit"].get<std::string>()) != units.end();
    if (!right)
      return wrong(info, R"(must be like {"value": 1, "unit": "epoch"}; units are step, epoch, minute and run)",
                   *found);
    const double amount = (*found)["value"].get<double>();
    if (!(amount >= 0)) return wrong(info, "must not be negative", *found, ".value");
    value = {amount, (*found)["unit"].get<std::string>()};
  }
  void text_or_list(const OptionInfo& info, std::vector<std::string>& value, bool& is_list) override {
    const Json* found = find(info);
    if (!found) return;
    is_list = !found->is_string();
    if (is_list)
      read_texts(info, *found, value);
    else
      value = {found->get<std::string>()};
  }
  void group(const OptionInfo& info, const std::function<void(OptionVisitor&)>& describe, bool* present) override {
    const Json* found = find(info);
    if (!found) return;
    if (found->is_null() && present) {
      *present = false;
      return;
    }
    if (present) *present = true;
    detail::read(*found, path_of(info), {}, describe, problems_);
  }

 private:
  std::string path_of(const OptionInfo& info) const { return path_.empty() ? info.key : path_ + "." + info.key; }

  const Json* find(const OptionInfo& info) {
    known.push_back(info.key);
    const auto found = object_.find(info.key);
    if (found != object_.end()) return &*found;
    if (info.required) problems_.push_back({path_of(info), "is missing", info.help});
    return nullptr;
  }

  void wrong(const OptionInfo& info, const std::string& message, const Json& value, const std::string& below = {}) {
    std::string shown = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (shown.size() > 60) shown = shown.substr(0, 57) + "...";
    problems_.push_back({path_of(info) + below, message + ", not " + shown, {}});
  }

  bool in_range(const OptionInfo& info, double value, const Json& shown, const std::string& below = {}) {
    if (value >= info.min && value <= info.max) return true;
    std::ostringstream text;
    if (std::isfinite(info.min) && std::isfinite(info.max))
      text << "must be from " << info.min << " to " << info.max;
    else if (std::isfinite(info.min))
      text << "must be at least " << info.min;
    else
      text << "must be at most " << info.max;
    wrong(info, text.str(), shown, below);
    return false;
  }

  void read_texts(const OptionInfo& info, const Json& found, std::vector<std::string>& value) {
    if (!found.is_array()) return wrong(info, "must be a list of texts", found);
    std::vector<std::string> all;
    for (const Json& entry : found) {
      if (!entry.is_string()) return wrong(info, "must hold texts only", entry);
      all.push_back(entry.get<std::string>());
    }
    value = std::move(all);
  }

  const Json& object_;
  std::string path_;
  std::vector<Problem>& problems_;
};

}  // namespace

namespace detail {

std::vector<OptionSpec> specs(const std::function<void(OptionVisitor&)>& describe) {
  SpecVisitor visitor;
  describe(visitor);
  return std::move(visitor.specs);
}

Json write(const std::function<void(OptionVisitor&)>& describe) {
  WriteVisitor visitor;
  describe(visitor);
  return std::move(visitor.object);
}

void read(const Json& object, const std::string& path, const std::vector<std::string>& other_keys,
          const std::function<void(OptionVisitor&)>& describe, std::vector<Problem>& problems) {
  const Json empty = Json::object();
  if (!object.is_object()) problems.push_back({path, "must be an object", {}});
  ReadVisitor visitor(object.is_object() ? object : empty, path, problems);
  describe(visitor);
  if (!object.is_object()) return;
  for (const auto& [key, value] : object.items()) {
    const auto is_key = [&key = key](const std::string& one) { return one == key; };
    if (std::any_of(visitor.known.begin(), visitor.known.end(), is_key) ||
        std::any_of(other_keys.begin(), other_keys.end(), is_key))
      continue;
    const std::string meant = closest(key, visitor.known);
    problems.push_back({path.empty() ? key : path + "." + key, "is not known here",
                        meant.empty() ? "remove it" : "did you mean \"" + meant + "\"?"});
  }
}

}  // namespace detail

std::string closest(const std::string& key, const std::vector<std::string>& known) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, key.size() / 3) + 1;
  for (const std::string& candidate : known)
    if (const std::size_t distance = edits_between(key, candidate); distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  return best;
}

void fail_with(const std::vector<Problem>& problems, const std::string& what, const std::string& where) {
  std::string message = what;
  for (const Problem& problem : problems) {
    message += "\n  " + problem.path + (problem.path.empty() ? "" : ": ") + problem.message;
    if (!problem.hint.empty()) message += " (" + problem.hint + ")";
  }
  fail(ErrorKind::bad_input, message, where,
       problems.size() == 1 ? "correct it, then try again" : "correct these, then try again");
}

Json specs_to_json(const std::vector<OptionSpec>& specs) {
  Json list = Json::array();
  for (const OptionSpec& spec : specs) {
    Json one = {{"key", spec.info.key},
                {"type", spec.type},
                {"label", spec.info.label},
                {"help", spec.info.help},
                {"default", Json::parse(spec.default_json)},
                {"level", spec.info.level == OptionLevel::simple ? "simple" : "advanced"}};
    if (!spec.info.unit.empty()) one["unit"] = spec.info.unit;
    if (std::isfinite(spec.info.min)) one["min"] = spec.info.min;
    if (std::isfinite(spec.info.max)) one["max"] = spec.info.max;
    if (!spec.info.shown_when.empty()) one["shown_when"] = spec.info.shown_when;
    if (spec.info.required) one["required"] = true;
    if (!spec.choices.empty()) one["choices"] = spec.choices;
    if (!spec.children.empty()) one["options"] = specs_to_json(spec.children);
    list.push_back(std::move(one));
  }
  return list;
}

std::string specs_to_help(const std::vector<OptionSpec>& specs, int indent, int width) {
  std::string text;
  const std::string margin(static_cast<std::size_t>(indent), ' ');
  for (const OptionSpec& spec : specs) {
    text += margin + spec.info.key;
    if (spec.type != "group") text += " = " + spec.default_json + (spec.info.unit.empty() ? "" : " " + spec.info.unit);
    if (!spec.choices.empty()) {
      std::string list;
      for (const std::string& one : spec.choices) list += (list.empty() ? "" : " | ") + one;
      text += "   (" + list + ")";
    }
    text += "\n";
    std::istringstream words(spec.info.help);
    std::string line, word;
    const std::string deeper = margin + "    ";
    while (words >> word) {
      if (!line.empty() && deeper.size() + line.size() + 1 + word.size() > static_cast<std::size_t>(width)) {
        text += deeper + line + "\n";
        line.clear();
      }
      line += (line.empty() ? "" : " ") + word;
    }
    if (!line.empty()) text += deeper + line + "\n";
    text += specs_to_help(spec.children, indent + 4, width);
  }
  return text;
}

}  // namespace luthier
