#include "engine/samples.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "eval/continue_text.h"
#include "models/generation.h"

namespace luthier {

namespace {
constexpr std::int64_t kPrompts = 3, kNewTokens = 48, kPromptTokens = 64;
constexpr std::int32_t kNoLoss = -100;

/// Where the completion begins: at the first token that carries loss. A row that is one text is cut in half.
std::size_t prompt_length(const EncodedRow& row) {
  std::size_t first = 0;
  while (first < row.labels.size() && row.labels[first] == kNoLoss) ++first;
  const bool one_text = first <= 1;
  return one_text ? std::min<std::size_t>(row.ids.size() / 2, 16) : std::min(first, row.ids.size());
}

std::string one_line(std::string text) {
  std::replace_if(text.begin(), text.end(), [](unsigned char c) { return c < 32; }, ' ');
  return text;
}
}  // namespace

Samples::Samples(Prepared& parts) : parts_(parts) {
  const std::string objective = kind_of(parts.recipe.objective);
  if (objective != "causal_lm" && objective != "preference") return;
  const EncodedSplit& split = parts.data.validation.size() > 0 ? parts.data.validation : parts.data.test;
  ends_ = end_tokens(*parts.model, resolve_path(parts.recipe.model.path, parts.recipe.folder), *parts.tokenizer);
  const std::int64_t rows = std::min(kPrompts, split.size());
  for (std::int64_t i = 0; i < rows; ++i) {
    const EncodedRow row = split.row(i * split.size() / rows);
    const std::size_t length = prompt_length(row);
    if (length == 0) continue;
    const std::size_t begin = length > kPromptTokens ? length - kPromptTokens : 0;
    const std::vector<std::int64_t> all(row.ids.begin(), row.ids.end());
    const auto middle = all.begin() + static_cast<std::ptrdiff_t>(length);
    SamplePrompt prompt;
    prompt.ids.assign(all.begin() + static_cast<std::ptrdiff_t>(begin), middle);
    prompt.prompt = parts.tokenizer->decode(prompt.ids);
    const auto end = row.second > 0 ? all.begin() + row.second : all.end();  // of two answers the better one
    prompt.reference = parts.tokenizer->decode({middle, std::max(middle, end)});
    prompts_.push_back(std::move(prompt));
  }
}

void Samples::write(std::int64_t step, const std::string& model, RunLog& log) const {
  for (std::size_t index = 0; index < prompts_.size(); ++index) {
    const SamplePrompt& prompt = prompts_[index];
    GenerateOptions options;
    const auto room = parts_.model->max_positions() - static_cast<std::int64_t>(prompt.ids.size());
    if (room <= 0) continue;
    options.max_new_tokens = std::min(kNewTokens, room);
    options.stop_ids = ends_;
    std::vector<std::int64_t> ids = generate(*parts_.model, {prompt.ids}, options).front();
    const bool ended = !ids.empty() && std::find(ends_.begin(), ends_.end(), ids.back()) != ends_.end();
    if (ended) ids.pop_back();
    const std::string answer = parts_.tokenizer->decode(ids);
    log.event(step, "sample", "\"" + one_line(prompt.prompt) + "\" -> \"" + one_line(answer) + "\"",
              {{"index", index},
               {"model", model},
               {"prompt", prompt.prompt},
               {"answer", answer},
               {"reference", prompt.reference},
               {"ended", ended}});
  }
}

}  // namespace luthier
