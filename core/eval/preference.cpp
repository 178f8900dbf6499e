#include "eval/preference.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "data/encode.h"
#include "models/evaluating.h"
#include "nn/chunked_loss.h"

namespace luthier {

namespace {

/// A sequence as token ids, and which of them are the answer's.
struct Sequence {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> labels;
};

Sequence part_of(const EncodedRow& row, bool second) {
  const auto all = static_cast<std::ptrdiff_t>(row.ids.size());
  const std::ptrdiff_t cut = row.second > 0 ? row.second : all;
  const std::ptrdiff_t begin = second ? cut : 0, end = second ? all : cut;
  return {{row.ids.begin() + begin, row.ids.begin() + end}, {row.labels.begin() + begin, row.labels.begin() + end}};
}

/// The prompt of one row with the answer of another: what KTO takes for an answer that has nothing to do with it. Not
/// longer than the longer of the two rows: the prompt's beginning gives way.
Sequence unrelated(const EncodedSplit& split, std::int64_t index) {
  const Sequence own = part_of(split.row(index), false), other = part_of(split.row((index + 1) % split.size()), false);
  const auto answer_of = [](const Sequence& one) {
    return std::find_if(one.labels.begin(), one.labels.end(), [](std::int32_t label) { return label != kNoLoss; }) -
           one.labels.begin();
  };
  const std::ptrdiff_t end = answer_of(own), begin = answer_of(other);
  const auto room = static_cast<std::ptrdiff_t>(std::max(own.ids.size(), other.ids.size()));
  const std::ptrdiff_t answer = std::min<std::ptrdiff_t>(std::ssize(other.ids) - begin, room - 1);
  const std::ptrdiff_t start = std::max<std::ptrdiff_t>(0, end - (room - answer));
  Sequence mixed{{own.ids.begin() + start, own.ids.begin() + end},
                 {own.labels.begin() + start, own.labels.begin() + end}};
  mixed.ids.insert(mixed.ids.end(), other.ids.begin() + begin, other.ids.begin() + begin + answer);
  mixed.labels.insert(mixed.labels.end(), other.labels.begin() + begin, other.labels.begin() + begin + answer);
  return mixed;
}

/// Side by side, right-padded; the positions before each of the answers' tokens.
void put_sequences(const std::vector<Sequence>& sequences, std::int64_t pad_id, LabelledBatch& batch) {
  const auto count = static_cast<std::int64_t>(sequences.size());
  std::size_t longest = 1, shortest = SIZE_MAX;
  for (const Sequence& one : sequences) {
    longest = std::max(longest, one.ids.size());
    shortest = std::min(shortest, one.ids.size());
  }
  const auto width = static_cast<std::int64_t>(longest);
  batch.inputs.input_ids = at::full({count, width}, pad_id, at::kLong);  // [S, T]
  if (shortest < longest) batch.inputs.attention_mask = at::zeros({count, width}, at::kBool);
  std::vector<std::int64_t> places, labels, owners;
  for (std::int64_t s = 0; s < count; ++s) {
    const Sequence& one = sequences[static_cast<std::size_t>(s)];
    std::copy(one.ids.begin(), one.ids.end(), batch.inputs.input_ids.data_ptr<std::int64_t>() + s * width);
    if (batch.inputs.attention_mask.defined())
      std::fill_n(batch.inputs.attention_mask.data_ptr<bool>() + s * width, one.ids.size(), true);
    for (std::size_t t = 1; t < one.labels.size(); ++t)  // position t - 1 predicts token t
      if (one.labels[t] != kNoLoss) {
        places.push_back(s * width + static_cast<std::int64_t>(t) - 1);
        labels.push_back(one.labels[t]);
        owners.push_back(s);
      }
  }
  batch.loss_rows = at::tensor(places, at::kLong);
  batch.labels = at::tensor(labels, at::kLong);
  batch.owners = at::tensor(owners, at::kLong);
}

const PreferenceOptions& options_of(const CollateOptions& options) {
  return std::get<PreferenceOptions>(options.objective);
}

/// The reference's log-probabilities of a batch's answers, [S] fp32.
Tensor reference_sums(Model& model, const LabelledBatch& batch, const PreferenceReference* reference) {
  const Evaluating evaluating(model);
  const bool switches = reference && reference->set_adapters_active;
  if (switches) reference->set_adapters_active(model, false);
  Tensor sums = answer_scores(model, batch).sums;
  if (switches) reference->set_adapters_active(model, true);
  return sums;
}

c10::Device device_of(Model& model) { return model.parameters().front().device(); }

}  // namespace

bool needs_reference(const PreferenceOptions& options) { return options.loss != "simpo" && options.loss != "orpo"; }

void add_answers(const EncodedSplit& split, const CollateOptions& options, LabelledBatch& batch) {
  std::vector<Sequence> sequences, seconds, mixed;
  const auto rows = static_cast<std::int64_t>(batch.rows.size());
  batch.values = at::zeros({rows}, at::kFloat);
  const bool kto = options_of(options).loss == "kto";
  for (std::int64_t i = 0; i < rows; ++i) {
    const std::int64_t index = batch.rows[static_cast<std::size_t>(i)];
    const EncodedRow row = split.row(index);
    sequences.push_back(part_of(row, false));
    if (row.second > 0) seconds.push_back(part_of(row, true));
    if (kto) mixed.push_back(unrelated(split, index));
    batch.values.data_ptr<float>()[i] = row.value;
  }
  sequences.insert(sequences.end(), seconds.begin(), seconds.end());
  put_sequences(sequences, options.pad_id, batch);
  batch.weight = rows;
  if (kto) {
    batch.unrelated = std::make_shared<LabelledBatch>();
    put_sequences(mixed, options.pad_id, *batch.unrelated);
  }
  if (!options.reference) return;
  const auto table = options.reference->tables.find(split.state.get());
  if (table == options.reference->tables.end()) return;
  const Tensor known = table->second.index_select(0, at::tensor(batch.rows, at::kLong));  // [B, 2]
  if (kto) {
    batch.reference = known.select(1, 0).contiguous();
    batch.unrelated->reference = known.select(1, 1).contiguous();
  } else {
    batch.reference = at::cat({known.select(1, 0), known.select(1, 1)});  // [2 P]
  }
}

nn::AnswerScores answer_scores(Model& model, const LabelledBatch& batch) {
  const Tensor hidden = model.hidden(batch.inputs).flatten(0, 1);  // [S * T, C]
  const Tensor rows = model.output_rows(hidden.index_select(0, batch.loss_rows));
  const Tensor said = nn::linear_log_probabilities(rows, {model.output_weight(), model.output_bias()}, batch.labels);
  const Tensor none = at::zeros({batch.inputs.input_ids.size(0)}, said.options());
  return {none.index_add(0, batch.owners, said), none.index_add(0, batch.owners, at::ones_like(said).detach())};
}

void complete_preferences(Model& model, std::span<LabelledBatch> batches, const CollateOptions& options) {
  const auto* preference = std::get_if<PreferenceOptions>(&options.objective);
  if (!preference || !needs_reference(*preference)) return;
  const at::NoGradGuard no_grad;
  const c10::Device device = device_of(model);
  const auto complete = [&](LabelledBatch& batch) {
    if (!batch.reference.defined())
      batch.reference = reference_sums(model, batch.to(device), options.reference.get()).to(batch.labels.device());
  };
  Tensor gained = at::zeros({}, at::TensorOptions(at::kFloat).device(device));
  std::int64_t answers = 0;
  for (LabelledBatch& batch : batches) {
    if (batch.weight == 0) continue;
    complete(batch);
    if (!batch.unrelated) continue;
    complete(*batch.unrelated);
    const Evaluating evaluating(model);
    const LabelledBatch placed = batch.unrelated->to(device);
    gained += (answer_scores(model, placed).sums - placed.reference).sum();
    answers += batch.weight;
  }
  if (answers == 0) return;
  const Tensor kl = (gained / static_cast<double>(answers)).clamp_min(0);
  for (LabelledBatch& batch : batches)
    if (batch.unrelated) batch.kl = kl.to(batch.labels.device());
}

namespace {

/// Of P pairs, the better answers stand before the others.
nn::AnswerScores half(const nn::AnswerScores& all, bool second) {
  const std::int64_t pairs = all.sums.size(0) / 2, start = second ? pairs : 0;
  return {all.sums.narrow(0, start, pairs), all.tokens.narrow(0, start, pairs)};
}

PreferenceTerms single_terms(const nn::AnswerScores& said, const LabelledBatch& batch,
                             const PreferenceOptions& options) {
  const Tensor gain = said.sums - batch.reference;  // [B]
  const Tensor good = batch.values.gt(0.5);
  PreferenceTerms terms;
  const Tensor weights = at::where(good, at::full({}, options.desirable_weight, gain.options()),
                                   at::full({}, options.undesirable_weight, gain.options()));
  terms.losses = nn::kto_loss(gain, batch.values, batch.kl, options.beta) * weights;
  if (options.sft_weight > 0) terms.losses = terms.losses - said.means() * good * options.sft_weight;
  const Tensor rewards = gain.detach() * options.beta;
  terms.chosen = rewards.masked_select(good);
  terms.rejected = rewards.masked_select(good.logical_not());
  const Tensor above = (gain.detach() - batch.kl) * at::where(good, at::ones_like(gain), -at::ones_like(gain)).detach();
  terms.right = above.gt(0).to(at::kFloat) + above.eq(0).to(at::kFloat) * 0.5;
  return terms;
}

}  // namespace

PreferenceTerms preference_terms(Model& model, const LabelledBatch& batch, const PreferenceOptions& options) {
  const nn::AnswerScores said = answer_scores(model, batch);
  if (options.loss == "kto") return single_terms(said, batch, options);
  const nn::AnswerScores chosen = half(said, false), rejected = half(said, true);
  PreferenceTerms terms;
  Tensor chosen_gain, rejected_gain;  // [P]: what rewards are made of
  if (!needs_reference(options)) {
    chosen_gain = chosen.means();
    rejected_gain = rejected.means();
  } else {
    const nn::AnswerScores reference{batch.reference, said.tokens};
    const nn::AnswerScores before = half(reference, false), other = half(reference, true);
    const bool means = options.loss == "ipo";
    chosen_gain = means ? chosen.means() - before.means() : chosen.sums - before.sums;
    rejected_gain = means ? rejected.means() - other.means() : rejected.sums - other.sums;
  }
  const Tensor margin = chosen_gain - rejected_gain;
  if (options.loss == "simpo")
    terms.losses = nn::simpo_loss(chosen, rejected, options.beta, options.target_margin);
  else if (options.loss == "orpo")
    terms.losses = nn::orpo_loss(chosen, rejected) * options.beta - chosen.means();
  else if (options.loss == "ipo")
    terms.losses = nn::ipo_loss(margin, options.beta);
  else if (options.loss == "hinge")
    terms.losses = nn::hinge_loss(margin, options.beta);
  else
    terms.losses = nn::dpo_loss(margin, options.beta, options.label_smoothing);
  if (options.sft_weight > 0) terms.losses = terms.losses - chosen.means() * options.sft_weight;
  terms.chosen = chosen_gain.detach() * options.beta;
  terms.rejected = rejected_gain.detach() * options.beta;
  terms.margins = margin.detach() * options.beta;
  terms.right = terms.margins.gt(0).to(at::kFloat) + terms.margins.eq(0).to(at::kFloat) * 0.5;
  return terms;
}

}  // namespace luthier
