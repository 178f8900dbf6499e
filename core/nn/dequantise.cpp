#include "nn/dequantise.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define LUTHIER_AVX2 1
#include <immintrin.h>
#endif

namespace luthier::nn {

namespace {

constexpr float kOver127 = 7.874015718698502e-3f;  // bitsandbytes multiplies by it

std::uint8_t code_at(const std::uint8_t* packed, std::int64_t i) {
  return i % 2 == 0 ? packed[i / 2] >> 4 : packed[i / 2] & 15;
}

void four_bits_plain(const std::uint8_t* packed, std::int64_t begin, std::int64_t count, const float* values,
                     float scale, float* out) {
  for (std::int64_t i = 0; i < count; ++i) out[i] = values[code_at(packed, begin + i)] * scale;
}

void int8_plain(const std::int8_t* codes, std::int64_t count, float scale, float* out) {
  for (std::int64_t i = 0; i < count; ++i) out[i] = static_cast<float>(codes[i]) * scale * kOver127;
}

void bounds_plain(const float* x, std::int64_t count, const float* bounds, std::uint8_t* codes) {
  for (std::int64_t i = 0; i < count; ++i) {
    int below = 0;
    for (int b = 0; b < 15; ++b) below += x[i] > bounds[b] ? 1 : 0;
    codes[i] = static_cast<std::uint8_t>(below);
  }
}

#ifdef LUTHIER_AVX2
bool has_avx2() {
  static const bool has = __builtin_cpu_supports("avx2");
  return has;
}

/// values[codes], eight at once, from a table of 16 in two registers: bit 3 chooses between them.
__attribute__((target("avx2"))) inline __m256 looked_up(__m256i codes, __m256 low, __m256 high) {
  const __m256 from_low = _mm256_permutevar8x32_ps(low, codes), from_high = _mm256_permutevar8x32_ps(high, codes);
  return _mm256_blendv_ps(from_low, from_high, _mm256_castsi256_ps(_mm256_slli_epi32(codes, 28)));
}

__attribute__((target("avx2"))) void four_bits_avx2(const std::uint8_t* packed, std::int64_t begin, std::int64_t count,
                                                    const float* values, float scale, float* out) {
  std::int64_t i = 0;
  if (begin % 2 == 1 && count > 0) {
    out[0] = values[code_at(packed, begin)] * scale;
    i = 1;
  }
  const __m256 low = _mm256_loadu_ps(values), high = _mm256_loadu_ps(values + 8), factor = _mm256_set1_ps(scale);
  const __m128i nibble = _mm_set1_epi8(15);
  for (; i + 16 <= count; i += 16) {
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(packed + (begin + i) / 2));
    const __m128i codes = _mm_unpacklo_epi8(_mm_and_si128(_mm_srli_epi16(bytes, 4), nibble),
                                            _mm_and_si128(bytes, nibble));  // 16 codes in order
    const __m256 first = looked_up(_mm256_cvtepu8_epi32(codes), low, high);
    const __m256 second = looked_up(_mm256_cvtepu8_epi32(_mm_srli_si128(codes, 8)), low, high);
    _mm256_storeu_ps(out + i, _mm256_mul_ps(first, factor));
    _mm256_storeu_ps(out + i + 8, _mm256_mul_ps(second, factor));
  }
  four_bits_plain(packed, begin + i, count - i, values, scale, out + i);
}

__attribute__((target("avx2"))) void int8_avx2(const std::int8_t* codes, std::int64_t count, float scale, float* out) {
  const __m256 factor = _mm256_set1_ps(scale), over = _mm256_set1_ps(kOver127);
  std::int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(codes + i));
    const __m256 numbers = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes));
    _mm256_storeu_ps(out + i, _mm256_mul_ps(_mm256_mul_ps(numbers, factor), over));
  }
  int8_plain(codes + i, count - i, scale, out + i);
}

__attribute__((target("avx2"))) void bounds_avx2(const float* x, std::int64_t count, const float* bounds,
                                                 std::uint8_t* codes) {
  std::int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m256 numbers = _mm256_loadu_ps(x + i);
    __m256i below = _mm256_setzero_si256();
    for (int b = 0; b < 15; ++b)  // a comparison that holds is -1
      below =
          _mm256_sub_epi32(below, _mm256_castps_si256(_mm256_cmp_ps(numbers, _mm256_set1_ps(bounds[b]), _CMP_GT_OQ)));
    alignas(32) std::int32_t lanes[8];
    _mm256_store_si256(reinterpret_cast<__m256i*>(lanes), below);
    for (int lane = 0; lane < 8; ++lane) codes[i + lane] = static_cast<std::uint8_t>(lanes[lane]);
  }
  bounds_plain(x + i, count - i, bounds, codes + i);
}
#else
bool has_avx2() { return false; }
constexpr auto four_bits_avx2 = four_bits_plain;
constexpr auto int8_avx2 = int8_plain;
constexpr auto bounds_avx2 = bounds_plain;
#endif

}  // namespace

void dequantise_four_bits(const std::uint8_t* packed, std::int64_t begin, std::int64_t count, const float* values,
                          float scale, float* out) {
  (has_avx2() ? four_bits_avx2 : four_bits_plain)(packed, begin, count, values, scale, out);
}

void dequantise_int8(const std::int8_t* codes, std::int64_t count, float scale, float* out) {
  (has_avx2() ? int8_avx2 : int8_plain)(codes, count, scale, out);
}

void count_bounds_below(const float* x, std::int64_t count, const float* bounds, std::uint8_t* codes) {
  (has_avx2() ? bounds_avx2 : bounds_plain)(x, count, bounds, codes);
}

}  // namespace luthier::nn
