// Any bytes as a tokenizer.json: refused, or it encodes and decodes.
#include "fuzz/input.h"
#include "text/tokenizer.h"

using namespace luthier;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::survive([&] {
    const Tokenizer tokenizer = Tokenizer::from_json(fuzz::text_of(data, size), "tokenizer.json");
    for (const char* text : {"Hello, wor\xc3\xa9ld! \xf0\x9f\x98\x80 [MASK] 12", "\xff\xc0 a\tb\n", ""})
      tokenizer.decode(tokenizer.encode(text).ids);
  });
  return 0;
}
