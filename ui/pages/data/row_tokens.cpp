#include "pages/data/row_tokens.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "data/encode.h"
#include "document/dataset_options.h"
#include "document/token_spelling.h"

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
std::vector<bool> keptOf(const std::vector<std::int32_t>& whole, const std::vector<std::int32_t>& cut) {
  std::vector<bool> kept(whole.size(), false);
  std::size_t next = 0;
  for (std::size_t i = 0; i < whole.size() && next < cut.size(); ++i)
    if (whole[i] == cut[next]) {
      kept[i] = true;
      ++next;
    }
  return kept;
}

bool holdsAll(const std::vector<std::string>& names, const RoleRow& row) {
  const auto known = [&](const std::string& value) {
    return value.empty() || std::find(names.begin(), names.end(), value) != names.end();
  };
  return known(row.label) && std::all_of(row.tags.begin(), row.tags.end(), known);
}

/// Where the answer begins, or the second text of a pair; 0 where there is neither.
std::size_t secondPart(const EncodedTokens& whole, const RoleRow& row) {
  if (!row.text_pair.empty()) {
    const auto found = std::find(whole.type_ids.begin(), whole.type_ids.end(), 1);
    return found == whole.type_ids.end() ? 0 : std::size_t(found - whole.type_ids.begin());
  }
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
  const std::vector<bool> kept = keptOf(whole.ids, read.ids);
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
    if (second > 0 && i == 0) token.section = pair ? QObject::tr("First text") : QObject::tr("Prompt");
    if (second > 0 && i == second) token.section = pair ? QObject::tr("Second text") : QObject::tr("Completion");
    const bool special = tokenizer_->is_special(token.id);
    if (!kept[i]) {
      token.kind = TokenKind::cut;
      token.position = std::int64_t(i);
      ++result.cut;
    } else {
      token.position = std::int64_t(position);
      const std::int32_t label = position < read.labels.size() ? read.labels[position] : kNoLoss;
      // A language model predicts every token from those before it: the first one has none.
      token.loss = masked ? !special : label != kNoLoss && (options_.task != "causal_lm" || position > 0);
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
  result.endCut = options_.task == "causal_lm" && !kept.empty() && !kept.back();
  if (options_.task == "classification" && !row.label.empty()) {
    result.target = QString::fromStdString(row.label);
    if (const auto id = labels.id(row.label)) {
      result.targetId = *id;
      result.target = QString::fromStdString(labels.names().at(std::size_t(*id)));
    }
  }
  return result;
}

}  // namespace luthier
