// What all conversions share: the tokens that configuration files declare, and frames around texts.
#include "text/conversions.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace luthier::text {

namespace {

constexpr std::array role_keys{"unk_token", "bos_token", "eos_token", "sep_token",
                               "cls_token", "pad_token", "mask_token"};

/// The content of a token in a configuration: a text or {"content": ...}.
std::string content_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object() && value.contains("content") && value["content"].is_string())
    return value["content"].get<std::string>();
  return {};
}

const Json* member(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

void take_flags(OrderedJson& entry, const Json& from) {
  for (const char* key : {"single_word", "lstrip", "rstrip", "normalized", "special"})
    if (const Json* flag = member(from, key); flag && flag->is_boolean()) entry[key] = flag->get<bool>();
}

}  // namespace

std::string Beside::tokenizer_class() const {
  std::string name = text("tokenizer_class", "");
  if (name.ends_with("Fast")) name.resize(name.size() - 4);
  return name;
}

bool Beside::flag(const char* key, bool otherwise) const {
  const Json* value = member(config, key);
  return value && value->is_boolean() ? value->get<bool>() : otherwise;
}

std::string Beside::text(const char* key, const std::string& otherwise) const {
  const Json* value = member(config, key);
  return value && value->is_string() ? value->get<std::string>() : otherwise;
}

std::string Beside::token(const char* key, const std::string& otherwise) const {
  for (const Json* from : {&config, &special_map})
    if (const Json* value = member(*from, key)) return content_of(*value);
  return otherwise;
}

OrderedJson added_entry(std::int64_t id, const std::string& content, bool special) {
  return {{"id", id},        {"content", content},  {"single_word", false}, {"lstrip", false},
          {"rstrip", false}, {"normalized", false}, {"special", special}};
}

OrderedJson declared_tokens(OrderedJson own,
                            const std::function<std::optional<std::int64_t>(const std::string&)>& id_of,
                            std::int64_t next_id, const Beside& beside) {
  std::map<std::int64_t, OrderedJson> by_id;
  std::map<std::string, std::int64_t> by_content;
  const auto put = [&](std::int64_t id, OrderedJson entry) -> OrderedJson& {
    by_content[entry["content"].get<std::string>()] = id;
    next_id = std::max(next_id, id + 1);
    return by_id[id] = std::move(entry);
  };
  for (OrderedJson& entry : own) {
    const auto id = entry["id"].get<std::int64_t>();
    put(id, std::move(entry));
  }
  const auto declare = [&](const std::string& content, std::optional<std::int64_t> id, bool special) -> OrderedJson* {
    if (content.empty()) return nullptr;
    if (const auto found = by_content.find(content); found != by_content.end()) return &by_id[found->second];
    const auto known = id_of(content);
    if (known) id = known;
    if (!id || by_id.contains(*id)) id = next_id;
    return &put(*id, added_entry(*id, content, special));
  };
  // {"50256": {"content": "<|endoftext|>", ...}}, in the order of ids.
  if (const Json* decoder = member(beside.config, "added_tokens_decoder"); decoder && decoder->is_object()) {
    std::map<std::int64_t, const Json*> sorted;
    for (const auto& [key, value] : decoder->items())
      if (!key.empty() && key.size() < 10 && key.find_first_not_of("0123456789") == std::string::npos)
        sorted[std::stoll(key)] = &value;
    for (const auto& [id, value] : sorted)
      if (OrderedJson* entry = declare(content_of(*value), id, false)) take_flags(*entry, *value);
  }
  if (beside.added_tokens.is_object()) {
    std::map<std::int64_t, std::string> sorted;
    for (const auto& [content, id] : beside.added_tokens.items())
      if (id.is_number_integer()) sorted[id.get<std::int64_t>()] = content;
    for (const auto& [id, content] : sorted) declare(content, id, false);
  }
  for (const Json* from : {&beside.special_map, &beside.config}) {
    for (const char* key : role_keys)
      if (const Json* value = member(*from, key))
        if (OrderedJson* entry = declare(content_of(*value), std::nullopt, true)) {
          (*entry)["special"] = true;
          if (value->is_object()) take_flags(*entry, *value);
        }
    for (const char* key : {"additional_special_tokens", "extra_special_tokens"})
      if (const Json* list = member(*from, key); list && (list->is_array() || list->is_object()))
        for (const Json& value : *list)
          if (OrderedJson* entry = declare(content_of(value), std::nullopt, true)) {
            (*entry)["special"] = true;
            if (value.is_object()) take_flags(*entry, value);
          }
  }
  OrderedJson result = OrderedJson::array();
  for (auto& [id, entry] : by_id) result.push_back(std::move(entry));
  return result;
}

OrderedJson framing(const std::string& start, std::int64_t start_id, const std::string& end, std::int64_t end_id,
                    bool second_type) {
  if (start.empty() && end.empty()) return nullptr;
  const auto token = [](const std::string& name, int type) {
    return OrderedJson{{"SpecialToken", {{"id", name}, {"type_id", type}}}};
  };
  const auto framed = [&](OrderedJson& list, const char* id, int type) {
    if (!start.empty()) list.push_back(token(start, type));
    list.push_back({{"Sequence", {{"id", id}, {"type_id", type}}}});
    if (!end.empty()) list.push_back(token(end, type));
  };
  OrderedJson single = OrderedJson::array(), pair = OrderedJson::array(), tokens = OrderedJson::object();
  framed(single, "A", 0);
  framed(pair, "A", 0);
  framed(pair, "B", second_type ? 1 : 0);
  for (const auto& [name, id] : {std::pair{start, start_id}, std::pair{end, end_id}})
    if (!name.empty())
      tokens[name] = {{"id", name}, {"ids", OrderedJson::array({id})}, {"tokens", OrderedJson::array({name})}};
  return {{"type", "TemplateProcessing"}, {"single", single}, {"pair", pair}, {"special_tokens", tokens}};
}

}  // namespace luthier::text
