// The four normal forms of Unicode (UAX 15), with the changes counted so that origins can follow.
#include <algorithm>
#include <array>

#include "text/normalizers.h"

namespace luthier::text {

namespace {

struct Mark {
  char32_t c;
  int change;  ///< see AlignedText::transform
  int order;   ///< canonical combining class
};

std::vector<Mark> decomposed(std::string_view text, bool compatibility) {
  std::vector<Mark> marks;
  marks.reserve(text.size());
  std::array<char32_t, 32> parts;
  std::size_t pending = 0;  // marks from here on have no starter after them yet
  const auto sort_pending = [&] {
    if (marks.size() - pending > 1)
      std::stable_sort(marks.begin() + static_cast<std::ptrdiff_t>(pending), marks.end(),
                       [](const Mark& a, const Mark& b) { return a.order < b.order; });
    pending = marks.size();
  };
  for (const char *at = text.data(), *end = at + text.size(); at < end;) {
    const int count = decompose(next_code_point(at), compatibility, parts.data());
    for (int i = 0; i < count; ++i) {
      const int order = combining_class(parts[static_cast<std::size_t>(i)]);
      if (order == 0) sort_pending();
      marks.push_back({parts[static_cast<std::size_t>(i)], i > 0, order});
    }
  }
  sort_pending();
  return marks;
}

/// Canonical composition: each mark joins the last starter unless something between blocks it.
std::vector<Mark> composed(const std::vector<Mark>& marks) {
  std::vector<Mark> out;
  out.reserve(marks.size());
  std::ptrdiff_t starter = -1;
  int last_order = -1;  // of the mark kept last after the starter; -1 for none
  for (const Mark& mark : marks) {
    if (starter >= 0 && (last_order < 0 || last_order < mark.order)) {
      Mark& base = out[static_cast<std::size_t>(starter)];
      if (const char32_t joined = compose(base.c, mark.c)) {
        base.c = joined;
        base.change += mark.change - 1;
        continue;
      }
    }
    out.push_back(mark);
    if (mark.order == 0) {
      starter = static_cast<std::ptrdiff_t>(out.size()) - 1;
      last_order = -1;
    } else {
      last_order = mark.order;
    }
  }
  return out;
}

/// No code point below this one changes in the form.
char32_t first_changing(NormalForm form) {
  switch (form) {
    case NormalForm::nfc:
      return 0x300;
    case NormalForm::nfd:
      return 0xC0;
    default:
      return 0xA0;
  }
}

}  // namespace

void normalize(AlignedText& aligned, NormalForm form) {
  const char32_t limit = first_changing(form);
  bool changes = false;
  for (const char *at = aligned.text.data(), *end = at + aligned.text.size(); at < end && !changes;)
    changes = next_code_point(at) >= limit;
  if (!changes) return;
  auto marks = decomposed(aligned.text, form == NormalForm::nfkd || form == NormalForm::nfkc);
  if (form == NormalForm::nfc || form == NormalForm::nfkc) marks = composed(marks);
  std::vector<std::pair<char32_t, int>> characters;
  characters.reserve(marks.size());
  for (const Mark& mark : marks) characters.emplace_back(mark.c, mark.change);
  aligned.transform(characters);
}

}  // namespace luthier::text
