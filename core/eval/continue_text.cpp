#include "eval/continue_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/json.h"
#include "base/strings.h"
#include "eval/predict.h"
#include "models/generation.h"
#include "text/known_templates.h"

namespace luthier {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD stands for bytes that are no character (yet)

/// The text behind a prompt while its tokens come in.
class GrowingText {
 public:
  GrowingText(const Tokenizer& tokenizer, const std::vector<std::int64_t>& prompt,
              const std::vector<std::string>& stops)
      : tokenizer_(tokenizer), stops_(stops), ids_(prompt), start_(tokenizer.decode(ids_).size()) {}

  /// Takes a token; returns the characters that are certain now.
  std::string add(std::int64_t id) {
    ids_.push_back(id);
    std::string text = decoded();
    if (!cut_at_stop(text)) {
      while (text.ends_with(kReplacement)) text.resize(text.size() - kReplacement.size());
      text.resize(text.size() - beginning_of_stop(text));
    }
    return told(text);
  }

  /// The rest, once no token follows.
  std::string finish() {
    std::string text = decoded();
    cut_at_stop(text);
    return told(text);
  }

  bool stopped() const { return stopped_; }
  const std::string& text() const { return told_; }

 private:
  std::string decoded() const {
    std::string text = tokenizer_.decode(ids_);
    text.erase(0, std::min(start_, text.size()));
    return text;
  }

  std::string told(const std::string& text) {
    if (text.size() <= told_.size()) return {};
    const std::string piece = text.substr(told_.size());
    told_ += piece;
    return piece;
  }

  bool cut_at_stop(std::string& text) {
    std::size_t first = std::string::npos;
    for (const std::string& stop : stops_) first = std::min(first, text.find(stop));
    if (first == std::string::npos) return false;
    text.resize(first);
    return stopped_ = true;
  }

  /// Bytes at the end of `text` with which a stop text may begin.
  std::size_t beginning_of_stop(std::string_view text) const {
    std::size_t longest = 0;
    for (const std::string& stop : stops_)
      for (std::size_t size = std::min(stop.size() - 1, text.size()); size > longest; --size)
        if (text.ends_with(std::string_view(stop).substr(0, size))) longest = size;
    return longest;
  }

  const Tokenizer& tokenizer_;
  const std::vector<std::string>& stops_;
  std::vector<std::int64_t> ids_;
  std::size_t start_;
  std::string told_;
  bool stopped_ = false;
};

/// The token that ends what the assistant says in the tokenizer's own chat template.
std::optional<std::int64_t> turn_end(const Tokenizer& tokenizer) {
  if (tokenizer.chat_template().empty()) return std::nullopt;
  try {
    return tokenizer.id_of(chat_template_of(tokenizer).ending());
  } catch (const Error&) {
    return std::nullopt;  // a template that does not parse ends no turns
  }
}

}  // namespace

std::vector<std::int64_t> prompt_ids(const Tokenizer& tokenizer, std::string_view prompt, bool has_special_tokens) {
  if (has_special_tokens) return tokenizer.encode(prompt, false).ids;
  const Encoding encoding = tokenizer.encode(prompt);
  std::size_t end = encoding.ids.size(), begin = 0;
  while (begin < end && encoding.special[begin]) ++begin;
  // Without any token of its own, all that is special stands before the text or after it: the first alone starts one.
  if (begin == end) {
    if (tokenizer.bos_id()) return {*tokenizer.bos_id()};
    return {encoding.ids.begin(), encoding.ids.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(end, 1))};
  }
  while (encoding.special[end - 1]) --end;
  return {encoding.ids.begin(), encoding.ids.begin() + static_cast<std::ptrdiff_t>(end)};
}

Continuation continue_text(Model& model, const Tokenizer& tokenizer, std::string_view prompt,
                           const ContinueOptions& options) {
  for (const std::string& stop : options.stop_texts)
    if (stop.empty()) fail(ErrorKind::bad_input, "a stop text is empty", "stop", "leave it out");
  Continuation result;
  const bool encodes = model.is_encoder_decoder();
  GenerateInputs inputs;
  if (encodes) {
    const Encoding encoding = tokenizer.encode(prompt);
    if (encoding.ids.empty())
      fail(ErrorKind::bad_input, "the text has no tokens to read", "prompt", "give at least one word");
    result.prompt_ids.assign(encoding.ids.begin(), encoding.ids.end());
    inputs.source = batch_of({encoding}, tokenizer, model);
  } else {
    result.prompt_ids = prompt_ids(tokenizer, prompt, options.has_special_tokens);
    inputs.prompts = {result.prompt_ids};
  }
  GrowingText growing(tokenizer, encodes ? std::vector<std::int64_t>() : result.prompt_ids, options.stop_texts);
  const auto tell = [&](const std::string& piece) { return !options.on_text || options.on_text(piece); };
  bool heard = true;
  GenerateOptions generation;
  generation.max_new_tokens = options.max_new_tokens;
  generation.stop_ids = options.stop_ids;
  generation.pick = pick_sampled(options.temperature, options.seed, options.top_p, options.top_k, options.min_p);
  generation.repetition_penalty = options.repetition_penalty;
  generation.no_repeat_ngram = options.no_repeat_ngram;
  generation.beams = options.beams;
  generation.length_penalty = options.length_penalty;
  generation.on_token = [&](std::int64_t, std::int64_t id) {
    if (!contains(options.stop_ids, id)) heard = tell(growing.add(id));
    return heard && !growing.stopped();
  };
  result.ids = generate_from(model, inputs, generation)[0];
  if (heard) heard = tell(growing.finish());
  result.text = growing.text();
  if (!heard)
    result.end = Continuation::End::cancelled;
  else if (growing.stopped() || (!result.ids.empty() && contains(options.stop_ids, result.ids.back())))
    result.end = Continuation::End::stop;
  return result;
}

std::vector<std::int64_t> end_tokens(const Model& model, const std::filesystem::path& folder,
                                     const Tokenizer& tokenizer) {
  std::vector<std::int64_t> ids;
  const std::filesystem::path file = folder / "generation_config.json";
  if (std::filesystem::exists(file)) ids = stop_ids_of(read_json(file));
  if (ids.empty()) ids = stop_ids_of(model.config());
  if (ids.empty() && tokenizer.eos_id()) ids.push_back(*tokenizer.eos_id());
  if (const auto end = turn_end(tokenizer); end && !contains(ids, *end)) ids.push_back(*end);
  return ids;
}

}  // namespace luthier
