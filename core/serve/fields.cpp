#include "serve/fields.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/options.h"

namespace luthier {

namespace {

std::string shown(const Json& value) {
  const std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  return text.size() <= 40 ? text
                           : "a " + std::string(value.type_name()) + " of " + std::to_string(text.size()) + " bytes";
}

[[noreturn]] void wrong(const std::string& key, const std::string& wanted, const Json& value) {
  fail(ErrorKind::bad_input, key + " must be " + wanted + ", not " + shown(value), key);
}

std::string number_text(double value) { return Json(value).dump(); }

}  // namespace

Fields::Fields(const Json& body, const std::vector<std::string>& known) : body_(body) {
  if (!body.is_object())
    fail(ErrorKind::bad_input, "the body must be a JSON object, not " + shown(body), "body",
         "send an object such as {\"" + known.front() + "\": ...}");
  for (const auto& [key, value] : body.items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const std::string meant = closest(key, known);
    std::string all = known.front();
    for (std::size_t i = 1; i < known.size(); ++i) all += ", " + known[i];
    fail(ErrorKind::bad_input, "there is no option " + shown(key), shown(key),
         meant.empty() ? "known are " + all : "did you mean " + meant + "?");
  }
}

const Json* Fields::find(const std::string& key) const {
  const auto found = body_.find(key);
  return found == body_.end() || found->is_null() ? nullptr : &*found;
}

std::string Fields::text(const std::string& key) const {
  if (!has(key)) fail(ErrorKind::bad_input, key + " is missing", key, "give it as a text");
  return text(key, "");
}

std::string Fields::text(const std::string& key, const std::string& fallback) const {
  const Json* value = find(key);
  if (!value) return fallback;
  if (!value->is_string()) wrong(key, "a text", *value);
  return value->get<std::string>();
}

std::vector<std::string> Fields::texts(const std::string& key, std::size_t most) const {
  const Json* value = find(key);
  if (!value) return {};
  if (value->is_string()) return {value->get<std::string>()};
  if (!value->is_array()) wrong(key, "a list of texts", *value);
  if (value->size() > most)
    fail(ErrorKind::bad_input, key + " has " + std::to_string(value->size()) + " entries", key,
         "send at most " + std::to_string(most) + " at once");
  std::vector<std::string> texts;
  for (const Json& entry : *value) {
    if (!entry.is_string()) wrong(key, "a list of texts", entry);
    texts.push_back(entry.get<std::string>());
  }
  return texts;
}

double Fields::number(const std::string& key, double fallback, double low, double high) const {
  const Json* value = find(key);
  if (!value) return fallback;
  const std::string range = "a number from " + number_text(low) + " to " + number_text(high);
  if (!value->is_number()) wrong(key, range, *value);
  const double number = value->get<double>();
  if (!(number >= low && number <= high)) wrong(key, range, *value);
  return number;
}

std::int64_t Fields::integer(const std::string& key, std::int64_t fallback, std::int64_t low, std::int64_t high) const {
  const Json* value = find(key);
  if (!value) return fallback;
  const std::string range = "a whole number from " + std::to_string(low) + " to " + std::to_string(high);
  if (!value->is_number_integer()) wrong(key, range, *value);
  const bool too_large = value->is_number_unsigned() &&
                         value->get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()};
  if (too_large || value->get<std::int64_t>() < low || value->get<std::int64_t>() > high) wrong(key, range, *value);
  return value->get<std::int64_t>();
}

bool Fields::flag(const std::string& key, bool fallback) const {
  const Json* value = find(key);
  if (!value) return fallback;
  if (!value->is_boolean()) wrong(key, "true or false", *value);
  return value->get<bool>();
}

void Fields::only(const std::string& key, const std::vector<Json>& allowed) const {
  const Json* value = find(key);
  if (value && std::find(allowed.begin(), allowed.end(), *value) == allowed.end())
    fail(ErrorKind::unsupported, key + " is not supported", key, "leave it out");
}

}  // namespace luthier
