#include "export/row_logits.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/tensor.h>

#include <algorithm>

#include "base/error.h"
#include "base/random.h"
#include "eval/predict.h"
#include "models/evaluating.h"
#include "models/generation.h"
#include "models/sequences.h"
#include "weights/weights.h"

namespace luthier {

namespace {
constexpr std::size_t kTargetTokens = 24;  ///< the decoder is given so many at most

void check_ids(const Model& model, const std::vector<std::int64_t>& ids) {
  if (!ids.empty() && *std::max_element(ids.begin(), ids.end()) >= model.vocabulary())
    fail(ErrorKind::bad_input, "the tokenizer gives a token that the model's embedding does not have");
}

/// The row as the model's input, [1, ...] on the CPU; `ids` gets its text's tokens. nullopt: a text without tokens.
std::optional<Batch> input_of(Model& model, const RowReading& reading, const ProofRow& row,
                              std::vector<std::int64_t>& ids) {
  Batch batch;
  const MediaPlace place{row.media_path, row.media_bytes};
  if (reading.processors.image) {
    batch = image_batch({decode_image_at(place)}, *reading.processors.image);
  } else if (reading.processors.audio) {
    batch = audio_batch({audio_input(place, reading.processors, reading.longest_seconds)}, reading.processors);
  } else {
    const Encoding encoding = row.text_pair.empty()
                                  ? reading.tokenizer->encode(row.text, true, reading.max_tokens)
                                  : reading.tokenizer->encode_pair(row.text, row.text_pair, true, reading.max_tokens);
    ids = encoding.ids;
    if (ids.empty()) return std::nullopt;
    check_ids(model, ids);
    batch = batch_of({encoding}, *reading.tokenizer, model);
  }
  check_ids(model, row.tokens);
  if (!model.is_encoder_decoder() || model.head_kind() != Head::seq2seq_lm) {
    if (!row.tokens.empty()) {
      batch = Batch();
      batch.input_ids = row_of(row.tokens);
    }
    return batch;
  }
  const std::vector<std::int64_t> target = target_ids(*reading.tokenizer, row.target);
  check_ids(model, target);
  batch.decoder_input_ids = shifted_right(row_of(row.tokens.empty() ? target : row.tokens), model.config());
  ids.insert(ids.end(), target.begin(), target.end());
  return batch;
}
}  // namespace

Tensor row_of(const std::vector<std::int64_t>& ids) { return at::tensor(ids, at::kLong).unsqueeze(0); }

std::vector<std::int64_t> target_ids(const Tokenizer& tokenizer, const std::string& target) {
  std::vector<std::int64_t> ids = tokenizer.encode(target, true, -1).ids;
  if (ids.empty()) ids.push_back(tokenizer.eos_id().value_or(0));
  if (ids.size() > kTargetTokens) ids.resize(kTargetTokens);
  return ids;
}

RowLogits row_logits(Model& model, const RowReading& reading, const ProofRow& row,
                     const std::optional<std::vector<std::int64_t>>& positions, std::int64_t most) {
  RowLogits result;
  const auto input = input_of(model, reading, row, result.ids);
  if (!input) return result;
  const Evaluating evaluating(model);
  const Batch batch = input->to(model.parameters().front().device());
  if (classifies_rows(model.head_kind())) {
    result.logits = model.logits(batch).to(at::kCPU, at::kFloat);  // [1, L]
    return result;
  }
  const Tensor hidden = model.hidden(batch).select(0, 0);  // [T, C]
  const std::int64_t count = hidden.size(0);
  result.positions = positions ? *positions : spread_positions(count, most);
  const Tensor kept = at::empty({static_cast<std::int64_t>(result.positions.size())}, at::kLong);
  for (std::size_t i = 0; i < result.positions.size(); ++i) {
    if (result.positions[i] < 0 || result.positions[i] >= count)
      fail(ErrorKind::bad_input, "the row has " + std::to_string(count) + " positions, not the " +
                                     std::to_string(result.positions[i] + 1) + " that are compared");
    kept.mutable_data_ptr<std::int64_t>()[i] = result.positions[i];
  }
  const Tensor rows = hidden.index_select(0, kept.to(hidden.device()));  // [P, C]
  result.logits = model.token_logits(rows).to(at::kCPU, at::kFloat);     // [P, L or V]
  return result;
}

std::vector<std::int64_t> written_answer(Model& model, const RowReading& reading, const ProofRow& row,
                                         const AnswerTask& task) {
  GenerateInputs inputs{{task.prompt}, {}};
  if (model.is_encoder_decoder()) {
    std::vector<std::int64_t> ids;
    const auto source = input_of(model, reading, row, ids);
    if (!source) return {};
    inputs.source = *source;
  }
  GenerateOptions options;
  options.max_new_tokens = task.most;
  options.stop_ids = task.ends;
  options.on_token = [&task](std::int64_t, std::int64_t) { return !task.on_token || task.on_token(); };
  return generate_from(model, inputs, options).at(0);
}

std::vector<std::int64_t> spread_positions(std::int64_t tokens, std::int64_t count) {
  std::vector<std::int64_t> positions;
  const std::int64_t kept = std::min(tokens, count);
  for (std::int64_t i = 1; i <= kept; ++i) positions.push_back(i * tokens / kept - 1);
  return positions;
}

std::map<std::string, std::string> tensor_checksums(const std::filesystem::path& path) {
  std::map<std::string, std::string> sums;
  const Weights weights = Weights::open(path);
  for (const TensorEntry& tensor : weights.tensors()) {
    std::string kind = to_string(tensor.type);
    for (const std::int64_t size : tensor.shape) kind += "," + std::to_string(size);
    sums[tensor.name] = hex(hash_bytes(tensor.bytes.data(), tensor.bytes.size(), hash_bytes(kind.data(), kind.size())));
  }
  return sums;
}

}  // namespace luthier
