#pragma once
// What the page tells of one model: its outline, and what config, weights and tokenizer say beside it.
#include <QString>
#include <memory>

#include "pages/model/found_models.h"

namespace luthier {

struct ModelDetails {
  FoundModel model;
  QString kind;       ///< "encoder", "decoder-only"
  QString dtype;      ///< of most numbers in the weights: "bfloat16"; empty without weights
  QString tokenizer;  ///< "Byte-level BPE", "WordPiece"; empty where it is not known
  std::int64_t heads = 0, keyValueHeads = 0;
  std::int64_t tensors = 0;     ///< of the weights
  std::uint64_t diskBytes = 0;  ///< of all files in the folder
  bool drawn = false;           ///< the weights are drawn anew
};

/// Reads headers and configs, no weights: still not for the window's thread.
ModelDetails readModelDetails(const std::filesystem::path& folder, const std::string& objective, std::int64_t labels,
                              bool drawn = false);

}  // namespace luthier
