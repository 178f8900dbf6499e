#include "serve/served_model.h"

#include <ATen/ops/softmax.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "models/evaluating.h"
#include "recipe/catalog.h"
#include "text/known_templates.h"

namespace luthier {

namespace {

constexpr std::size_t kBatch = 32;

std::unique_lock<std::timed_mutex> take_turn(std::timed_mutex& turn, const GoOn& go_on) {
  std::unique_lock<std::timed_mutex> lock(turn, std::defer_lock);
  do {
    if (!go_on()) fail(ErrorKind::cancelled, "nobody waits for the answer any more");
  } while (!lock.try_lock_for(std::chrono::milliseconds(100)));
  return lock;
}

const char* request_for(Head head) {
  switch (head) {
    case Head::sequence_classification:
      return "this model sorts texts: use POST /v1/classify";
    case Head::token_classification:
      return "this model labels words: use POST /v1/tag";
    case Head::masked_lm:
      return "this model fills in masked words: use POST /v1/fill";
    case Head::causal_lm:
    case Head::seq2seq_lm:
      return "this model writes texts: use POST /v1/completions";
    case Head::ctc:
    case Head::image_classification:
    case Head::audio_classification:
      return "models of this kind are not served yet";
  }
  return "";
}

}  // namespace

void ServedModel::need(Head head) const {
  if (head != parts_.model->head_kind())
    fail(ErrorKind::bad_input, "this model does not answer that kind of request", parts_.id,
         request_for(parts_.model->head_kind()));
}

std::vector<Answer> ServedModel::answers(const std::vector<Question>& questions, const GoOn& go_on) {
  const auto turn = take_turn(turn_, go_on);
  std::vector<Answer> all;
  for (std::size_t start = 0; start < questions.size(); start += kBatch) {
    if (!go_on()) fail(ErrorKind::cancelled, "nobody waits for the answer any more");
    const auto begin = questions.begin() + static_cast<std::ptrdiff_t>(start);
    const std::vector<Question> batch(begin,
                                      begin + static_cast<std::ptrdiff_t>(std::min(kBatch, questions.size() - start)));
    for (Answer& answer : predict(*parts_.model, *parts_.tokenizer, batch, parts_.max_tokens,
                                  static_cast<std::int64_t>(kBatch), parts_.device))
      all.push_back(std::move(answer));
  }
  return all;
}

std::vector<Answer> ServedModel::classify(const std::vector<Question>& questions, const GoOn& go_on) {
  need(Head::sequence_classification);
  std::vector<Answer> found = answers(questions, go_on);
  for (const Answer& answer : found)
    if (answer.labels.empty()) fail(ErrorKind::bad_input, "a text has no tokens to read", "text", "send more text");
  return found;
}

std::vector<Answer> ServedModel::tag(const std::vector<Question>& questions, const GoOn& go_on) {
  need(Head::token_classification);
  return answers(questions, go_on);
}

ServedModel::Filled ServedModel::fill(const std::string& text, std::int64_t candidates, const GoOn& go_on) {
  need(Head::masked_lm);
  const std::int64_t mask = parts_.tokenizer->mask_id().value_or(-1);
  const Encoding encoding = parts_.tokenizer->encode(text, true, parts_.max_tokens);
  Filled filled;
  filled.tokens = static_cast<std::int64_t>(encoding.ids.size());
  filled.truncated = encoding.truncated;
  if (std::find(encoding.ids.begin(), encoding.ids.end(), mask) == encoding.ids.end())
    fail(ErrorKind::bad_input, "the text has no mask token", "text",
         mask < 0 ? "this model's tokenizer has none" : "put " + parts_.tokenizer->token_of(mask) + " in it");
  const auto turn = take_turn(turn_, go_on);
  const Evaluating evaluating(*parts_.model);
  Batch batch = batch_of({encoding}, *parts_.tokenizer, *parts_.model);
  for (Tensor* tensor : {&batch.input_ids, &batch.token_type_ids})
    if (tensor->defined()) *tensor = tensor->to(at::Device(parts_.device));
  const Tensor shares = at::softmax(parts_.model->logits(batch)[0].to(at::kFloat), -1).cpu();  // [T, V]
  for (std::size_t t = 0; t < encoding.ids.size(); ++t) {
    if (encoding.ids[t] != mask) continue;
    const auto [values, ids] =
        shares.select(0, static_cast<std::int64_t>(t)).topk(std::min(candidates, shares.size(1)));
    std::vector<Candidate> best;
    for (std::int64_t i = 0; i < ids.size(0); ++i)
      best.push_back({parts_.tokenizer->decode({ids.const_data_ptr<std::int64_t>()[i]}, false),
                      static_cast<double>(values.const_data_ptr<float>()[i])});
    filled.masks.push_back(std::move(best));
  }
  return filled;
}

std::string ServedModel::prompt_of(const Conversation& conversation) const {
  need(Head::causal_lm);
  return chat_template_of(*parts_.tokenizer).text(conversation, /*add_generation_prompt=*/true);
}

std::int64_t ServedModel::room_after(const std::string& prompt, bool has_special_tokens) const {
  if (head() == Head::seq2seq_lm) {
    const Json& config = parts_.model->config();
    if (family_of_model_type(config.value("model_type", "")).modality != "text")
      fail(ErrorKind::unsupported, "models that write down recordings are not served yet", parts_.id,
           "use luthier-cli predict");
    return std::numeric_limits<std::int64_t>::max();  // what is read leaves all the room to write
  }
  need(Head::causal_lm);
  const auto tokens = static_cast<std::int64_t>(prompt_ids(*parts_.tokenizer, prompt, has_special_tokens).size());
  const std::int64_t most = parts_.model->max_positions();
  if (tokens == 0)
    fail(ErrorKind::bad_input, "the prompt is empty", "prompt", "this model needs at least one token to start from");
  if (tokens > most)
    fail(ErrorKind::bad_input,
         "the prompt has " + std::to_string(tokens) + " tokens, the model reads at most " + std::to_string(most),
         "prompt", "send a shorter prompt");
  return most - tokens + 1;  // the last token that is written is never read
}

Continuation ServedModel::complete(const std::string& prompt, ContinueOptions options, const GoOn& go_on) {
  options.max_new_tokens = std::min(options.max_new_tokens, room_after(prompt, options.has_special_tokens));
  options.stop_ids = parts_.end_tokens;
  const auto tell = options.on_text;
  options.on_text = [&](std::string_view piece) { return go_on() && (!tell || tell(piece)); };
  const auto turn = take_turn(turn_, go_on);
  return continue_text(*parts_.model, *parts_.tokenizer, prompt, options);
}

}  // namespace luthier
