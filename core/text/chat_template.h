#pragma once
// Chat templates (Jinja, by minja): messages to text, text to tokens, and which of both the assistant said.
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "text/conversation.h"
#include "text/tokenizer.h"

namespace luthier {

/// Bytes [first, second) of a text.
using ByteSpan = std::pair<std::size_t, std::size_t>;

struct RenderedChat {
  std::string text;
  /// What the assistant says, in order: where the template marks it ({% generation %}), that; else from behind the
  /// header of its turn to the token that ends the turn, which is part of it.
  std::vector<ByteSpan> assistant;
};

struct EncodedChat {
  Encoding tokens;
  std::vector<std::uint8_t> assistant;  ///< 1 for each token with a part in what the assistant says
  std::vector<std::int32_t> turns;      ///< which of the assistant's turns that is, from 1; 0: none
  std::int32_t all_turns = 0;           ///< how many the whole conversation has, those that were cut too
};

class ChatTemplate {
 public:
  /// A folder with chat_template.jinja or with tokenizer_config.json's chat_template; of several named ones `name`.
  /// not_found where there is none.
  static ChatTemplate open(const std::filesystem::path& folder, const std::string& name = "default");
  /// `special_tokens`: bos_token, eos_token, ... as templates name them. bad_input where it does not parse.
  ChatTemplate(const std::string& source, std::map<std::string, std::string> special_tokens, const std::string& where);
  ChatTemplate(ChatTemplate&&) noexcept;
  ChatTemplate& operator=(ChatTemplate&&) noexcept;
  ~ChatTemplate();

  /// As transformers' apply_chat_template(tokenize=False). `more`: further variables (an object, or null). bad_input
  /// with the template's own words where it refuses the conversation.
  std::string text(const Conversation& conversation, bool add_generation_prompt = false,
                   const OrderedJson& more = {}) const;
  /// The same with the assistant's spans.
  RenderedChat render(const Conversation& conversation, bool add_generation_prompt = false,
                      const OrderedJson& more = {}) const;
  /// The same as tokens, without any beyond those that the template writes. `max_tokens` > 0 cuts the end.
  EncodedChat encode(const Tokenizer& tokenizer, const Conversation& conversation, bool add_generation_prompt = false,
                     std::int64_t max_tokens = -1, const OrderedJson& more = {}) const;

  const std::string& source() const;
  /// The token that ends what the assistant says; "" where the template writes none.
  const std::string& ending() const;
  /// Whether the template itself marks what the assistant says.
  bool marks_assistant() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace luthier
