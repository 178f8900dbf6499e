#include "data/cache.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/files.h"
#include "base/random.h"

namespace luthier {

namespace {
constexpr char kMagic[8] = {'L', 'U', 'T', 'H', 'T', 'O', 'K', '3'};
constexpr std::size_t kBuffer = std::size_t{4} << 20;

struct Header {
  char magic[8];
  std::uint64_t fingerprint, file_bytes, index_offset, meta_offset, meta_bytes, index_hash;
  std::uint64_t rows[3];
  std::uint64_t parts;        ///< bit 0 type ids, 1 labels, 2 words
  std::uint64_t header_hash;  ///< of everything before
};
static_assert(sizeof(Header) == 96);
static_assert(sizeof(CacheWriter::Entry) == 64);

std::uint64_t hash_of(const Header& header) { return hash_bytes(&header, offsetof(Header, header_hash)); }

std::size_t arrays(const RecordParts& parts) { return 1u + parts.type_ids + parts.labels + parts.words; }

/// Where the texts of a record begin, from its own beginning.
std::uint64_t text_offset(const CacheWriter::Entry& entry, const RecordParts& parts) {
  return 4 * (arrays(parts) * static_cast<std::uint64_t>(entry.tokens) + static_cast<std::uint64_t>(entry.target));
}
}  // namespace

struct EncodedSplit::State {
  std::shared_ptr<MappedFile> file;
  const CacheWriter::Entry* entries = nullptr;
  std::int64_t count = 0, tokens = 0;
  RecordParts parts;
  std::shared_ptr<const std::vector<std::int32_t>>
      zeros;  ///< type ids of rows without a pair, as long as the longest row
};

CacheWriter::CacheWriter(int descriptor, std::string where, RecordParts parts)
    : descriptor_(descriptor), where_(std::move(where)), parts_(parts) {
  const Header empty{};
  put(&empty, sizeof empty);
}

void CacheWriter::put(const void* bytes, std::size_t size) {
  buffer_.append(static_cast<const char*>(bytes), size);
  if (buffer_.size() >= kBuffer) flush();
}

void CacheWriter::flush() {
  write_all(descriptor_, buffer_.data(), buffer_.size(), where_);
  written_ += buffer_.size();
  buffer_.clear();
}

void CacheWriter::add(Split split, const EncodedTokens& tokens, const RoleRow& row, std::int32_t label, float weight) {
  const std::string text = row.shown();
  const std::string& media = row.media_path.empty() ? row.media_bytes : row.media_path;
  Entry entry;
  entry.offset = written_ + buffer_.size();
  entry.source_row = row.source_row;
  entry.length = tokens.length;
  entry.tokens = static_cast<std::int32_t>(tokens.ids.size());
  entry.target = static_cast<std::int32_t>(tokens.target.size());
  entry.silent_target = tokens.silent_target;
  entry.second = tokens.second;
  entry.text_bytes = static_cast<std::uint32_t>(text.size());
  entry.target_bytes = static_cast<std::uint32_t>(row.target.size());
  entry.media_bytes = static_cast<std::uint32_t>(media.size());
  entry.media_is_path = !row.media_path.empty();
  entry.label = label;
  entry.weight = weight;
  entry.value = tokens.value;
  entry.truncated = tokens.truncated;
  const auto put_array = [&](const std::vector<std::int32_t>& values) {
    if (values.size() != tokens.ids.size()) fail(ErrorKind::internal, "an encoded row has arrays of different lengths");
    put(values.data(), values.size() * sizeof(std::int32_t));
  };
  put_array(tokens.ids);
  if (parts_.type_ids) put_array(tokens.type_ids);
  if (parts_.labels) put_array(tokens.labels);
  if (parts_.words) put_array(tokens.words);
  put(tokens.target.data(), tokens.target.size() * sizeof(std::int32_t));
  put(text.data(), text.size());
  put(row.target.data(), row.target.size());
  put(media.data(), media.size());
  constexpr char padding[4] = {};
  put(padding, (4 - (text.size() + row.target.size() + media.size()) % 4) % 4);
  index_[static_cast<std::size_t>(split)].push_back(entry);
}

void CacheWriter::finish(std::uint64_t fingerprint, const std::string& meta) {
  Header header{};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  header.fingerprint = fingerprint;
  constexpr char padding[8] = {};
  put(padding, (8 - (written_ + buffer_.size()) % 8) % 8);
  header.index_offset = written_ + buffer_.size();
  header.index_hash = hash_bytes(nullptr, 0);
  for (std::size_t i = 0; i < 3; ++i) {
    const std::size_t bytes = index_[i].size() * sizeof(Entry);
    header.rows[i] = index_[i].size();
    header.index_hash = hash_bytes(index_[i].data(), bytes, header.index_hash);
    put(index_[i].data(), bytes);
  }
  header.meta_offset = written_ + buffer_.size();
  header.meta_bytes = meta.size();
  header.index_hash = hash_bytes(meta.data(), meta.size(), header.index_hash);
  put(meta.data(), meta.size());
  flush();
  header.file_bytes = written_;
  header.parts = 1u * parts_.type_ids + 2u * parts_.labels + 4u * parts_.words;
  header.header_hash = hash_of(header);
  if (::lseek(descriptor_, 0, SEEK_SET) != 0) fail_errno("the token cache cannot be written", where_);
  write_all(descriptor_, &header, sizeof header, where_);
}

std::optional<CacheContent> open_cache(const std::filesystem::path& path, std::uint64_t fingerprint) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return std::nullopt;
  const auto file = MappedFile::open(path);
  Header header;
  if (file->size() < sizeof header) return std::nullopt;
  std::memcpy(&header, file->data(), sizeof header);
  if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0 || header.header_hash != hash_of(header) ||
      header.fingerprint != fingerprint || header.file_bytes != file->size())
    return std::nullopt;
  const std::uint64_t rows = header.rows[0] + header.rows[1] + header.rows[2];
  if (header.index_offset + rows * sizeof(CacheWriter::Entry) != header.meta_offset ||
      header.meta_offset + header.meta_bytes != header.file_bytes)
    return std::nullopt;
  if (hash_bytes(file->data() + header.index_offset, header.file_bytes - header.index_offset) != header.index_hash)
    return std::nullopt;

  CacheContent content;
  RecordParts parts{(header.parts & 1) != 0, (header.parts & 2) != 0, (header.parts & 4) != 0};
  const auto* entry = reinterpret_cast<const CacheWriter::Entry*>(file->data() + header.index_offset);
  std::int32_t longest = 0;
  std::shared_ptr<EncodedSplit::State> states[3];
  for (std::size_t split = 0; split < 3; ++split) {
    auto state = std::make_shared<EncodedSplit::State>();
    state->file = file;
    state->entries = entry;
    state->count = static_cast<std::int64_t>(header.rows[split]);
    state->parts = parts;
    for (std::uint64_t i = 0; i < header.rows[split]; ++i, ++entry) {
      if (entry->length < 0 || entry->tokens < 0 || entry->target < 0 || entry->silent_target < 0 ||
          entry->silent_target > entry->target || entry->second < 0 || entry->second > entry->tokens)
        return std::nullopt;
      const std::uint64_t bytes = text_offset(*entry, parts) + entry->text_bytes + entry->target_bytes +
                                  static_cast<std::uint64_t>(entry->media_bytes);
      if (entry->offset < sizeof header || entry->offset % 4 != 0 || entry->offset > header.index_offset ||
          bytes > header.index_offset - entry->offset)
        return std::nullopt;
      state->tokens += entry->length;
      longest = std::max(longest, entry->tokens);
    }
    states[split] = std::move(state);
  }
  const auto zeros =
      std::make_shared<const std::vector<std::int32_t>>(parts.type_ids ? 0 : static_cast<std::size_t>(longest));
  for (std::size_t split = 0; split < 3; ++split) {
    states[split]->zeros = zeros;
    content.splits[split].state = states[split];
  }
  content.meta.assign(reinterpret_cast<const char*>(file->data() + header.meta_offset), header.meta_bytes);
  return content;
}

std::int64_t EncodedSplit::size() const { return state ? state->count : 0; }
std::int64_t EncodedSplit::tokens() const { return state ? state->tokens : 0; }

namespace {
const CacheWriter::Entry& entry_at(const EncodedSplit& split, const CacheWriter::Entry* entries, std::int64_t index) {
  if (index < 0 || index >= split.size())
    fail(ErrorKind::internal,
         "row " + std::to_string(index) + " is asked of a split with " + std::to_string(split.size()));
  return entries[index];
}
}  // namespace

std::int32_t EncodedSplit::length(std::int64_t index) const {
  return entry_at(*this, state ? state->entries : nullptr, index).length;
}

EncodedRow EncodedSplit::row(std::int64_t index) const {
  const auto& entry = entry_at(*this, state ? state->entries : nullptr, index);
  const auto* next = reinterpret_cast<const std::int32_t*>(state->file->data() + entry.offset);
  const auto tokens = static_cast<std::size_t>(entry.tokens);
  const auto take = [&](std::size_t count) {
    const std::span<const std::int32_t> part(next, count);
    next += count;
    return part;
  };
  EncodedRow row;
  row.ids = take(tokens);
  row.type_ids = state->parts.type_ids ? take(tokens) : std::span(state->zeros->data(), tokens);
  row.labels = take(state->parts.labels ? tokens : 0);
  row.words = take(state->parts.words ? tokens : 0);
  row.target = take(static_cast<std::size_t>(entry.target));
  row.silent_target = entry.silent_target;
  row.second = entry.second;
  row.value = entry.value;
  const char* media = reinterpret_cast<const char*>(next) + entry.text_bytes + entry.target_bytes;
  (entry.media_is_path ? row.media_path : row.media_bytes) = std::string_view(media, entry.media_bytes);
  row.label = entry.label;
  row.source_row = entry.source_row;
  row.truncated = entry.truncated != 0;
  row.weight = entry.weight;
  return row;
}

std::string EncodedSplit::text(std::int64_t index) const {
  const auto& entry = entry_at(*this, state ? state->entries : nullptr, index);
  return {reinterpret_cast<const char*>(state->file->data() + entry.offset + text_offset(entry, state->parts)),
          entry.text_bytes};
}

std::string EncodedSplit::target_text(std::int64_t index) const {
  const auto& entry = entry_at(*this, state ? state->entries : nullptr, index);
  const char* record = reinterpret_cast<const char*>(state->file->data() + entry.offset);
  return {record + text_offset(entry, state->parts) + entry.text_bytes, entry.target_bytes};
}

}  // namespace luthier
