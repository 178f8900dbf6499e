#include "eval/text_pieces.h"

#include <algorithm>
#include <unordered_map>

#include "text/unicode.h"

namespace luthier {

namespace {

/// Unicode's White_Space and the four information separators, as Python's str.isspace().
bool is_space(char32_t c) { return text::is_white_space(c) || (c >= 0x1C && c <= 0x1F); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// mteval-v13a's punctuation: all of ASCII's but the apostrophe, comma, hyphen and full stop; the space is among it.
bool stands_alone(char c) {
  return (c >= '{' && c <= '~') || (c >= '[' && c <= '`') || (c >= ' ' && c <= '&') || (c >= '(' && c <= '+') ||
         (c >= ':' && c <= '@') || c == '/';
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
}

/// Where `matches(a, b)` holds for two neighbours, `put` writes them; a byte belongs to one match at most, the first.
/// Bytes do for code points here: what is looked for is ASCII, and any other byte counts as "no digit".
template <class Matches, class Put>
std::string pairs_replaced(const std::string& text, Matches matches, Put put) {
  std::string out;
  std::size_t at = 0;
  for (; at + 1 < text.size(); ++at) {
    if (matches(text[at], text[at + 1])) {
      put(out, text[at], text[at + 1]);
      ++at;
    } else {
      out += text[at];
    }
  }
  if (at < text.size()) out += text[at];
  return out;
}

}  // namespace

std::vector<std::string> words_of(std::string_view raw) {
  const std::string text = text::repaired_utf8(raw);
  std::vector<std::string> words;
  std::string word;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    const char32_t c = text::next_code_point(at);
    if (!is_space(c)) {
      text::append(word, c);
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

std::string trimmed(std::string_view raw) {
  const std::string text = text::repaired_utf8(raw);
  std::size_t first = text.size(), last = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    const auto start = static_cast<std::size_t>(at - text.data());
    if (is_space(text::next_code_point(at))) continue;
    first = std::min(first, start);
    last = static_cast<std::size_t>(at - text.data());
  }
  return first < last ? text.substr(first, last - first) : std::string();
}

std::u32string letters_of(std::string_view raw, bool spaces) {
  std::u32string letters = text::to_utf32(text::repaired_utf8(raw));
  if (!spaces) std::erase_if(letters, is_space);
  return letters;
}

std::vector<std::string> tokens_13a(std::string_view raw) {
  std::string text(raw);
  replace_all(text, "<skipped>", "");
  replace_all(text, "-\n", "");
  replace_all(text, "\n", " ");
  replace_all(text, "&quot;", "\"");
  replace_all(text, "&amp;", "&");
  replace_all(text, "&lt;", "<");
  replace_all(text, "&gt;", ">");
  std::string spaced = " ";
  for (const char c : text) {
    if (stands_alone(c))
      spaced.append({' ', c, ' '});
    else
      spaced += c;
  }
  spaced += ' ';
  const auto point = [](char c) { return c == '.' || c == ','; };
  spaced = pairs_replaced(
      spaced, [&](char a, char b) { return !is_digit(a) && point(b); },
      [](std::string& out, char a, char b) { out.append({a, ' ', b, ' '}); });
  spaced = pairs_replaced(
      spaced, [&](char a, char b) { return point(a) && !is_digit(b); },
      [](std::string& out, char a, char b) { out.append({' ', a, ' ', b}); });
  spaced = pairs_replaced(
      spaced, [](char a, char b) { return is_digit(a) && b == '-'; },
      [](std::string& out, char a, char b) { out.append({a, ' ', b, ' '}); });
  return words_of(spaced);
}

std::vector<std::string> rouge_tokens(std::string_view raw) {
  std::vector<std::string> tokens;
  std::string token;
  const auto end_token = [&] {
    if (!token.empty()) tokens.push_back(std::move(token));
    token.clear();
  };
  for (const char32_t c : text::to_utf32(text::repaired_utf8(raw))) {
    char32_t lower[2];
    const int count = text::lower_case(c, lower);
    for (int i = 0; i < count; ++i) {
      const bool kept = (lower[i] >= 'a' && lower[i] <= 'z') || (lower[i] >= '0' && lower[i] <= '9');
      if (kept)
        token += static_cast<char>(lower[i]);
      else
        end_token();
    }
  }
  end_token();
  return tokens;
}

std::pair<std::u32string, std::u32string> numbered(const std::vector<std::string>& a,
                                                   const std::vector<std::string>& b) {
  std::unordered_map<std::string_view, char32_t> numbers;
  std::pair<std::u32string, std::u32string> both;
  const auto number = [&](const std::vector<std::string>& words, std::u32string& out) {
    for (const std::string& word : words)
      out += numbers.emplace(word, static_cast<char32_t>(numbers.size())).first->second;
  };
  number(a, both.first);
  number(b, both.second);
  return both;
}

}  // namespace luthier
