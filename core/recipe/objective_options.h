#pragma once
// Objectives: what is minimised, with their options. Part of recipe.h.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/options.h"

namespace luthier {

struct ClassificationOptions {
  std::string class_weights = "none";  ///< none, balanced (rows / (labels * rows of the label)) or given
  std::vector<std::pair<std::string, double>> label_weights;  ///< with given: label name -> weight; others count 1
  double focal_gamma = 0;  ///< (1 - p)^gamma scales each row's loss (Lin et al. 2017); 0: plain cross entropy
  void describe(OptionVisitor& v);
};
struct TaggingOptions {
  std::string label_on = "first";  ///< which sub-word of a word carries its label: first or all
  void describe(OptionVisitor& v);
};
struct MaskedLmOptions {
  double mask_share = 0.15;   ///< of the tokens that are not special
  double mask_token = 0.8;    ///< of these: replaced by the mask token
  double random_token = 0.1;  ///< of these: replaced by a random token; the rest stays as it is
  bool whole_words = false;
  void describe(OptionVisitor& v);
};
struct CausalLmOptions {
  std::string loss_on = "completion";  ///< completion (of conversations: the assistant's turns) or all
  std::string chat_template = "auto";  ///< of conversations and instructions: auto (the model's own, else chatml),
                                       ///< chatml, llama3, alpaca or plain
  std::string system;                  ///< put before conversations that have no system turn; empty: none
  void describe(OptionVisitor& v);
};
struct RegressionOptions {
  void describe(OptionVisitor& v);
};
struct MultiLabelOptions {
  std::string separator = ",";  ///< between the labels of one row, where the column holds text and no list
  double threshold = 0.5;       ///< a label is given when its probability is at least this
  bool balanced = false;        ///< rows that have a label weigh (rows without) / (rows with) times as much
  double focal_gamma = 0;       ///< as for classification
  void describe(OptionVisitor& v);
};
struct Seq2SeqOptions {
  std::string prefix;                    ///< put before every input text ("translate English to German: ")
  std::int64_t max_target_tokens = 128;  ///< longer targets are cut
  std::int64_t beams = 1;                ///< of the answers that metrics are made of; 1: greedy
  std::int64_t judged_rows = 200;        ///< at most so many rows are answered at an evaluation; 0: all
  std::string language = "en";           ///< Whisper: the recording's language
  std::string task = "transcribe";       ///< Whisper: transcribe or translate
  void describe(OptionVisitor& v);
};
struct CtcOptions {
  void describe(OptionVisitor& v);
};
/// Which of two answers is better (DPO and its kin), or whether one is good (KTO).
struct PreferenceOptions {
  std::string loss = "dpo";    ///< dpo ipo hinge simpo orpo kto
  double beta = 0.1;           ///< how far the model may go from the reference
  double label_smoothing = 0;  ///< dpo: share of pairs that are taken to be the wrong way round (conservative DPO)
  double target_margin = 0.5;  ///< simpo: gamma over beta (Meng et al. 2024)
  double sft_weight = 0;       ///< adds the chosen answer's own loss, a token, times this
  double desirable_weight = 1, undesirable_weight = 1;  ///< kto (Ethayarajh et al. 2024)
  std::string chat_template = "auto";                   ///< as for causal_lm
  void describe(OptionVisitor& v);
};
/// Alternatives in the order of the catalog; kinds: classification, tagging, masked_lm, causal_lm, regression,
/// multi_label, seq2seq, ctc, preference.
using ObjectiveOptions =
    std::variant<ClassificationOptions, TaggingOptions, MaskedLmOptions, CausalLmOptions, RegressionOptions,
                 MultiLabelOptions, Seq2SeqOptions, CtcOptions, PreferenceOptions>;

}  // namespace luthier
