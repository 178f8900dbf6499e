#include "recipe/first_advice.h"

namespace luthier {

namespace {

constexpr const char* kRetrieval = "Use retrieval first";
constexpr const char* kPrompt = "Write a prompt first";
constexpr const char* kHead = "Train the head on a frozen model";
constexpr const char* kLora = "Fine-tune with LoRA";
constexpr const char* kAdapt = "Adapt to the field, then fine-tune";

constexpr const char* kCites =
    "A model cannot say where it read something. Let a search find the passages (RAG), and let the model answer from "
    "them: then each answer has its source.";
constexpr const char* kChanging =
    "Facts that change would have to be trained in again and again, and old ones stay in the weights. A search over "
    "the documents (RAG) is up to date as soon as they are.";
constexpr const char* kFactsNeedMany =
    "So few examples teach a model how to talk about new facts, not the facts: it then makes them up. Put the facts "
    "into the prompt by a search (RAG).";
constexpr const char* kFew =
    "Fewer than 50 examples are learned by heart. Put a few of the best into a prompt, collect what goes wrong, and "
    "come back with a few hundred.";
constexpr const char* kLabelSome =
    "Up to a thousand rows with labels are enough for a new head on what a pre-trained model sees in them. If that is "
    "not good enough, LoRA is the next step.";
constexpr const char* kLabelMany =
    "Thousands of labelled rows can move more than a head. LoRA trains a small part of the weights and usually comes "
    "as far as training all.";
constexpr const char* kStyle =
    "Style and format are learned well from 50 to 1,000 good examples. Facts that change would need retrieval (RAG) "
    "instead, because the weights cannot be updated every day.";
constexpr const char* kStyleMany =
    "Style and format are learned well, and thousands of examples leave room to choose the best of them. Begin with "
    "LoRA; train all weights only if that falls short.";
constexpr const char* kField =
    "Lasting knowledge of a field is learned from plain text of it first, with the model's own language objective; the "
    "task comes after that. Have retrieval (RAG) beside it for what must be exact.";

constexpr const char* kMoreFacts =
    "Ovadia et al. 2023 compared both on new facts: retrieval won throughout. Gekhman et al. 2024 found that new facts "
    "are learned slowly and make a model invent more.";
constexpr const char* kMorePrompt =
    "Brown et al. 2020 showed that large models take a task from a few examples in the prompt. It costs nothing to "
    "try, and its failures are the examples to train on later.";
constexpr const char* kMoreTuning =
    "Zhou et al. 2023 taught style with 1,000 chosen examples. PEFT's public comparison (Llama-3.2-3B, GSM8K) gives "
    "LoRA 0.478 and full fine-tuning 0.472, with 57 % of the memory.";
constexpr const char* kMoreLabels =
    "Howard and Ruder 2018 train the head first and the layers below it later, for the same reason: few rows should "
    "not move what the model already knows.";
constexpr const char* kMoreField =
    "Gururangan et al. 2020 found that going on with pre-training on a field's text helps nearly every task of that "
    "field, with few rows most of all.";

}  // namespace

FirstAdvice first_advice(const FirstAnswers& answers) {
  const bool labels = answers.purpose == Purpose::label, facts = answers.purpose == Purpose::facts;
  if (answers.cites) return {Before::retrieval, {}, kRetrieval, kCites, kMoreFacts};
  // What a label means stays, however often new texts come in.
  if (!labels && (answers.change == Change::daily || (facts && answers.change == Change::monthly)))
    return {Before::retrieval, {}, kRetrieval, kChanging, kMoreFacts};
  if (answers.examples == Examples::few) return {Before::prompt, {}, kPrompt, kFew, kMorePrompt};
  if (facts && answers.examples == Examples::some)
    return {Before::retrieval, {}, kRetrieval, kFactsNeedMany, kMoreFacts};
  if (facts) return {Before::nothing, "lora", kAdapt, kField, kMoreField};
  if (labels && answers.examples == Examples::some)
    return {Before::nothing, "feature_extraction", kHead, kLabelSome, kMoreLabels};
  if (labels) return {Before::nothing, "lora", kLora, kLabelMany, kMoreTuning};
  return {Before::nothing, "lora", kLora, answers.examples == Examples::some ? kStyle : kStyleMany, kMoreTuning};
}

std::vector<std::string> first_advice_texts() {
  return {kRetrieval,     kPrompt,     kHead,       kLora,       kAdapt,    kCites,     kChanging,
          kFactsNeedMany, kFew,        kLabelSome,  kLabelMany,  kStyle,    kStyleMany, kField,
          kMoreFacts,     kMorePrompt, kMoreTuning, kMoreLabels, kMoreField};
}

}  // namespace luthier
