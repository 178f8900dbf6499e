#include "text/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>

#include "text/unicode.h"

namespace luthier::text {

namespace {

template <class T, void (*free)(T*)>
struct Freed {
  void operator()(T* pointer) const { free(pointer); }
};
template <class T, void (*free)(T*)>
using Owned = std::unique_ptr<T, Freed<T, free>>;

/// What one thread needs for matching.
struct Scratch {
  Owned<pcre2_match_data, pcre2_match_data_free> data{pcre2_match_data_create(1, nullptr)};
  Owned<pcre2_jit_stack, pcre2_jit_stack_free> stack{pcre2_jit_stack_create(32 << 10, 4 << 20, nullptr)};
  Owned<pcre2_match_context, pcre2_match_context_free> context{pcre2_match_context_create(nullptr)};
  Scratch() {
    pcre2_jit_stack_assign(context.get(), nullptr, stack.get());
    // A pattern that backtracks without end gives up within a second or so instead.
    pcre2_set_match_limit(context.get(), 20'000'000);
    pcre2_set_heap_limit(context.get(), 64 << 10);
  }
};

Scratch& scratch() {
  thread_local Scratch mine;
  return mine;
}

/// The files are written for a Ruby-like syntax, where \s is White_Space, \w holds all marks (and six numbers of
/// Latin-1, a peculiarity of that engine) and \h is a hexadecimal digit; PCRE2 means slightly different sets.
std::string translated(const std::string& pattern) {
  static const std::string word = R"(\p{Alphabetic}\p{M}\p{Nd}\p{Pc})", numbers = R"(\x{B2}\x{B3}\x{B9}\x{BC}-\x{BE})";
  std::string out;
  bool in_set = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c != '\\' || i + 1 == pattern.size()) {
      if (in_set && c == '[' && i + 1 < pattern.size() && pattern[i + 1] == ':') {
        const std::size_t end = std::min(pattern.find(":]", i), pattern.size() - 2);
        out += pattern.substr(i, end + 2 - i);
        i = end + 1;
        continue;
      }
      if (c == '[') in_set = true;
      if (c == ']') in_set = false;
      out += c;
      continue;
    }
    const char next = pattern[++i];
    if (next == 's' || next == 'S')
      out += next == 's' ? R"(\p{White_Space})" : R"(\P{White_Space})";
    else if (next == 'h')
      out += R"(\p{AHex})";
    else if (next == 'w')
      out += in_set ? word : "[" + word + numbers + "]";
    else if (next == 'W' && !in_set)
      out += "[^" + word + numbers + "]";
    else
      (out += '\\') += next;
  }
  return out;
}

}  // namespace

struct Regex::Compiled {
  Owned<pcre2_code, pcre2_code_free> code;
  std::string where;
};

Regex::Regex(const std::string& written, const Place& place) : compiled_(std::make_unique<Compiled>()) {
  compiled_->where = place.where();
  if (written.size() > 1 << 16) place.bad("the regular expression is longer than 64 KiB");
  const std::string pattern = translated(written);
  int error = 0;
  PCRE2_SIZE offset = 0;
  // MULTILINE: ^ and $ mean lines in the Ruby-like syntax that these files are written in.
  compiled_->code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                                      PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C, &error,
                                      &offset, nullptr));
  if (!compiled_->code) {
    PCRE2_UCHAR message[256] = {};
    pcre2_get_error_message(error, message, sizeof message);
    place.bad("the regular expression does not compile at character " + std::to_string(offset) + ": " +
              reinterpret_cast<const char*>(message));
  }
  pcre2_jit_compile(compiled_->code.get(), PCRE2_JIT_COMPLETE);  // where there is no JIT, matching interprets
}

Regex::~Regex() = default;
Regex::Regex(Regex&&) noexcept = default;

Regex Regex::literal(const std::string& plain, const Place& place) {
  std::string pattern;
  for (const char c : plain) {
    if (is_ascii_punctuation(static_cast<unsigned char>(c))) pattern += '\\';
    pattern += c;
  }
  return {pattern, place};
}

Regex Regex::from(const Place& component) {
  const Place pattern = component.at("pattern");
  if (pattern.has("Regex")) return {pattern.at("Regex").text(), pattern};
  return literal(pattern.at("String").text(), pattern);
}

void Regex::stretches(std::string_view text, std::vector<Stretch>& out) const {
  out.clear();
  Scratch& mine = scratch();
  std::size_t from = 0, kept = 0;
  while (from <= text.size()) {
    const auto subject = reinterpret_cast<PCRE2_SPTR>(text.data());
    int found = pcre2_match(compiled_->code.get(), subject, text.size(), from, PCRE2_NO_UTF_CHECK, mine.data.get(),
                            mine.context.get());
    if (found == PCRE2_ERROR_JIT_STACKLIMIT)
      found = pcre2_match(compiled_->code.get(), subject, text.size(), from, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT,
                          mine.data.get(), mine.context.get());
    if (found == PCRE2_ERROR_NOMATCH) break;
    if (found < 0)
      fail(ErrorKind::bad_input, "the regular expression gave up on a text (PCRE2 error " + std::to_string(found) + ")",
           compiled_->where, "split the text into shorter ones");
    const PCRE2_SIZE* span = pcre2_get_ovector_pointer(mine.data.get());
    const std::size_t begin = span[0], end = span[1];
    const bool empty = end <= begin;
    if (!(empty && !out.empty() && out.back().match && out.back().end == begin)) {
      if (kept < begin) out.push_back({kept, begin, false});
      out.push_back({begin, begin < end ? end : begin, true});
      kept = begin < end ? end : begin;
    }
    from = !empty ? end : begin < text.size() ? begin + sequence_length(text[begin]) : text.size() + 1;
  }
  if (kept < text.size()) out.push_back({kept, text.size(), false});
}

}  // namespace luthier::text
