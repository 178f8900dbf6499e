#pragma once
// Methods: what is trained, with their options. Part of recipe.h.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/options.h"

namespace luthier {

struct FullOptions {
  bool train_embeddings = true;
  void describe(OptionVisitor& v);
};
struct FeatureExtractionOptions {
  void describe(OptionVisitor& v);
};
struct LoraOptions {
  std::int64_t rank = 8;
  double alpha = 16;
  double dropout = 0.0;
  bool rank_stabilised = false;  ///< scale alpha / sqrt(rank) instead of alpha / rank (Kalajdzievski 2023)
  std::vector<std::string> targets = {"all-linear"};  ///< PEFT's rules: list = suffix match, text = full-match regex
  bool targets_is_list = false;
  std::vector<std::string>
      modules_to_save;  ///< trained whole and saved beside the adapter; a new head is added by itself
  std::vector<std::pair<std::string, double>> rank_pattern, alpha_pattern;
  std::string layers;     ///< numbers of the blocks that get adapters ("0-3, 7", from 0); empty: all
  bool dora = false;      ///< direction and magnitude apart (Liu et al. 2024)
  double rate_ratio = 1;  ///< learning rate of B over that of A (LoRA+, Hayou et al. 2024)
  void describe(OptionVisitor& v);
};
/// LoRA beside frozen weights that are kept in few bits (Dettmers et al. 2023).
struct QloraOptions : LoraOptions {
  std::string type = "nf4";         ///< nf4 fp4 int8
  std::int64_t block = 64;          ///< numbers that share a scale; int8: rows share one, this is not used
  bool double_quantisation = true;  ///< the scales are kept in 8 bits too
  void describe(OptionVisitor& v);
};
/// Whole blocks, the head first and the lowest last (Howard and Ruder 2018).
struct LayerwiseOptions {
  double rate_decay = 0.9;         ///< each block learns so many times as fast as the one above it
  std::string unfreeze = "every";  ///< every (a block more each `unfreeze_every`), plateau (whenever the validation
                                   ///< does not improve), given (`starts`) or none (all train from the start)
  HowOften unfreeze_every = {1, "epoch"};
  std::int64_t first_blocks = 0;  ///< blocks that train beside the head from the start
  std::vector<std::pair<std::string, double>>
      starts;  ///< with given: block -> epoch in which it joins; negative: stays frozen; not named: from the start
  bool train_embeddings = true;  ///< as the last block
  void describe(OptionVisitor& v);
};
/// Bottlenecks after the sub-layers (Houlsby et al. 2019, Pfeiffer et al. 2021).
struct AdapterOptions {
  std::int64_t reduction = 16;               ///< channels over the bottleneck's
  std::string placement = "pfeiffer";        ///< pfeiffer (after the feed-forward) or houlsby (after attention too)
  std::string activation = "relu";           ///< relu gelu swish tanh
  double dropout = 0;                        ///< on the bottleneck's input
  std::vector<std::string> modules_to_save;  ///< as for LoRA
  void describe(OptionVisitor& v);
};
/// Learned factors on keys, values and the feed-forward's inner activations (Liu et al. 2022).
struct Ia3Options {
  std::vector<std::string> targets = {"auto"};  ///< auto (PEFT's choice for the family), or PEFT's rules
  bool targets_is_list = false;
  std::vector<std::string> feed_forward;  ///< of the targets: those whose input is scaled; empty: PEFT's choice
  std::vector<std::string> modules_to_save;
  void describe(OptionVisitor& v);
};
/// Learned embeddings before the text (Lester et al. 2021).
struct PromptTuningOptions {
  std::int64_t virtual_tokens = 20;
  std::string init = "vocabulary";  ///< vocabulary (embeddings of random ordinary tokens), text or random
  std::string init_text;            ///< with text: repeated or cut to the virtual tokens
  std::vector<std::string> modules_to_save;
  void describe(OptionVisitor& v);
};
/// Learned keys and values before every layer's (Li and Liang 2021).
struct PrefixTuningOptions {
  std::int64_t virtual_tokens = 20;
  std::string init = "vocabulary";  ///< vocabulary or text: the keys and values that real tokens have; random
  std::string init_text;
  bool projection = false;             ///< made by a small network while training
  std::int64_t projection_size = 512;  ///< its inner channels
  std::vector<std::string> modules_to_save;
  void describe(OptionVisitor& v);
};
/// Kinds: full, feature_extraction, layerwise, adapter, lora, qlora, ia3, prompt_tuning, prefix_tuning.
using MethodOptions = std::variant<FullOptions, FeatureExtractionOptions, LayerwiseOptions, AdapterOptions, LoraOptions,
                                   QloraOptions, Ia3Options, PromptTuningOptions, PrefixTuningOptions>;
/// The LoRA of lora and qlora; nullptr for other methods.
const LoraOptions* lora_of(const MethodOptions& method);
LoraOptions* lora_of(MethodOptions& method);

}  // namespace luthier
