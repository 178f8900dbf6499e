#include "text/conversation.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace luthier {

namespace {

[[noreturn]] void bad(const std::string& message, const std::string& where) {
  fail(ErrorKind::bad_input, message, where, "mend the row or leave it out");
}

/// A member that is there and not null.
const OrderedJson* member(const OrderedJson& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string text_of(const OrderedJson& row, const char* key, bool needed, const std::string& where) {
  const OrderedJson* value = member(row, key);
  if (!value && needed) bad(std::string("\"") + key + "\" is missing", where);
  if (!value) return {};
  if (!value->is_string()) bad(std::string("\"") + key + "\" is not a text", where);
  return value->get<std::string>();
}

/// A list or object; tables keep them as JSON texts.
OrderedJson parsed(const OrderedJson& value, const char* key, const std::string& where) {
  if (!value.is_string()) return value;
  OrderedJson result = OrderedJson::parse(value.get_ref<const std::string&>(), nullptr, false);
  if (result.is_discarded()) bad(std::string("\"") + key + "\" is not valid JSON", where);
  return result;
}

std::vector<Message> messages_in(const OrderedJson& value, const char* key, const std::string& where) {
  const OrderedJson list = parsed(value, key, where);
  if (!list.is_array()) bad(std::string("\"") + key + "\" is not a list of messages", where);
  std::vector<Message> result;
  for (std::size_t i = 0; i < list.size(); ++i)
    result.push_back(Message::read(list[i], where + ", " + key + "[" + std::to_string(i) + "]"));
  return result;
}

std::string role_of_speaker(const std::string& from) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 10> roles{{{"human", "user"},
                                                                                        {"user", "user"},
                                                                                        {"gpt", "assistant"},
                                                                                        {"assistant", "assistant"},
                                                                                        {"chatgpt", "assistant"},
                                                                                        {"model", "assistant"},
                                                                                        {"bot", "assistant"},
                                                                                        {"function_call", "assistant"},
                                                                                        {"observation", "tool"},
                                                                                        {"function_response", "tool"}}};
  for (const auto& [speaker, role] : roles)
    if (from == speaker) return std::string(role);
  return from;
}

void read_share_gpt(const OrderedJson& row, Conversation& result, const std::string& where) {
  if (const std::string system = text_of(row, "system", false, where); !system.empty())
    result.messages.push_back(Message::of("system", system));
  const OrderedJson* value = member(row, "conversations");
  if (!value) value = member(row, "conversation");
  if (!value) bad("\"conversations\" is missing", where);
  const OrderedJson list = parsed(*value, "conversations", where);
  if (!list.is_array()) bad("\"conversations\" is not a list", where);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string place = where + ", conversations[" + std::to_string(i) + "]";
    if (member(list[i], "role")) {
      result.messages.push_back(Message::read(list[i], place));
      continue;
    }
    const std::string from = text_of(list[i], "from", true, place);
    result.messages.push_back(Message::of(role_of_speaker(from), text_of(list[i], "value", true, place)));
  }
}

}  // namespace

Message Message::of(std::string role, std::string text) {
  Message message;
  message.role = std::move(role);
  message.content = std::move(text);
  return message;
}

Message Message::read(const OrderedJson& value, const std::string& where) {
  if (!value.is_object()) bad("a message is not an object with role and content", where);
  Message message;
  message.role = text_of(value, "role", true, where);
  for (const auto& [key, part] : value.items()) {
    if (key == "role") continue;
    (key == "content" ? message.content : message.more[key]) = part;
  }
  const OrderedJson& content = message.content;
  if (!content.is_null() && !content.is_string() && !content.is_array()) bad("\"content\" is not a text", where);
  for (const OrderedJson& part : content.is_array() ? content : OrderedJson::array())
    if (!part.is_object() || !part.contains("type") || !part["type"].is_string())
      bad("a part of \"content\" is not an object with a type", where);
  if (const OrderedJson* calls = member(message.more, "tool_calls"); calls && !calls->is_array())
    bad("\"tool_calls\" is not a list", where);
  if (content.is_null() && !member(message.more, "tool_calls") && !value.contains("content"))
    bad("a message has neither content nor tool_calls", where);
  return message;
}

OrderedJson Message::json() const {
  OrderedJson result{{"role", role}, {"content", content}};
  for (const auto& [key, value] : more.items()) result[key] = value;
  return result;
}

std::string Message::text() const {
  if (content.is_string()) return content.get<std::string>();
  std::string result;
  if (content.is_array())
    for (const OrderedJson& part : content)
      if (const OrderedJson* text = member(part, "text"); text && text->is_string()) result += text->get<std::string>();
  return result;
}

const char* name_of(RowShape shape) {
  switch (shape) {
    case RowShape::messages:
      return "messages";
    case RowShape::share_gpt:
      return "ShareGPT";
    case RowShape::alpaca:
      return "Alpaca";
    case RowShape::prompt_completion:
      return "prompt and completion";
  }
  return "";
}

std::optional<RowShape> shape_of(const std::vector<std::string>& columns) {
  const auto has = [&](const char* name) { return std::find(columns.begin(), columns.end(), name) != columns.end(); };
  if (has("messages")) return RowShape::messages;
  if (has("conversations") || has("conversation")) return RowShape::share_gpt;
  if (has("instruction") && has("output")) return RowShape::alpaca;
  if (has("prompt") && has("completion")) return RowShape::prompt_completion;
  return std::nullopt;
}

Conversation conversation_of(const OrderedJson& row, RowShape shape, const std::string& where) {
  if (!row.is_object()) bad("a row is not an object", where);
  Conversation result;
  if (const OrderedJson* tools = member(row, "tools")) {
    result.tools = parsed(*tools, "tools", where);
    if (!result.tools.is_array()) bad("\"tools\" is not a list", where);
  }
  switch (shape) {
    case RowShape::messages: {
      const OrderedJson* list = member(row, "messages");
      if (!list) bad("\"messages\" is missing", where);
      result.messages = messages_in(*list, "messages", where);
      break;
    }
    case RowShape::share_gpt:
      read_share_gpt(row, result, where);
      break;
    case RowShape::alpaca: {
      if (const std::string system = text_of(row, "system", false, where); !system.empty())
        result.messages.push_back(Message::of("system", system));
      const std::string instruction = text_of(row, "instruction", true, where);
      const std::string input = text_of(row, "input", false, where);
      Message& question =
          result.messages.emplace_back(Message::of("user", input.empty() ? instruction : instruction + "\n\n" + input));
      if (!input.empty()) question.more = {{"instruction", instruction}, {"input", input}};
      result.messages.push_back(Message::of("assistant", text_of(row, "output", true, where)));
      break;
    }
    case RowShape::prompt_completion:
      for (const auto& [key, role] : {std::pair{"prompt", "user"}, std::pair{"completion", "assistant"}}) {
        const OrderedJson* value = member(row, key);
        if (!value) bad(std::string("\"") + key + "\" is missing", where);
        if (value->is_string()) {
          result.messages.push_back(Message::of(role, value->get<std::string>()));
          continue;
        }
        for (Message& message : messages_in(*value, key, where)) result.messages.push_back(std::move(message));
      }
      break;
  }
  if (result.messages.empty()) bad("the conversation has no messages", where);
  return result;
}

}  // namespace luthier
