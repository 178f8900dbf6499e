#pragma once
// Rows as conversations: message lists in any of the usual shapes, instructions, transcripts, and pairs of answers.
#include <string>
#include <vector>

#include "data/roles.h"
#include "text/conversation.h"

namespace luthier {

/// What a row of conversations says: a beginning, and of preferences the answers to it.
struct ChatRow {
  Conversation common;            ///< a whole conversation, or what both answers share; tools too
  std::vector<Message> chosen;    ///< preferences: how the better (or the only) answer goes on
  std::vector<Message> rejected;  ///< pairs alone
};

/// Whether the row's texts are conversations: messages or instructions, lists of messages, transcripts of "Human:" and
/// "Assistant:". Others are texts that go into the model as they stand.
bool is_chat(const RoleRow& row);

/// The row's messages; content that is made of parts of text alone becomes one text. bad_input names what is wrong.
ChatRow read_chat(const RoleRow& row, const std::string& task);

/// Checks that rows of conversations can be learnt from. "" or the finding's id: bad_conversation (detail says why),
/// no_answer, empty_answer. `unknown_role` is filled with the first role that no template knows.
struct ChatVerdict {
  std::string finding, detail, unknown_role;
};
ChatVerdict judge_chat(const RoleRow& row, const std::string& task);

/// A list of objects (or one object) with a role or a speaker each, as JSON.
bool is_message_list(const std::string& text);
/// HH-RLHF's way of writing a conversation: "Human: ...", "Assistant: ...".
bool is_transcript(const std::string& text);

/// "user: ...", a line a message: how a list of messages is shown; the text itself where it is none.
std::string shown_messages(const std::string& value);

/// true, 1, yes, good ... and their opposites; nullopt for anything else.
std::optional<bool> desirable_of(const std::string& text);

}  // namespace luthier
