#include "methods/name_pattern.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <memory>
#include <regex>

#include "base/error.h"

namespace luthier {

namespace {

constexpr std::size_t kLongestExpression = 4000;
constexpr std::uint64_t kMostStates = 20000;

/// Repetition counts multiply the size of the compiled expression; a short text must not blow it up.
bool is_too_large(const std::string& expression) {
  if (expression.size() > kLongestExpression) return true;
  std::uint64_t states = expression.size();
  for (std::size_t i = 0; i < expression.size(); ++i) {
    if (expression[i] != '{') continue;
    std::uint64_t largest = 1, number = 0;
    for (++i;
         i < expression.size() && (std::isdigit(static_cast<unsigned char>(expression[i])) || expression[i] == ',');
         ++i) {
      number = expression[i] == ',' ? 0 : std::min<std::uint64_t>(number * 10 + (expression[i] - '0'), kMostStates);
      largest = std::max(largest, number);
    }
    states *= largest;
    if (states > kMostStates) return true;
  }
  return false;
}

}  // namespace

NameTest full_match(const std::string& expression, const std::string& where) {
  if (is_too_large(expression)) fail(ErrorKind::bad_input, "this regular expression is too large", where);
  auto flags = std::regex::ECMAScript | std::regex::nosubs;
#ifdef __GLIBCXX__
  flags |= std::regex_constants::__polynomial;  // no backtracking: a hostile expression cannot hang the program
#endif
  try {
    const auto compiled = std::make_shared<const std::regex>(expression, flags);
    return [compiled](const std::string& name) { return std::regex_match(name, *compiled); };
  } catch (const std::regex_error& error) {
    fail(ErrorKind::bad_input,
         "this regular expression cannot be read: " + expression.substr(0, 200) + " (" + error.what() + ")", where,
         "give a list of name endings instead");
  }
}

bool ends_in_any(const std::string& name, const std::vector<std::string>& endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [&](const std::string& ending) { return name == ending || name.ends_with("." + ending); });
}

bool lies_in_any(const std::string& name, const std::vector<std::string>& parts) {
  const std::string framed = "." + name + ".";
  return std::any_of(parts.begin(), parts.end(), [&](const std::string& part) {
    return !part.empty() && framed.find("." + part + ".") != std::string::npos;
  });
}

}  // namespace luthier
