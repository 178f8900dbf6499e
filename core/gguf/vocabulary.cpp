#include "gguf/vocabulary.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/json.h"
#include "text/base64.h"
#include "text/tokenizer.h"

namespace luthier::gguf {

namespace {

enum class TokenType : std::int32_t { normal = 1, unknown = 2, control = 3, user_defined = 4, unused = 5, byte = 6 };

constexpr const char* kHint = "export a Hugging Face folder instead";

/// What tokenizer.json's expressions are called in llama.cpp.
const std::map<std::string, std::string>& known_splits() {
  static const std::map<std::string, std::string> known = {
      {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
       "llama-bpe"},
      {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
       "qwen2"},
      {R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)", "gpt-2"}};
  return known;
}

std::string kind_of_part(const Json& part) { return part.is_object() ? part.value("type", std::string()) : ""; }

/// The parts of a pre-tokenizer, normalizer or decoder: of a sequence each, else the one.
std::vector<Json> parts_of(const Json& whole) {
  if (kind_of_part(whole) == "Sequence")
    for (const char* key : {"pretokenizers", "normalizers", "decoders"})
      if (whole.contains(key)) return whole.at(key).get<std::vector<Json>>();
  return whole.is_object() ? std::vector<Json>{whole} : std::vector<Json>{};
}

/// How byte-level BPE cuts words before merging, by llama.cpp's name.
std::string split_name(const Json& tokenizer) {
  std::string name;
  for (const Json& part : parts_of(tokenizer.value("pre_tokenizer", Json()))) {
    const std::string kind = kind_of_part(part);
    if (kind == "ByteLevel") {
      if (part.value("use_regex", true) && name.empty()) name = "gpt-2";
      if (part.value("add_prefix_space", false))
        fail(ErrorKind::unsupported, "llama.cpp puts no space before the first word, this tokenizer does",
             "tokenizer.json", kHint);
    } else if (kind == "Split" && part.contains("pattern")) {
      const std::string expression = part.at("pattern").value("Regex", std::string());
      const auto known = known_splits().find(expression);
      if (known == known_splits().end())
        fail(ErrorKind::unsupported, "llama.cpp has no tokenizer that cuts words like this one", "tokenizer.json",
             kHint);
      name = known->second;
    } else {
      fail(ErrorKind::unsupported, "llama.cpp knows nothing like the pre-tokenizer " + kind, "tokenizer.json", kHint);
    }
  }
  return name;
}

bool has_part(const Json& tokenizer, const char* where, const char* kind) {
  for (const Json& part : parts_of(tokenizer.value(where, Json())))
    if (kind_of_part(part) == kind) return true;
  return false;
}

/// Whether a "▁" is put before a text: by the normalizer of converted Llama tokenizers, or by Metaspace.
bool adds_space(const Json& tokenizer) {
  if (has_part(tokenizer, "normalizer", "Prepend")) return true;
  for (const Json& part : parts_of(tokenizer.value("pre_tokenizer", Json())))
    if (kind_of_part(part) == "Metaspace")
      return part.value("prepend_scheme", part.value("add_prefix_space", true) ? "always" : "never") != "never";
  return false;
}

std::vector<std::string> merges_of(const Json& model) {
  std::vector<std::string> merges;
  for (const Json& merge : model.value("merges", Json::array()))
    merges.push_back(merge.is_string() ? merge.get<std::string>()
                                       : merge.at(0).get<std::string>() + " " + merge.at(1).get<std::string>());
  return merges;
}

struct Table {
  std::vector<std::string> texts;
  std::vector<std::int32_t> types;

  explicit Table(std::int64_t tokens)
      : texts(static_cast<std::size_t>(tokens)),
        types(static_cast<std::size_t>(tokens), static_cast<std::int32_t>(TokenType::unused)) {
    for (std::size_t i = 0; i < texts.size(); ++i) texts[i] = "[PAD" + std::to_string(i) + "]";
  }
  void set(std::int64_t id, const std::string& text, TokenType type) {
    if (id < 0 || id >= static_cast<std::int64_t>(texts.size()))
      fail(ErrorKind::bad_input, "token " + std::to_string(id) + " has no row in the model's embedding",
           "tokenizer.json", "use the model's own tokenizer");
    texts[static_cast<std::size_t>(id)] = text;
    types[static_cast<std::size_t>(id)] = static_cast<std::int32_t>(type);
  }
};

bool is_byte(const std::string& token) { return token.size() == 6 && token.starts_with("<0x") && token.ends_with(">"); }

Table table_of(const Json& tokenizer, std::int64_t tokens, bool bytes) {
  Table table(tokens);
  const Json& model = tokenizer.at("model");
  const Json& unknown = model.value("unk_token", Json());
  for (const auto& [text, id] : model.at("vocab").items()) {
    const bool is_unknown = unknown.is_string() && unknown == text;
    table.set(id, text, is_unknown ? TokenType::unknown : bytes && is_byte(text) ? TokenType::byte : TokenType::normal);
  }
  for (const Json& added : tokenizer.value("added_tokens", Json::array())) {
    const std::string text = added.at("content");
    if (unknown.is_string() && unknown == text) continue;
    table.set(added.at("id"), text, added.value("special", false) ? TokenType::control : TokenType::user_defined);
  }
  return table;
}

/// SentencePiece merges the pair whose token has the highest score first; BPE the pair that was learned first.
std::vector<float> scores_of(const Table& table, const std::vector<std::string>& merges) {
  std::map<std::string, float> by_token;
  for (std::size_t rank = 0; rank < merges.size(); ++rank) {
    std::string joined = merges[rank];
    joined.erase(joined.find(' '), 1);
    by_token.emplace(joined, -static_cast<float>(rank));
  }
  std::vector<float> scores;
  for (const std::string& text : table.texts) {
    const auto found = by_token.find(text);
    scores.push_back(found != by_token.end() ? found->second : -1e6F);
  }
  return scores;
}

/// WordPiece in llama.cpp: the beginnings of words are marked instead of what follows them.
void mark_beginnings(Table& table) {
  for (std::size_t i = 0; i < table.texts.size(); ++i) {
    const auto type = static_cast<TokenType>(table.types[i]);
    if (type != TokenType::normal) continue;
    std::string& text = table.texts[i];
    text = text.starts_with("##") ? text.substr(2) : "\xE2\x96\x81" + text;
  }
}

/// llama.cpp's WordPiece lowers letters, takes accents away and cuts words as BERT's own does, always.
void check_word_pieces(const Json& tokenizer) {
  const Json normalizer = tokenizer.value("normalizer", Json());
  if (kind_of_part(normalizer) != "BertNormalizer" ||
      kind_of_part(tokenizer.value("pre_tokenizer", Json())) != "BertPreTokenizer")
    fail(ErrorKind::unsupported, "llama.cpp cuts WordPiece texts as BERT does, this tokenizer does not",
         "tokenizer.json", kHint);
  const Json accents = normalizer.value("strip_accents", Json());
  if (!normalizer.value("lowercase", true) || accents == Json(false))
    fail(ErrorKind::unsupported, "llama.cpp lowers letters and takes accents away, this tokenizer keeps them",
         "tokenizer.json", kHint);
}

void write_word_pieces(Writer& writer, const Json& json, const Tokenizer& tokenizer, std::int64_t tokens) {
  check_word_pieces(json);
  Table table = table_of(json, tokens, /*bytes=*/false);
  mark_beginnings(table);
  writer.text("tokenizer.ggml.model", "bert");
  writer.text("tokenizer.ggml.pre", "default");
  writer.texts("tokenizer.ggml.tokens", table.texts);
  writer.counts("tokenizer.ggml.token_type", table.types);
  const std::vector<std::int64_t> around = tokenizer.encode("a").ids, inside = tokenizer.encode("a", false).ids;
  if (!tokenizer.cls_id() || !tokenizer.sep_id() || around.size() != inside.size() + 2 ||
      around.front() != tokenizer.cls_id() || around.back() != tokenizer.sep_id())
    fail(ErrorKind::unsupported, "the tokenizer puts tokens around a text that llama.cpp would not", "tokenizer.json",
         kHint);
  const std::pair<const char*, std::optional<std::int64_t>> ids[] = {
      {"tokenizer.ggml.bos_token_id", tokenizer.cls_id()},
      {"tokenizer.ggml.cls_token_id", tokenizer.cls_id()},
      {"tokenizer.ggml.eos_token_id", tokenizer.sep_id()},
      {"tokenizer.ggml.seperator_token_id", tokenizer.sep_id()},  // llama.cpp's spelling
      {"tokenizer.ggml.unknown_token_id", tokenizer.unknown_id()},
      {"tokenizer.ggml.padding_token_id", tokenizer.pad_id()},
      {"tokenizer.ggml.mask_token_id", tokenizer.mask_id()}};
  for (const auto& [key, id] : ids)
    if (id) writer.count(key, *id);
}

/// T5's pieces with their log-probabilities.
void write_unigram(Writer& writer, const Json& json, std::int64_t tokens) {
  const Json& model = json.at("model");
  const Json& pieces = model.at("vocab");
  Table table(tokens);
  std::vector<float> scores(static_cast<std::size_t>(tokens), 0.0F);
  const Json unknown = model.value("unk_id", Json());
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const bool is_unknown = unknown.is_number_integer() && unknown.get<std::size_t>() == i;
    table.set(static_cast<std::int64_t>(i), pieces[i].at(0), is_unknown ? TokenType::unknown : TokenType::normal);
    scores[i] = pieces[i].at(1);
  }
  for (const Json& added : json.value("added_tokens", Json::array())) {
    const std::int64_t id = added.at("id");
    if (unknown.is_number_integer() && unknown.get<std::int64_t>() == id) continue;
    table.set(id, added.at("content"), added.value("special", false) ? TokenType::control : TokenType::user_defined);
  }
  writer.text("tokenizer.ggml.model", "t5");
  writer.text("tokenizer.ggml.pre", "default");
  writer.texts("tokenizer.ggml.tokens", table.texts);
  writer.numbers("tokenizer.ggml.scores", scores);
  writer.counts("tokenizer.ggml.token_type", table.types);
  writer.flag("tokenizer.ggml.add_space_prefix", adds_space(json));
  writer.flag("tokenizer.ggml.remove_extra_whitespaces",
              has_part(json, "pre_tokenizer", "WhitespaceSplit") || has_part(json, "normalizer", "Replace"));
  for (const Json& part : parts_of(json.value("normalizer", Json())))
    if (kind_of_part(part) == "Precompiled") {
      const auto letters = text::from_base64(part.at("precompiled_charsmap").get<std::string>());
      if (!letters) fail(ErrorKind::bad_input, "its normalizer is damaged", "tokenizer.json");
      writer.bytes("tokenizer.ggml.precompiled_charsmap", *letters);
    }
}

void write_special_tokens(Writer& writer, const Tokenizer& tokenizer) {
  const auto id = [&](const char* key, std::optional<std::int64_t> value) {
    if (value) writer.count(key, *value);
  };
  id("tokenizer.ggml.bos_token_id", tokenizer.bos_id());
  id("tokenizer.ggml.eos_token_id", tokenizer.eos_id());
  id("tokenizer.ggml.unknown_token_id", tokenizer.unknown_id());
  id("tokenizer.ggml.padding_token_id", tokenizer.pad_id());
  const std::vector<std::int64_t> around = tokenizer.encode("a").ids, inside = tokenizer.encode("a", false).ids;
  const bool begins = around.size() > inside.size() && around.front() == tokenizer.bos_id();
  const bool ends = around.size() > inside.size() && around.back() == tokenizer.eos_id();
  if (around.size() != inside.size() + (begins ? 1 : 0) + (ends ? 1 : 0))
    fail(ErrorKind::unsupported, "the tokenizer puts tokens around a text that llama.cpp would not", "tokenizer.json",
         kHint);
  writer.flag("tokenizer.ggml.add_bos_token", begins);
  writer.flag("tokenizer.ggml.add_eos_token", ends);
  if (!tokenizer.chat_template().empty()) writer.text("tokenizer.chat_template", tokenizer.chat_template());
}

}  // namespace

void write_vocabulary(Writer& writer, const std::filesystem::path& folder, std::int64_t tokens) {
  const std::filesystem::path file = folder / "tokenizer.json";
  const Json tokenizer = read_json(file);
  try {
    const Json& model = tokenizer.at("model");
    if (model.value("type", std::string()) == "WordPiece")
      return write_word_pieces(writer, tokenizer, Tokenizer::open(folder), tokens);
    if (model.value("type", std::string()) == "Unigram" || model.at("vocab").is_array()) {
      write_unigram(writer, tokenizer, tokens);
      return write_special_tokens(writer, Tokenizer::open(folder));
    }
    if (model.value("type", std::string("BPE")) != "BPE")
      fail(ErrorKind::unsupported,
           "of the tokenizers of " + model.value("type", std::string()) + " kind none is carried over", file.string(),
           kHint);
    const std::vector<std::string> merges = merges_of(model);
    const bool pieces = model.value("byte_fallback", false) || !has_part(tokenizer, "decoder", "ByteLevel");
    const Table table = table_of(tokenizer, tokens, pieces);
    writer.text("tokenizer.ggml.model", pieces ? "llama" : "gpt2");
    writer.text("tokenizer.ggml.pre", pieces ? "default" : split_name(tokenizer));
    writer.texts("tokenizer.ggml.tokens", table.texts);
    if (pieces) {
      writer.numbers("tokenizer.ggml.scores", scores_of(table, merges));
      writer.flag("tokenizer.ggml.add_space_prefix", adds_space(tokenizer));
    } else {
      writer.texts("tokenizer.ggml.merges", merges);
    }
    writer.counts("tokenizer.ggml.token_type", table.types);
  } catch (const Json::exception& error) {
    fail(ErrorKind::bad_input, std::string("this is no tokenizer: ") + error.what(), file.string());
  }
  write_special_tokens(writer, Tokenizer::open(folder));
}

}  // namespace luthier::gguf
