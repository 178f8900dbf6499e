#include "text/aligned_text.h"

#include "text/unicode.h"

namespace luthier::text {

AlignedText::AlignedText(std::string_view input) : text(input) {
  origin.resize(text.size());
  std::uint32_t position = 0;
  for (std::size_t i = 0; i < text.size(); ++position) {
    const Span span{position, position + 1};
    origin[i++] = span;
    while (i < text.size() && is_continuation(text[i])) origin[i++] = span;
  }
}

void AlignedText::append(char32_t c, Span from) {
  if (c < 0x80) {
    text.push_back(static_cast<char>(c));
    origin.push_back(from);
    return;
  }
  text::append(text, c);
  origin.insert(origin.end(), encoded_length(c), from);
}

void AlignedText::append(std::string_view bytes, Span from) {
  text.append(bytes);
  origin.insert(origin.end(), bytes.size(), from);
}

void AlignedText::append(const AlignedText& other, std::size_t begin, std::size_t end) {
  text.append(other.text, begin, end - begin);
  origin.insert(origin.end(), other.origin.begin() + static_cast<std::ptrdiff_t>(begin),
                other.origin.begin() + static_cast<std::ptrdiff_t>(end));
}

void AlignedText::reserve(std::size_t bytes) {
  text.reserve(bytes);
  origin.reserve(bytes);
}

void AlignedText::transform(const std::vector<std::pair<char32_t, int>>& characters) {
  AlignedText result;
  result.reserve(text.size() + text.size() / 4);
  std::size_t at = 0;
  const auto skip = [&] {
    if (at < text.size()) at += sequence_length(text[at]);
  };
  for (const auto& [c, change] : characters) {
    if (change > 0) {
      result.append(c, at == 0 ? Span{} : origin[at - 1]);
      continue;
    }
    result.append(c, at < text.size() ? origin[at] : text.empty() ? Span{} : origin.back());
    for (int i = change; i <= 0; ++i) skip();
  }
  *this = std::move(result);
}

}  // namespace luthier::text
