#include "text/chat_template.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <minja/minja.hpp>

#include "base/error.h"
#include "base/files.h"
#include "text/unicode.h"

namespace luthier {

namespace {

constexpr std::size_t longest_source_bytes = 64 << 10;
constexpr int deepest_brackets = 100;  // the parser calls itself for each

// Stand for places in a text; private use characters that no conversation contains by chance.
constexpr std::string_view generation_begins = "\xF4\x8F\xBF\xB0\xF4\x8F\xBF\xB2",
                           generation_ends = "\xF4\x8F\xBF\xB1\xF4\x8F\xBF\xB2";
constexpr const char* stand_in = "\xF4\x8F\xBF\xB3x\xF4\x8F\xBF\xB4";

std::size_t common_start(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
}

std::size_t common_end(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend()).first - a.rbegin());
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }

/// The template with the white space that starts a line before {{ written as an expression of its own: the parser takes
/// it away as it does before a block, Jinja does not.
std::string with_indents(const std::string& source) {
  std::string out;
  bool strips = false;  // whether the tag before takes the white space behind it away
  for (std::size_t at = 0; at < source.size();) {
    std::size_t open = source.find('{', at);
    while (open != std::string::npos &&
           (open + 1 == source.size() || std::string_view("{%#").find(source[open + 1]) == std::string_view::npos))
      open = source.find('{', open + 1);
    if (open == std::string::npos) return out += source.substr(at);
    const char kind = source[open + 1];
    const std::size_t close = source.find(kind == '{' ? "}}" : kind == '%' ? "%}" : "#}", open + 2);
    if (close == std::string::npos) return out += source.substr(at);
    std::size_t indent = open;
    while (indent > at && (source[indent - 1] == ' ' || source[indent - 1] == '\t')) --indent;
    const bool starts_line = indent == 0 || source[indent - 1] == '\n';
    const bool stripped = strips && std::all_of(source.begin() + static_cast<std::ptrdiff_t>(at),
                                                source.begin() + static_cast<std::ptrdiff_t>(open), is_space);
    out += source.substr(at, indent - at);
    const std::string spaces = source.substr(indent, open - indent);
    const bool kept = kind == '{' && source[open + 2] != '-' && starts_line && !spaces.empty() && !stripped;
    out += kept ? "{{ '" + spaces + "' }}" : spaces;
    out += source.substr(open, close + 2 - open);
    strips = source[close - 1] == '-';
    at = close + 2;
  }
  return out;
}

/// The template with marks written at the begin and the end of each {% generation %} block, and white space around the
/// tags taken away as the tags themselves would have done (the marks stand between).
std::string with_marks(const std::string& source) {
  std::string out;
  for (std::size_t at = 0; at < source.size();) {
    const std::size_t open = source.find("{%", at);
    const std::size_t close = open == std::string::npos ? open : source.find("%}", open);
    if (close == std::string::npos) return out += source.substr(at);
    std::string_view inside = std::string_view(source).substr(open + 2, close - open - 2);
    char left = 0, right = 0;
    if (inside.starts_with('-') || inside.starts_with('+')) left = inside.front(), inside.remove_prefix(1);
    if (inside.ends_with('-') || inside.ends_with('+')) right = inside.back(), inside.remove_suffix(1);
    while (!inside.empty() && is_space(inside.front())) inside.remove_prefix(1);
    while (!inside.empty() && is_space(inside.back())) inside.remove_suffix(1);
    std::size_t next = close + 2;
    out += source.substr(at, open - at);
    if (inside == "generation") {
      out += source.substr(open, next - open);
      out += "{{ '" + std::string(generation_begins) + "' }}";
      if (right == '-')
        while (next < source.size() && is_space(source[next])) ++next;
      else if (right == 0 && next < source.size() && source[next] == '\n')
        ++next;
    } else if (inside == "endgeneration") {
      std::size_t end = out.size();
      if (left == '-') {
        while (end > 0 && is_space(out[end - 1])) --end;
      } else if (left == 0) {
        while (end > 0 && (out[end - 1] == ' ' || out[end - 1] == '\t')) --end;
        if (end > 0 && out[end - 1] != '\n') end = out.size();
      }
      out.resize(end);
      out += "{{ '" + std::string(generation_ends) + "' }}" + source.substr(open, next - open);
    } else {
      out += source.substr(open, next - open);
    }
    at = next;
  }
  return out;
}

/// The special token that `tail` starts with, by its looks: <|im_end|>, </s>, <end_of_turn>, [/INST].
std::size_t token_at_start(std::string_view tail, const std::map<std::string, std::string>& special_tokens) {
  std::size_t longest = 0;
  for (const auto& [role, token] : special_tokens)
    if (tail.starts_with(token)) longest = std::max(longest, token.size());
  if (longest > 0 || tail.empty() || (tail[0] != '<' && tail[0] != '[')) return longest;
  const std::size_t end = tail.find(tail[0] == '<' ? '>' : ']', 1);
  if (end == std::string_view::npos || end > 40) return 0;
  const std::string_view inside = tail.substr(1, end - 1);
  const bool plain =
      std::none_of(inside.begin(), inside.end(), [](char c) { return is_space(c) || c == '<' || c == '['; });
  return plain && !inside.empty() ? end + 1 : 0;
}

}  // namespace

struct ChatTemplate::State {
  std::string source, where;
  std::map<std::string, std::string> special_tokens;
  std::shared_ptr<minja::TemplateNode> plain, marked;  ///< `marked` only where the template has {% generation %}
  std::string header;                                  ///< the end of what add_generation_prompt adds
  std::string ending;                                  ///< the token that ends the assistant's turn

  std::string run(const std::shared_ptr<minja::TemplateNode>& root, const OrderedJson& messages,
                  const OrderedJson& tools, bool add_generation_prompt, const OrderedJson& more) const {
    try {
      OrderedJson variables{{"messages", messages}, {"add_generation_prompt", add_generation_prompt}};
      variables["tools"] = tools;
      variables["documents"] = nullptr;
      auto scope = minja::Context::make(minja::Value(variables));
      for (const auto& [name, token] : special_tokens) scope->set(name, minja::Value(token));
      scope->set("strftime_now", minja::Value::callable([](const std::shared_ptr<minja::Context>&,
                                                           minja::ArgumentsValue& arguments) -> minja::Value {
                   arguments.expectArgs("strftime_now", {1, 1}, {0, 0});
                   const std::time_t now = std::time(nullptr);
                   std::tm local{};
                   localtime_r(&now, &local);
                   std::array<char, 256> text{};
                   const auto size =
                       std::strftime(text.data(), text.size(), arguments.args[0].get<std::string>().c_str(), &local);
                   return std::string(text.data(), size);
                 }));
      if (more.is_object())
        for (const auto& [name, value] : more.items()) scope->set(name, minja::Value(value));
      return root->render(scope);
    } catch (const Error&) {
      throw;
    } catch (const std::exception& error) {
      fail(ErrorKind::bad_input, std::string("the chat template refuses the conversation: ") + error.what(), where,
           "check the roles and their order");
    }
  }

  /// As run(); nullopt where the template refuses.
  std::optional<std::string> try_plain(const OrderedJson& messages, const OrderedJson& tools,
                                       bool add_generation_prompt, const OrderedJson& more) const {
    try {
      return run(plain, messages, tools, add_generation_prompt, more);
    } catch (const Error&) {
      return std::nullopt;
    }
  }

  void probe() {
    OrderedJson messages = OrderedJson::array({{{"role", "user"}, {"content", "a"}}});
    const auto with = try_plain(messages, nullptr, true, nullptr),
               without = try_plain(messages, nullptr, false, nullptr);
    if (with && without) header = with->substr(common_start(*with, *without));
    messages.push_back({{"role", "assistant"}, {"content", stand_in}});
    const auto answered = try_plain(messages, nullptr, false, nullptr);
    const std::size_t at = answered ? answered->find(stand_in) : std::string::npos;
    if (at == std::string::npos) return;
    const std::string_view tail = std::string_view(*answered).substr(at + std::string_view(stand_in).size());
    ending = tail.substr(0, token_at_start(tail, special_tokens));
  }

  /// The part of `text` that depends on what message `index` says: what differs when it says something else.
  std::optional<ByteSpan> said_by(std::size_t index, const std::string& text, const OrderedJson& messages,
                                  const OrderedJson& tools, bool add_generation_prompt, const OrderedJson& more) const {
    OrderedJson changed = messages;
    changed[index] = {{"role", messages[index]["role"]}, {"content", stand_in}};
    auto other = try_plain(changed, tools, add_generation_prompt, more);
    if (!other) {  // perhaps the calls must stay for the answers to them
      changed[index] = messages[index];
      changed[index]["content"] = stand_in;
      other = try_plain(changed, tools, add_generation_prompt, more);
    }
    if (!other || *other == text) return std::nullopt;
    const std::size_t begin = common_start(text, *other);
    const std::size_t same = std::min(common_end(text, *other), std::min(text.size(), other->size()) - begin);
    return ByteSpan{begin, text.size() - same};
  }
};

ChatTemplate::ChatTemplate(const std::string& source, std::map<std::string, std::string> special_tokens,
                           const std::string& where)
    : state_(std::make_unique<State>()) {
  state_->source = source;
  state_->where = where;
  state_->special_tokens = std::move(special_tokens);
  if (source.size() > longest_source_bytes)
    fail(ErrorKind::bad_input, "the chat template is longer than 64 KiB", where, "use a shorter template");
  int depth = 0;
  for (const char c : source) {
    depth += (c == '(' || c == '[' || c == '{') - (c == ')' || c == ']' || c == '}');
    if (depth > deepest_brackets)
      fail(ErrorKind::bad_input, "the chat template nests brackets too deeply", where, "use a simpler template");
  }
  const minja::Options options{true, true, false};  // as transformers: trim_blocks, lstrip_blocks
  try {
    const std::string indented = with_indents(source);
    state_->plain = minja::Parser::parse(indented, options);
    const std::string marked = with_marks(indented);
    if (marked.find(generation_begins) != std::string::npos) state_->marked = minja::Parser::parse(marked, options);
  } catch (const std::exception& error) {
    fail(ErrorKind::bad_input, std::string("the chat template does not parse: ") + error.what(), where,
         "check the template with transformers");
  }
  state_->probe();
}

ChatTemplate::ChatTemplate(ChatTemplate&&) noexcept = default;
ChatTemplate& ChatTemplate::operator=(ChatTemplate&&) noexcept = default;
ChatTemplate::~ChatTemplate() = default;

const std::string& ChatTemplate::source() const { return state_->source; }
const std::string& ChatTemplate::ending() const { return state_->ending; }
bool ChatTemplate::marks_assistant() const { return state_->marked != nullptr; }

namespace {

OrderedJson messages_json(const Conversation& conversation) {
  OrderedJson list = OrderedJson::array();
  for (const Message& message : conversation.messages) list.push_back(message.json());
  return list;
}

}  // namespace

std::string ChatTemplate::text(const Conversation& conversation, bool add_generation_prompt,
                               const OrderedJson& more) const {
  return state_->run(state_->plain, messages_json(conversation), conversation.tools, add_generation_prompt, more);
}

RenderedChat ChatTemplate::render(const Conversation& conversation, bool add_generation_prompt,
                                  const OrderedJson& more) const {
  const State& state = *state_;
  const OrderedJson messages = messages_json(conversation);
  RenderedChat result;
  result.text = state.run(state.plain, messages, conversation.tools, add_generation_prompt, more);
  if (state.marked) {
    const std::string marked = state.run(state.marked, messages, conversation.tools, add_generation_prompt, more);
    std::string text;
    std::vector<ByteSpan> spans;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < marked.size();) {
      const std::string_view rest = std::string_view(marked).substr(at);
      if (rest.starts_with(generation_begins)) {
        begin = text.size();
        at += generation_begins.size();
      } else if (rest.starts_with(generation_ends)) {
        if (begin < text.size()) spans.emplace_back(begin, text.size());
        at += generation_ends.size();
      } else {
        text += marked[at++];
      }
    }
    if (text == result.text) {
      result.assistant = std::move(spans);
      return result;
    }
  }
  const std::string_view text = result.text;
  std::size_t done = 0;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (!conversation.messages[i].is_assistant()) continue;
    const auto said = state.said_by(i, result.text, messages, conversation.tools, add_generation_prompt, more);
    if (!said) continue;  // the template leaves this turn out
    std::size_t least = done;
    if (i > 0)
      if (const auto before =
              state.said_by(i - 1, result.text, messages, conversation.tools, add_generation_prompt, more))
        least = std::max(least, std::min(before->second, said->first));
    auto [begin, end] = *said;
    begin = std::max(begin, least);
    end = std::max(end, begin);
    // The turn starts behind its header: what the template itself writes between (an empty <think>) is the assistant's.
    if (const std::size_t found = state.header.empty() ? std::string::npos : text.substr(0, begin).rfind(state.header);
        found != std::string::npos && found >= least)
      begin = found + state.header.size();
    if (!state.ending.empty() && text.substr(end).starts_with(state.ending)) end += state.ending.size();
    if (begin < end) result.assistant.emplace_back(begin, end);
    done = end;
  }
  return result;
}

EncodedChat ChatTemplate::encode(const Tokenizer& tokenizer, const Conversation& conversation,
                                 bool add_generation_prompt, std::int64_t max_tokens, const OrderedJson& more) const {
  const RenderedChat chat = render(conversation, add_generation_prompt, more);
  EncodedChat result;
  result.tokens = tokenizer.encode(chat.text, false, max_tokens);
  result.assistant.resize(result.tokens.ids.size());
  result.turns.resize(result.tokens.ids.size());
  result.all_turns = static_cast<std::int32_t>(chat.assistant.size());
  // Offsets count code points, spans bytes.
  std::vector<std::pair<std::int64_t, std::int64_t>> spans;
  std::size_t byte = 0;
  std::int64_t position = 0;
  const auto position_of = [&](std::size_t wanted) {
    position +=
        static_cast<std::int64_t>(text::count_code_points(std::string_view(chat.text).substr(byte, wanted - byte)));
    byte = wanted;
    return position;
  };
  for (const auto& [begin, end] : chat.assistant) {
    const std::int64_t first = position_of(begin);
    spans.emplace_back(first, position_of(end));
  }
  std::size_t span = 0;
  for (std::size_t i = 0; i < result.assistant.size(); ++i) {
    const auto& [begin, end] = result.tokens.offsets[i];
    while (span < spans.size() && spans[span].second <= begin) ++span;
    if (span == spans.size() || begin >= spans[span].second || end <= spans[span].first) continue;
    result.assistant[i] = 1;
    result.turns[i] = static_cast<std::int32_t>(span) + 1;
  }
  return result;
}

ChatTemplate ChatTemplate::open(const std::filesystem::path& folder, const std::string& name) {
  const fs::path config_path = folder / "tokenizer_config.json", plain = folder / "chat_template.jinja";
  Json config = Json::object();
  if (fs::exists(config_path)) config = read_json(config_path);
  std::map<std::string, std::string> special_tokens;
  const fs::path map_path = folder / "special_tokens_map.json";
  const Json map = fs::exists(map_path) ? read_json(map_path) : Json::object();
  for (const Json* from : std::array<const Json*, 2>{&map, static_cast<const Json*>(&config)})
    for (const char* key :
         {"bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"}) {
      if (!from->is_object() || !from->contains(key)) continue;
      const Json& value = (*from)[key];
      if (value.is_string()) special_tokens[key] = value.get<std::string>();
      if (value.is_object() && value.contains("content") && value["content"].is_string())
        special_tokens[key] = value["content"].get<std::string>();
    }
  if (name == "default" && fs::exists(plain))
    return {read_file(plain, longest_source_bytes + 1), std::move(special_tokens), plain.string()};
  const fs::path named = folder / "additional_chat_templates" / (name + ".jinja");
  if (fs::exists(named)) return {read_file(named, longest_source_bytes + 1), std::move(special_tokens), named.string()};
  const Json templates = config.is_object() && config.contains("chat_template") ? config["chat_template"] : Json();
  if (templates.is_string() && name == "default")
    return {templates.get<std::string>(), std::move(special_tokens), config_path.string()};
  if (templates.is_array())
    for (const Json& entry : templates)
      if (entry.is_object() && entry.value("name", Json()) == name && entry.value("template", Json()).is_string())
        return {entry["template"].get<std::string>(), std::move(special_tokens), config_path.string() + ": " + name};
  fail(ErrorKind::not_found, "there is no chat template" + (name == "default" ? "" : " \"" + name + "\"") + " here",
       folder.string(), "use the folder of a model that was tuned for chat, or give a template of your own");
}

}  // namespace luthier
