#include "models/model.h"

#include <nlohmann/json.hpp>
#include <unordered_set>

#include "base/error.h"
#include "models/config.h"

namespace luthier {

namespace {
constexpr std::pair<Head, const char*> kHeads[] = {{Head::sequence_classification, "sequence_classification"},
                                                   {Head::token_classification, "token_classification"},
                                                   {Head::masked_lm, "masked_lm"},
                                                   {Head::causal_lm, "causal_lm"}};
}  // namespace

std::string to_string(Head head) {
  for (const auto& [value, name] : kHeads)
    if (value == head) return name;
  fail(ErrorKind::internal, "unknown head");
}

Head head_from(const std::string& text) {
  std::string known;
  for (const auto& [value, name] : kHeads) {
    if (text == name) return value;
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  fail(ErrorKind::bad_input, "there is no head \"" + text + "\"", {}, "known are " + known);
}

Model::Model(Json config, std::string family, Head head, std::vector<std::string> labels)
    : config_(std::make_shared<Json>(std::move(config))),
      family_(std::move(family)),
      head_(head),
      labels_(std::move(labels)) {}

Model::~Model() = default;

Tensor Model::output_rows(const Tensor& rows) { return rows; }
Tensor Model::output_weight() { return {}; }
Tensor Model::output_bias() { return {}; }

std::int64_t Model::vocabulary() const { return config_size(*config_, "vocab_size"); }

std::int64_t Model::max_positions() const {
  const std::int64_t positions = config_size(*config_, "max_position_embeddings", 512);
  if (family_ != "roberta") return positions;
  // RoBERTa numbers its tokens from the padding index + 1 on.
  const auto padding = config_->find("pad_token_id");
  const std::int64_t offset =
      padding != config_->end() && padding->is_number_integer() ? padding->get<std::int64_t>() + 1 : 0;
  return std::max<std::int64_t>(1, positions - offset);
}

std::vector<std::pair<std::string, Tensor>> Model::unique_parameters() const {
  std::vector<std::pair<std::string, Tensor>> unique;
  std::unordered_set<const c10::TensorImpl*> seen;
  for (const auto& parameter : named_parameters())
    if (seen.insert(parameter.value().unsafeGetTensorImpl()).second)
      unique.emplace_back(parameter.key(), parameter.value());
  return unique;
}

}  // namespace luthier
