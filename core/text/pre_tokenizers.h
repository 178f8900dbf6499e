#pragma once
// Pre-tokenizers: how a normalised text is cut into the pieces that the model sees one at a time.
#include <memory>
#include <string>

#include "text/aligned_text.h"
#include "text/place.h"
#include "text/regex.h"

namespace luthier::text {

class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  /// Cuts (and, for some, rewrites) every piece that is not an added token.
  virtual void apply(Pieces& pieces) const = 0;
};

/// The component that stands at `place`. With `raw_bytes` true on entry, a byte-level component that comes last may
/// leave its bytes as they are instead of writing their stand-ins; `raw_bytes` tells whether it does.
std::unique_ptr<PreTokenizer> read_pre_tokenizer(const Place& place, bool& raw_bytes);

/// GPT-2's splitting and byte stand-ins; SentencePiece's "▁" for spaces.
std::unique_ptr<PreTokenizer> read_byte_level(const Place& place, bool raw_bytes);
std::unique_ptr<PreTokenizer> read_metaspace(const Place& place);

/// What becomes of the delimiters that a splitting pattern finds.
enum class Delimiters { removed, isolated, with_previous, with_next, contiguous };
Delimiters read_delimiters(const Place& place);

/// Turns matches and what lies between them into the stretches to keep.
void arrange(std::vector<Stretch>& stretches, Delimiters delimiters);

/// Replaces each piece that is not an added token by what `cut(piece, add)` adds.
template <class Cut>
void cut_each(Pieces& pieces, Cut cut) {
  std::vector<Piece> before;
  before.swap(pieces.list);
  pieces.list.reserve(before.size() + pieces.aligned.text.size() / 4 + 1);
  for (const Piece& piece : before) {
    if (piece.token >= 0)
      pieces.list.push_back(piece);
    else
      cut(piece);
  }
}

/// Rewrites the text piece by piece: `rewrite(piece, from, to)` appends the new form of a piece of `from` to `to`.
template <class Rewrite>
void rewrite_each(Pieces& pieces, Rewrite rewrite) {
  AlignedText to;
  to.reserve(pieces.aligned.text.size() + pieces.aligned.text.size() / 2);
  for (Piece& piece : pieces.list) {
    const std::size_t begin = to.text.size();
    if (piece.token >= 0)
      to.append(pieces.aligned, piece.begin, piece.end);
    else
      rewrite(piece, pieces.aligned, to);
    piece.begin = static_cast<std::uint32_t>(begin);
    piece.end = static_cast<std::uint32_t>(to.text.size());
  }
  pieces.aligned = std::move(to);
}

}  // namespace luthier::text
