#pragma once
// A model that answers requests, one at a time.
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "eval/continue_text.h"
#include "eval/predict.h"
#include "models/model.h"
#include "text/conversation.h"
#include "text/tokenizer.h"

namespace luthier {

/// False when nobody waits for the answer any more (the client has gone, the server ends).
using GoOn = std::function<bool()>;

class ServedModel {
 public:
  struct Parts {
    std::string id;  ///< "tuned" or "base"
    std::shared_ptr<Model> model;
    std::shared_ptr<const Tokenizer> tokenizer;
    std::string device = "cpu";            ///< where the model lies
    std::int64_t max_tokens = 0;           ///< label heads: longer texts are cut as in training
    std::vector<std::int64_t> end_tokens;  ///< language models: see end_tokens()
  };
  explicit ServedModel(Parts parts) : parts_(std::move(parts)) {}

  const std::string& id() const { return parts_.id; }
  Head head() const { return parts_.model->head_kind(); }
  const std::vector<std::string>& labels() const { return parts_.model->label_names(); }
  const Tokenizer& tokenizer() const { return *parts_.tokenizer; }

  // Each waits for its turn and throws `cancelled` as soon as go_on() is false. bad_input, with the request to use
  // instead, when the model has another head.

  std::vector<Answer> classify(const std::vector<Question>& questions, const GoOn& go_on);
  std::vector<Answer> tag(const std::vector<Question>& questions, const GoOn& go_on);

  struct Candidate {
    std::string token;
    double probability = 0;
  };
  struct Filled {
    std::vector<std::vector<Candidate>> masks;  ///< one list for each mask token of the text, most likely first
    std::int64_t tokens = 0;
    bool truncated = false;
  };
  /// What may stand in the place of each mask token.
  Filled fill(const std::string& text, std::int64_t candidates, const GoOn& go_on);

  /// How many tokens may follow this prompt; bad_input when it alone is longer than what the model reads. Of
  /// encoder-decoders any number: they read the prompt apart.
  std::int64_t room_after(const std::string& prompt, bool has_special_tokens = false) const;
  /// A conversation as text, up to where the model's answer begins, as its chat template (chatml where it has none)
  /// writes it. bad_input where the template refuses it.
  std::string prompt_of(const Conversation& conversation) const;
  /// max_new_tokens is cut to the room that there is; stop_ids are the model's own.
  Continuation complete(const std::string& prompt, ContinueOptions options, const GoOn& go_on);

 private:
  void need(Head head) const;
  std::vector<Answer> answers(const std::vector<Question>& questions, const GoOn& go_on);

  Parts parts_;
  std::timed_mutex turn_;
};

}  // namespace luthier
