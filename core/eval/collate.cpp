#include "eval/collate.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/error.h"
#include "base/random.h"
#include "data/encode.h"
#include "eval/collate_media.h"
#include "eval/preference.h"
#include "models/sequences.h"

namespace luthier {

namespace {

struct Positions {
  std::vector<std::int64_t> rows, labels;
  std::vector<std::int64_t> ends;  ///< how many there are after each row of the batch
};

/// BERT's masking (Devlin et al. 2019): a share of the tokens carries loss; of these most become the mask token, some a
/// random one, the rest stays. Writes into `ids` [T] and adds the positions.
void mask_tokens(const EncodedRow& row, std::int64_t row_number, const MaskedLmOptions& masked,
                 const CollateOptions& options, std::uint64_t epoch, std::int64_t* ids, std::int64_t first,
                 Positions& positions) {
  Random random(options.seed, mix(0x6d61736b, epoch), static_cast<std::uint64_t>(row_number));
  const auto maskable = [&](std::size_t t) {
    const auto id = static_cast<std::size_t>(row.ids[t]);
    return id >= options.special.size() || !options.special[id];
  };
  const std::size_t before = positions.rows.size();
  std::vector<std::size_t> candidates;
  const auto take = [&](std::size_t t) {
    positions.rows.push_back(first + static_cast<std::int64_t>(t));
    positions.labels.push_back(row.ids[t]);
    const double draw = random.uniform();
    if (draw < masked.mask_token) {
      ids[t] = options.mask_id;
    } else if (draw < masked.mask_token + masked.random_token) {
      std::int64_t drawn = 0;
      do drawn = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(options.vocabulary)));
      while (static_cast<std::size_t>(drawn) < options.special.size() &&
             options.special[static_cast<std::size_t>(drawn)]);
      ids[t] = drawn;
    }
  };
  bool word_taken = false;
  for (std::size_t t = 0; t < row.ids.size(); ++t) {
    if (!maskable(t)) continue;
    candidates.push_back(t);
    const bool continues =
        masked.whole_words && t > 0 && !row.words.empty() && row.words[t] >= 0 && row.words[t] == row.words[t - 1];
    if (!continues) word_taken = random.uniform() < masked.mask_share;
    if (word_taken) take(t);
  }
  // A short row may have drawn nothing: it would teach nothing, so one token is taken.
  if (positions.rows.size() == before && !candidates.empty()) take(candidates[random.below(candidates.size())]);
}

/// Token ids with their padding; positions of masked, causal and tagged tokens.
void add_texts(const EncodedSplit& split, const CollateOptions& options, std::uint64_t epoch, LabelledBatch& batch,
               Positions& positions) {
  const auto count = static_cast<std::int64_t>(batch.rows.size());
  std::int64_t longest = 1, shortest = INT64_MAX;
  bool pairs = false;
  for (const std::int64_t index : batch.rows) {
    const EncodedRow row = split.row(index);
    const auto length = static_cast<std::int64_t>(row.ids.size());
    longest = std::max(longest, length);
    shortest = std::min(shortest, length);
    pairs = pairs || std::any_of(row.type_ids.begin(), row.type_ids.end(), [](std::int32_t id) { return id != 0; });
  }
  if (options.pack)
    for (const std::int64_t index : batch.rows)
      batch.inputs.segments.push_back(static_cast<std::int64_t>(split.row(index).ids.size()));
  const std::int64_t packed =
      std::accumulate(batch.inputs.segments.begin(), batch.inputs.segments.end(), std::int64_t{0});
  const std::vector<std::int64_t> shape =
      options.pack ? std::vector<std::int64_t>{1, packed} : std::vector<std::int64_t>{count, longest};
  batch.inputs.input_ids = at::full(shape, options.pad_id, at::kLong);  // [B, T]
  if (shortest < longest && !options.pack) batch.inputs.attention_mask = at::zeros(shape, at::kBool);
  if (options.type_ids && pairs) batch.inputs.token_type_ids = at::zeros(shape, at::kLong);

  auto* ids = batch.inputs.input_ids.data_ptr<std::int64_t>();
  bool* mask = batch.inputs.attention_mask.defined() ? batch.inputs.attention_mask.data_ptr<bool>() : nullptr;
  auto* types = batch.inputs.token_type_ids.defined() ? batch.inputs.token_type_ids.data_ptr<std::int64_t>() : nullptr;
  const auto* masked = std::get_if<MaskedLmOptions>(&options.objective);
  const bool causal = std::holds_alternative<CausalLmOptions>(options.objective);
  const bool tagging = std::holds_alternative<TaggingOptions>(options.objective);
  std::int64_t first = 0, next = 0;
  for (std::int64_t b = 0; b < count; ++b) {
    first = next;
    next += options.pack ? batch.inputs.segments[static_cast<std::size_t>(b)] : longest;
    const std::int64_t index = batch.rows[static_cast<std::size_t>(b)];
    const EncodedRow row = split.row(index);
    std::copy(row.ids.begin(), row.ids.end(), ids + first);
    if (mask) std::fill_n(mask + first, row.ids.size(), true);
    if (types) std::copy(row.type_ids.begin(), row.type_ids.end(), types + first);
    if (masked) mask_tokens(row, index, *masked, options, epoch, ids + first, first, positions);
    const std::size_t shift = causal ? 1 : 0;  // position t predicts token t + 1
    for (std::size_t t = shift; (causal || tagging) && t < row.labels.size(); ++t)
      if (row.labels[t] >= 0) {
        positions.rows.push_back(first + static_cast<std::int64_t>(t - shift));
        positions.labels.push_back(row.labels[t]);
      }
    positions.ends.push_back(static_cast<std::int64_t>(positions.rows.size()));
  }
}

/// Targets side by side, [B, U] with -100 for padding.
Tensor targets_of(const EncodedSplit& split, const LabelledBatch& batch) {
  std::size_t longest = 1;
  for (const std::int64_t index : batch.rows) longest = std::max(longest, split.row(index).target.size());
  const Tensor targets = at::full({static_cast<std::int64_t>(batch.rows.size()), static_cast<std::int64_t>(longest)},
                                  std::int64_t{kNoLoss}, at::kLong);
  auto* into = targets.data_ptr<std::int64_t>();
  for (const std::int64_t index : batch.rows) {
    const EncodedRow row = split.row(index);
    std::copy(row.target.begin(), row.target.end(), into);
    into += longest;
  }
  return targets;
}

void add_decoder(const EncodedSplit& split, const CollateOptions& options, LabelledBatch& batch, Positions& positions) {
  const Tensor targets = targets_of(split, batch);  // [B, U]
  if (!options.config) fail(ErrorKind::internal, "a decoder needs the model's config to start from");
  batch.inputs.decoder_input_ids = shifted_right(targets, *options.config);
  const std::int64_t longest = targets.size(1);
  positions.ends.clear();
  for (std::size_t b = 0; b < batch.rows.size(); ++b) {
    const EncodedRow row = split.row(batch.rows[b]);
    for (auto u = static_cast<std::size_t>(row.silent_target); u < row.target.size(); ++u) {
      positions.rows.push_back(static_cast<std::int64_t>(b) * longest + static_cast<std::int64_t>(u));
      positions.labels.push_back(row.target[u]);
    }
    positions.ends.push_back(static_cast<std::int64_t>(positions.rows.size()));
  }
}

/// What each row has one of: a class, a number, a set of labels.
void add_row_labels(const EncodedSplit& split, const CollateOptions& options, bool training, LabelledBatch& batch) {
  const auto count = static_cast<std::int64_t>(batch.rows.size());
  if (std::holds_alternative<RegressionOptions>(options.objective)) {
    batch.values = at::empty({count}, at::kFloat);
    for (std::int64_t b = 0; b < count; ++b)
      batch.values.data_ptr<float>()[b] = split.row(batch.rows[static_cast<std::size_t>(b)]).value;
    batch.weight = count;
    return;
  }
  if (std::holds_alternative<MultiLabelOptions>(options.objective)) {
    batch.soft_labels = at::zeros({count, options.labels}, at::kFloat);  // [B, L]
    auto* into = batch.soft_labels.data_ptr<float>();
    for (std::int64_t b = 0; b < count; ++b)
      for (const std::int32_t label : split.row(batch.rows[static_cast<std::size_t>(b)]).target)
        if (label < options.labels) into[b * options.labels + label] = 1;
    batch.weight = count * options.labels;
    if (training && !options.label_weights.empty())
      batch.label_weights = at::tensor(at::ArrayRef<float>(options.label_weights));
    return;
  }
  std::vector<std::int64_t> classes;
  for (const std::int64_t index : batch.rows) classes.push_back(split.row(index).label);
  batch.labels = at::tensor(classes, at::kLong);
  batch.weight = count;
  if (!training || options.label_weights.empty()) return;
  batch.label_weights = at::tensor(at::ArrayRef<float>(options.label_weights));
  batch.counted = 0;
  for (const std::int64_t label : classes) batch.counted += options.label_weights.at(static_cast<std::size_t>(label));
}

/// Rows that count more or less than others (role weight).
void add_row_weights(const EncodedSplit& split, const CollateOptions& options, const Positions& positions,
                     LabelledBatch& batch) {
  std::vector<float> weights;
  for (const std::int64_t index : batch.rows) weights.push_back(split.row(index).weight);
  if (std::all_of(weights.begin(), weights.end(), [](float one) { return one == 1; })) return;
  const bool positioned = !positions.ends.empty() && batch.loss_rows.defined();
  batch.row_weights = at::empty({positioned ? batch.loss_rows.size(0) : std::ssize(weights)}, at::kFloat);
  auto* into = batch.row_weights.mutable_data_ptr<float>();
  const auto* labels = batch.labels.defined() ? batch.labels.const_data_ptr<std::int64_t>() : nullptr;
  batch.counted = 0;
  for (std::size_t b = 0; b < weights.size(); ++b) {
    std::int64_t labelled = 1;  // what the row adds to batch.weight
    if (positioned) {
      const std::int64_t first = b > 0 ? positions.ends[b - 1] : 0;
      labelled = positions.ends[b] - first;
      std::fill_n(into + first, labelled, weights[b]);
    } else {
      into[b] = weights[b];
      if (std::holds_alternative<MultiLabelOptions>(options.objective)) labelled = options.labels;
      if (std::holds_alternative<CtcOptions>(options.objective)) labelled = std::ssize(split.row(batch.rows[b]).target);
    }
    const double label = batch.label_weights.defined() && labels && !positioned
                             ? options.label_weights.at(static_cast<std::size_t>(labels[b]))
                             : 1;
    batch.counted += static_cast<double>(labelled) * weights[b] * label;
  }
}

}  // namespace

void LostRows::add(std::int64_t source_row, const std::string& name, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  if (!known_.insert(source_row).second) return;
  fresh_.push_back(source_row + 1);
  if (fresh_.size() <= 5) names_ += (names_.empty() ? "" : ", ") + name + " (" + reason + ")";
}

std::optional<Finding> LostRows::take() {
  const std::lock_guard lock(mutex_);
  if (fresh_.empty()) return std::nullopt;
  Finding finding{"lost_rows",
                  "warning",
                  "",
                  fresh_,
                  static_cast<std::int64_t>(fresh_.size()),
                  "replace these files or delete their rows"};
  finding.message =
      (fresh_.size() == 1 ? "1 file cannot be decoded and is left out: "
                          : std::to_string(fresh_.size()) + " files cannot be decoded and are left out: ") +
      names_ + (fresh_.size() > 5 ? ", ..." : "");
  if (finding.lines.size() > 100) finding.lines.resize(100);
  fresh_.clear();
  names_.clear();
  return finding;
}

LabelledBatch LabelledBatch::to(at::Device device) const {
  LabelledBatch moved = *this;
  moved.inputs = inputs.to(device);
  for (Tensor* tensor : {&moved.loss_rows, &moved.labels, &moved.soft_labels, &moved.values, &moved.label_weights,
                         &moved.row_weights, &moved.owners, &moved.reference, &moved.kl})
    if (tensor->defined()) *tensor = tensor->to(device, /*non_blocking=*/true);
  if (unrelated) moved.unrelated = std::make_shared<LabelledBatch>(unrelated->to(device));
  return moved;
}

CollateOptions collate_options(const ObjectiveOptions& objective, const Tokenizer& tokenizer, const Model& model,
                               std::uint64_t seed) {
  return collate_options(objective, &tokenizer, model, seed);
}

CollateOptions collate_options(const ObjectiveOptions& objective, const Tokenizer* tokenizer, const Model& model,
                               std::uint64_t seed, const Processors& processors) {
  CollateOptions options;
  options.objective = objective;
  options.seed = seed;
  options.type_ids = model.family() == "bert";
  options.tokenizer = tokenizer;
  options.labels = static_cast<std::int64_t>(model.label_names().size());
  options.config = std::make_shared<const Json>(model.config());
  options.processors = processors;
  if (tokenizer) options.pad_id = tokenizer->pad_id().value_or(tokenizer->eos_id().value_or(0));
  if (std::holds_alternative<MaskedLmOptions>(objective)) {
    if (!tokenizer || !tokenizer->mask_id())
      fail(ErrorKind::bad_input, "the tokenizer has no mask token, so masked language modelling cannot work",
           "objective.kind", "choose causal_lm, or a model whose tokenizer has a mask token (BERT, RoBERTa)");
    options.mask_id = *tokenizer->mask_id();
    options.vocabulary = std::min(tokenizer->vocabulary_size(), model.vocabulary());
    options.special.resize(static_cast<std::size_t>(options.vocabulary));
    bool any = false;
    for (std::int64_t id = 0; id < options.vocabulary; ++id) {
      options.special[static_cast<std::size_t>(id)] = tokenizer->is_special(id);
      any = any || !tokenizer->is_special(id);
    }
    if (!any) fail(ErrorKind::bad_input, "the tokenizer has special tokens only", "model.tokenizer");
  }
  return options;
}

LabelledBatch collate(const EncodedSplit& split, std::span<const std::int64_t> rows, const CollateOptions& options,
                      std::uint64_t epoch, bool training) {
  LabelledBatch batch;
  batch.rows.assign(rows.begin(), rows.end());
  Positions positions;
  if (std::holds_alternative<PreferenceOptions>(options.objective)) {
    for (const std::int64_t index : batch.rows) batch.tokens += split.length(index);
    add_answers(split, options, batch);
    if (training) add_row_weights(split, options, {}, batch);
    return batch;
  }
  if (options.processors.image || options.processors.audio) {
    add_media(split, options, epoch, training, batch);  // leaves out rows that cannot be decoded
    if (batch.rows.empty()) return batch;
  } else {
    add_texts(split, options, epoch, batch, positions);
  }
  for (const std::int64_t index : batch.rows) batch.tokens += split.length(index);

  const ObjectiveOptions& objective = options.objective;
  if (std::holds_alternative<CtcOptions>(objective)) {
    batch.labels = targets_of(split, batch);
    for (const std::int64_t index : batch.rows)
      batch.weight += static_cast<std::int64_t>(split.row(index).target.size());
  } else if (std::holds_alternative<ClassificationOptions>(objective) ||
             std::holds_alternative<RegressionOptions>(objective) ||
             std::holds_alternative<MultiLabelOptions>(objective)) {
    add_row_labels(split, options, training, batch);
  } else {
    if (std::holds_alternative<Seq2SeqOptions>(objective)) add_decoder(split, options, batch, positions);
    batch.loss_rows = at::tensor(positions.rows, at::kLong);
    batch.labels = at::tensor(positions.labels, at::kLong);
    batch.weight = batch.labels.size(0);
  }
  if (!training) return batch;
  add_row_weights(split, options, positions, batch);
  if (options.processors.image) blend_images(options, epoch, batch);
  return batch;
}

}  // namespace luthier
