// Any bytes as delimited text: the dialect, the encoding, the header and every record.
#include "data/delimited.h"
#include "data/dialect.h"
#include "data/encoding.h"
#include "fuzz/input.h"

using namespace luthier;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::text_of(data, size);
  fuzz::survive([&] {
    for (const TextEncoding encoding :
         {TextEncoding::utf8, TextEncoding::utf16le, TextEncoding::utf16be, TextEncoding::latin1}) {
      std::string text;
      append_as_utf8(bytes, encoding, true, text);
      if (!is_valid_utf8(repair_utf8(text))) std::abort();
    }
    const Dialect dialect = detect_dialect(bytes, true, "auto", "auto", 0);
    detect_header(sample_records(bytes, true, dialect, 50));
    is_delimited_by(bytes, true, '\t');
    looks_like_conll(bytes);
    std::vector<std::string> fields;
    RecordShape shape;
    for (std::string_view rest = bytes; !rest.empty();) {
      const std::size_t used = cut_record(rest, true, dialect, fields, shape);
      if (used == 0 || used > rest.size()) std::abort();
      rest.remove_prefix(used);
    }
  });
  return 0;
}
