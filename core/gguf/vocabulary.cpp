#include "gguf/vocabulary.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/json.h"
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
