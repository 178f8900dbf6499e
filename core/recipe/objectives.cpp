#include "recipe/catalog.h"
#include "recipe/recipe.h"

namespace luthier {

void ClassificationOptions::describe(OptionVisitor&) {}

void TaggingOptions::describe(OptionVisitor& v) {
  v.choice(
      {.key = "label_on",
       .label = "Label on",
       .help = "A word may be cut into several tokens: train on the first of them only, or give each the word's tag.",
       .level = OptionLevel::advanced},
      {"first", "all"}, label_on);
}

void MaskedLmOptions::describe(OptionVisitor& v) {
  v.number({.key = "mask_share",
            .label = "Masked share",
            .help = "Share of the ordinary tokens that the model has to guess.",
            .min = 0.01,
            .max = 0.9},
           mask_share);
  v.number({.key = "mask_token",
            .label = "Replaced by the mask",
            .help = "Of the tokens to guess, the share that is replaced by the mask token.",
            .min = 0,
            .max = 1,
            .level = OptionLevel::advanced},
           mask_token);
  v.number({.key = "random_token",
            .label = "Replaced at random",
            .help = "Of the tokens to guess, the share that is replaced by a random token; the rest stays as it is.",
            .min = 0,
            .max = 1,
            .level = OptionLevel::advanced},
           random_token);
  v.boolean({.key = "whole_words",
             .label = "Whole words",
             .help = "Mask all tokens of a word together, which makes the task harder and the model a little better.",
             .level = OptionLevel::advanced},
            whole_words);
}

void CausalLmOptions::describe(OptionVisitor& v) {
  v.choice({.key = "loss_on",
            .label = "Learn from",
            .help = "With a prompt and a completion column: learn to write the completion only, or the prompt as well. "
                    "Rows of plain text always count whole."},
           {"completion", "all"}, loss_on);
}

const std::vector<ObjectiveEntry>& objectives() {
  static const std::vector<ObjectiveEntry> table = {
      {.kind = "classification",
       .label = "Classify text",
       .help = "One label for each text, or for each pair of texts.",
       .head = "sequence_classification",
       .roles = {"text", "label"},
       .other_roles = {},
       .optional_roles = {"text_pair", "split"},
       .metrics = {"accuracy", "f1", "precision", "recall", "loss"},
       .options = option_specs<ClassificationOptions>()},
      {.kind = "tagging",
       .label = "Tag words",
       .help = "One tag for each word: names, parts of speech.",
       .head = "token_classification",
       .roles = {"tokens", "tags"},
       .other_roles = {},
       .optional_roles = {"split"},
       .metrics = {"token_f1", "token_accuracy", "loss"},
       .options = option_specs<TaggingOptions>()},
      {.kind = "masked_lm",
       .label = "Fill in masked words",
       .help = "Pre-trains an encoder, or adapts it to the language of a field, on plain text.",
       .head = "masked_lm",
       .roles = {"text"},
       .other_roles = {},
       .optional_roles = {"split"},
       .metrics = {"loss", "perplexity", "token_accuracy"},
       .options = option_specs<MaskedLmOptions>()},
      {.kind = "causal_lm",
       .label = "Continue text",
       .help = "Teaches a language model to answer prompts, or to write in the manner of plain text.",
       .head = "causal_lm",
       .roles = {"text"},
       .other_roles = {"prompt", "completion"},
       .optional_roles = {"split"},
       .metrics = {"loss", "perplexity", "token_accuracy"},
       .options = option_specs<CausalLmOptions>()},
  };
  return table;
}

}  // namespace luthier
