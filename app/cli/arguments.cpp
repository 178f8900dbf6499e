#include "cli/arguments.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "base/error.h"
#include "base/options.h"
#include "base/strings.h"

namespace luthier {

Arguments::Arguments(const std::vector<std::string>& words, std::string usage, const std::vector<std::string>& valued,
                     const std::vector<std::string>& flags)
    : usage_(std::move(usage)) {
  bool only_positions = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (only_positions || word.size() < 2 || word[0] != '-' || word.rfind("--", 0) != 0) {
      positions_.push_back(word);
      continue;
    }
    if (word == "--") {
      only_positions = true;
      continue;
    }
    const auto equals = word.find('=');
    const std::string name = word.substr(0, equals);
    if (contains(valued, name)) {
      if (equals != std::string::npos)
        values_.emplace_back(name, word.substr(equals + 1));
      else if (i + 1 < words.size())
        values_.emplace_back(name, words[++i]);
      else
        wrong(name + " needs a value");
    } else if ((contains(flags, name) || name == "--json") && equals == std::string::npos) {
      flags_.push_back(name);
    } else {
      std::vector<std::string> known = valued;
      known.insert(known.end(), flags.begin(), flags.end());
      const std::string meant = closest(name, known);
      wrong("unknown option " + name + (meant.empty() ? "" : ", did you mean " + meant + "?"));
    }
  }
}

void Arguments::wrong(const std::string& message) const { fail(ErrorKind::bad_input, message, {}, "usage: " + usage_); }

bool Arguments::flag(const std::string& name) const { return contains(flags_, name); }

std::optional<std::string> Arguments::value(const std::string& name) const {
  for (auto entry = values_.rbegin(); entry != values_.rend(); ++entry)
    if (entry->first == name) return entry->second;
  return std::nullopt;
}

std::vector<std::string> Arguments::values(const std::string& name) const {
  std::vector<std::string> found;
  for (const auto& [key, value] : values_)
    if (key == name) found.push_back(value);
  return found;
}

std::string Arguments::required(const std::string& name) const {
  if (const auto found = value(name)) return *found;
  wrong(name + " is missing");
}

std::int64_t Arguments::integer(const std::string& name, std::int64_t fallback) const {
  const auto text = value(name);
  if (!text) return fallback;
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (code != std::errc() || end != text->data() + text->size()) wrong(name + " needs a whole number, not " + *text);
  return number;
}

double Arguments::number(const std::string& name, double fallback) const {
  const auto text = value(name);
  if (!text) return fallback;
  char* end = nullptr;
  const double number = std::strtod(text->c_str(), &end);
  if (text->empty() || end != text->c_str() + text->size()) wrong(name + " needs a number, not " + *text);
  return number;
}

std::string Arguments::position(std::size_t index, const std::string& what) const {
  if (index >= positions_.size()) wrong(what + " is missing");
  return positions_[index];
}

void Arguments::at_most(std::size_t positions) const {
  if (positions_.size() > positions) wrong("\"" + positions_[positions] + "\" is one word too many");
}

}  // namespace luthier
