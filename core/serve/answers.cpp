#include "serve/answers.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>
#include <sstream>

#include "base/random.h"
#include "serve/fields.h"

namespace luthier {

namespace {

constexpr std::size_t kMostTexts = 1024, kMostStops = 16;

class Stopwatch {
 public:
  double milliseconds() const {
    const double exact = std::chrono::duration<double, std::milli>(Clock::now() - begin_).count();
    return std::round(exact * 1000) / 1000;
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point begin_ = Clock::now();
};

Json labelled(const std::vector<std::string>& labels, const Answer& answer) {
  const std::vector<float>& shares = answer.probabilities.at(0);
  std::vector<std::size_t> order(shares.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return shares[a] > shares[b]; });
  Json list = Json::array();
  for (const std::size_t i : order) list.push_back({{"label", labels.at(i)}, {"probability", shares[i]}});
  return {{"label", labels.at(static_cast<std::size_t>(answer.labels.at(0)))},
          {"probabilities", std::move(list)},
          {"tokens", answer.tokens},
          {"truncated", answer.truncated}};
}

std::vector<std::string> split_words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

Json usage_of(const Continuation& written) {
  return {{"prompt_tokens", written.prompt_ids.size()},
          {"completion_tokens", written.ids.size()},
          {"total_tokens", written.prompt_ids.size() + written.ids.size()}};
}

/// `piece`: a part of a stream.
Json completion_object(const Completion& request, std::string_view text, const Json& finish_reason, bool piece) {
  Json choice = {{"index", 0}, {"logprobs", nullptr}, {"finish_reason", finish_reason}};
  if (!request.chat)
    choice["text"] = text;
  else if (!piece)
    choice["message"] = {{"role", "assistant"}, {"content", text}};
  else
    choice["delta"] = text.empty() ? Json::object() : Json{{"role", "assistant"}, {"content", text}};
  const char* object = !request.chat ? "text_completion" : piece ? "chat.completion.chunk" : "chat.completion";
  return {{"id", request.id},
          {"object", object},
          {"created", request.created},
          {"model", request.model},
          {"choices", Json::array({std::move(choice)})}};
}

const char* finish_reason(const Continuation& written) {
  return written.end == Continuation::End::stop ? "stop" : "length";
}

}  // namespace

std::string wanted_model(const Json& body) {
  const auto found = body.is_object() ? body.find("model") : body.end();
  if (!body.is_object() || found == body.end() || found->is_null()) return "tuned";
  if (!found->is_string()) fail(ErrorKind::bad_input, "model must be a text", "model", "see GET /v1/models");
  return found->get<std::string>();
}

Json classify_answer(ServedModel& model, const Json& body, const GoOn& go_on) {
  const Fields fields(body, {"text", "text_pair", "texts", "model"});
  const Stopwatch stopwatch;
  if (!fields.has("texts")) {
    const Question question{fields.text("text"), fields.text("text_pair", ""), {}};
    Json answer = labelled(model.labels(), model.classify({question}, go_on).at(0));
    answer["milliseconds"] = stopwatch.milliseconds();
    return answer;
  }
  if (fields.has("text") || fields.has("text_pair"))
    fail(ErrorKind::bad_input, "texts cannot stand beside text or text_pair", "texts",
         "send one text, or a list of texts");
  std::vector<Question> questions;
  for (std::string& text : fields.texts("texts", kMostTexts)) questions.push_back({std::move(text), "", {}});
  Json results = Json::array();
  for (const Answer& answer : model.classify(questions, go_on)) results.push_back(labelled(model.labels(), answer));
  return {{"results", std::move(results)}, {"milliseconds", stopwatch.milliseconds()}};
}

Json tag_answer(ServedModel& model, const Json& body, const GoOn& go_on) {
  const Fields fields(body, {"words", "text", "model"});
  const Stopwatch stopwatch;
  if (fields.has("words") && fields.has("text"))
    fail(ErrorKind::bad_input, "words cannot stand beside text", "words", "send one of them");
  const std::vector<std::string> words = fields.has("words")
                                             ? fields.texts("words", std::numeric_limits<std::size_t>::max())
                                             : split_words(fields.text("text"));
  const Answer answer = model.tag({{"", "", words}}, go_on).at(0);
  Json list = Json::array();
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::int64_t label = i < answer.labels.size() ? answer.labels[i] : -1;
    Json entry = {{"word", words[i]}, {"label", nullptr}, {"probability", nullptr}};
    if (label >= 0) {
      entry["label"] = model.labels().at(static_cast<std::size_t>(label));
      entry["probability"] = answer.probabilities[i].at(static_cast<std::size_t>(label));
    }
    list.push_back(std::move(entry));
  }
  return {{"words", std::move(list)},
          {"tokens", answer.tokens},
          {"truncated", answer.truncated},
          {"milliseconds", stopwatch.milliseconds()}};
}

Json fill_answer(ServedModel& model, const Json& body, const GoOn& go_on) {
  const Fields fields(body, {"text", "candidates", "model"});
  const Stopwatch stopwatch;
  const auto filled = model.fill(fields.text("text"), fields.integer("candidates", 5, 1, 100), go_on);
  Json masks = Json::array();
  for (const auto& mask : filled.masks) {
    Json candidates = Json::array();
    for (const auto& [token, probability] : mask)
      candidates.push_back({{"token", token}, {"probability", probability}});
    masks.push_back({{"candidates", std::move(candidates)}});
  }
  return {{"masks", std::move(masks)},
          {"tokens", filled.tokens},
          {"truncated", filled.truncated},
          {"milliseconds", stopwatch.milliseconds()}};
}

Completion read_completion(const Json& body, bool chat) {
  const Fields fields(body, {chat ? "messages" : "prompt",
                             "max_tokens",
                             "temperature",
                             "top_p",
                             "top_k",
                             "seed",
                             "stop",
                             "stream",
                             "model",
                             "repetition_penalty",
                             "stream_options",
                             "user",
                             "n",
                             "best_of",
                             "echo",
                             "logprobs",
                             "suffix",
                             "presence_penalty",
                             "frequency_penalty",
                             "logit_bias",
                             "min_p",
                             "beams"});
  // What other servers offer beside: fine where it asks for nothing.
  for (const char* key : {"n", "best_of"}) fields.only(key, {1});
  for (const char* key : {"presence_penalty", "frequency_penalty"}) fields.only(key, {0});
  fields.only("echo", {false});
  fields.only("logprobs", {});
  fields.only("suffix", {""});
  fields.only("logit_bias", {Json::object()});

  Completion request;
  std::random_device entropy;
  const std::uint64_t drawn = mix(entropy(), entropy());
  request.id = (chat ? "chatcmpl-" : "cmpl-") + hex(drawn);
  request.model = wanted_model(body);
  request.created =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  request.chat = chat;
  if (chat) {
    request.conversation = conversation_of(OrderedJson::parse(body.dump()), RowShape::messages, "messages");
    request.options.has_special_tokens = true;
  } else {
    request.prompt = fields.text("prompt");
  }
  request.stream = fields.flag("stream", false);
  ContinueOptions& options = request.options;
  options.max_new_tokens = fields.integer("max_tokens", 128, 1, 1'000'000);
  options.temperature = fields.number("temperature", 1, 0, 100);
  options.top_p = fields.number("top_p", 1, 1e-6, 1);
  options.top_k = fields.integer("top_k", 0, 0, 1'000'000);
  options.min_p = fields.number("min_p", 0, 0, 1);
  options.beams = fields.integer("beams", 1, 1, 64);
  options.repetition_penalty = fields.number("repetition_penalty", 1, 0.01, 100);
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  options.seed = fields.has("seed") ? static_cast<std::uint64_t>(fields.integer("seed", 0, -most, most)) : drawn;
  options.stop_texts = fields.texts("stop", kMostStops);
  if (std::find(options.stop_texts.begin(), options.stop_texts.end(), "") != options.stop_texts.end())
    fail(ErrorKind::bad_input, "a stop text is empty", "stop", "leave it out");
  return request;
}

Json completion_answer(const Completion& request, const Continuation& written) {
  Json answer = completion_object(request, written.text, finish_reason(written), false);
  answer["usage"] = usage_of(written);
  return answer;
}

Json completion_piece(const Completion& request, std::string_view text) {
  return completion_object(request, text, nullptr, true);
}

Json completion_end(const Completion& request, const Continuation& written) {
  Json answer = completion_object(request, "", finish_reason(written), true);
  answer["usage"] = usage_of(written);
  return answer;
}

Json error_answer(const Error& error) {
  return {
      {"error",
       {{"message", error.message}, {"where", error.where}, {"hint", error.hint}, {"type", to_string(error.kind)}}}};
}

}  // namespace luthier
