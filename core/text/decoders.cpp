#include "text/decoders.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "text/byte_level.h"
#include "text/regex.h"
#include "text/unicode.h"

namespace luthier::text {

namespace {

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  if (what.empty()) return;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

/// English spacing as BERT's tokenizer mends it.
void clean_up(std::string& text) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 11> repairs{{{" .", "."},
                                                                                          {" ?", "?"},
                                                                                          {" !", "!"},
                                                                                          {" ,", ","},
                                                                                          {" ' ", "'"},
                                                                                          {" n't", "n't"},
                                                                                          {" 'm", "'m"},
                                                                                          {" do not", " don't"},
                                                                                          {" 's", "'s"},
                                                                                          {" 've", "'ve"},
                                                                                          {" 're", "'re"}}};
  for (const auto& [what, by] : repairs) replace_all(text, what, by);
}

class WordPieceDecoder : public Decoder {
 public:
  explicit WordPieceDecoder(const Place& place)
      : prefix_(place.text("prefix", "##")), cleanup_(place.flag("cleanup", true)) {}
  void apply(std::vector<std::string>& tokens) const override {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (i > 0) {
        if (tokens[i].starts_with(prefix_))
          tokens[i].erase(0, prefix_.size());
        else
          tokens[i].insert(0, 1, ' ');
      }
      if (cleanup_) clean_up(tokens[i]);
    }
  }

 private:
  std::string prefix_;
  bool cleanup_;
};

class ByteLevelDecoder : public Decoder {
 public:
  void apply(std::vector<std::string>& tokens) const override {
    std::string bytes;
    for (const std::string& token : tokens)
      if (!append_bytes_behind(token, bytes)) bytes += token;
    tokens = {valid_utf8(bytes) ? bytes : repaired_utf8(bytes)};
  }
};

/// SentencePiece's <0xNN> tokens: runs of them are bytes of UTF-8.
class ByteFallbackDecoder : public Decoder {
 public:
  void apply(std::vector<std::string>& tokens) const override {
    std::vector<std::string> out;
    std::string bytes;
    const auto flush = [&] {
      if (bytes.empty()) return;
      if (valid_utf8(bytes))
        out.push_back(bytes);
      else
        out.insert(out.end(), bytes.size(), "\xEF\xBF\xBD");
      bytes.clear();
    };
    for (std::string& token : tokens) {
      if (const int byte = byte_in(token); byte >= 0) {
        bytes.push_back(static_cast<char>(byte));
        continue;
      }
      flush();
      out.push_back(std::move(token));
    }
    flush();
    tokens = std::move(out);
  }

 private:
  static int byte_in(const std::string& token) {
    if (token.size() != 6 || !token.starts_with("<0x") || token.back() != '>') return -1;
    int value = -1;
    const char* digits = token.data() + 3;
    return std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2 ? value : -1;
  }
};

class FuseDecoder : public Decoder {
 public:
  void apply(std::vector<std::string>& tokens) const override {
    std::string all;
    for (const std::string& token : tokens) all += token;
    tokens = {all};
  }
};

class StripDecoder : public Decoder {
 public:
  explicit StripDecoder(const Place& place)
      : content_(place.at("content").text()),
        start_(place.at("start").whole(0, 1 << 20)),
        stop_(place.at("stop").whole(0, 1 << 20)) {
    if (count_code_points(content_) != 1) place.at("content").bad("expected one character");
  }
  void apply(std::vector<std::string>& tokens) const override {
    for (std::string& token : tokens) {
      std::string_view rest = token;
      for (std::int64_t i = 0; i < start_ && rest.starts_with(content_); ++i) rest.remove_prefix(content_.size());
      for (std::int64_t i = 0; i < stop_ && rest.ends_with(content_); ++i) rest.remove_suffix(content_.size());
      token = std::string(rest);
    }
  }

 private:
  std::string content_;
  std::int64_t start_, stop_;
};

class ReplaceDecoder : public Decoder {
 public:
  explicit ReplaceDecoder(const Place& place) : pattern_(Regex::from(place)), content_(place.at("content").text()) {}
  void apply(std::vector<std::string>& tokens) const override {
    std::vector<Stretch> stretches;
    for (std::string& token : tokens) {
      pattern_.stretches(token, stretches);
      std::string out;
      for (const Stretch& stretch : stretches)
        out += stretch.match ? content_ : token.substr(stretch.begin, stretch.end - stretch.begin);
      token = std::move(out);
    }
  }

 private:
  Regex pattern_;
  std::string content_;
};

class MetaspaceDecoder : public Decoder {
 public:
  explicit MetaspaceDecoder(const Place& place) : replacement_(place.at("replacement").text()) {
    if (count_code_points(replacement_) != 1) place.at("replacement").bad("expected one character");
    drops_first_ = place.text("prepend_scheme", "always") != "never" && place.flag("add_prefix_space", true);
  }
  void apply(std::vector<std::string>& tokens) const override {
    for (std::size_t i = 0; i < tokens.size(); ++i)
      replace_all(tokens[i], replacement_, i == 0 && drops_first_ ? "" : " ");
  }

 private:
  std::string replacement_;
  bool drops_first_;
};

/// The end-of-word suffix of the first BPE tokenizers becomes a space.
class SuffixDecoder : public Decoder {
 public:
  explicit SuffixDecoder(const Place& place) : suffix_(place.text("suffix", "</w>")) {}
  void apply(std::vector<std::string>& tokens) const override {
    for (std::size_t i = 0; i < tokens.size(); ++i) replace_all(tokens[i], suffix_, i + 1 == tokens.size() ? "" : " ");
  }

 private:
  std::string suffix_;
};

/// Connectionist temporal classification: repeats and pads vanish.
class CtcDecoder : public Decoder {
 public:
  explicit CtcDecoder(const Place& place)
      : pad_(place.text("pad_token", "<pad>")),
        delimiter_(place.text("word_delimiter_token", "|")),
        cleanup_(place.flag("cleanup", true)) {}
  void apply(std::vector<std::string>& tokens) const override {
    tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
    for (std::string& token : tokens) {
      replace_all(token, pad_, "");
      if (!cleanup_) continue;
      clean_up(token);
      replace_all(token, delimiter_, " ");
    }
    std::erase(tokens, "");
  }

 private:
  std::string pad_, delimiter_;
  bool cleanup_;
};

class SequenceDecoder : public Decoder {
 public:
  explicit SequenceDecoder(const Place& place) {
    for (const Place& item : place.at("decoders").items()) parts_.push_back(read_decoder(item));
  }
  void apply(std::vector<std::string>& tokens) const override {
    for (const auto& part : parts_) part->apply(tokens);
  }

 private:
  std::vector<std::unique_ptr<Decoder>> parts_;
};

}  // namespace

std::unique_ptr<Decoder> read_decoder(const Place& place) {
  const std::string type = place.type();
  if (type == "WordPiece") return std::make_unique<WordPieceDecoder>(place);
  if (type == "ByteLevel") return std::make_unique<ByteLevelDecoder>();
  if (type == "Sequence") return std::make_unique<SequenceDecoder>(place);
  if (type == "ByteFallback") return std::make_unique<ByteFallbackDecoder>();
  if (type == "Fuse") return std::make_unique<FuseDecoder>();
  if (type == "Strip") return std::make_unique<StripDecoder>(place);
  if (type == "Replace") return std::make_unique<ReplaceDecoder>(place);
  if (type == "Metaspace") return std::make_unique<MetaspaceDecoder>(place);
  if (type == "BPEDecoder") return std::make_unique<SuffixDecoder>(place);
  if (type == "CTC") return std::make_unique<CtcDecoder>(place);
  place.unknown_type("decoder");
}

}  // namespace luthier::text
