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
}

const std::vector<MethodEntry>& methods() {
  static const std::vector<MethodEntry> table = {
      {"full", "Full fine-tuning", "Trains every weight: most memory, most freedom.", option_specs<FullOptions>()},
      {"feature_extraction", "Feature extraction",
       "Trains the head alone on what the frozen model says about each text: fastest, for small data.",
       option_specs<FeatureExtractionOptions>()},
      {"lora", "LoRA",
       "Trains small low-rank updates beside the frozen layers (Hu et al. 2021): little memory, a few megabytes to "
       "share.",
       option_specs<LoraOptions>()},
  };
  return table;
}

}  // namespace luthier
