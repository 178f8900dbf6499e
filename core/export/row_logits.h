#pragma once
// What a proof compares: the logits that a model gives for raw texts, one row at a time.
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "export/exporter.h"

namespace luthier {

struct RowLogits {
  std::vector<std::int64_t> ids;  ///< tokens of the row; empty where the text has none: then there are no logits
  Tensor logits;                  ///< [P, L or V] fp32 on the CPU; classification: P = 1
};

/// `positions`: which tokens' logits are kept, ascending and below the row's token count (others are bad_input). Not
/// looked at for sequence classification. In evaluation mode, in fp32, on the device where the model lies.
RowLogits row_logits(Model& model, const Tokenizer& tokenizer, const ProofRow& row, std::int64_t max_tokens,
                     const std::vector<std::int64_t>& positions);

/// `count` positions spread evenly over `tokens` tokens, the last one among them; all when there are no more than that.
std::vector<std::int64_t> spread_positions(std::int64_t tokens, std::int64_t count);

/// A checksum of every tensor of a safetensors file or folder, by name (number type and shape are part of it).
std::map<std::string, std::string> tensor_checksums(const std::filesystem::path& path);

}  // namespace luthier
