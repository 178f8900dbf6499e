#pragma once
// The inner loops of quantised weights on the processor, with and without AVX2; which of the two runs is found out when
// the program does. Both give the same bits.
#include <cstdint>

namespace luthier::nn {

/// out[i] = values[code i of `packed`] * scale for the numbers begin .. begin + count of a packed sequence, of which
/// the even ones stand in the high bits. `values`: 16.
void dequantise_four_bits(const std::uint8_t* packed, std::int64_t begin, std::int64_t count, const float* values,
                          float scale, float* out);

/// out[i] = codes[i] * scale / 127.
void dequantise_int8(const std::int8_t* codes, std::int64_t count, float scale, float* out);

/// codes[i] = how many of the 15 ascending `bounds` lie below x[i].
void count_bounds_below(const float* x, std::int64_t count, const float* bounds, std::uint8_t* codes);

}  // namespace luthier::nn
