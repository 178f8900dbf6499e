#include "export/row_logits.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/index_select.h>

#include <algorithm>

#include "base/error.h"
#include "base/random.h"
#include "eval/predict.h"
#include "models/evaluating.h"
#include "weights/weights.h"

namespace luthier {

RowLogits row_logits(Model& model, const Tokenizer& tokenizer, const ProofRow& row, std::int64_t max_tokens,
                     const std::vector<std::int64_t>& positions) {
  const Encoding encoding = row.text_pair.empty() ? tokenizer.encode(row.text, true, max_tokens)
                                                  : tokenizer.encode_pair(row.text, row.text_pair, true, max_tokens);
  RowLogits result;
  result.ids = encoding.ids;
  if (result.ids.empty()) return result;
  const auto count = static_cast<std::int64_t>(result.ids.size());
  if (*std::max_element(result.ids.begin(), result.ids.end()) >= model.vocabulary())
    fail(ErrorKind::bad_input, "the tokenizer gives a token that the model's embedding does not have");

  const Evaluating evaluating(model);
  const c10::Device device = model.input_embedding().device();
  Batch batch = batch_of({encoding}, tokenizer, model);
  batch.input_ids = batch.input_ids.to(device);
  if (batch.token_type_ids.defined()) batch.token_type_ids = batch.token_type_ids.to(device);
  if (model.head_kind() == Head::sequence_classification) {
    result.logits = model.logits(batch).to(at::kCPU, at::kFloat);  // [1, L]
    return result;
  }
  Tensor kept = at::empty({static_cast<std::int64_t>(positions.size())}, at::kLong);
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (positions[i] < 0 || positions[i] >= count)
      fail(ErrorKind::bad_input, "the row has " + std::to_string(count) + " tokens, not the " +
                                     std::to_string(positions[i] + 1) + " that are compared");
    kept.data_ptr<std::int64_t>()[i] = positions[i];
  }
  const Tensor hidden = model.hidden(batch).select(0, 0).index_select(0, kept.to(device));  // [P, C]
  result.logits = model.token_logits(hidden).to(at::kCPU, at::kFloat);                      // [P, L or V]
  return result;
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
