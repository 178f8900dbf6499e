#pragma once
// The advisor's sentences. %1, %2 ... stand for figures.
#include <string>
#include <vector>

namespace luthier::advice_text {

// What speaks for or against each method.
inline constexpr const char* does_not_fit = "Needs an estimated %1; %2 are available.";
inline constexpr const char* full = "Most freedom, and a result as large as the model.";
inline constexpr const char* full_few_rows = "All of %1 weights for %2 rows: they are easily learned by heart.";
inline constexpr const char* features = "Fastest; good where the pre-trained model sees the difference already.";
inline constexpr const char* features_language =
    "Trains the output layer alone, which changes how a model speaks very little.";
inline constexpr const char* layerwise = "Keeps what the lower blocks know; takes some care with the timeline.";
inline constexpr const char* adapter = "Several tasks share one model; each answer takes a little longer.";
inline constexpr const char* lora = "%1 of the memory of full fine-tuning, and it can be merged.";
inline constexpr const char* lora_plain = "Little memory, and it can be merged.";
inline constexpr const char* qlora = "Saves %1 beside LoRA, and is slower.";
inline constexpr const char* qlora_plain = "The frozen weights take a fourth to an eighth, and steps are slower.";
inline constexpr const char* qlora_nothing = "Saves nothing on a model of this size.";
inline constexpr const char* ia3 = "The smallest file that still learns; less freedom than LoRA.";
inline constexpr const char* prompt = "A tiny file; for large models alone.";
inline constexpr const char* prompt_small = "Weak on models below a billion parameters.";
inline constexpr const char* prefix = "A small file, for writing text; sensitive to how it starts.";

// Why the first is the first.
inline constexpr const char* why_unknown =
    "The advice follows from the number of rows and the size of the model. Choose both first.";
inline constexpr const char* why_from_scratch = "The weights are drawn anew, so every one of them has to be trained.";
inline constexpr const char* why_memory =
    "%1 is estimated at %2, and %3 are free. %4 needs %5 and trains %6 parameters.";
inline constexpr const char* why_few_rows =
    "%1 training rows are few. On the frozen model only the head's %2 parameters learn, instead of %3, so the rows are "
    "not so easily learned by heart.";
inline constexpr const char* why_small =
    "A model of %1 parameters is small: training all of it is estimated at %2 of memory. There is little to save, and "
    "%3 training rows can move every weight.";
inline constexpr const char* why_small_plain =
    "A model of %1 parameters is small: there is little to save, and %2 training rows can move every weight.";
inline constexpr const char* why_large =
    "%1 training rows for %2 parameters: %3 of them are trained, in an estimated %4 of memory instead of %5, and the "
    "frozen model keeps what it knows.";
inline constexpr const char* why_large_plain =
    "%1 training rows for %2 parameters: a small part of them is trained, and the frozen model keeps what it knows.";
inline constexpr const char* why_very_large =
    "Of a model of %1 parameters the weights themselves are most of the memory. %2 needs an estimated %3.";
inline constexpr const char* why_reference =
    "Preferences are learned against the untouched model. With its adapter switched off, %1 is that model itself: no "
    "second copy is held, an estimated %2 in all.";
inline constexpr const char* rule_of_thumb = "This is a rule of thumb: to know, run both and compare them on Runs.";

// Why a method cannot be used.
inline constexpr const char* drawn_anew = "the weights are drawn anew, so they cannot stay frozen";
inline constexpr const char* tied_head =
    "this model's output is its embedding, so there is no head to train apart from it";

inline std::vector<std::string> all() {
  return {does_not_fit,
          full,
          full_few_rows,
          features,
          features_language,
          layerwise,
          adapter,
          lora,
          lora_plain,
          qlora,
          qlora_plain,
          qlora_nothing,
          ia3,
          prompt,
          prompt_small,
          prefix,
          why_unknown,
          why_from_scratch,
          why_memory,
          why_few_rows,
          why_small,
          why_small_plain,
          why_large,
          why_large_plain,
          why_very_large,
          why_reference,
          rule_of_thumb,
          drawn_anew,
          tied_head};
}

}  // namespace luthier::advice_text
