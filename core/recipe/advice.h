#pragma once
// Which methods to try, in which order and why, from what is known of objective, rows, parameters and memory: rules of
// thumb, told as such. Sentences carry their figures as values, so that each head can format and translate them.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "recipe/first_advice.h"
#include "recipe/memory.h"
#include "recipe/outline.h"
#include "recipe/recipe.h"
#include "recipe/support.h"

namespace luthier {

/// What a method would cost with this recipe and model.
struct MethodCost {
  std::int64_t needed_bytes = 0;  ///< estimate of its peak
  std::int64_t trainable = 0;     ///< parameters
  double relative_time = 1;       ///< of a step, by the numbers of products; full fine-tuning is 1
};

struct AdviceFacts {
  std::int64_t rows = 0;  ///< that training sees; 0: not known yet
  std::int64_t parameters = 0;
  bool label_task = false;                   ///< a new head is trained: classification, tagging
  bool preference = false;                   ///< answers are compared with a reference's
  bool from_config = false;                  ///< the weights are drawn anew
  std::int64_t memory_bytes = 0;             ///< available to training; 0: not known
  Change change = Change::rarely;            ///< how often the facts in the answers change
  bool cites = false;                        ///< answers must name their source
  std::map<std::string, MethodCost> costs;   ///< by method kind; without an entry nothing is known of it
  std::map<std::string, Refusal> obstacles;  ///< methods that cannot be used
};

/// A figure in a sentence.
struct AdviceValue {
  enum class Unit { count, bytes, share, method };
  Unit unit = Unit::count;
  double number = 0;
  std::string method;  ///< a kind
};
/// "%1 rows for %2 parameters": each %n stands for a value.
struct AdviceSentence {
  std::string text;
  std::vector<AdviceValue> values;
};

enum class AdviceReason {
  unknown,          ///< rows or model are not there yet: no method is recommended
  from_scratch,     ///< weights drawn anew must all be trained
  memory,           ///< what would be first does not fit
  few_rows,         ///< so few that a frozen model with a new head learns most safely
  small_model,      ///< training every weight costs little
  rows_per_weight,  ///< a large model and moderate data: few trained weights
  very_large,       ///< the weights themselves are most of the memory
  reference         ///< preferences: with an adapter switched off the model is its own reference
};

struct RankedMethod {
  std::string kind;
  bool fits = true;
  Refusal obstacle;  ///< its reason is empty where the method can be used
  MethodCost cost;
  bool cost_known = false;
  AdviceSentence remark;  ///< what speaks for or against it here
};

struct Advice {
  Before before = Before::nothing;    ///< what to try before any fine-tuning
  std::vector<RankedMethod> methods;  ///< all of the catalog, the best first; those that cannot be used last
  AdviceReason reason = AdviceReason::unknown;
  AdviceSentence why;  ///< of the first

  /// Of the recommended method; empty with AdviceReason::unknown.
  std::string kind() const { return reason == AdviceReason::unknown ? std::string() : methods.front().kind; }
};

/// Fewer rows than this count as few; models below or above these sizes as small or very large.
constexpr std::int64_t kFewRows = 100;
constexpr std::int64_t kSmallModelParameters = 150'000'000, kVeryLargeParameters = 3'000'000'000;
/// Below this prompts of virtual tokens learn little.
constexpr std::int64_t kWeakPromptParameters = 1'000'000'000;

Advice advise(const AdviceFacts& facts);

/// Why a method cannot be used with this recipe and model, whatever the data; nothing is refused before the model is
/// known but what the recipe alone rules out.
Refusal method_obstacle(const std::string& kind, const Recipe& recipe, const ModelOutline* model);

/// Time of a step by the products it takes, of full fine-tuning's.
double relative_time(const ModelOutline& model, const MethodOptions& method, const TrainingOptions& training,
                     std::int64_t tokens);

/// Costs and obstacles of every method with its options at their defaults, the recipe's own method as it is.
AdviceFacts advice_facts(const Recipe& recipe, const ModelOutline& model, std::int64_t rows, std::int64_t tokens,
                         std::int64_t memory_bytes);

/// Every sentence that advise, first_advice and method_obstacle can give, for translation.
std::vector<std::string> advice_texts();

}  // namespace luthier
