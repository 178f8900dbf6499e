#include "text/normalizers.h"

#include <vector>

#include "text/byte_level.h"
#include "text/regex.h"

namespace luthier::text {

namespace {

class FormNormalizer : public Normalizer {
 public:
  explicit FormNormalizer(NormalForm form) : form_(form) {}
  void apply(AlignedText& aligned) const override { normalize(aligned, form_); }

 private:
  NormalForm form_;
};

class LowercaseNormalizer : public Normalizer {
 public:
  void apply(AlignedText& aligned) const override { lower_case(aligned); }
};

/// Not the library's: how Wav2Vec2's characters are looked up where the model knows capital letters only.
class UppercaseNormalizer : public Normalizer {
 public:
  void apply(AlignedText& aligned) const override {
    AlignedText result;
    result.reserve(aligned.text.size());
    const char* begin = aligned.text.data();
    for (const char *at = begin, *end = begin + aligned.text.size(); at < end;) {
      const Span from = aligned.origin[static_cast<std::size_t>(at - begin)];
      char32_t upper[3];
      const int count = upper_case(next_code_point(at), upper);
      for (int i = 0; i < count; ++i) result.append(upper[i], from);
    }
    aligned = std::move(result);
  }
};

class StripAccentsNormalizer : public Normalizer {
 public:
  void apply(AlignedText& aligned) const override {
    filter(aligned, [](char32_t c) { return !is_mark(c); });
  }
};

class StripNormalizer : public Normalizer {
 public:
  explicit StripNormalizer(const Place& place)
      : left_(place.at("strip_left").flag()), right_(place.at("strip_right").flag()) {}

  void apply(AlignedText& aligned) const override {
    const std::size_t size = aligned.text.size();
    std::size_t first = size, last = 0;  // the bytes that are not white space
    for (std::size_t i = 0; i < size;) {
      const char* at = aligned.text.data() + i;
      const bool space = is_white_space(next_code_point(at));
      const std::size_t next = i + sequence_length(aligned.text[i]);
      if (!space) {
        first = std::min(first, i);
        last = next;
      }
      i = next;
    }
    AlignedText result;
    const std::size_t begin = left_ ? first : 0, end = right_ ? last : size;
    if (begin < end) result.append(aligned, begin, end);
    aligned = std::move(result);
  }

 private:
  bool left_, right_;
};

class PrependNormalizer : public Normalizer {
 public:
  explicit PrependNormalizer(const Place& place) : prefix_(place.at("prepend").text()) {}
  void apply(AlignedText& aligned) const override {
    if (aligned.text.empty()) return;
    AlignedText result;
    result.reserve(aligned.text.size() + prefix_.size());
    result.append(prefix_, aligned.origin[0]);
    result.append(aligned, 0, aligned.text.size());
    aligned = std::move(result);
  }

 private:
  std::string prefix_;
};

class ReplaceNormalizer : public Normalizer {
 public:
  explicit ReplaceNormalizer(const Place& place) : pattern_(Regex::from(place)), content_(place.at("content").text()) {
    const Place pattern = place.at("pattern");
    if (pattern.has("String") && is_ascii(pattern.at("String").text())) plain_ = pattern.at("String").text();
  }

  void apply(AlignedText& aligned) const override {
    if (plain_.size() == 1) {
      replace_byte(aligned);
      return;
    }
    std::vector<Stretch> stretches;
    pattern_.stretches(aligned.text, stretches);
    AlignedText result;
    result.reserve(aligned.text.size());
    for (const Stretch& stretch : stretches) {
      if (stretch.match)
        result.append(content_, stretch.end == 0 ? Span{} : aligned.origin[stretch.end - 1]);
      else
        result.append(aligned, stretch.begin, stretch.end);
    }
    aligned = std::move(result);
  }

 private:
  /// A pattern of one ASCII character (the usual " ") needs no regular expression.
  void replace_byte(AlignedText& aligned) const {
    AlignedText result;
    result.reserve(aligned.text.size() + aligned.text.size() / 2);
    for (std::size_t i = 0; i < aligned.text.size(); ++i) {
      if (aligned.text[i] == plain_[0]) {
        result.append(content_, aligned.origin[i]);
      } else {
        result.text.push_back(aligned.text[i]);
        result.origin.push_back(aligned.origin[i]);
      }
    }
    aligned = std::move(result);
  }

  Regex pattern_;
  std::string content_, plain_;
};

/// SentencePiece's clean-up of controls and spaces.
class NmtNormalizer : public Normalizer {
 public:
  void apply(AlignedText& aligned) const override {
    AlignedText result;
    result.reserve(aligned.text.size());
    const char* begin = aligned.text.data();
    for (const char *at = begin, *end = begin + aligned.text.size(); at < end;) {
      const Span from = aligned.origin[static_cast<std::size_t>(at - begin)];
      const char32_t c = next_code_point(at);
      if ((c >= 1 && c <= 8) || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F || c == 0x8F || c == 0x9F) continue;
      const bool space = c == 9 || c == 10 || c == 12 || c == 13 || c == 0x1680 || (c >= 0x200B && c <= 0x200F) ||
                         c == 0x2028 || c == 0x2029 || c == 0x2581 || c == 0xFEFF || c == 0xFFFD;
      result.append(space ? U' ' : c, from);
    }
    aligned = std::move(result);
  }
};

class ByteCharactersNormalizer : public Normalizer {
 public:
  void apply(AlignedText& aligned) const override { to_byte_characters(aligned); }
};

class SequenceNormalizer : public Normalizer {
 public:
  explicit SequenceNormalizer(const Place& place) {
    for (const Place& item : place.at("normalizers").items()) parts_.push_back(read_normalizer(item));
  }
  void apply(AlignedText& aligned) const override {
    for (const auto& part : parts_) part->apply(aligned);
  }

 private:
  std::vector<std::unique_ptr<Normalizer>> parts_;
};

}  // namespace

void lower_case(AlignedText& aligned) {
  if (is_ascii(aligned.text)) {
    for (char& c : aligned.text)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return;
  }
  AlignedText result;
  result.reserve(aligned.text.size());
  const char* begin = aligned.text.data();
  for (const char *at = begin, *end = begin + aligned.text.size(); at < end;) {
    const Span from = aligned.origin[static_cast<std::size_t>(at - begin)];
    char32_t lower[2];
    const int count = lower_case(next_code_point(at), lower);
    for (int i = 0; i < count; ++i) result.append(lower[i], from);
  }
  aligned = std::move(result);
}

std::unique_ptr<Normalizer> read_normalizer(const Place& place) {
  const std::string type = place.type();
  if (type == "BertNormalizer") return read_bert_normalizer(place);
  if (type == "Sequence") return std::make_unique<SequenceNormalizer>(place);
  if (type == "NFC") return std::make_unique<FormNormalizer>(NormalForm::nfc);
  if (type == "NFD") return std::make_unique<FormNormalizer>(NormalForm::nfd);
  if (type == "NFKC") return std::make_unique<FormNormalizer>(NormalForm::nfkc);
  if (type == "NFKD") return std::make_unique<FormNormalizer>(NormalForm::nfkd);
  if (type == "Lowercase") return std::make_unique<LowercaseNormalizer>();
  if (type == "Uppercase") return std::make_unique<UppercaseNormalizer>();
  if (type == "StripAccents") return std::make_unique<StripAccentsNormalizer>();
  if (type == "Strip") return std::make_unique<StripNormalizer>(place);
  if (type == "Prepend") return std::make_unique<PrependNormalizer>(place);
  if (type == "Replace") return std::make_unique<ReplaceNormalizer>(place);
  if (type == "Nmt") return std::make_unique<NmtNormalizer>();
  if (type == "ByteLevel") return std::make_unique<ByteCharactersNormalizer>();
  if (type == "Precompiled") return read_precompiled(place);
  place.unknown_type("normalizer");
}

}  // namespace luthier::text
