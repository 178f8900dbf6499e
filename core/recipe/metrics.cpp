#include "recipe/catalog.h"

namespace luthier {

const std::vector<MetricEntry>& metrics() {
  static const std::vector<MetricEntry> table = {
      {"accuracy", "Accuracy", "Share of rows with the right label.", true},
      {"f1", "F1", "Harmonic mean of precision and recall of each label, then the mean over labels.", true},
      {"precision", "Precision", "Of the rows given a label, the share that has it; mean over labels.", true},
      {"recall", "Recall", "Of the rows that have a label, the share that was given it; mean over labels.", true},
      {"token_f1", "Token F1", "F1 of each tag over the tokens that carry loss, then the mean over the tags but \"O\".",
       true},
      {"token_accuracy", "Token accuracy", "Share of the tokens that carry loss and were predicted right.", true},
      {"entity_f1", "Entity F1",
       "F1 over whole entities, right only with the right bounds and type, where tags spell some (B-PER, I-PER, O).",
       true},
      {"entity_precision", "Entity precision", "Of the entities found, the share that is right.", true},
      {"entity_recall", "Entity recall", "Of the entities in the data, the share that was found.", true},
      {"micro_f1", "Micro F1", "F1 over all labels of all rows together.", true},
      {"mcc", "Matthews correlation", "Correlation of true and predicted labels: 0 is guessing, 1 is perfect.", true},
      {"roc_auc", "ROC AUC", "How often a row with the label gets a higher score than one without; mean over labels.",
       true},
      {"top5_accuracy", "Top-5 accuracy",
       "Share of rows whose label is among the five likeliest; with more than five labels.", true},
      {"calibration_error", "Calibration error",
       "How far stated probabilities are from the share that is right (15 bins).", false},
      {"exact_match", "Exact match", "Share of rows whose whole answer is right.", true},
      {"pearson", "Pearson correlation", "Whether predicted numbers rise with the true ones, in a straight line.",
       true},
      {"spearman", "Spearman correlation", "Whether predicted numbers have the order of the true ones.", true},
      {"mse", "Mean squared error", "Mean of the squared differences.", false},
      {"bleu", "BLEU", "Overlap of word sequences with the reference, 0 to 100 (sacreBLEU's definition).", true},
      {"chrf", "chrF", "Overlap of letter sequences with the reference, 0 to 100.", true},
      {"rouge1", "ROUGE-1", "F1 of single words shared with the reference, mean over rows.", true},
      {"rouge2", "ROUGE-2", "F1 of word pairs shared with the reference.", true},
      {"rouge_l", "ROUGE-L", "F1 of the longest word sequence shared with the reference.", true},
      {"wer", "Word error rate", "Words to change, drop or add to reach the reference, per word of it.", false},
      {"cer", "Character error rate", "Letters to change, drop or add to reach the reference, per letter of it.",
       false},
      {"preference_accuracy", "Preference accuracy",
       "How often the better answer gains more than the worse one: share of pairs, or of single answers on their side.",
       true},
      {"reward_margin", "Reward margin", "How much further the better answer gained than the worse one.", true},
      {"chosen_reward", "Reward of good answers",
       "How much likelier good answers became than the reference finds them, times beta.", true},
      {"rejected_reward", "Reward of bad answers",
       "How much likelier bad answers became than the reference finds them, times beta.", false},
      {"loss", "Loss", "Mean of what training minimises, over what carries loss, without label smoothing.", false},
      {"perplexity", "Perplexity", "exp(loss): among how many equally likely tokens the model hesitates.", false},
  };
  return table;
}

}  // namespace luthier
