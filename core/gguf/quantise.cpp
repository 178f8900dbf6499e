#include "gguf/quantise.h"

#include <cstring>

#include "base/error.h"
#include "gguf/convert.h"

namespace luthier {

namespace {
struct NamedType {
  const char* name;
  ggml_type type;
  std::int64_t file_type;  ///< as llama.cpp's enum of file types counts
};
constexpr NamedType kTypes[] = {{"fp32", GGML_TYPE_F32, 0},     {"fp16", GGML_TYPE_F16, 1},
                                {"bf16", GGML_TYPE_BF16, 32},   {"q8_0", GGML_TYPE_Q8_0, 7},
                                {"q6_k", GGML_TYPE_Q6_K, 18},   {"q5_1", GGML_TYPE_Q5_1, 9},
                                {"q4_k_m", GGML_TYPE_Q4_K, 15}, {"q4_0", GGML_TYPE_Q4_0, 2}};

const NamedType& named(const std::string& type) {
  std::string known;
  for (const NamedType& one : kTypes) {
    if (type == one.name) return one;
    known += (known.empty() ? "" : ", ") + std::string(one.name);
  }
  fail(ErrorKind::bad_input, "there is no GGUF type \"" + type + "\"", {}, "known are " + known);
}

/// Of q4_k_m: the tensors that errors hurt most get more bits in the first and last eighth of the layers and in every
/// third between.
bool more_bits(std::int64_t layer, std::int64_t layers) {
  const std::int64_t eighth = layers / 8;
  return layer < eighth || layer >= 7 * layers / 8 || (layer - eighth) % 3 == 2;
}

/// Rows that do not come out even in blocks take the next wider type that they do come out in.
ggml_type fitting(ggml_type type, std::int64_t columns) {
  if (columns % ggml_blck_size(type) == 0) return type;
  const ggml_type wider = type == GGML_TYPE_Q4_K ? GGML_TYPE_Q5_0 : type == GGML_TYPE_Q6_K ? GGML_TYPE_Q8_0 : type;
  return columns % ggml_blck_size(wider) == 0 ? wider : GGML_TYPE_F16;
}
}  // namespace

const std::vector<std::string>& gguf_types() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const NamedType& one : kTypes) all.emplace_back(one.name);
    return all;
  }();
  return names;
}

bool is_weighed_by_importance(const std::string& type) { return type.starts_with("q") && type != "q8_0"; }

namespace gguf {

std::int64_t file_type(const std::string& type) { return named(type).file_type; }

ggml_type tensor_type(const std::string& type, const std::string& name, const std::vector<std::int64_t>& shape,
                      std::int64_t layer, std::int64_t layers, bool tied_output) {
  // Tables that are added and small heads are not worth rounding, and llama.cpp leaves them too.
  for (const char* kept : {"position_embd", "token_types", "cls."})
    if (name.starts_with(kept)) return GGML_TYPE_F32;
  if (shape.size() < 2 || name.ends_with("attn_rel_b.weight")) return GGML_TYPE_F32;
  ggml_type wanted = named(type).type;
  if (wanted == GGML_TYPE_F32) return wanted;
  const bool output = name == "output.weight" || (tied_output && name == "token_embd.weight");
  const bool sensitive = name.ends_with("attn_v.weight") || name.ends_with("ffn_down.weight");
  if (type == "q4_k_m" && (output || (sensitive && more_bits(layer, layers)))) wanted = GGML_TYPE_Q6_K;
  if ((type == "q4_0" || type == "q5_1") && output) wanted = GGML_TYPE_Q6_K;
  return fitting(wanted, shape.back());
}

std::vector<std::byte> converted(std::span<const float> numbers, std::int64_t columns, ggml_type type,
                                 std::span<const float> importance) {
  const std::int64_t rows = static_cast<std::int64_t>(numbers.size()) / std::max<std::int64_t>(1, columns);
  std::vector<std::byte> bytes(static_cast<std::size_t>(rows) * ggml_row_size(type, columns));
  if (type == GGML_TYPE_F32) {
    std::memcpy(bytes.data(), numbers.data(), bytes.size());
    return bytes;
  }
  const bool weighed = static_cast<std::int64_t>(importance.size()) == columns;
  ggml_quantize_chunk(type, numbers.data(), bytes.data(), 0, rows, columns, weighed ? importance.data() : nullptr);
  return bytes;
}

}  // namespace gguf

}  // namespace luthier
