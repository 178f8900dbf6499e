#include <utility>

#include "recipe/catalog.h"
#include "recipe/recipe.h"

namespace luthier {

void FullOptions::describe(OptionVisitor& v) {
  v.boolean(
      {.key = "train_embeddings",
       .label = "Train embeddings",
       .help =
           "Off: the tables of tokens and positions stay as they are, which saves memory and keeps rare words stable.",
       .level = OptionLevel::advanced},
      train_embeddings);
}

void FeatureExtractionOptions::describe(OptionVisitor&) {}

void LoraOptions::describe(OptionVisitor& v) {
  v.integer(
      {.key = "rank",
       .label = "Rank",
       .help = "Size of the update that each chosen layer can learn. Raise it when the model does not learn enough.",
       .min = 1,
       .max = 4096},
      rank);
  v.number({.key = "alpha",
            .label = "Alpha",
            .help = "Strength of the update: it is scaled by alpha / rank. Twice the rank is a good start.",
            .min = 1e-6,
            .max = 1e6},
           alpha);
  v.number({.key = "dropout",
            .label = "Dropout",
            .help = "Share of each adapter's inputs that is dropped in training; helps on small data.",
            .min = 0,
            .max = 0.95},
           dropout);
  v.boolean({.key = "rank_stabilised",
             .label = "Rank-stabilised",
             .help = "Scale by alpha / sqrt(rank) instead (Kalajdzievski 2023): better with large ranks.",
             .level = OptionLevel::advanced},
            rank_stabilised);
  v.text_or_list({.key = "targets",
                  .label = "Layers",
                  .help = "Which linear layers get an adapter: \"all-linear\", a list of name endings such as "
                          "[\"q_proj\", \"v_proj\"], or a regular expression that matches the whole name.",
                  .level = OptionLevel::advanced},
                 targets, targets_is_list);
  v.texts({.key = "modules_to_save",
           .label = "Train whole",
           .help = "Modules that are trained whole and saved beside the adapter; a new head is among them by itself.",
           .level = OptionLevel::advanced},
          modules_to_save);
  v.numbers_by_name({.key = "rank_pattern",
                     .label = "Rank by layer",
                     .help = "Another rank for the layers whose name ends in, or matches, the given pattern.",
                     .min = 1,
                     .max = 4096,
                     .level = OptionLevel::advanced},
                    rank_pattern);
  v.numbers_by_name({.key = "alpha_pattern",
                     .label = "Alpha by layer",
                     .help = "Another alpha for the layers whose name ends in, or matches, the given pattern.",
                     .min = 1e-6,
                     .max = 1e6,
                     .level = OptionLevel::advanced},
                    alpha_pattern);
  v.text({.key = "layers",
          .label = "Blocks",
          .help = "Numbers of the blocks that get adapters, from 0: \"0-3, 7\". Empty: all of them.",
          .level = OptionLevel::advanced},
         layers);
  v.boolean(
      {.key = "dora",
       .label = "Magnitude apart (DoRA)",
       .help = "Learns each weight's length beside its direction (Liu et al. 2024): better at small ranks, slower.",
       .level = OptionLevel::advanced},
      dora);
  v.number(
      {.key = "rate_ratio",
       .label = "Faster B (LoRA+)",
       .help = "The second factor learns so many times as fast as the first (Hayou et al. 2024); 16 is usual, 1 is "
               "plain LoRA.",
       .min = 0.01,
       .max = 1000,
       .level = OptionLevel::advanced},
      rate_ratio);
}

void QloraOptions::describe(OptionVisitor& v) {
  v.choice(
      {.key = "type",
       .label = "Kept as",
       .help = "How the frozen weights are kept: nf4 suits weights best, fp4 is its plain sister, int8 takes twice "
               "the memory and loses less."},
      {"nf4", "fp4", "int8"}, type);
  LoraOptions::describe(v);
  v.integer({.key = "block",
             .label = "Block",
             .help = "So many weights share a scale. Smaller blocks are more exact and take more memory.",
             .unit = "weights",
             .min = 32,
             .max = 4096,
             .level = OptionLevel::advanced},
            block);
  v.boolean({.key = "double_quantisation",
             .label = "Quantise scales",
             .help = "Keeps the scales in 8 bits too, which saves 0.4 bits a weight.",
             .level = OptionLevel::advanced},
            double_quantisation);
}

void LayerwiseOptions::describe(OptionVisitor& v) {
  v.number({.key = "rate_decay",
            .label = "Rate by depth",
            .help = "Each block learns so many times as fast as the one above it; 1: all alike.",
            .min = 0.01,
            .max = 1},
           rate_decay);
  v.choice({.key = "unfreeze",
            .label = "Blocks join",
            .help = "every: one more each time, from the head down; plateau: whenever the validation does not improve; "
                    "given: as the timeline says; none: all train from the start."},
           {"every", "plateau", "given", "none"}, unfreeze);
  v.how_often({.key = "unfreeze_every",
               .label = "One more every",
               .help = "How long until the next block joins.",
               .shown_when = "unfreeze=every"},
              unfreeze_every);
  v.integer({.key = "first_blocks",
             .label = "Blocks at the start",
             .help = "So many blocks train beside the head from the first step.",
             .unit = "blocks",
             .min = 0,
             .max = 1000,
             .level = OptionLevel::advanced},
            first_blocks);
  v.numbers_by_name({.key = "starts",
                     .label = "Timeline",
                     .help = "The epoch in which each block joins; below 0: it stays frozen.",
                     .min = -1,
                     .max = 100000,
                     .shown_when = "unfreeze=given"},
                    starts);
  v.boolean({.key = "train_embeddings",
             .label = "Train embeddings",
             .help = "As the last block. Off: the tables of tokens and positions stay as they are.",
             .level = OptionLevel::advanced},
            train_embeddings);
}

namespace {
void describe_whole(OptionVisitor& v, std::vector<std::string>& modules) {
  v.texts({.key = "modules_to_save",
           .label = "Train whole",
           .help = "Modules that are trained whole and saved beside the adapter; a new head is among them by itself.",
           .level = OptionLevel::advanced},
          modules);
}

void describe_init(OptionVisitor& v, std::string& init, std::string& text) {
  v.choice({.key = "init",
            .label = "Start from",
            .help = "vocabulary: random ordinary tokens; text: a text of yours; random numbers often fail to learn.",
            .level = OptionLevel::advanced},
           {"vocabulary", "text", "random"}, init);
  v.text({.key = "init_text",
          .label = "Text to start from",
          .help = "A description of the task, such as \"Classify whether the review is positive\".",
          .level = OptionLevel::advanced,
          .shown_when = "init=text"},
         text);
}

void describe_length(OptionVisitor& v, std::int64_t& tokens) {
  v.integer({.key = "virtual_tokens",
             .label = "Virtual tokens",
             .help = "How many learned tokens stand before each text. They count against the longest row.",
             .unit = "tokens",
             .min = 1,
             .max = 4096},
            tokens);
}
}  // namespace

void AdapterOptions::describe(OptionVisitor& v) {
  v.integer({.key = "reduction",
             .label = "Reduction",
             .help = "The bottleneck has so many times fewer channels than the model. Lower it when the model does not "
                     "learn enough.",
             .min = 1,
             .max = 1024},
            reduction);
  v.choice({.key = "placement",
            .label = "Placement",
            .help = "pfeiffer: one after each feed-forward; houlsby: one after each attention too, twice the size."},
           {"pfeiffer", "houlsby"}, placement);
  v.choice({.key = "activation",
            .label = "Activation",
            .help = "Between the two projections of the bottleneck.",
            .level = OptionLevel::advanced},
           {"relu", "gelu", "swish", "tanh"}, activation);
  v.number({.key = "dropout",
            .label = "Dropout",
            .help = "Share of each bottleneck's outputs that is dropped in training.",
            .min = 0,
            .max = 0.95,
            .level = OptionLevel::advanced},
           dropout);
  describe_whole(v, modules_to_save);
}

void Ia3Options::describe(OptionVisitor& v) {
  v.text_or_list(
      {.key = "targets",
       .label = "Layers",
       .help = "Which linear layers are scaled: \"auto\" takes keys, values and the feed-forward as the paper "
               "does; else a list of name endings, or a regular expression.",
       .level = OptionLevel::advanced},
      targets, targets_is_list);
  v.texts({.key = "feed_forward",
           .label = "Scale the input of",
           .help = "Of these layers, those whose input is scaled instead of their output; empty: as the paper does.",
           .level = OptionLevel::advanced},
          feed_forward);
  describe_whole(v, modules_to_save);
}

void PromptTuningOptions::describe(OptionVisitor& v) {
  describe_length(v, virtual_tokens);
  describe_init(v, init, init_text);
  describe_whole(v, modules_to_save);
}

void PrefixTuningOptions::describe(OptionVisitor& v) {
  describe_length(v, virtual_tokens);
  describe_init(v, init, init_text);
  v.boolean({.key = "projection",
             .label = "Through a network",
             .help = "The prefix is made by a small network while training, which is steadier with large rates.",
             .level = OptionLevel::advanced},
            projection);
  v.integer({.key = "projection_size",
             .label = "Network's channels",
             .help = "Inner channels of that network.",
             .min = 1,
             .max = 65536,
             .level = OptionLevel::advanced,
             .shown_when = "projection"},
            projection_size);
  describe_whole(v, modules_to_save);
}

const LoraOptions* lora_of(const MethodOptions& method) {
  if (const auto* qlora = std::get_if<QloraOptions>(&method)) return qlora;
  return std::get_if<LoraOptions>(&method);
}

LoraOptions* lora_of(MethodOptions& method) { return const_cast<LoraOptions*>(lora_of(std::as_const(method))); }

const std::vector<MethodEntry>& methods() {
  static const std::vector<MethodEntry> table = {
      {"full", "Full fine-tuning", "Trains every weight: most memory, most freedom.", option_specs<FullOptions>()},
      {"feature_extraction", "Feature extraction",
       "Trains the head alone on what the frozen model says about each text: fastest, for small data.",
       option_specs<FeatureExtractionOptions>()},
      {"layerwise", "Layer-wise",
       "Trains whole blocks, the head first and the lower ones later and slower (Howard and Ruder 2018): keeps what "
       "the "
       "model knows on small data.",
       option_specs<LayerwiseOptions>()},
      {"adapter", "Adapters",
       "Trains small bottlenecks after the frozen sub-layers (Houlsby et al. 2019): several tasks share one model.",
       option_specs<AdapterOptions>(), MethodResult::adapter},
      {"lora", "LoRA",
       "Trains small low-rank updates beside the frozen layers (Hu et al. 2021): little memory, a few megabytes to "
       "share.",
       option_specs<LoraOptions>(), MethodResult::mergeable_adapter},
      {"qlora", "QLoRA",
       "LoRA beside weights that are kept in 4 or 8 bits (Dettmers et al. 2023): for models that hardly fit.",
       option_specs<QloraOptions>(), MethodResult::mergeable_adapter},
      {"ia3", "IA3",
       "Trains a factor for each channel of keys, values and feed-forward (Liu et al. 2022): the fewest weights that "
       "work.",
       option_specs<Ia3Options>(), MethodResult::mergeable_adapter},
      {"prompt_tuning", "Prompt tuning",
       "Trains a few virtual tokens before the text (Lester et al. 2021): tiny files, for large models.",
       option_specs<PromptTuningOptions>(), MethodResult::adapter},
      {"prefix_tuning", "Prefix tuning",
       "Trains keys and values that every layer sees before the text (Li and Liang 2021): for writing text.",
       option_specs<PrefixTuningOptions>(), MethodResult::adapter},
  };
  return table;
}

}  // namespace luthier
