#include "models/decoding.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "models/config.h"

namespace luthier {

namespace {

void check_tokens(const TokenRows& prompts, std::int64_t vocabulary) {
  for (const auto& prompt : prompts) {
    if (prompt.empty()) fail(ErrorKind::bad_input, "the prompt is empty", {}, "give at least one token to start from");
    for (const std::int64_t id : prompt)
      if (id < 0 || id >= vocabulary)
        fail(ErrorKind::bad_input, "the model has no token " + std::to_string(id), {},
             "its vocabulary has " + std::to_string(vocabulary) + " tokens: does the tokenizer belong to it?");
  }
}

/// Prompts side by side, [B, T], each at the right end of its row; the mask is undefined where none is shorter.
std::pair<Tensor, Tensor> left_padded(const TokenRows& prompts) {
  std::size_t longest = 0, shortest = prompts[0].size();
  for (const auto& prompt : prompts) {
    longest = std::max(longest, prompt.size());
    shortest = std::min(shortest, prompt.size());
  }
  const auto rows = static_cast<std::int64_t>(prompts.size()), tokens = static_cast<std::int64_t>(longest);
  Tensor ids = at::zeros({rows, tokens}, at::kLong), mask = at::zeros({rows, tokens}, at::kBool);
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto& prompt = prompts[static_cast<std::size_t>(row)];
    const auto size = static_cast<std::int64_t>(prompt.size()), start = row * tokens + tokens - size;
    std::copy(prompt.begin(), prompt.end(), ids.data_ptr<std::int64_t>() + start);
    std::fill_n(mask.data_ptr<bool>() + start, size, true);
  }
  if (shortest == longest) mask = Tensor();
  return {ids, mask};
}

Tensor row_index(const std::vector<std::int64_t>& ids, const Tensor& like) {
  return at::tensor(ids, at::kLong).to(like.device());
}

void forbid(Tensor row, const std::vector<std::int64_t>& ids) {  // [V]
  if (!ids.empty()) row.index_fill_(0, row_index(ids, row), -std::numeric_limits<float>::infinity());
}

void penalise(Tensor row, std::vector<std::int64_t> seen, double penalty) {  // [V]
  std::sort(seen.begin(), seen.end());
  seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
  const Tensor ids = row_index(seen, row), values = row.index_select(0, ids);
  row.index_copy_(0, ids, at::where(values.gt(0), values.div(penalty), values.mul(penalty)));
}

/// The tokens that would end a run of `size` that the history has already.
std::vector<std::int64_t> repeating(const std::vector<std::int64_t>& history, std::size_t size) {
  std::vector<std::int64_t> ids;
  if (history.size() + 1 < size) return ids;
  const auto last = history.end() - static_cast<std::ptrdiff_t>(size - 1);
  for (std::size_t i = 0; i + size <= history.size(); ++i)
    if (std::equal(last, history.end(), history.begin() + static_cast<std::ptrdiff_t>(i)))
      ids.push_back(history[i + size - 1]);
  return ids;
}

std::vector<std::int64_t> below(const std::vector<std::int64_t>& ids, std::int64_t vocabulary) {
  std::vector<std::int64_t> kept;
  for (const std::int64_t id : ids)
    if (id >= 0 && id < vocabulary) kept.push_back(id);
  return kept;
}

}  // namespace

Decoding::Decoding(Model& model, const GenerateInputs& inputs, bool use_cache)
    : model_(model), use_cache_(use_cache), prompts_(inputs.prompts) {
  const at::Device device = model.input_embedding().device();
  if (!model.is_encoder_decoder()) {
    check_tokens(prompts_, model.vocabulary());
    auto [ids, mask] = left_padded(prompts_);
    batch_.input_ids = ids.to(device);
    if (mask.defined()) batch_.attention_mask = mask.to(device);
    return;
  }
  batch_ = inputs.source.to(device);
  const auto rows = static_cast<std::size_t>(batch_.input().size(0));
  if (prompts_.empty()) prompts_.assign(rows, decoder_prompt(model, {}));
  if (prompts_.size() != rows)
    fail(ErrorKind::internal, "there must be one beginning for each row that the encoder reads");
  check_tokens(prompts_, model.vocabulary());
  if (std::any_of(prompts_.begin(), prompts_.end(), [&](auto& one) { return one.size() != prompts_[0].size(); }))
    fail(ErrorKind::internal, "the decoder's beginnings must be of one length");
  batch_.decoder_input_ids = left_padded(prompts_).first.to(device);
  if (!batch_.encoder_states.defined()) batch_.encoder_states = model.encode(batch_);
}

std::int64_t Decoding::room(std::int64_t wanted) const {
  std::size_t longest = 0;
  for (const auto& prompt : prompts_) longest = std::max(longest, prompt.size());
  const std::int64_t positions = model_.is_encoder_decoder()
                                     ? config_size(model_.config(), "max_target_positions", 1 << 24)
                                     : model_.max_positions();
  const std::int64_t learned = model_.is_encoder_decoder() ? 0 : model_.prompt_tokens();
  // The last one is never read.
  const std::int64_t left = positions - learned - static_cast<std::int64_t>(longest) + 1;
  if (left < 1)
    fail(ErrorKind::bad_input,
         "the prompt has " + std::to_string(longest) + " tokens, the model reads at most " +
             std::to_string(std::max<std::int64_t>(0, positions - learned)),
         "prompt", "give a shorter prompt");
  return std::min(wanted, left);
}

Tensor Decoding::next_logits() {
  const Tensor hidden = model_.hidden(batch_, use_cache_ ? &cache_ : nullptr);              // [R, T, C]
  return model_.token_logits(hidden.select(1, hidden.size(1) - 1)).to(at::kFloat).clone();  // [R, V]
}

void Decoding::append(const Tensor& next) {
  const Tensor column = next.to(tokens().device()).unsqueeze(1);  // [R, 1]
  tokens() = use_cache_ ? column : at::cat({tokens(), column}, 1);
  if (!model_.is_encoder_decoder() && batch_.attention_mask.defined())
    batch_.attention_mask =
        at::cat({batch_.attention_mask, at::ones({column.size(0), 1}, batch_.attention_mask.options())}, 1);
}

void Decoding::repeat(std::int64_t times) {
  const Tensor from = at::arange(tokens().size(0), tokens().options()).repeat_interleave(times);
  for (Tensor* tensor : {&batch_.input_ids, &batch_.attention_mask, &batch_.decoder_input_ids, &batch_.encoder_states,
                         &batch_.input_features, &batch_.input_values})
    if (tensor->defined()) *tensor = tensor->index_select(0, from);
  for (auto* list : {&cache_.keys, &cache_.values, &cache_.cross_keys, &cache_.cross_values})
    for (Tensor& tensor : *list) tensor = tensor.index_select(0, from);
  TokenRows prompts;
  for (const auto& prompt : prompts_) prompts.insert(prompts.end(), static_cast<std::size_t>(times), prompt);
  prompts_ = std::move(prompts);
}

void Decoding::reorder(const Tensor& from) {
  const Tensor rows = from.to(tokens().device());
  if (!use_cache_) tokens() = tokens().index_select(0, rows);
  for (auto* list : {&cache_.keys, &cache_.values})
    for (Tensor& tensor : *list) tensor = tensor.index_select(0, rows);
}

void apply_rules(Tensor& scores, const TokenRows& histories, bool first, const GenerateOptions& options) {
  const std::int64_t vocabulary = scores.size(1);
  for (std::size_t row = 0; row < histories.size(); ++row) {
    const Tensor of_row = scores.select(0, static_cast<std::int64_t>(row));
    if (options.repetition_penalty != 1) penalise(of_row, histories[row], options.repetition_penalty);
    if (options.no_repeat_ngram > 0)
      forbid(of_row, repeating(histories[row], static_cast<std::size_t>(options.no_repeat_ngram)));
  }
  const auto never = [&](const std::vector<std::int64_t>& ids) {
    const auto known = below(ids, vocabulary);
    if (!known.empty()) scores.index_fill_(1, row_index(known, scores), -std::numeric_limits<float>::infinity());
  };
  never(options.suppress);
  if (first) never(options.suppress_at_start);
}

}  // namespace luthier
