// Byte-level BPE in other files than tokenizer.json: vocab.json with merges.txt, and tiktoken's ranks.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "text/base64.h"
#include "text/byte_level.h"
#include "text/conversions.h"
#include "text/string_table.h"
#include "text/templates.h"
#include "text/unicode.h"

namespace luthier::text {

namespace {

constexpr std::size_t longest_token_bytes = 4096;

// The pattern of Llama 3 and of tiktoken's cl100k_base; Qwen 2 takes digits one by one.
constexpr const char* llama3_pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr const char* qwen2_pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

std::string_view next_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

OrderedJson byte_level(bool prefix_space, bool trim_offsets, bool splits) {
  return {
      {"type", "ByteLevel"}, {"add_prefix_space", prefix_space}, {"trim_offsets", trim_offsets}, {"use_regex", splits}};
}

OrderedJson split_then_bytes(const char* pattern, bool prefix_space) {
  const OrderedJson split{
      {"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}, {"invert", false}};
  return {{"type", "Sequence"}, {"pretokenizers", OrderedJson::array({split, byte_level(prefix_space, true, false)})}};
}

OrderedJson head_of(OrderedJson added) {
  OrderedJson head;
  head["version"] = "1.0";
  head["truncation"] = nullptr;
  head["padding"] = nullptr;
  head["added_tokens"] = std::move(added);
  head["normalizer"] = nullptr;
  return head;
}

/// A line of tiktoken: base64, a space, the rank.
std::optional<std::pair<std::string, std::int64_t>> ranked(std::string_view line) {
  const std::size_t space = line.find(' ');
  if (space == 0 || space == std::string_view::npos) return std::nullopt;
  const std::string_view digits = line.substr(space + 1);
  if (digits.empty() || digits.size() > 9 || digits.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  auto bytes = from_base64(line.substr(0, space));
  if (!bytes || bytes->empty() || bytes->size() > longest_token_bytes) return std::nullopt;
  return std::pair(std::move(*bytes), std::int64_t{std::stoll(std::string(digits))});
}

}  // namespace

bool is_tiktoken(std::string_view bytes) {
  std::string_view rest = bytes.substr(0, std::min<std::size_t>(bytes.size(), 8192));
  return ranked(next_line(rest)).has_value();
}

std::string tiktoken_tokenizer_json(std::string_view lines, bool gpt2_pattern, const Beside& beside) {
  struct Token {
    std::string bytes;
    std::int64_t rank;
  };
  std::vector<Token> tokens;
  StringTable ids;
  std::int64_t number = 0;
  for (std::string_view rest = lines; !rest.empty();) {
    const std::string_view line = next_line(rest);
    ++number;
    if (line.empty()) continue;
    auto token = ranked(line);
    const std::string where = beside.where + ":" + std::to_string(number);
    if (!token)
      fail(ErrorKind::bad_input, "expected a token in base64 and its rank", where, "download the tokenizer again");
    if (!ids.insert(token->first, static_cast<std::uint32_t>(token->second)))
      fail(ErrorKind::bad_input, "a token stands there twice", where, "download the tokenizer again");
    tokens.push_back({std::move(token->first), token->second});
  }
  struct Merge {
    std::int64_t rank;
    std::uint32_t left, right;
    std::string_view bytes;
    std::size_t cut;
  };
  std::vector<Merge> merges;
  Json vocabulary = Json::object();
  for (const Token& token : tokens) {
    vocabulary[to_byte_characters(token.bytes)] = token.rank;
    const std::string_view bytes = token.bytes;
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
      const auto* left = ids.find(bytes.substr(0, cut));
      const auto* right = left ? ids.find(bytes.substr(cut)) : nullptr;
      if (right) merges.push_back({token.rank, *left, *right, bytes, cut});
    }
  }
  std::stable_sort(merges.begin(), merges.end(), [](const Merge& a, const Merge& b) {
    return std::tuple(a.rank, a.left, a.right) < std::tuple(b.rank, b.left, b.right);
  });
  Json pairs = Json::array();
  for (const Merge& merge : merges)
    pairs.push_back(Json::array(
        {to_byte_characters(merge.bytes.substr(0, merge.cut)), to_byte_characters(merge.bytes.substr(merge.cut))}));
  std::int64_t next = 0;
  for (const Token& token : tokens) next = std::max(next, token.rank + 1);
  const auto id_of = [&](const std::string& token) -> std::optional<std::int64_t> {
    const auto found = vocabulary.find(token);
    return found == vocabulary.end() ? std::nullopt : std::optional(found->get<std::int64_t>());
  };
  OrderedJson head = head_of(declared_tokens(OrderedJson::array(), id_of, next, beside));
  head["pre_tokenizer"] = gpt2_pattern ? byte_level(false, true, true) : split_then_bytes(llama3_pattern, false);
  head["post_processor"] = byte_level(true, false, true);
  head["decoder"] = byte_level(true, true, true);
  Json model{{"type", "BPE"}, {"ignore_merges", true}};
  model["vocab"] = std::move(vocabulary);
  model["merges"] = std::move(pairs);
  return with_model(std::move(head), std::move(model));
}

std::string merges_tokenizer_json(std::string_view vocab_json, std::string_view merges, const Beside& beside) {
  Json vocabulary = parse_json(vocab_json, beside.where);
  if (!vocabulary.is_object())
    fail(ErrorKind::bad_input, "expected an object of tokens and ids", beside.where, "download the tokenizer again");
  std::string owner = beside.tokenizer_class();
  const auto id_of = [&](const std::string& token) -> std::optional<std::int64_t> {
    const auto found = vocabulary.find(token);
    return found == vocabulary.end() || !found->is_number_integer() ? std::nullopt
                                                                    : std::optional(found->get<std::int64_t>());
  };
  if (owner.empty() || owner == "PreTrainedTokenizer")
    owner = id_of("<s>") && id_of("</s>") ? "RobertaTokenizer" : "GPT2Tokenizer";
  if (owner == "BartTokenizer" || owner == "LongformerTokenizer" || owner == "LEDTokenizer") owner = "RobertaTokenizer";
  if (owner != "GPT2Tokenizer" && owner != "RobertaTokenizer" && owner != "WhisperTokenizer" &&
      owner != "Qwen2Tokenizer")
    fail(ErrorKind::unsupported,
         "the vocab.json and merges.txt of a " + owner + " are not supported without a tokenizer.json", beside.where,
         "save the tokenizer with transformers, which writes tokenizer.json");
  Json lines = Json::array();
  for (std::string_view rest = merges; !rest.empty();) {
    const std::string_view line = next_line(rest);
    if (line.empty() || line.starts_with("#version")) continue;
    if (!valid_utf8(line))
      fail(ErrorKind::bad_input, "merges.txt is not UTF-8", beside.where, "download the tokenizer again");
    lines.push_back(line);
  }
  std::int64_t next = 0;
  for (const auto& [token, id] : vocabulary.items())
    if (id.is_number_integer()) next = std::max(next, std::min(id.get<std::int64_t>(), std::int64_t{1} << 40) + 1);
  const bool roberta = owner == "RobertaTokenizer";
  OrderedJson own = OrderedJson::array();
  const auto special = [&](const char* token) {
    if (const auto id = id_of(token)) own.push_back(added_entry(*id, token, true));
  };
  if (roberta) {
    for (const char* token : {"<s>", "<pad>", "</s>", "<unk>", "<mask>"}) special(token);
    if (!own.empty() && own.back()["content"] == "<mask>") own.back()["lstrip"] = true;
  } else {
    special("<|endoftext|>");
  }
  OrderedJson head = head_of(declared_tokens(std::move(own), id_of, next, beside));
  const bool prefix = beside.flag("add_prefix_space", false);
  head["pre_tokenizer"] = byte_level(prefix, true, true);
  if (owner == "Qwen2Tokenizer") {
    head["normalizer"] = {{"type", "NFC"}};
    head["pre_tokenizer"] = split_then_bytes(qwen2_pattern, prefix);
  }
  head["post_processor"] = byte_level(true, false, true);
  const auto declared_id = [&](const std::string& token) -> std::optional<std::int64_t> {
    for (const OrderedJson& entry : head["added_tokens"])
      if (entry["content"] == token) return entry["id"].get<std::int64_t>();
    return id_of(token);
  };
  if (roberta) {
    const std::string start = beside.token("cls_token", "<s>"), end = beside.token("sep_token", "</s>");
    const auto start_id = declared_id(start), end_id = declared_id(end);
    if (!start_id || !end_id)
      fail(ErrorKind::bad_input, "the tokens " + start + " and " + end + " are not both in the vocabulary",
           beside.where, "use the vocab.json that belongs to the model");
    head["post_processor"] = {{"type", "RobertaProcessing"},
                              {"sep", OrderedJson::array({end, *end_id})},
                              {"cls", OrderedJson::array({start, *start_id})},
                              {"trim_offsets", true},
                              {"add_prefix_space", prefix}};
  }
  if (owner == "WhisperTokenizer") {
    const auto start = declared_id("<|startoftranscript|>"), plain = declared_id("<|notimestamps|>"),
               end = declared_id("<|endoftext|>");
    if (start && plain && end) {
      head["post_processor"] = framing("<|startoftranscript|>", *start, "<|endoftext|>", *end, true);
      OrderedJson& frame = head["post_processor"];
      for (const char* key : {"single", "pair"})
        frame[key].insert(frame[key].begin() + 1,
                          OrderedJson{{"SpecialToken", {{"id", "<|notimestamps|>"}, {"type_id", 0}}}});
      frame["special_tokens"]["<|notimestamps|>"] = {{"id", "<|notimestamps|>"},
                                                     {"ids", OrderedJson::array({*plain})},
                                                     {"tokens", OrderedJson::array({"<|notimestamps|>"})}};
    }
  }
  head["decoder"] = byte_level(true, true, true);
  Json model{{"type", "BPE"}, {"continuing_subword_prefix", ""}, {"end_of_word_suffix", ""}, {"fuse_unk", false}};
  model["vocab"] = std::move(vocabulary);
  model["merges"] = std::move(lines);
  return with_model(std::move(head), std::move(model));
}

}  // namespace luthier::text
