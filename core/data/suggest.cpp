// Guesses which column plays which role, from names, types and the values of the first rows.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/error.h"
#include "data/chat_rows.h"
#include "data/media_file.h"
#include "data/profile.h"
#include "data/split.h"

namespace luthier {

namespace {
constexpr std::int64_t kLookedAt = 500;
constexpr std::size_t kMostClasses = 100;

/// Usual names of a role's column, the most telling first. Compared in lower case without blanks, '-' and '_'.
const std::map<std::string, std::vector<std::string>> kNames = {
    {"text",
     {"text",     "sentence", "review",  "sentence1", "premise",     "question1", "text1",   "texta",     "content",
      "body",     "message",  "comment", "tweet",     "post",        "document",  "article", "utterance", "phrase",
      "question", "query",    "input",   "sms",       "description", "abstract",  "summary", "title",     "headline"}},
    {"text_pair", {"textpair", "sentence2", "hypothesis", "question2", "text2", "textb", "pair", "context"}},
    {"label", {"label",     "labels", "class",    "category", "sentiment", "target",  "intent",    "topic",
               "stars",     "rating", "polarity", "emotion",  "stance",    "gold",    "goldlabel", "labelname",
               "labeltext", "y",      "score",    "spam",     "type",      "language"}},
    {"prompt", {"prompt", "instruction", "question", "query", "user", "problem", "input", "request", "source"}},
    {"target",
     {"target", "translation", "summary", "highlights", "transcript", "transcription", "completion", "response",
      "answer", "output", "german", "de", "french", "fr", "normalisedtext", "normalizedtext", "sentence", "text"}},
    {"source",
     {"source", "text", "document", "article", "dialogue", "english", "en", "input", "question", "sentence", "body"}},
    {"completion",
     {"completion", "response", "answer", "output", "assistant", "reply", "solution", "target", "chosen"}},
    {"messages", {"messages", "conversations", "conversation", "dialog", "dialogue", "chat", "turns"}},
    {"instruction", {"instruction", "instructions"}},
    {"input", {"input", "context"}},
    {"response", {"response", "output", "answer", "completion"}},
    {"system", {"system", "systemprompt"}},
    {"tools", {"tools", "functions"}},
    {"question", {"prompt", "question", "instruction", "query"}},
    {"chosen", {"chosen", "preferred", "winner", "better", "chosenmessages"}},
    {"rejected", {"rejected", "dispreferred", "loser", "worse", "rejectedmessages"}},
    {"desirable", {"desirable", "label", "good", "thumbsup", "feedback", "iskto"}},
    {"tokens", {"tokens", "words", "token", "word"}},
    {"tags", {"tags", "nertags", "ner", "postags", "pos", "labels", "tag", "chunktags", "label"}},
    {"split", {"split", "set", "partition", "subset", "fold", "usage"}},
    {"weight", {"weight", "sampleweight", "weights"}},
};

std::string plain(const std::string& name) {
  std::string plain;
  for (const char c : name)
    if (c != ' ' && c != '-' && c != '_' && c != '.') plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return plain;
}

/// What the first rows say about one column.
struct Sample {
  std::int64_t values = 0, bytes = 0, with_blank = 0, split_names = 0, images = 0, recordings = 0;
  std::int64_t conversations = 0, verdicts = 0;  ///< lists of messages; good or bad
  std::set<std::string> different;

  double mean_bytes() const { return values ? static_cast<double>(bytes) / static_cast<double>(values) : 0; }
  /// Few short values that come again and again.
  bool looks_like_classes() const {
    const auto count = static_cast<std::int64_t>(different.size());
    return count >= 2 && different.size() <= kMostClasses && count * 2 <= values && mean_bytes() <= 40;
  }
  bool looks_like_conversations() const { return values > 0 && conversations * 10 >= values * 9; }
  bool looks_like_verdicts() const { return values > 0 && verdicts == values && different.size() <= 2; }
  bool looks_like_text() const { return mean_bytes() >= 8 && with_blank * 2 >= values; }
};

class Suggestion {
 public:
  explicit Suggestion(const Table& table) : columns_(table.columns()), samples_(columns_.size()) {
    for (const Row& row : table.head(kLookedAt))
      for (std::size_t i = 0; i < samples_.size(); ++i) {
        if (row.null[i] || row.values[i].empty()) continue;
        Sample& sample = samples_[i];
        ++sample.values;
        sample.bytes += static_cast<std::int64_t>(row.values[i].size());
        sample.with_blank += row.values[i].find(' ') != std::string::npos;
        sample.split_names += split_by_name(row.values[i]).has_value();
        sample.conversations += is_message_list(row.values[i]) || is_transcript(row.values[i]);
        sample.verdicts += desirable_of(row.values[i]).has_value();
        const bool inside = i < row.media.size() && !row.media[i].empty();
        const std::string kind = inside ? media_kind_of_bytes(row.media[i]) : media_kind_of_name(row.values[i]);
        sample.images += kind == "image";
        sample.recordings += kind == "audio";
        if (sample.different.size() <= kMostClasses) sample.different.insert(row.values[i].substr(0, 200));
      }
  }

  std::vector<std::pair<std::string, std::string>> roles(const std::string& task) {
    taken_.clear();
    given_.clear();
    if (const auto split = named("split"); split && is_split(*split)) give("split", split);
    const auto [media, kind] = media_column();
    const bool labelled = task == "classification" || task == "regression" || task == "multi_label";
    if (media && (labelled || task == "seq2seq" || task == "ctc")) {
      give(kind, media);
      if (labelled) {
        give("label", task == "classification" ? label_column() : named("label"));
      } else {
        const auto target = named("target");
        give("target", target && is_text(*target) ? target : text_column());
      }
    } else if (task == "seq2seq" || task == "ctc") {
      const auto target = named("target");
      auto source = named("source");
      if (target && source == target) {  // a lone "text" is what is read
        taken_.insert(*target);
        source = named("source");
        taken_.erase(*target);
      }
      if (target && is_text(*target)) give("target", target);
      give("text", source && is_text(*source) ? source : text_column());
    } else if (labelled) {
      const auto label = task == "classification" ? label_column() : named("label");
      give("label", label);
      if (const auto pair = named("text_pair"); pair && is_text(*pair)) give("text_pair", pair);
      give("text", text_column());
      // A pair needs a first text.
      if (!has("text")) std::erase_if(given_, [](const auto& role) { return role.first == "text_pair"; });
    } else if (task == "tagging") {
      give("tokens", list_column("tokens"));
      give("tags", list_column("tags"));
    } else if (task == "preference") {
      suggest_preferences();
    } else if (task == "causal_lm") {
      const auto messages = conversation_column();
      const auto instruction = named("instruction"), response = named("response");
      const auto prompt = named("prompt"), completion = named("completion");
      if (messages) {
        give("messages", messages);
        for (const char* role : {"system", "tools"}) give(role, named(role));
      } else if (instruction && response && is_text(*instruction) && is_text(*response)) {
        give("instruction", instruction);
        give("response", response);
        for (const char* role : {"input", "system"}) give(role, named(role));
      } else if (prompt && completion && prompt != completion && is_text(*prompt)) {
        give("prompt", prompt);
        give("completion", completion);
      } else {
        give("text", text_column());
      }
    } else if (task == "masked_lm") {
      give("text", text_column());
    } else {
      fail(ErrorKind::bad_input, "the task '" + task + "' is not known", "task",
           "use classification, regression, multi_label, tagging, masked_lm, causal_lm, seq2seq, ctc or preference");
    }
    std::vector<std::pair<std::string, std::string>> roles;
    for (const auto& [role, column] : given_) roles.emplace_back(role, columns_[column].name);
    std::sort(roles.begin(), roles.end());
    return roles;
  }

 private:
  using Found = std::optional<std::size_t>;

  bool is_taken(std::size_t column) const { return taken_.contains(column); }
  bool has(const std::string& role) const {
    return std::any_of(given_.begin(), given_.end(), [&](const auto& given) { return given.first == role; });
  }
  void give(const std::string& role, Found column) {
    if (!column) return;
    taken_.insert(*column);
    given_.emplace_back(role, *column);
  }
  bool is_text(std::size_t column) const { return columns_[column].type == "text"; }
  bool is_split(std::size_t column) const {
    return samples_[column].values > 0 && samples_[column].split_names == samples_[column].values;
  }

  /// The column of images or recordings, and which of the two it holds: most of its first values are such files.
  std::pair<Found, std::string> media_column() const {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const Sample& sample = samples_[i];
      if (is_taken(i) || sample.values == 0 || (!is_text(i) && columns_[i].type != "media")) continue;
      if (sample.images * 10 >= sample.values * 9) return {i, "image"};
      if (sample.recordings * 10 >= sample.values * 9) return {i, "audio"};
    }
    return {std::nullopt, ""};
  }

  /// The free column with the most telling name of the role.
  Found named(const std::string& role) const {
    for (const auto& name : kNames.at(role))
      for (std::size_t i = 0; i < columns_.size(); ++i)
        if (!is_taken(i) && plain(columns_[i].name) == name) return i;
    return std::nullopt;
  }

  Found conversation_column() const {
    if (const auto messages = named("messages"); messages && samples_[*messages].looks_like_conversations())
      return messages;
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (!is_taken(i) && samples_[i].looks_like_conversations()) return i;
    return std::nullopt;
  }

  /// Two answers, or one with a verdict; and what they answer, where it stands apart.
  void suggest_preferences() {
    const auto chosen = named("chosen"), rejected = named("rejected");
    if (chosen && rejected) {
      give("chosen", chosen);
      give("rejected", rejected);
    } else if (const auto verdict = named("desirable"); verdict && samples_[*verdict].looks_like_verdicts()) {
      give("desirable", verdict);
    } else {
      return;
    }
    if (const auto messages = conversation_column())
      give("messages", messages);
    else
      give("prompt", named("question"));
    if (has("desirable") && !has("messages")) give("completion", named("completion"));
    give("system", named("system"));
  }

  Found label_column() const {
    if (const auto label = named("label"); label && samples_[*label].mean_bytes() <= 60 && !is_list(*label))
      return label;
    Found best;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const auto& type = columns_[i].type;
      if (is_taken(i) || !samples_[i].looks_like_classes() ||
          (type != "text" && type != "integer" && type != "boolean"))
        continue;
      if (!best || samples_[i].different.size() < samples_[*best].different.size()) best = i;
    }
    return best;
  }

  Found text_column() const {
    if (const auto text = named("text"); text && is_text(*text)) return text;
    Found best;
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (!is_taken(i) && is_text(i) && (!best || samples_[i].mean_bytes() > samples_[*best].mean_bytes())) best = i;
    // An only column is the text whatever it holds; else it must read like one.
    if (best && columns_.size() > 1 && !samples_[*best].looks_like_text() && samples_[*best].looks_like_classes())
      return std::nullopt;
    return best;
  }

  bool is_list(std::size_t column) const { return columns_[column].type == "list"; }
  Found list_column(const std::string& role) const {
    for (const auto& name : kNames.at(role))
      for (std::size_t i = 0; i < columns_.size(); ++i)
        if (!is_taken(i) && plain(columns_[i].name) == name && (is_list(i) || is_text(i))) return i;
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (!is_taken(i) && is_list(i)) return i;
    return std::nullopt;
  }

  const std::vector<Column>& columns_;
  std::vector<Sample> samples_;
  std::set<std::size_t> taken_;
  std::vector<std::pair<std::string, std::size_t>> given_;
};

bool gives(const std::vector<std::pair<std::string, std::string>>& roles, const std::string& role) {
  return std::any_of(roles.begin(), roles.end(), [&](const auto& given) { return given.first == role; });
}
}  // namespace

std::vector<std::pair<std::string, std::string>> suggest_roles(const Table& table, const std::string& task) {
  return Suggestion(table).roles(task);
}

std::string suggest_task(const Table& table) {
  Suggestion suggestion(table);
  const auto lists =
      std::count_if(table.columns().begin(), table.columns().end(), [](const auto& c) { return c.type == "list"; });
  const auto classes_of_media = Suggestion(table).roles("classification");
  if (gives(classes_of_media, "image") || gives(classes_of_media, "audio")) {
    const auto written = Suggestion(table).roles("seq2seq");
    const bool recordings = gives(classes_of_media, "audio");
    return recordings && gives(written, "target") && !gives(classes_of_media, "label") ? "seq2seq" : "classification";
  }
  const auto preference = suggestion.roles("preference");
  if (gives(preference, "rejected") ||
      (gives(preference, "desirable") && (gives(preference, "messages") || gives(preference, "completion"))))
    return "preference";
  const auto tagging = suggestion.roles("tagging");
  if ((lists >= 2 || table.detected().format == "conll") && gives(tagging, "tokens") && gives(tagging, "tags"))
    return "tagging";
  const auto causal = suggestion.roles("causal_lm");
  if (gives(causal, "completion") || gives(causal, "messages") || gives(causal, "response")) return "causal_lm";
  const auto classes = suggestion.roles("classification");
  return gives(classes, "label") && gives(classes, "text") ? "classification" : "masked_lm";
}

}  // namespace luthier
