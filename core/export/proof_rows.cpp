// Which held-out rows a proof compares, and what is right for each.
#include <algorithm>
#include <map>

#include "export/artefact.h"
#include "export/exporter.h"
#include "proof/scoring.h"

namespace luthier {

namespace {

std::vector<double> numbers_of(std::span<const std::int32_t> ids) { return {ids.begin(), ids.end()}; }

/// Of an encoder-decoder's target: what it is given is not judged.
std::vector<double> target_truth(const EncodedRow& row) {
  std::vector<double> truth = numbers_of(row.target);
  std::fill_n(truth.begin(), row.silent_target, kNotJudged);
  return truth;
}

std::vector<double> label_set(std::span<const std::int32_t> ids, std::size_t labels) {
  std::vector<double> truth(labels, 0.0);
  for (const std::int32_t id : ids)
    if (id >= 0 && static_cast<std::size_t>(id) < labels) truth[static_cast<std::size_t>(id)] = 1;
  return truth;
}

void add_truth(const Model& model, const std::string& kind, const EncodedRow& row, ProofRow& proof) {
  if (kind == "label" && row.label >= 0) proof.truth = {static_cast<double>(row.label)};
  if (kind == "number") proof.truth = {row.value};
  if (kind == "label_set") proof.truth = label_set(row.target, model.label_names().size());
  if (kind == "spelling") proof.truth = numbers_of(row.target);
  if (kind == "tokens") proof.truth = model.is_encoder_decoder() ? target_truth(row) : numbers_of(row.labels);
  if (kind == "tokens" && model.is_encoder_decoder()) proof.tokens.assign(row.target.begin(), row.target.end());
  if (kind != "next_tokens") return;
  // Of a pair of answers the better one.
  const std::size_t end = row.second > 0 ? static_cast<std::size_t>(row.second) : row.ids.size();
  const auto ids = row.ids.first(end);
  proof.tokens.assign(ids.begin(), ids.end());
  if (row.labels.size() >= end) proof.truth = numbers_of(row.labels.first(end));
}

}  // namespace

std::string truth_kind(const Model& model) {
  static const std::map<std::string, std::string> of_objective = {
      {"classification", "label"}, {"regression", "number"},     {"multi_label", "label_set"},  {"tagging", "tokens"},
      {"seq2seq", "tokens"},       {"causal_lm", "next_tokens"}, {"preference", "next_tokens"}, {"ctc", "spelling"}};
  const auto found = of_objective.find(kind_of(objective_of(model)));
  return found == of_objective.end() ? std::string() : found->second;
}

std::vector<ProofRow> proof_rows(const Model& model, const EncodedSplit& split, std::int64_t count,
                                 const std::string& prefix) {
  const std::string kind = truth_kind(model);
  std::vector<ProofRow> rows;
  for (std::int64_t i = 0; i < std::min(split.size(), count); ++i) {
    const EncodedRow row = split.row(i);
    ProofRow proof;
    if (row.media_path.empty() && row.media_bytes.empty()) proof.text = prefix + split.text(i);
    proof.target = split.target_text(i);
    proof.media_path = row.media_path;
    proof.media_bytes = row.media_bytes;
    add_truth(model, kind, row, proof);
    rows.push_back(std::move(proof));
  }
  return rows;
}

}  // namespace luthier
