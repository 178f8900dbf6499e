#include "text/place.h"

#include <nlohmann/json.hpp>

namespace luthier::text {

namespace {

/// Keys and texts of the file inside a message: cut, because a hostile file may hold anything.
std::string shown(const std::string& text) { return text.size() <= 80 ? text : text.substr(0, 77) + "..."; }

}  // namespace

Place::Place(const Json& value, std::string file, std::string path)
    : value_(&value), file_(std::move(file)), path_(std::move(path)) {}

std::string Place::where() const { return path_.empty() ? file_ : file_ + ": " + path_; }

void Place::require_object() const {
  if (!value_->is_object()) bad("expected an object, found " + std::string(value_->type_name()));
}

bool Place::has(const std::string& key) const {
  require_object();
  const auto found = value_->find(key);
  return found != value_->end() && !found->is_null();
}

Place Place::at(const std::string& key) const {
  if (!has(key)) bad("\"" + shown(key) + "\" is missing");
  return {(*value_)[key], file_, path_.empty() ? key : path_ + "." + key};
}

std::vector<Place> Place::items() const {
  if (!value_->is_array()) bad("expected a list, found " + std::string(value_->type_name()));
  std::vector<Place> result;
  result.reserve(value_->size());
  for (std::size_t i = 0; i < value_->size(); ++i)
    result.emplace_back((*value_)[i], file_, path_ + "[" + std::to_string(i) + "]");
  return result;
}

std::string Place::text() const {
  if (!value_->is_string()) bad("expected a text, found " + std::string(value_->type_name()));
  return value_->get<std::string>();
}

bool Place::flag() const {
  if (!value_->is_boolean()) bad("expected true or false, found " + std::string(value_->type_name()));
  return value_->get<bool>();
}

std::int64_t Place::whole(std::int64_t least, std::int64_t most) const {
  if (!value_->is_number_integer()) bad("expected a whole number, found " + std::string(value_->type_name()));
  const bool huge =
      value_->is_number_unsigned() && value_->get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
  const auto number = huge ? INT64_MAX : value_->get<std::int64_t>();
  if (number < least || number > most)
    bad("the number " + value_->dump() + " is outside " + std::to_string(least) + " to " + std::to_string(most));
  return number;
}

std::string Place::text(const std::string& key, const std::string& otherwise) const {
  return has(key) ? at(key).text() : otherwise;
}

bool Place::flag(const std::string& key, bool otherwise) const { return has(key) ? at(key).flag() : otherwise; }

std::int64_t Place::whole(const std::string& key, std::int64_t otherwise, std::int64_t least, std::int64_t most) const {
  return has(key) ? at(key).whole(least, most) : otherwise;
}

std::string Place::type() const { return at("type").text(); }

void Place::bad(const std::string& message, const std::string& hint) const {
  fail(ErrorKind::bad_input, message, where(), hint.empty() ? "download the tokenizer again" : hint);
}

void Place::unknown_type(const std::string& what) const {
  fail(ErrorKind::unsupported, "the " + what + " \"" + shown(type()) + "\" is not supported", where(),
       "use a model with another tokenizer");
}

}  // namespace luthier::text
