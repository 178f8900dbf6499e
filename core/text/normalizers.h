#pragma once
// Normalizers: what happens to a text before it is split. Each keeps the origin of every byte.
#include <memory>

#include "text/aligned_text.h"
#include "text/place.h"
#include "text/unicode.h"

namespace luthier::text {

class Normalizer {
 public:
  virtual ~Normalizer() = default;
  virtual void apply(AlignedText& text) const = 0;
};

/// The component that stands at `place`; unsupported for a type that is not known, bad_input for what is broken.
std::unique_ptr<Normalizer> read_normalizer(const Place& place);

/// BERT's: cleans controls and white space, sets ideographs apart, strips accents, lower-cases.
std::unique_ptr<Normalizer> read_bert_normalizer(const Place& place);

/// SentencePiece's character map, compiled into one block.
std::unique_ptr<Normalizer> read_precompiled(const Place& place);

enum class NormalForm { nfd, nfc, nfkd, nfkc };
void normalize(AlignedText& text, NormalForm form);

void lower_case(AlignedText& text);

/// Keeps the code points for which `keep` holds.
template <class Keep>
void filter(AlignedText& aligned, Keep keep) {
  std::size_t out = 0;
  for (std::size_t i = 0; i < aligned.text.size();) {
    const std::size_t length = sequence_length(aligned.text[i]);
    const char* at = aligned.text.data() + i;
    if (keep(next_code_point(at))) {
      for (std::size_t k = 0; out != i && k < length; ++k) {
        aligned.text[out + k] = aligned.text[i + k];
        aligned.origin[out + k] = aligned.origin[i + k];
      }
      out += length;
    }
    i += length;
  }
  aligned.text.resize(out);
  aligned.origin.resize(out);
}

}  // namespace luthier::text
