#include "data/chat_rows.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/strings.h"

namespace luthier {

namespace {

constexpr std::string_view kBlanks = " \t\r\n";

std::vector<Message> read_transcript(const std::string& text) {
  std::vector<Message> messages;
  const std::string whole = "\n\n" + without_blanks(text);
  constexpr std::array<std::pair<std::string_view, const char*>, 2> speakers{
      {{"\n\nHuman:", "user"}, {"\n\nAssistant:", "assistant"}}};
  const auto next_turn = [&](std::size_t from) {
    std::pair<std::size_t, std::size_t> best{std::string::npos, 0};
    for (std::size_t i = 0; i < speakers.size(); ++i)
      if (const std::size_t at = whole.find(speakers[i].first, from); at < best.first) best = {at, i};
    return best;
  };
  auto [at, speaker] = next_turn(0);
  while (at != std::string::npos) {
    const std::size_t begin = at + speakers[speaker].first.size();
    const auto [next, other] = next_turn(begin);
    messages.push_back(Message::of(speakers[speaker].second, without_blanks(std::string_view(whole).substr(
                                                                 begin, std::min(next, whole.size()) - begin))));
    at = next;
    speaker = other;
  }
  return messages;
}

/// Parts of text become one text; the parts of some exporters say "value" for "text", and "reasoning" apart.
void flatten(Message& message) {
  if (message.content.is_null()) {
    message.content = "";
    return;
  }
  if (!message.content.is_array()) return;
  std::string text, reasoning;
  for (const OrderedJson& part : message.content) {
    const std::string type = part.at("type").get<std::string>();
    const auto said = part.contains("text") ? part.find("text") : part.find("value");
    if (said == part.end() || !said->is_string() || (type != "text" && type != "reasoning")) return;
    (type == "text" ? text : reasoning) += said->get<std::string>();
  }
  message.content = text;
  if (!reasoning.empty()) message.more["reasoning_content"] = reasoning;
}

std::vector<Message> messages_of(const std::string& value) {
  if (is_transcript(value)) return read_transcript(value);
  OrderedJson list = OrderedJson::parse(value, nullptr, false);
  if (list.is_object()) list = OrderedJson::array({list});
  OrderedJson row = OrderedJson::object();
  row["conversations"] = list.is_discarded() ? OrderedJson(value) : std::move(list);
  return conversation_of(row, RowShape::share_gpt, {}).messages;
}

/// A value as the turns of `role`: a list of messages, a transcript, or a text that this role says.
std::vector<Message> turns_of(const std::string& value, const char* role) {
  if (is_message_list(value) || is_transcript(value)) return messages_of(value);
  return {Message::of(role, value)};
}

/// What the row says before any answer.
Conversation conversation_in(const RoleRow& row) {
  OrderedJson read = OrderedJson::object();
  if (!row.system.empty()) read["system"] = row.system;
  if (!row.tools.empty()) read["tools"] = row.tools;
  if (!row.messages.empty()) {
    Conversation result;
    if (is_transcript(row.messages)) {
      result.messages = read_transcript(row.messages);
      return result;
    }
    read["conversations"] = row.messages;
    return conversation_of(read, RowShape::share_gpt, {});
  }
  if (!row.instruction.empty()) {
    read["instruction"] = row.instruction;
    if (!row.input.empty()) read["input"] = row.input;
    read["output"] = row.response;
    return conversation_of(read, RowShape::alpaca, {});
  }
  Conversation result;
  if (!row.system.empty()) result.messages.push_back(Message::of("system", row.system));
  if (!row.prompt.empty())
    for (Message& message : turns_of(row.prompt, "user")) result.messages.push_back(std::move(message));
  return result;
}

void move_common_beginning(ChatRow& chat) {
  std::size_t same = 0;
  const std::size_t most = std::min(chat.chosen.size(), chat.rejected.size());
  while (same < most && chat.chosen[same].json() == chat.rejected[same].json()) ++same;
  // At least one message is the answer, and the answer is the assistant's.
  if (most > 0) same = std::min(same, most - 1);
  for (std::size_t i = 0; i < same; ++i) chat.common.messages.push_back(chat.chosen[i]);
  chat.chosen.erase(chat.chosen.begin(), chat.chosen.begin() + static_cast<std::ptrdiff_t>(same));
  chat.rejected.erase(chat.rejected.begin(), chat.rejected.begin() + static_cast<std::ptrdiff_t>(same));
}

/// A single answer: the last of the conversation's messages.
void move_last_answer(ChatRow& chat) {
  if (chat.common.messages.empty() || !chat.common.messages.back().is_assistant()) return;
  chat.chosen.push_back(std::move(chat.common.messages.back()));
  chat.common.messages.pop_back();
}

/// The messages of a list that was cut off somewhere, as a list again; "" where not even the first is whole.
std::string whole_messages(const std::string& text) {
  if (!text.starts_with('[')) return {};
  int depth = 0;
  bool quoted = false;
  std::size_t end = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted) {
      depth += (c == '[' || c == '{') - (c == ']' || c == '}');
      if (c == '}' && depth == 1) end = i + 1;
    }
  }
  return end == 0 ? std::string() : text.substr(0, end) + "]";
}

bool has_words(const Message& message) {
  return !without_blanks(message.text()).empty() || message.more.contains("tool_calls");
}

bool is_known_role(const std::string& role) {
  static constexpr std::array<std::string_view, 5> known{"system", "user", "assistant", "tool", "developer"};
  return std::find(known.begin(), known.end(), role) != known.end();
}

}  // namespace

bool is_message_list(const std::string& text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string::npos || (text[first] != '[' && text[first] != '{')) return false;
  const OrderedJson value = OrderedJson::parse(text, nullptr, false);
  const OrderedJson* one = &value;
  if (value.is_array() && !value.empty()) one = &value.front();
  return one->is_object() && (one->contains("role") || one->contains("from"));
}

bool is_transcript(const std::string& text) {
  return without_blanks(text).starts_with("Human:") && text.find("\n\nAssistant:") != std::string::npos;
}

bool is_chat(const RoleRow& row) {
  if (!row.messages.empty() || !row.instruction.empty() || !row.response.empty()) return true;
  return is_message_list(row.prompt) || is_message_list(row.completion) || is_message_list(row.chosen) ||
         is_transcript(row.chosen) || is_transcript(row.completion);
}

ChatRow read_chat(const RoleRow& row, const std::string& task) {
  ChatRow chat;
  chat.common = conversation_in(row);
  if (!row.chosen.empty() || !row.rejected.empty()) {
    chat.chosen = turns_of(row.chosen, "assistant");
    chat.rejected = turns_of(row.rejected, "assistant");
    // Some files write the question again at the head of both answers.
    if (!chat.chosen.empty() && !chat.chosen.front().is_assistant()) chat.common.messages.clear();
    move_common_beginning(chat);
  } else if (!row.completion.empty()) {
    chat.chosen = turns_of(row.completion, "assistant");
  } else if (task == "preference") {
    move_last_answer(chat);
  }
  for (auto* messages : {&chat.common.messages, &chat.chosen, &chat.rejected})
    for (Message& message : *messages) flatten(message);
  if (task != "preference") {
    for (Message& message : chat.chosen) chat.common.messages.push_back(std::move(message));
    chat.chosen.clear();
  }
  return chat;
}

ChatVerdict judge_chat(const RoleRow& row, const std::string& task) {
  ChatVerdict verdict;
  ChatRow chat;
  try {
    chat = read_chat(row, task);
  } catch (const Error& error) {
    verdict.finding = "bad_conversation";
    verdict.detail = error.message;
    return verdict;
  }
  const bool pairs = !row.chosen.empty() || !row.rejected.empty();
  const auto look = [&](const std::vector<Message>& messages) {
    std::size_t answers = 0, said = 0;
    for (const Message& message : messages) {
      if (!is_known_role(message.role) && verdict.unknown_role.empty()) verdict.unknown_role = message.role;
      if (!message.is_assistant()) continue;
      ++answers;
      said += has_words(message);
    }
    return std::pair{answers, said};
  };
  const auto common = look(chat.common.messages), chosen = look(chat.chosen), rejected = look(chat.rejected);
  const bool preference = task == "preference";
  if (preference ? chosen.first == 0 || (pairs && rejected.first == 0) : common.first == 0)
    verdict.finding = "no_answer";
  else if (preference ? chosen.second == 0 || (pairs && rejected.second == 0) : common.second == 0)
    verdict.finding = "empty_answer";
  return verdict;
}

std::string shown_messages(const std::string& value) {
  const bool whole = is_message_list(value);
  const std::string list = whole ? value : whole_messages(value);
  if (!whole && !is_message_list(list)) return value;
  try {
    std::string text;
    for (Message& message : messages_of(list)) {
      flatten(message);
      text += (text.empty() ? "" : "\n") + message.role + ": " + message.text();
    }
    return whole ? text : text + "\n...";
  } catch (const Error&) {
    return value;
  }
}

std::optional<bool> desirable_of(const std::string& text) {
  std::string plain = without_blanks(text);
  std::transform(plain.begin(), plain.end(), plain.begin(),
                 [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
  static constexpr std::array<std::string_view, 9> good{"true",      "1",    "yes", "good", "desirable",
                                                        "thumbs_up", "like", "1.0", "+1"};
  static constexpr std::array<std::string_view, 10> bad{"false",       "0",       "no",   "bad", "undesirable",
                                                        "thumbs_down", "dislike", "-1.0", "0.0", "-1"};
  if (std::find(good.begin(), good.end(), plain) != good.end()) return true;
  if (std::find(bad.begin(), bad.end(), plain) != bad.end()) return false;
  return std::nullopt;
}

}  // namespace luthier
