#pragma once

namespace luthier::text {

/// What serde_json 1, by which the tokenizers library reads tokenizer.json, makes of a number's shortest decimal: all
/// digits as a 64-bit whole number, rounded, then multiplied or divided by a power of ten, rounded again. One in ten of
/// 16 digits is a unit in the last place off, which decides between two ways to cut a text that are equally good in
/// exact numbers.
double read_by_tokenizers(double exact);

}  // namespace luthier::text
