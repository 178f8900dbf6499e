#pragma once
// Requests and answers of the HTTP API as JSON (docs/api.md); no HTTP here.
#include <string>

#include "base/error.h"
#include "serve/served_model.h"

namespace luthier {

/// The model that a request names ("tuned" where it names none); not_found with the ids there are.
std::string wanted_model(const Json& body);

Json classify_answer(ServedModel& model, const Json& body, const GoOn& go_on);
Json tag_answer(ServedModel& model, const Json& body, const GoOn& go_on);
Json fill_answer(ServedModel& model, const Json& body, const GoOn& go_on);

/// A completion as OpenAI's API has it, of a text or of a conversation.
struct Completion {
  std::string id, model, prompt;
  Conversation conversation;  ///< where the request has messages
  bool chat = false;
  std::int64_t created = 0;  ///< seconds since 1970
  ContinueOptions options;
  bool stream = false;
};
Completion read_completion(const Json& body, bool chat = false);
/// The whole answer.
Json completion_answer(const Completion& request, const Continuation& written);
/// One part of a streamed answer; the last one says why the text ended and how many tokens there were.
Json completion_piece(const Completion& request, std::string_view text);
Json completion_end(const Completion& request, const Continuation& written);

/// {"error": {"message", "where", "hint", "type"}}
Json error_answer(const Error& error);

}  // namespace luthier
