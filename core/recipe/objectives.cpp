#include "recipe/catalog.h"
#include "recipe/recipe.h"

namespace luthier {

namespace {
void describe_focal(OptionVisitor& v, double& gamma) {
  v.number({.key = "focal_gamma",
            .label = "Focal loss",
            .help = "Rows that the model gets right already count less (Lin et al. 2017); 2 is usual, 0 is off.",
            .min = 0,
            .max = 10,
            .level = OptionLevel::advanced},
           gamma);
}

void describe_template(OptionVisitor& v, std::string& name) {
  v.choice({.key = "chat_template",
            .label = "Template",
            .help = "How conversations and instructions become text; auto: as the model's own template says.",
            .level = OptionLevel::advanced},
           {"auto", "chatml", "llama3", "alpaca", "plain"}, name);
}
}  // namespace

void ClassificationOptions::describe(OptionVisitor& v) {
  v.choice({.key = "class_weights",
            .label = "Weigh labels",
            .help = "balanced: rare labels count more, so that each label counts alike; given: as the table says.",
            .level = OptionLevel::advanced},
           {"none", "balanced", "given"}, class_weights);
  v.numbers_by_name({.key = "label_weights",
                     .label = "Weight by label",
                     .help = "How much a row of each label counts; labels that are not named count 1.",
                     .min = 0,
                     .max = 1e6,
                     .level = OptionLevel::advanced,
                     .shown_when = "class_weights=given"},
                    label_weights);
  describe_focal(v, focal_gamma);
}

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
  v.choice(
      {.key = "loss_on",
       .label = "Learn from",
       .help = "With a prompt and a completion column: learn to write the completion only, or the prompt as well. "
               "In conversations the completion is what the assistant says. Rows of plain text always count whole."},
      {"completion", "all"}, loss_on);
  describe_template(v, chat_template);
  v.text({.key = "system",
          .label = "System prompt",
          .help = "Put before conversations that have none of their own.",
          .level = OptionLevel::advanced},
         system);
}

void RegressionOptions::describe(OptionVisitor&) {}

void MultiLabelOptions::describe(OptionVisitor& v) {
  v.text({.key = "separator",
          .label = "Separator",
          .help = "What stands between the labels of one row, where the column holds text and no list.",
          .level = OptionLevel::advanced},
         separator);
  v.number({.key = "threshold",
            .label = "Threshold",
            .help = "A label is given when its probability is at least this.",
            .min = 0.01,
            .max = 0.99,
            .level = OptionLevel::advanced},
           threshold);
  v.boolean({.key = "balanced",
             .label = "Weigh rare labels",
             .help = "Rows that have a rare label count more for it.",
             .level = OptionLevel::advanced},
            balanced);
  describe_focal(v, focal_gamma);
}

void Seq2SeqOptions::describe(OptionVisitor& v) {
  v.text({.key = "prefix",
          .label = "Prefix",
          .help = "Put before every input text, as the model was pre-trained: \"translate English to German: \"."},
         prefix);
  v.integer({.key = "max_target_tokens",
             .label = "Longest target",
             .help = "Longer targets are cut.",
             .unit = "tokens",
             .min = 2,
             .max = 4096},
            max_target_tokens);
  v.integer({.key = "beams",
             .label = "Beams",
             .help = "Answers followed side by side when metrics are made; 1 takes the likeliest token each time.",
             .min = 1,
             .max = 64,
             .level = OptionLevel::advanced},
            beams);
  v.integer({.key = "judged_rows",
             .label = "Rows answered",
             .help = "At most so many rows are answered in full at an evaluation, which takes time; 0: all.",
             .unit = "rows",
             .min = 0,
             .max = 1e9,
             .level = OptionLevel::advanced},
            judged_rows);
  v.text({.key = "language",
          .label = "Language",
          .help = "Whisper: the language of the recordings, such as en or de.",
          .level = OptionLevel::advanced},
         language);
  v.choice({.key = "task",
            .label = "Task",
            .help = "Whisper: write down what is said, or its English translation.",
            .level = OptionLevel::advanced},
           {"transcribe", "translate"}, task);
}

void CtcOptions::describe(OptionVisitor&) {}

void PreferenceOptions::describe(OptionVisitor& v) {
  v.choice({.key = "loss",
            .label = "Loss",
            .help = "dpo is the usual one; ipo and hinge hold back where answers hardly differ; simpo and orpo need no "
                    "reference; kto learns from single answers that are good or bad."},
           {"dpo", "ipo", "hinge", "simpo", "orpo", "kto"}, loss);
  v.number({.key = "beta",
            .label = "Beta",
            .help = "How strongly the model is held to the reference: higher stays nearer.",
            .min = 1e-4,
            .max = 100},
           beta);
  v.number({.key = "label_smoothing",
            .label = "Wrong pairs",
            .help = "Share of pairs that may be the wrong way round (conservative DPO).",
            .min = 0,
            .max = 0.49,
            .level = OptionLevel::advanced,
            .shown_when = "loss=dpo"},
           label_smoothing);
  v.number({.key = "target_margin",
            .label = "Margin",
            .help = "How much better the chosen answer shall be, as a share of beta.",
            .min = 0,
            .max = 100,
            .level = OptionLevel::advanced,
            .shown_when = "loss=simpo"},
           target_margin);
  v.number({.key = "sft_weight",
            .label = "Also learn the chosen answer",
            .help = "Adds the chosen answer's own loss, times this: keeps the model fluent.",
            .min = 0,
            .max = 100,
            .level = OptionLevel::advanced},
           sft_weight);
  v.number({.key = "desirable_weight",
            .label = "Weight of good answers",
            .help = "Raise it where good answers are rare.",
            .min = 0,
            .max = 100,
            .level = OptionLevel::advanced,
            .shown_when = "loss=kto"},
           desirable_weight);
  v.number({.key = "undesirable_weight",
            .label = "Weight of bad answers",
            .help = "Raise it where bad answers are rare.",
            .min = 0,
            .max = 100,
            .level = OptionLevel::advanced,
            .shown_when = "loss=kto"},
           undesirable_weight);
  describe_template(v, chat_template);
}

const std::vector<ObjectiveEntry>& objectives() {
  static const std::vector<ObjectiveEntry> table = {
      {.kind = "classification",
       .label = "Classify",
       .help = "One label for each text, pair of texts, image or recording.",
       .heads = {"sequence_classification", "image_classification", "audio_classification"},
       .role_sets = {{"text", "label"}},
       .optional_roles = {"text_pair", "split", "weight"},
       .metrics = {"accuracy", "f1", "precision", "recall", "mcc", "roc_auc", "top5_accuracy", "calibration_error",
                   "loss"},
       .options = option_specs<ClassificationOptions>(),
       .modalities = {"text", "image", "audio"}},
      {.kind = "tagging",
       .label = "Tag words",
       .help = "One tag for each word: names, parts of speech.",
       .heads = {"token_classification"},
       .role_sets = {{"tokens", "tags"}},
       .optional_roles = {"split", "weight"},
       .metrics = {"entity_f1", "entity_precision", "entity_recall", "token_f1", "token_accuracy", "loss"},
       .options = option_specs<TaggingOptions>()},
      {.kind = "masked_lm",
       .label = "Fill in masked words",
       .help = "Pre-trains an encoder, or adapts it to the language of a field, on plain text.",
       .heads = {"masked_lm"},
       .role_sets = {{"text"}},
       .optional_roles = {"split", "weight"},
       .metrics = {"loss", "perplexity", "token_accuracy"},
       .options = option_specs<MaskedLmOptions>()},
      {.kind = "causal_lm",
       .label = "Continue text",
       .help = "Teaches a language model to answer prompts, or to write in the manner of plain text.",
       .heads = {"causal_lm"},
       .role_sets = {{"text"}, {"prompt", "completion"}, {"messages"}, {"instruction", "response"}},
       .optional_roles = {"input", "system", "tools", "split", "weight"},
       .metrics = {"loss", "perplexity", "token_accuracy"},
       .options = option_specs<CausalLmOptions>()},
      {.kind = "regression",
       .label = "Predict a number",
       .help = "A number for each text, pair of texts, image or recording: a rating, a similarity.",
       .heads = {"sequence_classification", "image_classification", "audio_classification"},
       .role_sets = {{"text", "label"}},
       .optional_roles = {"text_pair", "split", "weight"},
       .metrics = {"pearson", "spearman", "mse", "loss"},
       .options = option_specs<RegressionOptions>(),
       .modalities = {"text", "image", "audio"}},
      {.kind = "multi_label",
       .label = "Give several labels",
       .help = "Any number of labels for each text, image or recording, each given or not by itself.",
       .heads = {"sequence_classification", "image_classification", "audio_classification"},
       .role_sets = {{"text", "label"}},
       .optional_roles = {"text_pair", "split", "weight"},
       .metrics = {"f1", "micro_f1", "roc_auc", "exact_match", "loss"},
       .options = option_specs<MultiLabelOptions>(),
       .modalities = {"text", "image", "audio"}},
      {.kind = "seq2seq",
       .label = "Turn into text",
       .help = "Translates, summarises or rewrites a text; writes down what a recording says.",
       .heads = {"seq2seq_lm"},
       .role_sets = {{"text", "target"}},
       .optional_roles = {"split", "weight"},
       .metrics = {"bleu", "chrf", "rouge1", "rouge2", "rouge_l", "exact_match", "token_accuracy", "loss"},
       .options = option_specs<Seq2SeqOptions>(),
       .modalities = {"text", "audio"},
       .audio_metrics = {"wer", "cer", "exact_match", "token_accuracy", "loss"}},
      {.kind = "ctc",
       .label = "Spell recordings",
       .help = "Writes down a recording letter by letter, frame by frame (CTC).",
       .heads = {"ctc"},
       .role_sets = {{"text", "target"}},
       .optional_roles = {"split", "weight"},
       .metrics = {"wer", "cer", "exact_match", "loss"},
       .options = option_specs<CtcOptions>(),
       .modalities = {"audio"}},
      {.kind = "preference",
       .label = "Prefer better answers",
       .help = "Teaches a language model which of two answers people like better (DPO and its kin).",
       .heads = {"causal_lm"},
       .role_sets = {{"prompt", "chosen", "rejected"},
                     {"chosen", "rejected"},
                     {"messages", "chosen", "rejected"},
                     {"prompt", "completion", "desirable"},
                     {"messages", "desirable"}},
       .optional_roles = {"system", "split", "weight"},
       .metrics = {"preference_accuracy", "reward_margin", "chosen_reward", "rejected_reward", "loss"},
       .options = option_specs<PreferenceOptions>()},
  };
  return table;
}

}  // namespace luthier
