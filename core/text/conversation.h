#pragma once
// Conversations: messages of roles, and the shapes of rows that data sets write them in.
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/json.h"

namespace luthier {

/// One message as templates see it: an object with "role", "content" (a text, null, or a list of parts such as
/// {"type": "text", "text": ...}) and, for some, "tool_calls", "name", "tool_call_id", "reasoning_content".
struct Message {
  std::string role;                          ///< system, user, assistant, tool, or what the data says
  OrderedJson content;                       ///< text, null or parts
  OrderedJson more = OrderedJson::object();  ///< further members, as they came

  static Message of(std::string role, std::string text);
  /// bad_input where a part is not of the type that templates expect.
  static Message read(const OrderedJson& value, const std::string& where);
  OrderedJson json() const;
  /// The text, parts of text joined; "" for null.
  std::string text() const;
  bool is_assistant() const { return role == "assistant"; }
};

struct Conversation {
  std::vector<Message> messages;
  OrderedJson tools;  ///< functions that the model may call (JSON schemas), or null
};

enum class RowShape {
  messages,           ///< {"messages": [{"role", "content"}]} (OpenAI)
  share_gpt,          ///< {"conversations": [{"from", "value"}], "system": ...}
  alpaca,             ///< {"instruction", "input", "output"}
  prompt_completion,  ///< {"prompt", "completion"}: texts or lists of messages
};
const char* name_of(RowShape shape);

/// The shape that columns of these names have, if any.
std::optional<RowShape> shape_of(const std::vector<std::string>& columns);

/// A row (an object of its columns; lists and objects may be JSON texts) as a conversation; bad_input names what is
/// missing or wrong. `where`: the row in words.
Conversation conversation_of(const OrderedJson& row, RowShape shape, const std::string& where);

}  // namespace luthier
