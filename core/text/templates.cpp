#include "text/templates.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"

namespace luthier::text {

namespace {

Json numbered(const std::vector<std::string>& tokens) {
  Json vocabulary = Json::object();
  for (std::size_t i = 0; i < tokens.size(); ++i)
    if (!tokens[i].empty()) vocabulary[tokens[i]] = i;
  return vocabulary;
}

/// The "added_tokens" of special tokens, by id.
OrderedJson added_tokens(const Json& vocabulary, std::vector<std::string> special_tokens) {
  const auto id = [&](const std::string& token) { return vocabulary.at(token).get<std::int64_t>(); };
  std::sort(special_tokens.begin(), special_tokens.end(), [&](const auto& a, const auto& b) { return id(a) < id(b); });
  OrderedJson added = OrderedJson::array();
  for (const std::string& token : special_tokens)
    added.push_back({{"id", id(token)},
                     {"content", token},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", false},
                     {"special", true}});
  return added;
}

}  // namespace

std::string with_model(OrderedJson file, Json model) {
  std::string head = file.dump(2);
  head.resize(head.rfind('\n'));
  return head + ",\n  \"model\": " + model.dump() + "\n}\n";
}

std::string bert_tokenizer_json(const std::vector<std::string>& tokens, const std::vector<std::string>& special_tokens,
                                bool lowercase, std::optional<bool> strip_accents, bool handle_chinese,
                                const std::string& where) {
  Json vocabulary = numbered(tokens);
  for (const char* needed : {"[UNK]", "[CLS]", "[SEP]"})
    if (!vocabulary.contains(needed))
      fail(ErrorKind::bad_input, std::string("the token ") + needed + " is missing in the vocabulary", where,
           "use the vocab.txt that belongs to the model");
  const auto text = [](const char* id, int type) { return OrderedJson{{"Sequence", {{"id", id}, {"type_id", type}}}}; };
  const auto token = [](const char* id, int type) {
    return OrderedJson{{"SpecialToken", {{"id", id}, {"type_id", type}}}};
  };
  const auto special = [&](const char* name) {
    return OrderedJson{{"id", name},
                       {"ids", OrderedJson::array({vocabulary[name].get<std::int64_t>()})},
                       {"tokens", OrderedJson::array({name})}};
  };
  OrderedJson file;
  file["version"] = "1.0";
  file["truncation"] = nullptr;
  file["padding"] = nullptr;
  file["added_tokens"] = added_tokens(vocabulary, special_tokens);
  OrderedJson& normalizer = file["normalizer"];
  normalizer = {{"type", "BertNormalizer"}, {"clean_text", true}, {"handle_chinese_chars", handle_chinese}};
  normalizer["strip_accents"] = strip_accents ? OrderedJson(*strip_accents) : OrderedJson(nullptr);
  normalizer["lowercase"] = lowercase;
  file["pre_tokenizer"]["type"] = "BertPreTokenizer";
  OrderedJson& frame = file["post_processor"];
  frame["type"] = "TemplateProcessing";
  frame["single"] = OrderedJson::array({token("[CLS]", 0), text("A", 0), token("[SEP]", 0)});
  frame["pair"] =
      OrderedJson::array({token("[CLS]", 0), text("A", 0), token("[SEP]", 0), text("B", 1), token("[SEP]", 1)});
  frame["special_tokens"] = {{"[CLS]", special("[CLS]")}, {"[SEP]", special("[SEP]")}};
  file["decoder"] = {{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}};
  Json model{{"type", "WordPiece"},
             {"unk_token", "[UNK]"},
             {"continuing_subword_prefix", "##"},
             {"max_input_chars_per_word", 100}};
  model["vocab"] = std::move(vocabulary);
  return with_model(std::move(file), std::move(model));
}

std::string byte_level_tokenizer_json(const std::vector<std::string>& tokens,
                                      const std::vector<std::pair<std::string, std::string>>& merges,
                                      const std::vector<std::string>& special_tokens) {
  Json vocabulary = numbered(tokens);
  OrderedJson file;
  file["version"] = "1.0";
  file["truncation"] = nullptr;
  file["padding"] = nullptr;
  file["added_tokens"] = added_tokens(vocabulary, special_tokens);
  file["normalizer"] = nullptr;
  file["pre_tokenizer"] = {
      {"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", true}};
  file["post_processor"] = {
      {"type", "ByteLevel"}, {"add_prefix_space", true}, {"trim_offsets", false}, {"use_regex", true}};
  file["decoder"] = {{"type", "ByteLevel"}, {"add_prefix_space", true}, {"trim_offsets", true}, {"use_regex", true}};
  Json pairs = Json::array();
  for (const auto& [left, right] : merges) pairs.push_back(Json::array({left, right}));
  Json model{{"type", "BPE"},
             {"dropout", nullptr},
             {"unk_token", nullptr},
             {"continuing_subword_prefix", nullptr},
             {"end_of_word_suffix", nullptr},
             {"fuse_unk", false},
             {"byte_fallback", false},
             {"ignore_merges", false}};
  model["vocab"] = std::move(vocabulary);
  model["merges"] = std::move(pairs);
  return with_model(std::move(file), std::move(model));
}

}  // namespace luthier::text
