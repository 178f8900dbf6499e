#include "data/encode.h"

#include <algorithm>
#include <future>
#include <thread>

#include "data/chat_rows.h"
#include "text/known_templates.h"

namespace luthier {

namespace {
std::vector<std::int32_t> narrow(const std::vector<std::int64_t>& wide) { return {wide.begin(), wide.end()}; }

/// The first token is never predicted: a label there alone teaches nothing.
void set_nothing_to_learn(EncodedTokens& tokens) {
  tokens.nothing_to_learn =
      tokens.labels.size() < 2 ||
      std::all_of(tokens.labels.begin() + 1, tokens.labels.end(), [](auto label) { return label == kNoLoss; });
}
}  // namespace

RowEncoder::RowEncoder(const DatasetOptions& options, const Tokenizer* tokenizer, const LabelSet& labels)
    : options_(options),
      tokenizer_(tokenizer),
      labels_(labels),
      max_tokens_(options.max_tokens > 0 ? options.max_tokens : -1) {
  if (!tokenizer && needs_tokenizer(options.task, options.modality))
    fail(ErrorKind::internal, "rows of the task " + options.task + " need a tokenizer");
  if (options.task == "seq2seq" && options.modality == "audio") set_speech_prompt();
  if (options.task != "causal_lm" && options.task != "preference") return;
  try {
    chat_ = chat_template_of(*tokenizer, options.chat_template);
  } catch (const Error& error) {
    chat_error_ = error;  // counts only where there are conversations
  }
  // What the post-processor puts around a text: before it (bos) and after it (eos in some tokenizers).
  const Encoding around = tokenizer->encode("a", true);
  std::size_t begin = 0, end = around.ids.size();
  while (begin < end && around.special[begin]) ++begin;
  while (end > begin && around.special[end - 1]) --end;
  first_.assign(around.ids.begin(), around.ids.begin() + static_cast<std::ptrdiff_t>(begin));
  last_.assign(around.ids.begin() + static_cast<std::ptrdiff_t>(end), around.ids.end());
  if (last_.empty())
    if (const auto eos = tokenizer->eos_id()) last_.push_back(static_cast<std::int32_t>(*eos));
}

/// Whisper writes language, task and "no timestamps" before the text (English-only models: the last alone).
void RowEncoder::set_speech_prompt() {
  if (!tokenizer_->id_of("<|startoftranscript|>")) return;
  const auto language = tokenizer_->id_of("<|" + options_.language + "|>");
  const auto task = tokenizer_->id_of("<|" + options_.speech_task + "|>");
  if (!language && tokenizer_->id_of("<|en|>"))
    fail(ErrorKind::bad_input, "the model does not know the language \"" + options_.language + "\"",
         "objective.language", "use a code such as en, de or fr");
  if (language && task) speech_prompt_ = {static_cast<std::int32_t>(*language), static_cast<std::int32_t>(*task)};
  if (const auto plain = tokenizer_->id_of("<|notimestamps|>"))
    speech_prompt_.push_back(static_cast<std::int32_t>(*plain));
}

EncodedTokens RowEncoder::encode(const RoleRow& row) const {
  const std::string& task = options_.task;
  EncodedTokens tokens;
  if (options_.modality != "text")
    tokens.length = 1;
  else
    tokens = task == "tagging"      ? encode_tags(row)
             : task == "causal_lm"  ? encode_causal(row)
             : task == "preference" ? encode_preference(row)
                                    : encode_text(row);
  if (options_.modality == "text") tokens.length = static_cast<std::int32_t>(tokens.ids.size());
  if (task == "seq2seq" || task == "ctc") encode_target(row, tokens);
  if (task == "regression") tokens.value = number_of_label(row.label).value_or(0);
  if (task == "multi_label")
    for (const std::string& label : split_labels(row.label, options_.separator))
      if (const auto id = labels_.id(label)) tokens.target.push_back(*id);
  return tokens;
}

void RowEncoder::encode_target(const RoleRow& row, EncodedTokens& tokens) const {
  const bool seq2seq = options_.task == "seq2seq", prompted = !speech_prompt_.empty();
  // A prompt takes the place of what the tokenizer would put around the text.
  const Encoding encoding = tokenizer_->encode(row.target, seq2seq && !prompted, -1);
  if (const auto unknown = tokenizer_->unknown_id())
    tokens.unknown_target = std::find(encoding.ids.begin(), encoding.ids.end(), *unknown) != encoding.ids.end();
  tokens.target = speech_prompt_;
  tokens.silent_target = static_cast<std::int32_t>(speech_prompt_.size());
  tokens.target.insert(tokens.target.end(), encoding.ids.begin(), encoding.ids.end());
  const auto end = seq2seq ? tokenizer_->eos_id() : std::nullopt;
  if (end && (tokens.target.empty() || tokens.target.back() != static_cast<std::int32_t>(*end)))
    tokens.target.push_back(static_cast<std::int32_t>(*end));
  const auto most = static_cast<std::size_t>(std::max<std::int64_t>(options_.max_target_tokens, 1));
  if (seq2seq && tokens.target.size() > most) {
    tokens.target.resize(most);
    if (end) tokens.target.back() = static_cast<std::int32_t>(*end);
    tokens.target_truncated = true;
  }
  tokens.nothing_to_learn = tokens.target.size() <= static_cast<std::size_t>(tokens.silent_target);
}

EncodedTokens RowEncoder::encode_text(const RoleRow& row) const {
  const Encoding encoding = row.text_pair.empty() ? tokenizer_->encode(options_.prefix + row.text, true, max_tokens_)
                                                  : tokenizer_->encode_pair(row.text, row.text_pair, true, max_tokens_);
  EncodedTokens tokens;
  tokens.ids = narrow(encoding.ids);
  tokens.type_ids = narrow(encoding.type_ids);
  if (options_.task == "masked_lm") tokens.words = narrow(encoding.words);
  tokens.truncated = encoding.truncated;
  tokens.nothing_to_learn = options_.task == "masked_lm" &&
                            std::all_of(encoding.special.begin(), encoding.special.end(), [](auto s) { return s; });
  return tokens;
}

EncodedTokens RowEncoder::encode_tags(const RoleRow& row) const {
  const Encoding encoding = tokenizer_->encode_words(row.tokens, true, max_tokens_);
  EncodedTokens tokens;
  tokens.ids = narrow(encoding.ids);
  tokens.type_ids = narrow(encoding.type_ids);
  tokens.words = narrow(encoding.words);
  tokens.truncated = encoding.truncated;
  tokens.nothing_to_learn = true;
  std::int64_t before = -1;
  for (const auto word : encoding.words) {
    std::int32_t label = kNoLoss;
    if (word >= 0 && (word != before || options_.label_on == "all"))
      label = labels_.id(row.tags.at(static_cast<std::size_t>(word))).value_or(kNoLoss);
    tokens.labels.push_back(label);
    tokens.nothing_to_learn &= label == kNoLoss;
    before = word;
  }
  return tokens;
}

EncodedTokens RowEncoder::encode_causal(const RoleRow& row) const {
  if (row.text.empty() && is_chat(row)) return encode_chat(read_chat(row, options_.task).common, {}, -1);
  return row.text.empty() ? encode_plain(row.prompt, row.completion, true) : encode_plain("", row.text, false);
}

EncodedTokens RowEncoder::encode_plain(const std::string& prompt, const std::string& completion,
                                       bool has_prompt) const {
  EncodedTokens tokens;
  const auto append = [&](const std::vector<std::int32_t>& ids, bool loss) {
    tokens.ids.insert(tokens.ids.end(), ids.begin(), ids.end());
    if (loss)
      tokens.labels.insert(tokens.labels.end(), ids.begin(), ids.end());
    else
      tokens.labels.resize(tokens.ids.size(), kNoLoss);
  };
  const auto ids_of = [&](const std::string& text) { return narrow(tokenizer_->encode(text, false, -1).ids); };
  const bool loss_on_all = !has_prompt || (options_.task == "causal_lm" && options_.loss_on == "all");
  append(first_, loss_on_all);
  if (has_prompt) append(ids_of(prompt), loss_on_all);
  append(ids_of(completion), true);
  append(last_, true);
  if (max_tokens_ > 0 && tokens.ids.size() > static_cast<std::size_t>(max_tokens_)) {
    tokens.ids.resize(static_cast<std::size_t>(max_tokens_));
    tokens.labels.resize(static_cast<std::size_t>(max_tokens_));
    tokens.truncated = true;
  }
  tokens.type_ids.assign(tokens.ids.size(), 0);
  set_nothing_to_learn(tokens);
  return tokens;
}

EncodedTokens RowEncoder::encode_chat(const Conversation& common, const std::vector<Message>& answer,
                                      std::int32_t trained) const {
  if (!chat_) throw *chat_error_;
  Conversation conversation = common;
  conversation.messages.insert(conversation.messages.end(), answer.begin(), answer.end());
  const bool has_system = std::any_of(conversation.messages.begin(), conversation.messages.end(),
                                      [](const Message& message) { return message.role == "system"; });
  if (!options_.system.empty() && !has_system)
    conversation.messages.insert(conversation.messages.begin(), Message::of("system", options_.system));
  EncodedTokens tokens;
  EncodedChat chat;
  try {
    chat = chat_->encode(*tokenizer_, conversation, false, max_tokens_);
  } catch (const Error& error) {
    if (error.kind != ErrorKind::bad_input) throw;
    tokens.nothing_to_learn = tokens.no_assistant = true;  // the template refuses these roles, or their order
    return tokens;
  }
  tokens.ids = narrow(chat.tokens.ids);
  tokens.type_ids.assign(tokens.ids.size(), 0);
  tokens.truncated = chat.tokens.truncated;
  tokens.no_assistant = chat.all_turns == 0;
  const bool all = trained < 0 && options_.loss_on == "all";
  const std::int32_t first = trained < 0 ? 1 : chat.all_turns - trained + 1;
  for (std::size_t i = 0; i < tokens.ids.size(); ++i)
    tokens.labels.push_back(all || (chat.turns[i] > 0 && chat.turns[i] >= first) ? tokens.ids[i] : kNoLoss);
  set_nothing_to_learn(tokens);
  return tokens;
}

EncodedTokens RowEncoder::encode_preference(const RoleRow& row) const {
  const bool pairs = !row.chosen.empty() || !row.rejected.empty();
  EncodedTokens tokens, other;
  if (is_chat(row)) {
    const ChatRow chat = read_chat(row, options_.task);
    const auto answers = [](const std::vector<Message>& messages) {
      return static_cast<std::int32_t>(
          std::count_if(messages.begin(), messages.end(), [](const Message& one) { return one.is_assistant(); }));
    };
    tokens = encode_chat(chat.common, chat.chosen, answers(chat.chosen));
    if (pairs) other = encode_chat(chat.common, chat.rejected, answers(chat.rejected));
  } else {
    std::string prompt = row.prompt, chosen = pairs ? row.chosen : row.completion, rejected = row.rejected;
    if (pairs && prompt.empty()) {  // what both begin with, up to a blank, is the prompt
      std::size_t same = static_cast<std::size_t>(
          std::mismatch(chosen.begin(), chosen.end(), rejected.begin(), rejected.end()).first - chosen.begin());
      while (same > 0 && chosen[same - 1] != ' ' && chosen[same - 1] != '\n') --same;
      prompt = chosen.substr(0, same);
      chosen.erase(0, same);
      rejected.erase(0, same);
    }
    tokens = encode_plain(prompt, chosen, true);
    if (pairs) other = encode_plain(prompt, rejected, true);
  }
  tokens.value = desirable_of(row.desirable).value_or(false) ? 1 : 0;
  if (!pairs) return tokens;
  tokens.second = static_cast<std::int32_t>(tokens.ids.size());
  const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  append(tokens.ids, other.ids);
  append(tokens.labels, other.labels);
  append(tokens.type_ids, other.type_ids);
  tokens.truncated |= other.truncated;
  tokens.nothing_to_learn |= other.nothing_to_learn;
  tokens.no_assistant |= other.no_assistant;
  return tokens;
}

std::vector<EncodedTokens> encode_rows(const RowEncoder& encoder, const std::vector<RoleRow>& rows,
                                       std::size_t most_threads) {
  std::vector<EncodedTokens> encoded(rows.size());
  const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
  const std::size_t threads = rows.size() < 64 ? 1 : std::min(cores, most_threads);
  const auto work = [&](std::size_t first) {
    for (std::size_t i = first; i < rows.size(); i += threads) encoded[i] = encoder.encode(rows[i]);
  };
  std::vector<std::future<void>> others;
  for (std::size_t t = 1; t < threads; ++t) others.push_back(std::async(std::launch::async, work, t));
  work(0);
  for (auto& other : others) other.get();
  return encoded;
}

}  // namespace luthier
