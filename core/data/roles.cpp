#include "data/roles.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/options.h"
#include "base/strings.h"
#include "data/chat_rows.h"
#include "data/labels.h"

namespace luthier {

namespace {
const std::vector<std::string> kRoles = {"text",        "text_pair", "label",    "prompt", "completion", "tokens",
                                         "tags",        "split",     "weight",   "image",  "audio",      "target",
                                         "messages",    "input",     "response", "system", "tools",      "chosen",
                                         "instruction", "rejected",  "desirable"};
/// Roles that rows without labels may lack.
const std::vector<std::string> kAnswers = {"label",  "tags",     "completion", "target",   "split",
                                           "weight", "response", "chosen",     "rejected", "desirable"};

/// A JSON list, or words between blanks. False when a text starts like a list but is none.
bool read_list(const std::string& text, std::vector<std::string>& list) {
  list.clear();
  if (text.starts_with('[')) {
    const Json values = Json::parse(text, nullptr, false);
    if (values.is_array()) {
      for (const auto& value : values) {
        if (value.is_structured()) return false;
        list.push_back(value.is_string() ? value.get<std::string>() : value.is_null() ? "" : value.dump());
      }
      return true;
    }
  }
  std::size_t at = 0;
  while ((at = text.find_first_not_of(" \t\n\r", at)) != std::string::npos) {
    const std::size_t end = std::min(text.find_first_of(" \t\n\r", at), text.size());
    list.push_back(text.substr(at, end - at));
    at = end;
  }
  return true;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

std::vector<std::string> split_labels(const std::string& text, const std::string& separator) {
  std::vector<std::string> labels;
  const auto add = [&](const std::string& label) {
    if (!label.empty() && std::find(labels.begin(), labels.end(), label) == labels.end()) labels.push_back(label);
  };
  if (text.starts_with('[')) {
    const Json values = Json::parse(text, nullptr, false);
    if (values.is_array()) {
      for (const auto& value : values)
        if (!value.is_structured() && !value.is_null())
          add(without_blanks(value.is_string() ? value.get<std::string>() : value.dump()));
      return labels;
    }
  }
  if (separator.empty()) {
    add(without_blanks(text));
    return labels;
  }
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    add(without_blanks(text.substr(at, end - at)));
    at = end + separator.size();
  }
  return labels;
}

std::optional<float> number_of_label(const std::string& text) {
  const char* begin = text.data() + text.starts_with('+');
  const char* end = text.data() + text.size();
  float value = 0;
  const auto [stopped, error] = std::from_chars(begin, end, value);
  if (error != std::errc() || stopped != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::string RoleRow::shown() const {
  if (!media_name.empty() || !media_bytes.empty()) return media_name;
  if (!text.empty()) return text;
  if (!messages.empty()) return shown_messages(messages);
  if (!instruction.empty()) return input.empty() ? instruction : instruction + "\n\n" + input;
  if (!prompt.empty() || !completion.empty()) return shown_messages(prompt);
  if (!chosen.empty()) return shown_messages(chosen);
  std::string joined;
  for (const auto& token : tokens) joined += (joined.empty() ? "" : " ") + token;
  return joined;
}

std::string RoleRow::content() const {
  // The unit separator keeps ("ab", "c") apart from ("a", "bc").
  std::string all = shown();
  for (const std::string* part : {&text_pair, &completion, &target, &response, &chosen, &rejected, &desirable, &system})
    all += '\x1f' + *part;
  return all;
}

bool has_nothing_to_read(const RoleRow& row, const DatasetOptions& options) {
  const auto is_blank = [](const std::string& text) {
    return text.find_first_not_of(" \t\r\n\v\f") == std::string::npos;
  };
  const std::string& task = options.task;
  if ((task == "seq2seq" || task == "ctc") && is_blank(row.target)) return true;
  if (options.modality != "text") return row.media_path.empty() && row.media_bytes.empty();
  if (task == "tagging") return row.tokens.empty();
  if (task == "causal_lm" && (!row.instruction.empty() || !row.response.empty())) return is_blank(row.response);
  return is_blank(row.text) && is_blank(row.completion) && is_blank(row.messages) &&
         (is_blank(row.chosen) || is_blank(row.rejected));
}

RoleReader::RoleReader(const Table& table, const DatasetOptions& options, bool training) : folder_(table.folder()) {
  const std::string& task = options.task;
  const auto role = [&](const std::string& name) -> std::optional<std::size_t> {
    for (const auto& [given, column] : options.roles)
      if (given == name) {
        const bool optional = !training && std::find(kAnswers.begin(), kAnswers.end(), name) != kAnswers.end();
        if (optional)
          for (std::size_t i = 0; i < table.columns().size(); ++i)
            if (table.columns()[i].name == column) return i;
        if (optional) return std::nullopt;
        try {
          return table.column(column);
        } catch (Error& error) {
          fail(ErrorKind::bad_input, error.message + " for the role '" + name + "'", error.where, error.hint);
        }
      }
    if (name == "split") splits_by_folder_ = table.detected().format == "folder";
    if ((name == "split" && !splits_by_folder_) || name == "weight") return std::nullopt;
    for (std::size_t i = 0; i < table.columns().size(); ++i)
      if (table.columns()[i].name == name) return i;
    return std::nullopt;
  };
  for (const auto& [name, column] : options.roles)
    if (std::find(kRoles.begin(), kRoles.end(), name) == kRoles.end()) {
      const std::string near = closest(name, kRoles);
      fail(ErrorKind::bad_input, "the role '" + name + "' is not known", "roles",
           near.empty() ? "roles are " + joined(kRoles) : "did you mean '" + near + "'?");
    }
  split_ = role("split");
  splits_by_folder_ &= split_.has_value();
  weight_ = role("weight");

  std::string listed;
  for (const auto& column : table.columns()) listed += (listed.empty() ? "" : ", ") + column.name;
  const auto need = [&](const std::optional<std::size_t>& found, const std::string& name) {
    if (!found)
      fail(ErrorKind::bad_input, "the task " + task + " needs a column for the role '" + name + "'", "roles",
           "name one of the columns: " + listed);
  };
  const auto find_text = [&] {
    text_ = role("text");
    if (!text_ && table.columns().size() == 1) text_ = 0;
  };
  const bool reads_media = options.modality != "text";
  const auto find_media = [&] {
    media_ = role(options.modality);
    if (!media_ && table.columns().size() == 1) media_ = 0;
    need(media_, options.modality);
  };
  if (task == "classification" || task == "regression" || task == "multi_label") {
    label_ = role("label");
    if (reads_media) {
      find_media();
    } else {
      find_text();
      text_pair_ = role("text_pair");
      if (label_ && text_ == label_) text_.reset();
      need(text_, "text");
    }
    if (training) need(label_, "label");
  } else if (task == "seq2seq" || task == "ctc") {
    target_ = role("target");
    if (reads_media) {
      find_media();
    } else {
      find_text();
      if (target_ && text_ == target_) text_.reset();
      need(text_, "text");
    }
    if (training) need(target_, "target");
  } else if (task == "tagging") {
    tokens_ = role("tokens");
    tags_ = role("tags");
    need(tokens_, "tokens");
    if (training) need(tags_, "tags");
  } else if (task == "masked_lm") {
    find_text();
    text_pair_ = role("text_pair");
    need(text_, "text");
  } else if (task == "causal_lm" || task == "preference") {
    // A set of roles that is named counts before columns that are called as the roles of another set.
    const auto is_named = [&](const std::string& name) {
      return std::any_of(options.roles.begin(), options.roles.end(), [&](auto& one) { return one.first == name; });
    };
    const auto chosen_set = [&](const std::vector<std::vector<std::string>>& sets) {
      for (const auto& set : sets)
        if (std::any_of(set.begin(), set.end(), is_named)) return set;
      for (const auto& set : sets)
        if (std::all_of(set.begin(), set.end(), [&](const std::string& name) { return role(name).has_value(); }))
          return set;
      return std::vector<std::string>();
    };
    system_ = role("system");
    tools_ = role("tools");
    if (task == "causal_lm") {
      const auto set =
          chosen_set({{"messages"}, {"instruction", "response"}, {"prompt", "completion"}, {"text"}, {"prompt"}});
      const std::string first = set.empty() ? "text" : set.front();
      if (first == "messages") {
        messages_ = role("messages");
      } else if (first == "instruction") {
        instruction_ = role("instruction");
        input_ = role("input");
        response_ = role("response");
        need(instruction_, "instruction");
        if (training) need(response_, "response");
      } else if (first == "prompt") {
        prompt_ = role("prompt");
        completion_ = role("completion");
        need(prompt_, "prompt");
        if (training) need(completion_, "completion");
      } else {
        find_text();
        need(text_, "text' or the roles 'messages', 'prompt' and 'completion', or 'instruction' and 'response");
      }
    } else {
      if (chosen_set({{"messages"}, {"prompt"}}) == std::vector<std::string>{"messages"})
        messages_ = role("messages");
      else
        prompt_ = role("prompt");
      if (chosen_set({{"chosen", "rejected"}, {"desirable"}}) == std::vector<std::string>{"desirable"}) {
        desirable_ = role("desirable");
        if (!messages_) {
          completion_ = role("completion");
          need(completion_, "completion");
        }
      } else {
        chosen_ = role("chosen");
        rejected_ = role("rejected");
        if (training) {
          need(chosen_, "chosen' or the role 'desirable");
          need(rejected_, "rejected");
        }
      }
    }
  } else {
    fail(ErrorKind::bad_input, "the task '" + task + "' is not known", "task",
         "use classification, regression, multi_label, tagging, masked_lm, causal_lm, seq2seq, ctc or preference");
  }
}

bool RoleReader::has(const std::string& role) const {
  return role == "text_pair"  ? text_pair_.has_value()
         : role == "split"    ? split_.has_value()
         : role == "messages" ? messages_.has_value() || instruction_.has_value() || chosen_.has_value()
                              : prompt_.has_value();
}

bool RoleReader::fill(const Row& row, RoleRow& filled) const {
  const auto take = [&](const std::optional<std::size_t>& column, std::string& into) {
    if (column)
      into = row.values[*column];
    else
      into.clear();
  };
  filled.source_row = row.number;
  take(text_, filled.text);
  take(text_pair_, filled.text_pair);
  take(prompt_, filled.prompt);
  take(completion_, filled.completion);
  take(label_, filled.label);
  take(target_, filled.target);
  take(messages_, filled.messages);
  take(instruction_, filled.instruction);
  take(input_, filled.input);
  take(response_, filled.response);
  take(system_, filled.system);
  take(tools_, filled.tools);
  take(chosen_, filled.chosen);
  take(rejected_, filled.rejected);
  take(desirable_, filled.desirable);
  take(split_, filled.split);
  take(weight_, filled.weight);
  filled.label = without_blanks(filled.label);
  filled.split = without_blanks(filled.split);
  take(media_, filled.media_name);
  filled.media_path.clear();
  filled.media_bytes.clear();
  if (media_ && *media_ < row.media.size() && !row.media[*media_].empty())
    filled.media_bytes = row.media[*media_];
  else if (!filled.media_name.empty())
    filled.media_path = (folder_ / filled.media_name).lexically_normal().string();
  filled.tokens.clear();
  filled.tags.clear();
  if (!tokens_) return true;
  if (!read_list(row.values[*tokens_], filled.tokens)) return false;
  if (!tags_) return true;
  return read_list(row.values[*tags_], filled.tags) && filled.tokens.size() == filled.tags.size();
}

void scan_rows(const std::filesystem::path& file, const DatasetOptions& options,
               const std::function<bool(const TextRow&)>& visit) {
  const Table table = Table::open(file, options.read);
  const RoleReader roles(table, options, false);
  RoleRow filled;
  table.scan([&](const Row& row) { return !roles.fill(row, filled) || visit(filled); });
}

std::vector<std::string> find_labels(const DatasetOptions& options, std::size_t limit) {
  const Table table = Table::open(options.train, options.read);
  const RoleReader roles(table, options, true);
  std::set<std::string> found;
  RoleRow filled;
  table.scan([&](const Row& row) {
    if (!roles.fill(row, filled)) return true;
    if (options.task == "multi_label") filled.tags = split_labels(filled.label, options.separator);
    if (options.task == "classification" && !filled.label.empty() && found.size() < limit) found.insert(filled.label);
    for (const auto& tag : filled.tags)
      if (found.size() < limit) found.insert(tag);
    return true;
  });
  return sorted_labels({found.begin(), found.end()}, options.task == "tagging");
}

}  // namespace luthier
