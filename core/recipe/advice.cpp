#include "recipe/advice.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "recipe/advice_texts.h"
#include "recipe/catalog.h"
#include "recipe/draft.h"
#include "recipe/trainable.h"

namespace luthier {

namespace {

using Order = std::vector<std::string>;

// Rules of thumb: the best first. Full fine-tuning wins where it costs little, a frozen model where rows are few; few
// trained weights do as well as all on large models (Hu et al. 2021); prompts catch up from about 10 billion parameters
// on (Lester et al. 2021).
const Order kFewRowsOrder = {"feature_extraction", "lora",         "layerwise", "ia3", "adapter", "full", "qlora",
                             "prefix_tuning",      "prompt_tuning"};
const Order kSmallOrder = {"full",  "lora",          "layerwise",     "adapter",           "ia3",
                           "qlora", "prefix_tuning", "prompt_tuning", "feature_extraction"};
const Order kLargeOrder = {"lora", "adapter",       "qlora",         "layerwise",         "full",
                           "ia3",  "prefix_tuning", "prompt_tuning", "feature_extraction"};
const Order kVeryLargeOrder = {"qlora",     "lora", "adapter",           "ia3", "prompt_tuning", "prefix_tuning",
                               "layerwise", "full", "feature_extraction"};
const Order kPreferenceOrder = {"lora",          "qlora",         "adapter",           "ia3", "full", "layerwise",
                                "prefix_tuning", "prompt_tuning", "feature_extraction"};

struct Situation {
  const Order& order;
  AdviceReason reason;
};

Situation situation_of(const AdviceFacts& facts) {
  if (facts.preference) return {kPreferenceOrder, AdviceReason::reference};
  if (facts.label_task && facts.rows < kFewRows) return {kFewRowsOrder, AdviceReason::few_rows};
  if (facts.parameters < kSmallModelParameters) return {kSmallOrder, AdviceReason::small_model};
  if (facts.parameters >= kVeryLargeParameters) return {kVeryLargeOrder, AdviceReason::very_large};
  return {kLargeOrder, AdviceReason::rows_per_weight};
}

AdviceValue count(std::int64_t number) { return {AdviceValue::Unit::count, static_cast<double>(number), {}}; }
AdviceValue bytes(std::int64_t number) { return {AdviceValue::Unit::bytes, static_cast<double>(number), {}}; }
AdviceValue share(double number) { return {AdviceValue::Unit::share, number, {}}; }
AdviceValue named(const std::string& kind) { return {AdviceValue::Unit::method, 0, kind}; }

const MethodCost* cost_of(const AdviceFacts& facts, const std::string& kind) {
  const auto found = facts.costs.find(kind);
  return found == facts.costs.end() ? nullptr : &found->second;
}

bool fits(const AdviceFacts& facts, const std::string& kind) {
  const MethodCost* cost = cost_of(facts, kind);
  return facts.memory_bytes <= 0 || !cost || cost->needed_bytes <= facts.memory_bytes;
}

AdviceSentence remark_on(const AdviceFacts& facts, const std::string& kind) {
  const MethodCost* cost = cost_of(facts, kind);
  if (cost && !fits(facts, kind))
    return {advice_text::does_not_fit, {bytes(cost->needed_bytes), bytes(facts.memory_bytes)}};
  const MethodCost* full = cost_of(facts, "full");
  if (kind == "full") {
    if (facts.rows > 0 && facts.rows < kFewRows)
      return {advice_text::full_few_rows, {count(facts.parameters), count(facts.rows)}};
    return {advice_text::full, {}};
  }
  if (kind == "feature_extraction")
    return {facts.label_task ? advice_text::features : advice_text::features_language, {}};
  if (kind == "layerwise") return {advice_text::layerwise, {}};
  if (kind == "adapter") return {advice_text::adapter, {}};
  if (kind == "lora" && cost && full && full->needed_bytes > 0)
    return {advice_text::lora,
            {share(static_cast<double>(cost->needed_bytes) / static_cast<double>(full->needed_bytes))}};
  if (kind == "lora") return {advice_text::lora_plain, {}};
  if (kind == "qlora") {
    const MethodCost* lora = cost_of(facts, "lora");
    if (!cost || !lora) return {advice_text::qlora_plain, {}};
    if (cost->needed_bytes >= lora->needed_bytes) return {advice_text::qlora_nothing, {}};
    return {advice_text::qlora, {bytes(lora->needed_bytes - cost->needed_bytes)}};
  }
  if (kind == "ia3") return {advice_text::ia3, {}};
  if (kind == "prompt_tuning")
    return {facts.parameters < kWeakPromptParameters ? advice_text::prompt_small : advice_text::prompt, {}};
  return {advice_text::prefix, {}};
}

AdviceSentence why(const AdviceFacts& facts, AdviceReason reason, const RankedMethod& first,
                   const std::string& wanted) {
  const MethodCost* full = cost_of(facts, "full");
  const std::int64_t own_bytes = first.cost.needed_bytes, full_bytes = full ? full->needed_bytes : 0;
  const bool known = first.cost_known && full;
  switch (reason) {
    case AdviceReason::unknown:
      return {advice_text::why_unknown, {}};
    case AdviceReason::from_scratch:
      return {advice_text::why_from_scratch, {}};
    case AdviceReason::memory: {
      const MethodCost* cost = cost_of(facts, wanted);
      return {advice_text::why_memory,
              {named(wanted), bytes(cost ? cost->needed_bytes : 0), bytes(facts.memory_bytes), named(first.kind),
               bytes(own_bytes), count(first.cost.trainable)}};
    }
    case AdviceReason::few_rows:
      return {advice_text::why_few_rows, {count(facts.rows), count(first.cost.trainable), count(facts.parameters)}};
    case AdviceReason::small_model:
      if (!known) return {advice_text::why_small_plain, {count(facts.parameters), count(facts.rows)}};
      return {advice_text::why_small, {count(facts.parameters), bytes(full_bytes), count(facts.rows)}};
    case AdviceReason::rows_per_weight:
      if (!known) return {advice_text::why_large_plain, {count(facts.rows), count(facts.parameters)}};
      return {advice_text::why_large,
              {count(facts.rows), count(facts.parameters), count(first.cost.trainable), bytes(own_bytes),
               bytes(full_bytes)}};
    case AdviceReason::very_large:
      return {advice_text::why_very_large, {count(facts.parameters), named(first.kind), bytes(own_bytes)}};
    case AdviceReason::reference:
      return {advice_text::why_reference, {named(first.kind), bytes(own_bytes)}};
  }
  return {};
}

MethodOptions default_method(const std::string& kind) {
  std::vector<Problem> ignored;
  return read_draft({{"method", {{"kind", kind}}}}, {}, ignored).method;
}

}  // namespace

Advice advise(const AdviceFacts& facts) {
  Advice advice;
  if (facts.cites || facts.change == Change::daily)
    advice.before = facts.label_task && !facts.cites ? Before::nothing : Before::retrieval;
  else if (facts.rows > 0 && facts.rows < kRowsForTuning)
    advice.before = Before::prompt;
  const Situation situation = situation_of(facts);
  for (const std::string& kind : situation.order) {
    RankedMethod method{.kind = kind, .fits = fits(facts, kind)};
    if (const auto found = facts.obstacles.find(kind); found != facts.obstacles.end()) method.obstacle = found->second;
    if (facts.from_config && kind != "full" && method.obstacle.reason.empty())
      method.obstacle = {advice_text::drawn_anew, "full"};
    if (const MethodCost* cost = cost_of(facts, kind)) {
      method.cost = *cost;
      method.cost_known = true;
    }
    method.remark = remark_on(facts, kind);
    advice.methods.push_back(std::move(method));
  }
  const auto level = [](const RankedMethod& method) {
    return !method.obstacle.reason.empty() ? 2 : method.fits ? 0 : 1;
  };
  const auto wanted = std::find_if(advice.methods.begin(), advice.methods.end(), [&](const RankedMethod& method) {
                        return level(method) < 2;
                      })->kind;
  std::stable_sort(advice.methods.begin(), advice.methods.end(),
                   [&](const RankedMethod& a, const RankedMethod& b) { return level(a) < level(b); });
  const RankedMethod& first = advice.methods.front();
  if (facts.from_config)
    advice.reason = AdviceReason::from_scratch;
  else if (facts.rows > 0 && facts.parameters > 0)
    advice.reason = first.kind != wanted ? AdviceReason::memory : situation.reason;
  advice.why = why(facts, advice.reason, first, wanted);
  return advice;
}

Refusal method_obstacle(const std::string& kind, const Recipe& recipe, const ModelOutline* model) {
  if (recipe.model.from_config && kind != "full") return {advice_text::drawn_anew, "full"};
  if (!model) return {};
  for (const FamilyEntry& family : families())
    if (family.kind == model->family) {
      const std::string wanted = kind_of(recipe.objective);
      const ObjectiveEntry& objective = objective_entry(wanted);
      if (!why_not(family, objective).empty()) break;  // another model is needed, not another method
      if (Refusal refusal = refusal_of(family, objective, method_entry(kind)); !refusal.reason.empty()) return refusal;
    }
  const bool own_head = std::any_of(model->parameters.begin(), model->parameters.end(),
                                    [](const ParameterOutline& one) { return one.in_head && one.tied_to.empty(); });
  if (kind == "feature_extraction" && !own_head) return {advice_text::tied_head, "lora"};
  return {};
}

double relative_time(const ModelOutline& model, const MethodOptions& method, const TrainingOptions& training,
                     std::int64_t tokens) {
  // In forward passes: one forward, as much again for gradients to pass through what has a graph, and as much again for
  // the gradients of weights that train (Kaplan et al. 2020 count 1 : 2 in all).
  const std::vector<bool> which = trained_parameters(model, method);
  double weights = 0, trained = 0;
  for (std::size_t i = 0; i < which.size(); ++i) {
    const ParameterOutline& one = model.parameters[i];
    if (one.kind != ParameterOutline::Kind::linear && one.kind != ParameterOutline::Kind::convolution) continue;
    weights += static_cast<double>(one.elements());
    if (which[i]) trained += static_cast<double>(one.elements());
  }
  if (weights <= 0) return 1;
  const bool head_alone = std::holds_alternative<FeatureExtractionOptions>(method);
  double passes = 1 + (head_alone ? 0 : 1) + trained / weights;
  if (training.recompute && !head_alone) passes += 1;
  const double added = static_cast<double>(added_parameters(model, method)) / weights;
  const auto* lora = lora_of(method);
  const bool per_token = lora || std::holds_alternative<AdapterOptions>(method);
  if (per_token) passes += 3 * added;
  if (lora && lora->dora) passes += 0.5;                            // the weight's norms, every step
  if (std::holds_alternative<QloraOptions>(method)) passes += 0.5;  // dequantised forward and backward
  if (const auto* prompt = std::get_if<PromptTuningOptions>(&method))
    passes *= 1 + static_cast<double>(prompt->virtual_tokens) / static_cast<double>(std::max<std::int64_t>(1, tokens));
  return passes / 3;
}

AdviceFacts advice_facts(const Recipe& recipe, const ModelOutline& model, std::int64_t rows, std::int64_t tokens,
                         std::int64_t memory_bytes) {
  AdviceFacts facts;
  const std::string kind = kind_of(recipe.objective);
  const ObjectiveEntry& objective = objective_entry(kind);
  facts.rows = rows;
  facts.parameters = model.total_parameters;
  facts.label_task = objective.has_labels();
  facts.preference = objective.kind == "preference";
  facts.from_config = recipe.model.from_config;
  facts.memory_bytes = memory_bytes;
  for (const MethodEntry& entry : methods()) {
    if (Refusal refusal = method_obstacle(entry.kind, recipe, &model); !refusal.reason.empty())
      facts.obstacles[entry.kind] = std::move(refusal);
    Recipe changed = recipe;
    if (kind_of(recipe.method) != entry.kind) changed.method = default_method(entry.kind);
    try {
      facts.costs[entry.kind] = {
          estimate_memory(model, changed.method, changed.training, batch_content(changed, tokens)).total(),
          trainable_parameters(model, changed.method), relative_time(model, changed.method, changed.training, tokens)};
    } catch (const Error&) {
      facts.costs.erase(entry.kind);  // a broken expression for its layers: the recipe's problems say so
    }
  }
  return facts;
}

std::vector<std::string> advice_texts() {
  std::vector<std::string> texts = advice_text::all();
  for (const auto& more : {first_advice_texts(), method_reasons()}) texts.insert(texts.end(), more.begin(), more.end());
  return texts;
}

}  // namespace luthier
