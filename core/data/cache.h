#pragma once
// The token cache: one memory-mapped file with every encoded row, its text, and what load_dataset found.
//
//   header (fixed size) | records | index of each split | meta (JSON)
//   record: ids, [type ids], [labels], [words], target, text, target text, media (a path or an encoded file)
#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

#include "data/dataset.h"
#include "data/encode.h"
#include "data/split.h"

namespace luthier {

/// Which arrays a record has besides its ids.
struct RecordParts {
  bool type_ids = false, labels = false, words = false;
};

/// Receives the rows while a cache is written.
class CacheWriter {
 public:
  CacheWriter(int descriptor, std::string where, RecordParts parts);
  void add(Split split, const EncodedTokens& tokens, const RoleRow& row, std::int32_t label, float weight);
  /// Writes index, meta and header. Call once, after the last row.
  void finish(std::uint64_t fingerprint, const std::string& meta);
  std::int64_t rows(Split split) const {
    return static_cast<std::int64_t>(index_[static_cast<std::size_t>(split)].size());
  }

  struct Entry {
    std::uint64_t offset = 0;
    std::int64_t source_row = 0;
    std::int32_t length = 0;  ///< see EncodedSplit::length
    std::int32_t tokens = 0;  ///< elements of ids and of what is as long
    std::int32_t target = 0, silent_target = 0;
    std::uint32_t text_bytes = 0, target_bytes = 0, media_bytes = 0;
    std::uint16_t truncated = 0, media_is_path = 0;
    std::int32_t label = -1;
    float weight = 1, value = 0;
    std::int32_t second = 0;  ///< see EncodedRow
  };

 private:
  void put(const void* bytes, std::size_t size);
  void flush();

  int descriptor_;
  std::string where_;
  RecordParts parts_;
  std::string buffer_;
  std::uint64_t written_ = 0;
  std::array<std::vector<Entry>, 3> index_;
};

/// What a cache file holds.
struct CacheContent {
  EncodedSplit splits[3];
  std::string meta;
};

/// nullopt when the file is absent, of another fingerprint or version, or damaged (sizes, checksum, bounds).
std::optional<CacheContent> open_cache(const std::filesystem::path& path, std::uint64_t fingerprint);

}  // namespace luthier
