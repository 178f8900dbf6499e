#include "text/pre_tokenizers.h"

#include <vector>

#include "text/unicode.h"

namespace luthier::text {

namespace {

/// Cuts at single code points for which `Test` holds.
template <class Test>
void split_at(Pieces& pieces, Delimiters delimiters, Test test) {
  std::vector<Stretch> stretches;
  cut_each(pieces, [&](const Piece& piece) {
    const char* text = pieces.aligned.text.data();
    stretches.clear();
    std::size_t kept = piece.begin;
    for (std::size_t i = piece.begin; i < piece.end;) {
      const char* at = text + i;
      const bool match = test(next_code_point(at));
      const std::size_t next = static_cast<std::size_t>(at - text);
      if (match) {
        if (kept < i) stretches.push_back({kept, i, false});
        stretches.push_back({i, next, true});
        kept = next;
      }
      i = next;
    }
    if (kept < piece.end) stretches.push_back({kept, piece.end, false});
    arrange(stretches, delimiters);
    for (const Stretch& stretch : stretches) pieces.add(stretch.begin, stretch.end);
  });
}

bool is_split_punctuation(char32_t c) { return c < 0x80 ? is_ascii_punctuation(c) : is_punctuation(c); }

/// BERT's: white space goes, each punctuation character stands alone.
class BertPreTokenizer : public PreTokenizer {
 public:
  void apply(Pieces& pieces) const override {
    cut_each(pieces, [&](const Piece& piece) {
      const char* text = pieces.aligned.text.data();
      std::size_t word = piece.begin;
      for (std::size_t i = piece.begin; i < piece.end;) {
        const char* at = text + i;
        const char32_t c = next_code_point(at);
        const std::size_t next = static_cast<std::size_t>(at - text);
        const bool space = is_white_space(c);
        if (space || is_split_punctuation(c)) {
          pieces.add(word, i);
          if (!space) pieces.add(i, next);
          word = next;
        }
        i = next;
      }
      pieces.add(word, piece.end);
    });
  }
};

class WhitespaceSplitPreTokenizer : public PreTokenizer {
 public:
  void apply(Pieces& pieces) const override { split_at(pieces, Delimiters::removed, is_white_space); }
};

/// Runs of word characters and runs of what is neither that nor white space.
class WhitespacePreTokenizer : public PreTokenizer {
 public:
  void apply(Pieces& pieces) const override {
    cut_each(pieces, [&](const Piece& piece) {
      const char* text = pieces.aligned.text.data();
      enum Kind { space, word, other } kind = space;
      std::size_t begin = piece.begin;
      for (std::size_t i = piece.begin; i < piece.end;) {
        const char* at = text + i;
        const char32_t c = next_code_point(at);
        const Kind now = is_word_character(c) ? word : is_white_space(c) ? space : other;
        if (now != kind) {
          if (kind != space) pieces.add(begin, i);
          begin = i;
          kind = now;
        }
        i = static_cast<std::size_t>(at - text);
      }
      if (kind != space) pieces.add(begin, piece.end);
    });
  }
};

class PunctuationPreTokenizer : public PreTokenizer {
 public:
  explicit PunctuationPreTokenizer(const Place& place)
      : delimiters_(place.has("behavior") ? read_delimiters(place.at("behavior")) : Delimiters::isolated) {}
  void apply(Pieces& pieces) const override { split_at(pieces, delimiters_, is_split_punctuation); }

 private:
  Delimiters delimiters_;
};

class DigitsPreTokenizer : public PreTokenizer {
 public:
  explicit DigitsPreTokenizer(const Place& place)
      : delimiters_(place.flag("individual_digits", false) ? Delimiters::isolated : Delimiters::contiguous) {}
  void apply(Pieces& pieces) const override { split_at(pieces, delimiters_, is_number); }

 private:
  Delimiters delimiters_;
};

class CharDelimiterSplitPreTokenizer : public PreTokenizer {
 public:
  explicit CharDelimiterSplitPreTokenizer(const Place& place) {
    const std::u32string delimiter = to_utf32(place.at("delimiter").text());
    if (delimiter.size() != 1) place.at("delimiter").bad("expected one character");
    delimiter_ = delimiter[0];
  }
  void apply(Pieces& pieces) const override {
    split_at(pieces, Delimiters::removed, [this](char32_t c) { return c == delimiter_; });
  }

 private:
  char32_t delimiter_;
};

class SplitPreTokenizer : public PreTokenizer {
 public:
  explicit SplitPreTokenizer(const Place& place)
      : pattern_(Regex::from(place)),
        delimiters_(read_delimiters(place.at("behavior"))),
        invert_(place.flag("invert", false)) {}

  void apply(Pieces& pieces) const override {
    std::vector<Stretch> stretches;
    cut_each(pieces, [&](const Piece& piece) {
      pattern_.stretches(pieces.view(piece), stretches);
      if (invert_)
        for (Stretch& stretch : stretches) stretch.match = !stretch.match;
      arrange(stretches, delimiters_);
      for (const Stretch& stretch : stretches) pieces.add(piece.begin + stretch.begin, piece.begin + stretch.end);
    });
  }

 private:
  Regex pattern_;
  Delimiters delimiters_;
  bool invert_;
};

/// Parts where the script changes; what comes before the first character of any script is gone.
class UnicodeScriptsPreTokenizer : public PreTokenizer {
 public:
  void apply(Pieces& pieces) const override {
    cut_each(pieces, [&](const Piece& piece) {
      const char* text = pieces.aligned.text.data();
      int last = 0;
      std::size_t begin = piece.end;
      for (std::size_t i = piece.begin; i < piece.end;) {
        const char* at = text + i;
        const int script = script_of(next_code_point(at));
        if (script != 0 && script != last) {
          if (last != 0) pieces.add(begin, i);
          begin = i;
          last = script;
        }
        i = static_cast<std::size_t>(at - text);
      }
      pieces.add(begin, piece.end);
    });
  }
};

/// Pieces of so many characters.
class FixedLengthPreTokenizer : public PreTokenizer {
 public:
  explicit FixedLengthPreTokenizer(const Place& place) : length_(place.whole("length", 5, 1, std::int64_t{1} << 30)) {}
  void apply(Pieces& pieces) const override {
    cut_each(pieces, [&](const Piece& piece) {
      const std::string& text = pieces.aligned.text;
      std::size_t begin = piece.begin, count = 0;
      for (std::size_t i = piece.begin; i < piece.end; i += sequence_length(text[i])) {
        if (static_cast<std::int64_t>(count++) < length_) continue;
        pieces.add(begin, i);
        begin = i;
        count = 1;
      }
      pieces.add(begin, piece.end);
    });
  }

 private:
  std::int64_t length_;
};

class SequencePreTokenizer : public PreTokenizer {
 public:
  SequencePreTokenizer(const Place& place, bool& raw_bytes) {
    const auto items = place.at("pretokenizers").items();
    bool last_is_raw = false;
    for (std::size_t i = 0; i < items.size(); ++i) {
      bool raw = raw_bytes && i + 1 == items.size();
      parts_.push_back(read_pre_tokenizer(items[i], raw));
      last_is_raw = raw;
    }
    raw_bytes = last_is_raw;
  }
  void apply(Pieces& pieces) const override {
    for (const auto& part : parts_) part->apply(pieces);
  }

 private:
  std::vector<std::unique_ptr<PreTokenizer>> parts_;
};

}  // namespace

Delimiters read_delimiters(const Place& place) {
  const std::string name = place.text();
  if (name == "Removed") return Delimiters::removed;
  if (name == "Isolated") return Delimiters::isolated;
  if (name == "MergedWithPrevious") return Delimiters::with_previous;
  if (name == "MergedWithNext") return Delimiters::with_next;
  if (name == "Contiguous") return Delimiters::contiguous;
  place.bad("the split behaviour is not one of Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous");
}

void arrange(std::vector<Stretch>& stretches, Delimiters delimiters) {
  if (delimiters == Delimiters::isolated) return;
  if (delimiters == Delimiters::removed) {
    std::erase_if(stretches, [](const Stretch& stretch) { return stretch.match; });
    return;
  }
  std::vector<Stretch> out;
  out.reserve(stretches.size());
  bool previous = false;
  if (delimiters == Delimiters::with_next) {
    for (auto it = stretches.rbegin(); it != stretches.rend(); ++it) {
      if (it->match && !previous && !out.empty())
        out.back().begin = it->begin;
      else
        out.push_back(*it);
      previous = it->match;
    }
    stretches.assign(out.rbegin(), out.rend());
    return;
  }
  for (const Stretch& stretch : stretches) {
    const bool joins = delimiters == Delimiters::contiguous ? stretch.match == previous : stretch.match && !previous;
    if (joins && !out.empty())
      out.back().end = stretch.end;
    else
      out.push_back(stretch);
    previous = stretch.match;
  }
  stretches.swap(out);
}

std::unique_ptr<PreTokenizer> read_pre_tokenizer(const Place& place, bool& raw_bytes) {
  const std::string type = place.type();
  if (type == "Sequence") return std::make_unique<SequencePreTokenizer>(place, raw_bytes);
  if (type == "ByteLevel") return read_byte_level(place, raw_bytes);
  raw_bytes = false;
  if (type == "BertPreTokenizer") return std::make_unique<BertPreTokenizer>();
  if (type == "Metaspace") return read_metaspace(place);
  if (type == "Split") return std::make_unique<SplitPreTokenizer>(place);
  if (type == "Whitespace") return std::make_unique<WhitespacePreTokenizer>();
  if (type == "WhitespaceSplit") return std::make_unique<WhitespaceSplitPreTokenizer>();
  if (type == "Punctuation") return std::make_unique<PunctuationPreTokenizer>(place);
  if (type == "Digits") return std::make_unique<DigitsPreTokenizer>(place);
  if (type == "CharDelimiterSplit") return std::make_unique<CharDelimiterSplitPreTokenizer>(place);
  if (type == "UnicodeScripts") return std::make_unique<UnicodeScriptsPreTokenizer>();
  if (type == "FixedLength") return std::make_unique<FixedLengthPreTokenizer>(place);
  place.unknown_type("pre-tokenizer");
}

}  // namespace luthier::text
