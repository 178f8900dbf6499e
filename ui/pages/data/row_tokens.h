#pragma once
// A row as the tokens that training makes of it.
#include <QString>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "data/encode.h"
#include "data/labels.h"
#include "data/roles.h"
#include "recipe/recipe.h"
#include "text/tokenizer.h"
#include "widgets/token_view.h"

namespace luthier {

struct RowTokens {
  std::int64_t number = 0;  ///< of the row, from 1
  std::string task;         ///< kind of the objective
  QString model;            ///< name of the folder that the tokenizer came from
  std::vector<ShownToken> tokens;
  std::int64_t trained = 0, context = 0, special = 0, cut = 0;  ///< each token counts once
  std::int64_t limit = 0;                                       ///< data.max_tokens
  bool endCut = false;                                          ///< a language model does not see where the answer ends
  QString target;                                               ///< classification: the label
  std::optional<std::int64_t> targetId;
  std::int64_t words = 0;  ///< tagging: words with a tag that the model sees
  double maskShare = 0;    ///< masked_lm
  /// Where a prompt is answered: what a server gives the model to answer, and that beside the prompt of training.
  std::vector<ShownToken> serving, difference;
  std::int64_t trainingOnly = 0, servingOnly = 0;
  bool systemInTrainingOnly = false;  ///< the recipe's system prompt, which requests must send themselves

  std::int64_t kept() const { return trained + context + special; }
  std::int64_t whole() const { return kept() + cut; }
};

/// What turns rows into tokens for one recipe; opening a tokenizer takes a while, so it is kept. Not for two threads
/// at a time.
class RowEncoding {
 public:
  /// Does again only what has changed since the last call. Errors as Tokenizer::open.
  void prepare(const Recipe& recipe, const std::vector<std::string>& labels);
  RowTokens encode(const RoleRow& row, std::int64_t number);

 private:
  LabelSet labelsFor(const RoleRow& row);
  void addServing(const RoleRow& row, const EncodedTokens& whole, RowTokens& result) const;

  Recipe recipe_;
  DatasetOptions options_;
  std::string tokenizerKey_, valuesKey_;
  std::unique_ptr<Tokenizer> tokenizer_;
  std::vector<std::string> known_;                  ///< label values as the profile tells them
  std::optional<std::vector<std::string>> values_;  ///< as they stand in the file
};

}  // namespace luthier
