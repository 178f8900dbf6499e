#include "recipe/support.h"

#include <algorithm>

#include "base/strings.h"

namespace luthier {

namespace {

std::string list_of(const std::vector<std::string>& items) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i)
    text += (i == 0 ? "" : i + 1 == items.size() ? " and " : ", ") + items[i];
  return text;
}

/// What a family reads, in the plural.
std::string inputs_of(const std::string& modality) {
  if (modality == "image") return "images";
  if (modality == "audio") return "recordings";
  return modality;
}

/// Why a family that reads what the objective is for still has no head for it.
std::string missing_head(const FamilyEntry& family, const ObjectiveEntry& objective) {
  const bool goes_on = contains(family.heads, "causal_lm"), fills_gaps = contains(family.heads, "masked_lm"),
             answers = contains(family.heads, "seq2seq_lm");
  if (objective.kind == "causal_lm")
    return answers ? "answers an input instead of going on from it: see seq2seq"
                   : "sees a text from both sides, so it fills gaps but cannot go on";
  if (objective.kind == "masked_lm")
    return goes_on ? "reads from left to right, so it goes on but cannot fill gaps: see causal_lm"
                   : "is trained by whole answers, not single masked words: see seq2seq";
  if (objective.kind == "seq2seq")
    return goes_on      ? "has no encoder: put the input into the prompt, see causal_lm"
           : fills_gaps ? "has no decoder that could write an answer"
                        : "has no decoder: it spells frame by frame, see ctc";
  if (objective.kind == "preference")
    return answers ? "answers an input instead of going on from it: preferences are learned by models that go on"
                   : "has no decoder that could write the answers";
  if (objective.kind == "ctc") return "writes with a decoder, not frame by frame: see seq2seq";
  if (objective.kind == "tagging")
    return answers ? "has no head that labels words: write the labels as text, see seq2seq"
                   : "has no head that labels words";
  return answers ? "has no head that labels a whole input: write the answer as text, see seq2seq"
                 : "has no head that labels a whole input";
}

bool is_convolutional(const FamilyEntry& family) { return family.kind == "resnet" || family.kind == "efficientnet"; }

/// When a method does not go with a family or an objective that go together.
struct MethodRule {
  const char* method;
  bool (*applies)(const FamilyEntry& family, const ObjectiveEntry& objective);
  const char* reason;
  const char* instead;
};

bool convolves(const FamilyEntry& family, const ObjectiveEntry&) { return is_convolutional(family); }
bool sees(const FamilyEntry& family, const ObjectiveEntry&) { return family.modality == "image"; }
bool hears(const FamilyEntry& family, const ObjectiveEntry&) { return family.modality == "audio"; }
bool prefers(const FamilyEntry&, const ObjectiveEntry& objective) { return objective.kind == "preference"; }
bool fills_gaps(const FamilyEntry&, const ObjectiveEntry& objective) { return objective.kind == "masked_lm"; }
bool keeps_to_itself(const FamilyEntry& family, const ObjectiveEntry&) { return family.kind == "distilbert"; }

// What PEFT and the adapters library can do where they are the measure, else what makes sense. The first rule counts.
constexpr MethodRule kMethodRules[] = {
    {"adapter", convolves, "the model has no attention and feed-forward for a bottleneck to stand behind", "lora"},
    {"qlora", convolves, "the model's weights are convolutions and batch norms, which few bits spoil", "lora"},
    {"prompt_tuning", sees, "the model reads pixels: there are no tokens for a prompt to stand before", "lora"},
    {"prompt_tuning", hears, "the model reads sound: there are no tokens for a prompt to stand before", "lora"},
    {"prompt_tuning", fills_gaps,
     "masked words are learned all over the model: a few virtual tokens are too little for them", "lora"},
    {"prompt_tuning", prefers, "preferences move whole answers: a few virtual tokens are too weak for them", "lora"},
    {"prefix_tuning", sees, "the model keeps no keys and values of earlier tokens", "lora"},
    {"prefix_tuning", hears, "the model keeps no keys and values of earlier tokens", "lora"},
    {"prefix_tuning", fills_gaps,
     "masked words are learned all over the model: a few virtual tokens are too little for them", "lora"},
    {"prefix_tuning", keeps_to_itself, "the model takes no keys and values from outside", "prompt_tuning"},
    {"prefix_tuning", prefers, "preferences move whole answers: a few virtual tokens are too weak for them", "lora"},
};

}  // namespace

std::string why_not(const FamilyEntry& family, const ObjectiveEntry& objective) {
  if (!contains(objective.modalities, family.modality)) {
    std::vector<std::string> wanted;
    for (const std::string& modality : objective.modalities) wanted.push_back(inputs_of(modality));
    return "reads " + inputs_of(family.modality) + "; this objective is for " + list_of(wanted);
  }
  return head_for(objective, family).empty() ? missing_head(family, objective) : std::string();
}

Refusal refusal_of(const FamilyEntry& family, const ObjectiveEntry& objective, const MethodEntry& method) {
  if (const std::string reason = why_not(family, objective); !reason.empty()) return {reason, {}};
  for (const MethodRule& rule : kMethodRules)
    if (method.kind == rule.method && rule.applies(family, objective)) return {rule.reason, rule.instead};
  return {};
}

std::string why_not(const FamilyEntry& family, const ObjectiveEntry& objective, const MethodEntry& method) {
  return refusal_of(family, objective, method).reason;
}

std::vector<std::string> method_reasons() {
  std::vector<std::string> reasons;
  for (const MethodRule& rule : kMethodRules)
    if (!contains(reasons, rule.reason)) reasons.push_back(rule.reason);
  return reasons;
}

std::string condition_of(const FamilyEntry& family, const ObjectiveEntry& objective, const MethodEntry& method) {
  const std::string head = head_for(objective, family);
  if (!why_not(family, objective, method).empty()) return {};
  if (method.kind == "feature_extraction" && (head == "causal_lm" || head == "seq2seq_lm"))
    return "with an output layer of its own (tie_word_embeddings false)";
  if (method.kind == "prefix_tuning" && head == "seq2seq_lm")
    return "with as many layers in the decoder as in the encoder";
  return {};
}

std::string support_table() {
  std::string text =
      "# What goes with what\n\n"
      "Every family of models with every objective and method. Written by `luthier-cli describe --table` from the "
      "catalogs; a test holds this file to them, and another trains, saves and opens again a small model of every row "
      "that has a head.\n";
  for (const FamilyEntry& family : families()) {
    text += "\n## " + family.label + "\n\n" + family.help + " Reads " + inputs_of(family.modality) +
            "; `model_type`: " + list_of(family.model_types) + ".\n\n| Objective | Head |";
    for (const MethodEntry& method : methods()) text += " " + method.label + " |";
    text += "\n|---|---|";
    for (std::size_t i = 0; i < methods().size(); ++i) text += "---|";
    text += "\n";
    for (const ObjectiveEntry& objective : objectives()) {
      const std::string head = why_not(family, objective).empty() ? head_for(objective, family) : "none";
      text += "| " + objective.label + " (" + objective.kind + ") | " + head + " |";
      for (const MethodEntry& method : methods()) {
        const Refusal refusal = refusal_of(family, objective, method);
        const std::string condition = condition_of(family, objective, method);
        std::string no = "no: " + refusal.reason;
        if (!refusal.instead.empty()) no += "; take " + method_entry(refusal.instead).label;
        text += " " + (!refusal.reason.empty() ? no : condition.empty() ? "yes" : "yes, " + condition) + " |";
      }
      text += "\n";
    }
  }
  return text;
}

}  // namespace luthier
