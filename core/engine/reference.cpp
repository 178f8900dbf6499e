#include "engine/reference.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <span>

#include "base/files.h"
#include "eval/preference.h"
#include "models/evaluating.h"
#include "models/tensors.h"
#include "nn/precision.h"

namespace luthier {

namespace {

constexpr const char* kFile = "reference.safetensors";

struct NamedSplit {
  const char* name;
  const EncodedSplit& split;
};

std::vector<NamedSplit> splits_of(const Dataset& data) {
  std::vector<NamedSplit> splits;
  for (const NamedSplit& one :
       {NamedSplit{"train", data.train}, NamedSplit{"validation", data.validation}, NamedSplit{"test", data.test}})
    if (one.split.size() > 0) splits.push_back(one);
  return splits;
}

/// [rows, 2]: see PreferenceReference.
Tensor table_of(Prepared& parts, const EncodedSplit& split, RunLog& log) {
  const Evaluating evaluating(*parts.model);
  const c10::Device device(parts.device);
  std::vector<std::int64_t> order(static_cast<std::size_t>(split.size()));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::int64_t a, std::int64_t b) { return split.length(a) > split.length(b); });
  const Tensor table = at::zeros({split.size(), 2}, at::kFloat);
  auto* values = table.data_ptr<float>();
  const auto batch_size = static_cast<std::size_t>(std::max<std::int64_t>(1, parts.recipe.training.batch_size));
  for (std::size_t start = 0; start < order.size(); start += batch_size) {
    const std::span<const std::int64_t> rows =
        std::span(order).subspan(start, std::min(batch_size, order.size() - start));
    const LabelledBatch batch = collate(split, rows, parts.collate, 0);
    const nn::Autocast autocast(parts.precision);
    const Tensor said = answer_scores(*parts.model, batch.to(device)).sums.cpu();  // [B] or [2 B]
    const Tensor other =
        batch.unrelated ? answer_scores(*parts.model, batch.unrelated->to(device)).sums.cpu() : Tensor();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      values[rows[i] * 2] = said.const_data_ptr<float>()[i];
      values[rows[i] * 2 + 1] =
          other.defined() ? other.const_data_ptr<float>()[i] : said.const_data_ptr<float>()[rows.size() + i];
    }
    log.flush_if_due();
  }
  return table;
}

}  // namespace

bool starts_without_adapters(const Recipe& recipe) {
  const auto* lora = lora_of(recipe.method);
  if (!recipe.model.adapter.empty() || (lora && !lora->modules_to_save.empty())) return false;
  const std::string kind = kind_of(recipe.method);
  return kind != "full" && kind != "feature_extraction" && kind != "layerwise";
}

void set_reference(Prepared& parts, const fs::path& run_folder, RunLog& log) {
  const auto* preference = std::get_if<PreferenceOptions>(&parts.recipe.objective);
  if (!preference || !needs_reference(*preference)) return;
  const auto reference = std::make_shared<PreferenceReference>();
  if (starts_without_adapters(parts.recipe)) {
    reference->set_adapters_active = set_adapters_active;
    parts.collate.reference = reference;
    return;
  }
  const std::vector<NamedSplit> splits = splits_of(parts.data);
  NamedTensors tables;
  const fs::path file = run_folder / kFile;
  if (fs::exists(file)) {
    for (const NamedSplit& one : splits) tables.emplace_back(one.name, at::empty({one.split.size(), 2}, at::kFloat));
    const NamedTensors stored = read_tensors(file);
    for (auto& [name, table] : tables)
      for (const auto& [other, values] : stored)
        if (other == name && values.sizes() == table.sizes()) table.copy_(values);
  } else {
    std::int64_t rows = 0;
    for (const NamedSplit& one : splits) rows += one.split.size();
    log.event(0, "stage",
              "computing what the model says to the answers of " + std::to_string(rows) +
                  " rows before training; kept in " + std::string(kFile));
    log.flush();
    for (const NamedSplit& one : splits) tables.emplace_back(one.name, table_of(parts, one.split, log));
    write_tensors(file, tables);
  }
  for (std::size_t i = 0; i < splits.size(); ++i) reference->tables[splits[i].split.state.get()] = tables[i].second;
  parts.collate.reference = reference;
}

}  // namespace luthier
