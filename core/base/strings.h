#pragma once
// Small things about text and lists that every module needs.
#include <algorithm>
#include <string>
#include <string_view>

namespace luthier {

/// `text` without ASCII white space (blank, tab, line feed, carriage return, vertical tab, form feed) at both ends.
inline std::string without_blanks(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n\v\f";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(blanks) - first + 1));
}

template <class List, class Item>
bool contains(const List& list, const Item& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

}  // namespace luthier
