#include "pages/data/row_tokens.h"

#include <algorithm>
#include <filesystem>
#include <span>

#include "base/error.h"
#include "data/chat_rows.h"
#include "document/dataset_options.h"
#include "document/token_spelling.h"
#include "pages/data/token_alignment.h"
#include "text/known_templates.h"

namespace luthier {

namespace {
std::filesystem::path tokenizerPath(const Recipe& recipe) {
  return recipe.model.tokenizer.empty() ? recipe.model.path : recipe.model.tokenizer;
}

/// Changes when the recipe names another tokenizer or its file is written anew.
std::string keyOf(const Recipe& recipe) {
  const std::filesystem::path path = tokenizerPath(recipe);
  std::string key = path.string();
  for (const std::filesystem::path& file : {path, path / "tokenizer.json", path / "vocab.txt"}) {
    std::error_code missing;
    const auto time = std::filesystem::last_write_time(file, missing);
    if (!missing) key += '\n' + std::to_string(time.time_since_epoch().count());
  }
  for (const std::string& token : recipe.model.add_tokens) key += '\n' + token;
  return key;
}

/// Which tokens of the whole row are left after cutting, in order: the cut row is a part of the whole one.
std::vector<bool> keptOf(std::span<const std::int32_t> whole, std::span<const std::int32_t> cut) {
  std::vector<bool> kept(whole.size(), false);
  std::size_t next = 0;
  for (std::size_t i = 0; i < whole.size() && next < cut.size(); ++i)
    if (whole[i] == cut[next]) {
      kept[i] = true;
      ++next;
    }
  return kept;
}

/// The same; of two sequences, each is cut by itself.
std::vector<bool> keptOf(const EncodedTokens& whole, const EncodedTokens& cut) {
  const std::span<const std::int32_t> all = whole.ids, read = cut.ids;
  const auto first = std::size_t(whole.second), firstRead = std::size_t(cut.second);
  if (first == 0) return keptOf(all, read);
  std::vector<bool> kept = keptOf(all.first(first), read.first(firstRead));
  const std::vector<bool> second = keptOf(all.subspan(first), read.subspan(firstRead));
  kept.insert(kept.end(), second.begin(), second.end());
  return kept;
}

bool holdsAll(const std::vector<std::string>& names, const RoleRow& row) {
  const auto known = [&](const std::string& value) {
    return value.empty() || std::find(names.begin(), names.end(), value) != names.end();
  };
  return known(row.label) && std::all_of(row.tags.begin(), row.tags.end(), known);
}

/// What a server gives the model for this row, as it encodes it: the prompt, or the conversation up to the answer. The
/// recipe's system prompt is not in it: that is up to whoever asks.
std::vector<std::int32_t> servedPrompt(const RoleRow& row, const DatasetOptions& options, const Tokenizer& tokenizer) {
  if (!is_chat(row)) {
    const Encoding encoding = tokenizer.encode(row.prompt);
    std::size_t end = encoding.ids.size(), begin = 0;
    while (begin < end && encoding.special[begin]) ++begin;
    if (begin == end) return {};  // an empty prompt
    while (encoding.special[end - 1]) --end;
    return {encoding.ids.begin(), encoding.ids.begin() + std::ptrdiff_t(end)};
  }
  Conversation asked = read_chat(row, options.task).common;
  while (!asked.messages.empty() && asked.messages.back().is_assistant()) asked.messages.pop_back();
  const EncodedChat chat = chat_template_of(tokenizer, options.chat_template).encode(tokenizer, asked, true);
  return {chat.tokens.ids.begin(), chat.tokens.ids.end()};
}

/// Tokens before the last answer of the first sequence: `whole` carries loss on answers alone.
std::size_t promptLength(const EncodedTokens& whole) {
  std::size_t end = whole.second > 0 ? std::size_t(whole.second) : whole.labels.size();
  while (end > 0 && whole.labels[end - 1] == kNoLoss) --end;
  while (end > 0 && whole.labels[end - 1] != kNoLoss) --end;
  return end;
}

/// Where the answer begins, or the second text of a pair; 0 where there is neither.
std::size_t secondPart(const EncodedTokens& whole, const RoleRow& row) {
  if (!row.text_pair.empty()) {
    const auto found = std::find(whole.type_ids.begin(), whole.type_ids.end(), 1);
    return found == whole.type_ids.end() ? 0 : std::size_t(found - whole.type_ids.begin());
  }
  if (whole.second > 0) return std::size_t(whole.second);
  if (row.prompt.empty() || !row.text.empty()) return 0;
  const auto found =
      std::find_if(whole.labels.begin(), whole.labels.end(), [](auto label) { return label != kNoLoss; });
  return found == whole.labels.end() ? 0 : std::size_t(found - whole.labels.begin());
}
}  // namespace

void RowEncoding::prepare(const Recipe& recipe, const std::vector<std::string>& labels) {
  recipe_ = recipe;
  options_ = datasetOptionsOf(recipe);
  known_ = labels;
  std::string values = options_.train.string() + '\n' + options_.task;
  for (const auto& [role, column] : options_.roles) values += '\n' + role + '=' + column;
  if (values != valuesKey_) values_.reset();
  valuesKey_ = values;
  const std::string key = keyOf(recipe);
  if (tokenizer_ && key == tokenizerKey_) return;
  tokenizer_.reset();
  auto opened = std::make_unique<Tokenizer>(Tokenizer::open(tokenizerPath(recipe)));
  opened->add_tokens(recipe.model.add_tokens);
  tokenizer_ = std::move(opened);
  tokenizerKey_ = key;
}

LabelSet RowEncoding::labelsFor(const RoleRow& row) {
  const bool tagging = options_.task == "tagging";
  if (row.label.empty() && row.tags.empty()) return LabelSet(options_.labels, {}, {}, tagging);
  std::vector<std::string> names = options_.labels.empty() ? known_ : options_.labels;
  if (!names.empty() && holdsAll(names, row)) return LabelSet(options_.labels, names, names, tagging);
  // The profile tells display names; which value of the file has which of them takes a look at all values.
  if (!values_) try {
      values_ = find_labels(options_);
    } catch (const Error&) {
      values_.emplace();  // roles are missing: then the row's own value stands for itself
    }
  std::vector<std::string> values = *values_;
  if (values.empty() && !row.label.empty()) values = {row.label};
  return LabelSet(options_.labels, values, values, tagging);
}

RowTokens RowEncoding::encode(const RoleRow& row, std::int64_t number) {
  const LabelSet labels = labelsFor(row);
  const EncodedTokens read = RowEncoder(options_, tokenizer_.get(), labels).encode(row);
  DatasetOptions uncut = options_;
  uncut.max_tokens = 0;
  uncut.loss_on = "completion";  // so that the labels tell where the answer begins
  const EncodedTokens whole = RowEncoder(uncut, tokenizer_.get(), labels).encode(row);
  const std::vector<bool> kept = keptOf(whole, read);
  const std::size_t second = secondPart(whole, row);
  const bool pair = !row.text_pair.empty();
  const bool masked = options_.task == "masked_lm";
  const TokenSpelling spelling(*tokenizer_);

  RowTokens result;
  result.number = number;
  result.task = options_.task;
  result.model = QString::fromStdString(tokenizerPath(recipe_).filename().string());
  result.limit = options_.max_tokens;
  if (const auto* options = std::get_if<MaskedLmOptions>(&recipe_.objective)) result.maskShare = options->mask_share;
  std::size_t position = 0;
  for (std::size_t i = 0; i < whole.ids.size(); ++i) {
    ShownToken token;
    token.id = whole.ids[i];
    token.text = spelling.text(token.id);
    const bool answers = whole.second > 0;
    if (second > 0 && i == 0)
      token.section = pair ? QObject::tr("First text") : answers ? QObject::tr("Better answer") : QObject::tr("Prompt");
    if (second > 0 && i == second)
      token.section = pair      ? QObject::tr("Second text")
                      : answers ? QObject::tr("Worse answer")
                                : QObject::tr("Completion");
    const bool special = tokenizer_->is_special(token.id);
    if (!kept[i]) {
      token.kind = TokenKind::cut;
      token.position = std::int64_t(i);
      ++result.cut;
    } else {
      token.position = std::int64_t(position);
      const std::int32_t label = position < read.labels.size() ? read.labels[position] : kNoLoss;
      // A language model predicts every token from those before it: the first one has none.
      const bool first = position == 0 || (answers && position == std::size_t(read.second));
      token.loss = masked ? !special : label != kNoLoss && (options_.task == "tagging" || !first);
      token.kind = special ? TokenKind::special : token.loss ? TokenKind::trained : TokenKind::context;
      if (masked && token.loss) token.note = QObject::tr("when it is masked");
      if (options_.task == "tagging" && label != kNoLoss) {
        token.note = QString::fromStdString(labels.names().at(std::size_t(label)));
        ++result.words;
      }
      ++(token.loss ? result.trained : special ? result.special : result.context);
      ++position;
    }
    result.tokens.push_back(std::move(token));
  }
  const bool writes = options_.task == "causal_lm" || options_.task == "preference";
  result.endCut = writes && !kept.empty() && !kept.back();
  if (writes && row.text.empty()) addServing(row, whole, result);
  if (options_.task == "classification" && !row.label.empty()) {
    result.target = QString::fromStdString(row.label);
    if (const auto id = labels.id(row.label)) {
      result.targetId = *id;
      result.target = QString::fromStdString(labels.names().at(std::size_t(*id)));
    }
  }
  return result;
}

void RowEncoding::addServing(const RoleRow& row, const EncodedTokens& whole, RowTokens& result) const {
  const std::span<const std::int32_t> trained(whole.ids.data(), promptLength(whole));
  const std::vector<std::int32_t> served = servedPrompt(row, options_, *tokenizer_);
  if (trained.empty() || served.empty()) return;
  const TokenSpelling spelling(*tokenizer_);
  const auto shown = [&](std::int32_t id, std::int64_t position) {
    ShownToken token;
    token.id = id;
    token.text = spelling.text(id);
    token.position = position;
    token.kind = tokenizer_->is_special(id) ? TokenKind::special : TokenKind::context;
    return token;
  };
  for (const std::int32_t id : served) result.serving.push_back(shown(id, std::int64_t(result.serving.size())));
  using In = AlignedToken::In;
  std::int64_t inTraining = 0, inServing = 0;
  for (const AlignedToken& one : alignTokens(trained, served)) {
    ShownToken token = shown(one.id, one.in == In::first ? inTraining : inServing);
    if (one.in == In::first) token.kind = TokenKind::trainingOnly;
    if (one.in == In::second) token.kind = TokenKind::servingOnly;
    result.trainingOnly += one.in == In::first;
    result.servingOnly += one.in == In::second;
    inTraining += one.in != In::second;
    inServing += one.in != In::first;
    result.difference.push_back(std::move(token));
  }
  result.systemInTrainingOnly = result.trainingOnly > 0 && !options_.system.empty() && is_chat(row);
}

}  // namespace luthier
