#pragma once
// What a proof compares: the logits that a model gives for raw rows, one at a time.
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "export/exporter.h"

namespace luthier {

struct RowLogits {
  std::vector<std::int64_t> ids;        ///< tokens of the row's text (of encoder-decoders then those of its target)
  std::vector<std::int64_t> positions;  ///< whose logits were kept; empty where rows have one row of logits
  Tensor
      logits;  ///< [P, L or V] fp32 on the CPU; P = 1 where the row is classified; undefined for a text without tokens
};

/// What reads a row: an artefact's own tokenizer and processors, and where it cuts.
struct RowReading {
  const Tokenizer* tokenizer;
  const Processors& processors;
  std::int64_t max_tokens = 128;  ///< of texts, and of `tokens` of models that only write
  double longest_seconds = 30;
};

/// In evaluation mode, in fp32, on the device where the model lies. `positions`: which tokens' (frames', the decoder's
/// tokens') logits are kept, ascending (beyond the end: bad_input); nullopt: `most` of them, spread evenly. Errors of
/// decoding an image or recording too.
RowLogits row_logits(Model& model, const RowReading& reading, const ProofRow& row,
                     const std::optional<std::vector<std::int64_t>>& positions, std::int64_t most = INT64_MAX);

/// What the model writes after the task's prompt, reading the row before where it is an encoder-decoder.
std::vector<std::int64_t> written_answer(Model& model, const RowReading& reading, const ProofRow& row,
                                         const AnswerTask& task);

/// What the decoder of an encoder-decoder is to write for a row: the first tokens of its target, at least one.
std::vector<std::int64_t> target_ids(const Tokenizer& tokenizer, const std::string& target);

/// `count` positions spread evenly over `tokens` tokens, the last one among them; all when there are no more than that.
std::vector<std::int64_t> spread_positions(std::int64_t tokens, std::int64_t count);

/// A checksum of every tensor of a safetensors file or folder, by name (number type and shape are part of it).
std::map<std::string, std::string> tensor_checksums(const std::filesystem::path& path);

/// A row of tokens as a model's input: int64 [1, T].
Tensor row_of(const std::vector<std::int64_t>& ids);

}  // namespace luthier
