#pragma once
// Decoders: from tokens back to text.
#include <memory>
#include <string>
#include <vector>

#include "text/place.h"

namespace luthier::text {

class Decoder {
 public:
  virtual ~Decoder() = default;
  /// Rewrites the tokens; the text is what they are when joined.
  virtual void apply(std::vector<std::string>& tokens) const = 0;
};

std::unique_ptr<Decoder> read_decoder(const Place& place);

}  // namespace luthier::text
