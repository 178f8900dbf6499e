#include "recipe/advice.h"

#include <algorithm>

namespace luthier {

namespace {
bool fits(const AdviceFacts& facts, const std::string& kind) {
  const auto needed = facts.needed_bytes.find(kind);
  return facts.memory_bytes <= 0 || needed == facts.needed_bytes.end() || needed->second <= facts.memory_bytes;
}
}  // namespace

Advice advise_method(const AdviceFacts& facts) {
  if (facts.from_config) return {"full", AdviceReason::from_scratch};
  if (facts.rows <= 0 || facts.parameters <= 0) return {};
  const bool head_alone = facts.label_task && facts.head_can_train_alone;
  if (head_alone && facts.rows < kFewRows) return {"feature_extraction", AdviceReason::few_rows};
  if (!fits(facts, "full"))
    return {fits(facts, "lora") || !head_alone ? "lora" : "feature_extraction", AdviceReason::memory};
  if (facts.parameters < kSmallModelParameters) return {"full", AdviceReason::small_model};
  return {"lora", AdviceReason::rows_per_weight};
}

MethodObstacle method_obstacle(const std::string& kind, const Recipe& recipe, const ModelOutline* model) {
  if (recipe.model.from_config && kind != "full") return MethodObstacle::from_scratch;
  if (kind != "feature_extraction" || !model) return MethodObstacle::none;
  const bool own_head = std::any_of(model->parameters.begin(), model->parameters.end(),
                                    [](const ParameterOutline& one) { return one.in_head && one.tied_to.empty(); });
  return own_head ? MethodObstacle::none : MethodObstacle::tied_head;
}

}  // namespace luthier
