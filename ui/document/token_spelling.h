#pragma once
// How a token of a vocabulary is written for a person.
#include <QString>
#include <cstdint>

#include "text/tokenizer.h"

namespace luthier {

/// Byte-level tokens are turned back into characters, word-start marks into spaces; a space is shown as "·", a line end
/// as "↵", and bytes that are no character by themselves as "\xE2".
class TokenSpelling {
 public:
  explicit TokenSpelling(const Tokenizer& tokenizer);
  QString text(std::int64_t id) const;

 private:
  const Tokenizer& tokenizer_;
  bool byteLevel_;
};

}  // namespace luthier
