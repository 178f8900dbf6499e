#pragma once
// Which method to start with, from what is known of rows, parameters and memory: rules of thumb, told as such. Gives
// reasons as values, so that each head can word them.
#include <cstdint>
#include <map>
#include <string>

#include "recipe/outline.h"
#include "recipe/recipe.h"

namespace luthier {

struct AdviceFacts {
  std::int64_t rows = 0;    ///< that training sees; 0: not known yet
  std::int64_t labels = 0;  ///< 0 where the objective has none
  std::int64_t parameters = 0;
  bool label_task = false;                           ///< a new head is trained: classification, tagging
  bool from_config = false;                          ///< the weights are drawn anew
  std::int64_t memory_bytes = 0;                     ///< available to training; 0: not known
  std::map<std::string, std::int64_t> needed_bytes;  ///< method kind -> estimate of its peak
  bool head_can_train_alone = true;
};

enum class AdviceReason {
  unknown,         ///< rows or model are not there yet: no method is recommended
  from_scratch,    ///< weights drawn anew must all be trained
  memory,          ///< training every weight does not fit
  few_rows,        ///< so few that a frozen model with a new head learns most safely
  small_model,     ///< training every weight costs little
  rows_per_weight  ///< a large model and moderate data: few trained weights
};

struct Advice {
  std::string kind;  ///< of the recommended method; empty with AdviceReason::unknown
  AdviceReason reason = AdviceReason::unknown;
};

/// Fewer rows than this count as few; models below this as small.
constexpr std::int64_t kFewRows = 100;
constexpr std::int64_t kSmallModelParameters = 150'000'000;

Advice advise_method(const AdviceFacts& facts);

/// Why a method cannot be used with this recipe and model, whatever the data.
enum class MethodObstacle { none, from_scratch, tied_head };
MethodObstacle method_obstacle(const std::string& kind, const Recipe& recipe, const ModelOutline* model);

}  // namespace luthier
