#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "recipe/advice.h"
#include "recipe/catalog.h"
#include "recipe/preflight.h"

namespace luthier {

namespace {

std::int64_t longest_batch_width(const MemorySetting& setting) {
  const std::int64_t longest = setting.lengths.longest();
  // Recordings are cut by their seconds, before they are frames.
  const bool reads_text = modality_of(setting.recipe.data) == "text";
  return std::max<std::int64_t>(1, reads_text ? std::min(longest, setting.recipe.data.max_tokens) : longest);
}

/// Tokens of the longest row, or where rows are packed, what each of the longest ones has in the mean.
std::int64_t tokens_a_row(const MemorySetting& setting, std::int64_t rows) {
  const std::int64_t width = longest_batch_width(setting);
  if (setting.recipe.training.batching != "packed" || rows <= 0) return width;
  std::int64_t left = rows, tokens = 0;
  const auto& counts = setting.lengths.rows_by_length;
  for (auto at = counts.rbegin(); at != counts.rend() && left > 0; ++at) {
    const std::int64_t taken = std::min(left, at->second);
    tokens += taken * std::min(at->first, width);
    left -= taken;
  }
  return std::max<std::int64_t>(1, (tokens + rows - 1) / rows);
}

/// The estimate with some of the recipe changed.
std::int64_t total_with(const MemorySetting& setting, const Recipe& changed) {
  return estimated_total(
      {changed, setting.model, setting.lengths, setting.two_byte_computation, setting.correction, setting.on_gpu});
}

std::string assignment(const std::string& path, std::int64_t value) { return path + "=" + std::to_string(value); }

/// Halves the batch until it fits, with as much more accumulation; nullopt-like empty fix when one row is too much.
PreflightFix smaller_batch(const MemorySetting& setting, std::int64_t limit_bytes) {
  Recipe changed = setting.recipe;
  TrainingOptions& training = changed.training;
  const std::int64_t before = training.batch_size;
  while (training.batch_size > 1) {
    training.batch_size = (training.batch_size + 1) / 2;
    training.gradient_accumulation =
        (before * setting.recipe.training.gradient_accumulation + training.batch_size - 1) / training.batch_size;
    const std::int64_t total = total_with(setting, changed);
    if (total > limit_bytes) continue;
    const bool halved = training.batch_size * 2 == before && setting.recipe.training.gradient_accumulation == 1;
    const std::string what = halved ? "Halve the batch and accumulate twice"
                                    : "Batch of " + std::to_string(training.batch_size) + ", accumulate " +
                                          std::to_string(training.gradient_accumulation);
    return {what + ": " + size_text(total),
            {assignment("training.batch_size", training.batch_size),
             assignment("training.gradient_accumulation", training.gradient_accumulation)}};
  }
  return {};
}

/// One edit that changes no result but the time it takes, or hardly: what `label` says.
PreflightFix setting_changed(const MemorySetting& setting, std::int64_t limit_bytes, const Recipe& changed,
                             const std::string& label, const std::string& edit) {
  const std::int64_t total = total_with(setting, changed);
  if (total > limit_bytes || total >= estimated_total(setting)) return {};
  return {label + ": " + size_text(total), {edit}};
}

PreflightFix recompute(const MemorySetting& setting, std::int64_t limit_bytes) {
  Recipe changed = setting.recipe;
  if (changed.training.recompute || setting.model.sizes.map_values > 0) return {};
  changed.training.recompute = true;
  return setting_changed(setting, limit_bytes, changed, "Recompute activations, a third slower",
                         "training.recompute=true");
}

PreflightFix small_moments(const MemorySetting& setting, std::int64_t limit_bytes) {
  Recipe changed = setting.recipe;
  if (changed.training.optimizer == "adamw_8bit") return {};
  changed.training.optimizer = "adamw_8bit";
  return setting_changed(setting, limit_bytes, changed, "Keep the optimizer's moments in 8 bits",
                         "training.optimizer=adamw_8bit");
}

PreflightFix no_dropout(const MemorySetting& setting, std::int64_t limit_bytes) {
  const double dropout =
      setting.recipe.training.dropout >= 0 ? setting.recipe.training.dropout : setting.model.sizes.attention_dropout;
  if (dropout <= 0) return {};
  Recipe changed = setting.recipe;
  changed.training.dropout = 0;
  const std::int64_t total = total_with(setting, changed);
  if (total > limit_bytes) return {};
  return {"No dropout: " + size_text(total), {"training.dropout=0"}};
}

PreflightFix shorter_rows(const MemorySetting& setting, std::int64_t limit_bytes) {
  Recipe changed = setting.recipe;
  std::int64_t fits = 0, total = 0;
  for (std::int64_t low = 8, high = longest_batch_width(setting) - 1; low <= high;) {
    changed.data.max_tokens = (low + high) / 2;
    const std::int64_t need = total_with(setting, changed);
    if (need <= limit_bytes) {
      fits = changed.data.max_tokens;
      total = need;
      low = fits + 1;
    } else {
      high = changed.data.max_tokens - 1;
    }
  }
  if (fits == 0) return {};
  const double cut = static_cast<double>(setting.lengths.rows_above(fits)) /
                     static_cast<double>(std::max<std::int64_t>(1, setting.lengths.rows()));
  return {
      "Cut rows at " + grouped(fits) + " tokens (" + percent_text(cut) + " of the rows lose text): " + size_text(total),
      {assignment("data.max_tokens", fits)}};
}

bool may_freeze(const Recipe& recipe) { return !recipe.model.from_config && recipe.model.adapter.empty(); }

/// An output folder that only another method can fill would refuse the change.
bool exports_take(const Recipe& recipe, const std::string& method) {
  return std::all_of(recipe.exports.begin(), recipe.exports.end(), [&](const ExportOptions& one) {
    return can_export(exporter_entry(one.format), method_entry(method), one.merge);
  });
}

PreflightFix other_method(const MemorySetting& setting, std::int64_t limit_bytes, const MethodOptions& method,
                          const std::string& label, const std::string& json, bool smallest_batch = false) {
  Recipe changed = setting.recipe;
  if (!may_freeze(changed) || changed.method.index() == method.index()) return {};
  const std::string kind = kind_of(method);
  if (!exports_take(changed, kind) || !method_obstacle(kind, changed, &setting.model).reason.empty()) return {};
  changed.method = method;
  std::vector<std::string> set = {"method=" + json};
  std::string what = label;
  if (smallest_batch) {
    const std::int64_t rows = changed.training.batch_size * changed.training.gradient_accumulation;
    changed.training.batch_size = 1;
    changed.training.gradient_accumulation = rows;
    set.push_back("training.batch_size=1");
    set.push_back(assignment("training.gradient_accumulation", rows));
    what += " with a batch of 1, accumulate " + std::to_string(rows);
  }
  const std::int64_t total = total_with(setting, changed);
  if (total > limit_bytes) return {};
  return {what + ": " + size_text(total), set};
}

/// The recipe's LoRA, or one of rank 8, beside weights in 4 bits.
QloraOptions in_four_bits(const MethodOptions& method) {
  QloraOptions qlora;
  if (const auto* lora = lora_of(method)) static_cast<LoraOptions&>(qlora) = *lora;
  return qlora;
}

std::string json_of(const QloraOptions& qlora) {
  Json json = {{"kind", "qlora"}};
  const Json all = write_options(qlora), plain = write_options(QloraOptions{});
  for (const auto& [key, value] : all.items())
    if (key == "rank" || value != plain.at(key)) json[key] = value;
  return json.dump();
}

}  // namespace

MemoryEstimate estimate_run(const MemorySetting& setting) {
  TrainingOptions training = setting.recipe.training;
  const std::int64_t rows = setting.lengths.rows();
  if (rows > 0) training.batch_size = std::min(training.batch_size, rows);
  BatchContent batch = batch_content(setting.recipe, tokens_a_row(setting, training.batch_size));
  batch.packed = training.batching == "packed";
  batch.two_byte_computation = setting.two_byte_computation;
  batch.on_gpu = setting.on_gpu;
  if (setting.lengths.longest_target > 0) batch.targets = setting.lengths.longest_target;
  const bool adapter = !setting.recipe.model.adapter.empty() && !lora_of(setting.recipe.method);
  return estimate_memory(setting.model, adapter ? MethodOptions(LoraOptions{}) : setting.recipe.method, training,
                         batch);
}

std::int64_t estimated_total(const MemorySetting& setting) {
  MemoryEstimate need = estimate_run(setting);
  need.activations_bytes = static_cast<std::int64_t>(static_cast<double>(need.activations_bytes) * setting.correction);
  need.passing_bytes = static_cast<std::int64_t>(static_cast<double>(need.passing_bytes) * setting.correction);
  return need.total();
}

std::vector<PreflightFix> memory_fixes(const MemorySetting& setting, std::int64_t limit_bytes) {
  const LoraOptions lora;
  const QloraOptions qlora = in_four_bits(setting.recipe.method);
  const std::string lora_json = R"({"kind":"lora","rank":8})", features_json = R"({"kind":"feature_extraction"})";
  const bool is_lora = std::holds_alternative<LoraOptions>(setting.recipe.method);
  const std::string few_bits = is_lora ? "Keep the frozen weights in 4 bits (QLoRA)" : "Train a QLoRA of rank 8";
  const auto methods_with = [&](bool smallest) {
    std::vector<PreflightFix> fixes;
    // From QLoRA back to LoRA nothing is saved.
    if (!lora_of(setting.recipe.method))
      fixes.push_back(other_method(setting, limit_bytes, lora, "Train a LoRA of rank 8", lora_json, smallest));
    fixes.push_back(other_method(setting, limit_bytes, qlora, few_bits, json_of(qlora), smallest));
    fixes.push_back(other_method(setting, limit_bytes, FeatureExtractionOptions{}, "Train the head alone",
                                 features_json, smallest));
    std::erase_if(fixes, [](const PreflightFix& fix) { return fix.set.empty(); });
    return fixes;
  };
  std::vector<PreflightFix> fixes = {smaller_batch(setting, limit_bytes), recompute(setting, limit_bytes),
                                     no_dropout(setting, limit_bytes), small_moments(setting, limit_bytes),
                                     shorter_rows(setting, limit_bytes)};
  std::erase_if(fixes, [](const PreflightFix& fix) { return fix.set.empty(); });
  const std::vector<PreflightFix> others = methods_with(false);
  fixes.insert(fixes.end(), others.begin(), others.end());
  return fixes.empty() ? methods_with(true) : fixes;
}

std::int64_t largest_batch(const MemorySetting& setting, std::int64_t limit_bytes) {
  Recipe changed = setting.recipe;
  std::int64_t fits = changed.training.batch_size;
  while (fits < setting.lengths.rows()) {
    changed.training.batch_size = 2 * fits;
    if (total_with(setting, changed) > limit_bytes) break;
    fits *= 2;
  }
  return fits;
}

PreflightCheck cut_rows_check(const MemorySetting& setting, std::int64_t positions) {
  const RowLengths& lengths = setting.lengths;
  const std::int64_t limit = setting.recipe.data.max_tokens, rows = lengths.rows(), cut = lengths.rows_above(limit);
  const double share = rows > 0 ? static_cast<double>(cut) / static_cast<double>(rows) : 0;
  PreflightCheck check{"cut_rows", "data", "Cut rows", "pass", "0", {}};
  if (cut == 0) {
    check.message =
        "Every row fits into " + grouped(limit) + " tokens; the longest has " + grouped(lengths.longest()) + ".";
    return check;
  }
  if (share > kCutRowsTolerated) check.severity = "warning";
  check.value = grouped(cut) + " (" + percent_text(share) + ")";
  check.message = "Longer than " + grouped(limit) + " tokens: " +
                  percent_text(static_cast<double>(lengths.tokens_above(limit)) /
                               static_cast<double>(std::max<std::int64_t>(1, lengths.tokens()))) +
                  " of all tokens are cut off.";
  std::int64_t before = limit;
  for (const double keep : {1 - kCutRowsTolerated, 1.0}) {
    const std::int64_t wanted = std::min(lengths.length_of(keep), positions);
    if (wanted <= before) continue;
    before = wanted;
    Recipe changed = setting.recipe;
    changed.data.max_tokens = wanted;
    const double whole = 1 - static_cast<double>(lengths.rows_above(wanted)) / static_cast<double>(rows);
    check.fixes.push_back({"Raise to " + grouped(wanted) + " tokens (" +
                               (lengths.rows_above(wanted) == 0 ? "all" : percent_text(whole)) +
                               " of the rows whole): " + size_text(total_with(setting, changed)),
                           {assignment("data.max_tokens", wanted)}});
  }
  if (check.fixes.empty()) check.message += " The model reads no more than " + grouped(positions) + " tokens.";
  return check;
}

}  // namespace luthier
