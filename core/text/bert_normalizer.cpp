#include "text/normalizers.h"

namespace luthier::text {

namespace {

class BertNormalizer : public Normalizer {
 public:
  explicit BertNormalizer(const Place& place)
      : clean_(place.flag("clean_text", true)),
        chinese_(place.flag("handle_chinese_chars", true)),
        lower_(place.flag("lowercase", true)),
        strip_accents_(place.flag("strip_accents", lower_)) {}

  void apply(AlignedText& aligned) const override {
    if (is_ascii(aligned.text)) {
      apply_ascii(aligned);
      return;
    }
    if (clean_ || chinese_) clean(aligned);
    if (strip_accents_) {
      normalize(aligned, NormalForm::nfd);
      filter(aligned, [](char32_t c) { return !is_nonspacing_mark(c); });
    }
    if (lower_) lower_case(aligned);
  }

 private:
  static bool is_dropped(char32_t c) {
    return c == 0 || c == 0xFFFD || (c != '\t' && c != '\n' && c != '\r' && is_control(c));
  }

  /// ASCII has no accents and no ideographs: one pass in place.
  void apply_ascii(AlignedText& aligned) const {
    std::size_t out = 0;
    for (std::size_t i = 0; i < aligned.text.size(); ++i) {
      char c = aligned.text[i];
      if (clean_ && (c < ' ' || c == 127)) {
        if (c != '\t' && c != '\n' && c != '\r') continue;
        c = ' ';
      }
      if (lower_ && c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
      aligned.text[out] = c;
      aligned.origin[out++] = aligned.origin[i];
    }
    aligned.text.resize(out);
    aligned.origin.resize(out);
  }

  void clean(AlignedText& aligned) const {
    AlignedText result;
    result.reserve(aligned.text.size() + 16);
    const char* begin = aligned.text.data();
    for (const char *at = begin, *end = begin + aligned.text.size(); at < end;) {
      const Span from = aligned.origin[static_cast<std::size_t>(at - begin)];
      char32_t c = next_code_point(at);
      if (clean_) {
        if (is_dropped(c)) continue;
        if (is_white_space(c)) c = ' ';
      }
      const bool apart = chinese_ && is_chinese(c);
      if (apart) result.append(U' ', from);
      result.append(c, from);
      if (apart) result.append(U' ', from);
    }
    aligned = std::move(result);
  }

  bool clean_, chinese_, lower_, strip_accents_;
};

}  // namespace

std::unique_ptr<Normalizer> read_bert_normalizer(const Place& place) { return std::make_unique<BertNormalizer>(place); }

}  // namespace luthier::text
