// Byte-pair encoding (Sennrich et al. 2016): the pair with the lowest rank is merged first, the leftmost of equals
// first.
#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "text/byte_level.h"
#include "text/models.h"
#include "text/pair_table.h"
#include "text/unicode.h"

namespace luthier::text {

namespace {

struct Merge {
  std::uint32_t rank = 0, id = 0;
};

struct Symbol {
  std::uint32_t id = 0, bytes = 0;  // bytes == 0: merged into the one before
  std::int32_t previous = -1, next = -1;
};

struct PairCandidate {
  std::uint32_t rank = 0, id = 0;
  std::int32_t position = 0;
  bool operator<(const PairCandidate& other) const {  // a heap's top is the largest
    return rank != other.rank ? rank > other.rank : position > other.position;
  }
};

/// Room for one piece at a time; kept by each thread.
struct Workspace {
  std::vector<Symbol> symbols;
  std::vector<PairCandidate> heap;
};

class Bpe : public Model {
 public:
  explicit Bpe(const Place& place);
  void tokenize(std::string_view piece, std::vector<ModelToken>& out) const override;
  bool can_take_raw_bytes() const override;
  void take_raw_bytes() override;
  std::optional<std::string> unknown_token() const override { return unknown_name_; }

 private:
  void read_merges(const Place& place);
  void start(std::string_view piece, std::vector<Symbol>& symbols) const;
  void start_raw(std::string_view piece, std::vector<Symbol>& symbols) const;
  void merge(Workspace& work) const;

  std::optional<std::string> unknown_name_;
  std::string prefix_, suffix_;
  bool fuse_unknown_ = false, fallback_ = false, ignore_merges_ = false, raw_ = false;
  std::optional<std::uint32_t> unknown_;
  PairTable<Merge> merges_;
  std::array<std::int64_t, 256> bytes_;  // raw: the id of each byte's stand-in; else of <0xNN>; -1 for none
  StringTable raw_tokens_;               // raw bytes -> id, for ignore_merges
};

Bpe::Bpe(const Place& place) : Model(Vocabulary::read(place.at("vocab"))) {
  if (place.has("unk_token")) unknown_name_ = place.at("unk_token").text();
  prefix_ = place.text("continuing_subword_prefix", "");
  suffix_ = place.text("end_of_word_suffix", "");
  fuse_unknown_ = place.flag("fuse_unk", false);
  fallback_ = place.flag("byte_fallback", false);
  ignore_merges_ = place.flag("ignore_merges", false);
  // "dropout" is for training the vocabulary's user, at random; the same text always gives the same tokens here.
  if (unknown_name_) {
    unknown_ = vocabulary_.id_of(*unknown_name_);
    if (!unknown_)
      place.at("unk_token").bad("the unknown token \"" + unknown_name_->substr(0, 80) + "\" is not in the vocabulary");
  }
  for (std::size_t byte = 0; byte < 256; ++byte) {
    char name[8];
    std::snprintf(name, sizeof name, "<0x%02X>", static_cast<unsigned>(byte));
    const auto id = vocabulary_.id_of(name);
    bytes_[byte] = id ? static_cast<std::int64_t>(*id) : -1;
  }
  read_merges(place.at("merges"));
}

void Bpe::read_merges(const Place& place) {
  if (!place.json().is_array()) place.bad("expected a list, found " + std::string(place.json().type_name()));
  merges_ = PairTable<Merge>(place.json().size());
  std::uint32_t rank = 0;
  std::string merged;
  for (std::size_t i = 0; i < place.json().size(); ++i) {
    const Json& entry = place.json()[i];
    const auto bad = [&](const std::string& message) {
      Place(entry, place.where() + "[" + std::to_string(i) + "]").bad(message);
    };
    std::string_view left, right;
    if (entry.is_string()) {
      const std::string_view line = entry.get_ref<const std::string&>();
      if (line.starts_with("#version")) continue;
      const std::size_t space = line.find(' ');
      if (space == std::string_view::npos || line.find(' ', space + 1) != std::string_view::npos)
        bad("expected two tokens with one space between them");
      left = line.substr(0, space);
      right = line.substr(space + 1);
    } else if (entry.is_array() && entry.size() == 2 && entry[0].is_string() && entry[1].is_string()) {
      left = entry[0].get_ref<const std::string&>();
      right = entry[1].get_ref<const std::string&>();
    } else {
      bad("expected \"left right\" or [left, right]");
    }
    const auto id = [&](std::string_view token) {
      const auto found = vocabulary_.id_of(token);
      if (!found) bad("the token \"" + std::string(token.substr(0, 80)) + "\" is not in the vocabulary");
      return *found;
    };
    const std::uint32_t left_id = id(left), right_id = id(right);
    if (right.size() < prefix_.size()) bad("the second token is shorter than the continuing prefix");
    merged.assign(left).append(right.substr(prefix_.size()));
    merges_[pair_of(left_id, right_id)] = {rank++, id(merged)};
  }
}

bool Bpe::can_take_raw_bytes() const {
  const auto& stand_ins = byte_characters();
  return prefix_.empty() && suffix_.empty() &&
         std::all_of(stand_ins.begin(), stand_ins.end(), [this](char32_t c) { return vocabulary_.id_of(to_utf8(c)); });
}

void Bpe::take_raw_bytes() {
  raw_ = true;
  for (std::size_t byte = 0; byte < 256; ++byte) {
    bytes_[byte] = static_cast<std::int64_t>(*vocabulary_.id_of(to_utf8(byte_characters()[byte])));
  }
  if (!ignore_merges_) return;
  raw_tokens_ = StringTable(vocabulary_.size());
  std::string raw;
  for (std::int64_t id = 0; id < vocabulary_.bound(); ++id) {
    raw.clear();
    if (vocabulary_.holds(id) && append_bytes_behind(vocabulary_.token_of(id), raw))
      raw_tokens_.insert(raw, static_cast<std::uint32_t>(id));
  }
}

/// The symbols of a piece before any merge, with unknown characters as the library treats them: bytes where the file
/// asks for them, else the unknown token (runs of it fused if asked), else nothing.
void Bpe::start(std::string_view piece, std::vector<Symbol>& symbols) const {
  std::uint32_t unknown_bytes = 0;
  const auto flush = [&] {
    if (unknown_bytes) symbols.push_back({*unknown_, unknown_bytes});
    unknown_bytes = 0;
  };
  std::string name;
  for (std::size_t at = 0; at < piece.size();) {
    const std::size_t length = sequence_length(piece[at]);
    std::string_view part = piece.substr(at, length);
    const bool first = at == 0, last = at + length == piece.size();
    at += length;
    if ((!first && !prefix_.empty()) || (last && !suffix_.empty())) {
      name.assign(first ? "" : prefix_).append(part).append(last ? suffix_ : "");
      part = name;
    }
    if (const auto id = vocabulary_.id_of(part)) {
      flush();
      symbols.push_back({*id, static_cast<std::uint32_t>(length)});
      continue;
    }
    if (fallback_ && std::all_of(part.begin(), part.end(),
                                 [this](char byte) { return bytes_[static_cast<unsigned char>(byte)] >= 0; })) {
      // An unknown character that still waits comes after these bytes, as it does in the library.
      for (const char byte : part)
        symbols.push_back({static_cast<std::uint32_t>(bytes_[static_cast<unsigned char>(byte)]), 1});
      continue;
    }
    if (!unknown_) continue;
    if (!fuse_unknown_) flush();
    unknown_bytes += static_cast<std::uint32_t>(length);
  }
  flush();
}

void Bpe::start_raw(std::string_view piece, std::vector<Symbol>& symbols) const {
  for (const char byte : piece)
    symbols.push_back({static_cast<std::uint32_t>(bytes_[static_cast<unsigned char>(byte)]), 1});
}

void Bpe::merge(Workspace& work) const {
  auto& symbols = work.symbols;
  auto& heap = work.heap;
  const auto count = static_cast<std::int32_t>(symbols.size());
  heap.clear();
  const auto consider = [&](std::int32_t left, std::int32_t right) {
    const auto* merge =
        merges_.find(pair_of(symbols[static_cast<std::size_t>(left)].id, symbols[static_cast<std::size_t>(right)].id));
    if (merge) heap.push_back({merge->rank, merge->id, left});
    return merge != nullptr;
  };
  for (std::int32_t i = 0; i < count; ++i) {
    symbols[static_cast<std::size_t>(i)].previous = i - 1;
    symbols[static_cast<std::size_t>(i)].next = i + 1 < count ? i + 1 : -1;
    if (i + 1 < count) consider(i, i + 1);
  }
  std::make_heap(heap.begin(), heap.end());
  while (!heap.empty()) {
    std::pop_heap(heap.begin(), heap.end());
    const PairCandidate top = heap.back();
    heap.pop_back();
    Symbol& left = symbols[static_cast<std::size_t>(top.position)];
    if (left.bytes == 0 || left.next < 0) continue;
    Symbol& right = symbols[static_cast<std::size_t>(left.next)];
    const auto* now = merges_.find(pair_of(left.id, right.id));  // an entry may have outlived its pair
    if (!now || now->id != top.id) continue;
    left.id = top.id;
    left.bytes += right.bytes;
    left.next = right.next;
    right.bytes = 0;
    if (left.next >= 0) symbols[static_cast<std::size_t>(left.next)].previous = top.position;
    if (left.previous >= 0 && consider(left.previous, top.position)) std::push_heap(heap.begin(), heap.end());
    if (left.next >= 0 && consider(top.position, left.next)) std::push_heap(heap.begin(), heap.end());
  }
}

void Bpe::tokenize(std::string_view piece, std::vector<ModelToken>& out) const {
  if (ignore_merges_) {
    const auto* whole = raw_ ? raw_tokens_.find(piece) : nullptr;
    const auto id = whole ? std::optional(*whole) : raw_ ? std::nullopt : vocabulary_.id_of(piece);
    if (id) {
      out.push_back({*id, 0, static_cast<std::uint32_t>(piece.size())});
      return;
    }
  }
  thread_local Workspace work;
  work.symbols.clear();
  if (raw_)
    start_raw(piece, work.symbols);
  else
    start(piece, work.symbols);
  if (work.symbols.size() > 1) merge(work);
  std::uint32_t end = 0;
  for (const Symbol& symbol : work.symbols) {
    if (symbol.bytes == 0) continue;
    out.push_back({symbol.id, end, end + symbol.bytes});
    end += symbol.bytes;
  }
}

}  // namespace

std::unique_ptr<Model> read_bpe(const Place& place) { return std::make_unique<Bpe>(place); }

}  // namespace luthier::text
