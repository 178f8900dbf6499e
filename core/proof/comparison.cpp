#include "proof/comparison.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "proof/logits.h"

namespace luthier {

namespace {
/// In fp32 an answer changes where two tokens are as likely but for rounding: seldom.
constexpr double kSameAnswers = 0.5;

}  // namespace

void Comparison::add(std::span<const float> expected, std::span<const float> found, std::int64_t width) {
  if (expected.size() != found.size())
    fail(ErrorKind::bad_input, "the model gives " + std::to_string(found.size()) + " logits where there were " +
                                   std::to_string(expected.size()));
  const auto columns = static_cast<std::size_t>(std::max<std::int64_t>(1, width));
  for (std::size_t start = 0; start + columns <= expected.size(); start += columns) {
    const auto wanted = expected.subspan(start, columns), given = found.subspan(start, columns);
    ++positions_;
    bool finite = true;
    for (std::size_t i = 0; i < columns; ++i) {
      finite = finite && std::isfinite(wanted[i]) && std::isfinite(given[i]);
      largest_ = std::max(largest_, std::abs(static_cast<double>(wanted[i])));
      max_difference_ = std::max(max_difference_, std::abs(static_cast<double>(wanted[i]) - given[i]));
    }
    finite_ = finite_ && finite;
    if (!finite) continue;  // comparisons with these numbers are all false: they must not pass for equal
    agreeing_ += likeliest(wanted) == likeliest(given);
    const double of_wanted = log_sum_exp(wanted), of_given = log_sum_exp(given);
    for (std::size_t i = 0; i < columns; ++i) {
      const double p = wanted[i] - of_wanted, q = given[i] - of_given;
      kl_sum_ += std::exp(p) * (p - q);
    }
  }
}

double Comparison::relative_difference() const { return largest_ > 0 ? max_difference_ / largest_ : max_difference_; }

double Comparison::agreement() const {
  return positions_ > 0 ? static_cast<double>(agreeing_) / static_cast<double>(positions_) : 0;
}

double Comparison::kl() const { return positions_ > 0 ? std::max(0.0, kl_sum_ / static_cast<double>(positions_)) : 0; }

Limit limit_of(const std::string& precision, const std::string& format) {
  if (format == "gguf") {
    if (precision == "fp32")
      return {1e-3, 0, "the same fp32 numbers in llama.cpp's own operations, whose sums are blocked in another way",
              kSameAnswers};
    if (precision == "fp16")
      return {2e-2, 0, "f16 keeps 11 bits of each weight and llama.cpp rounds the activations to as many"};
    if (precision == "bf16")
      return {1e-1, 0, "bf16 keeps 8 bits of each weight and llama.cpp rounds the activations to as many"};
    if (precision == "q8_0") return {1e-1, 0.8, "8 bits a weight and an activation, 32 share a scale"};
    if (precision == "q6_k") return {2e-1, 0.7, "6 bits a weight, 8 an activation"};
    if (precision == "q5_1") return {4e-1, 0.4, "5 bits a weight, 32 share a scale and an offset"};
    if (precision == "q4_k_m" || precision == "q4_0")
      return {6e-1, 0, "4 bits a weight: the likeliest token changes where several are nearly as likely"};
  }
  if (format == "luthier") {
    if (precision == "int8") return {1e-1, 0.8, "8 bits a weight, a row shares a scale; all else in fp16"};
    if (precision == "nf4")
      return {6e-1, 0, "4 bits a weight: the likeliest token changes where several are nearly as likely"};
  }
  if (format == "onnx" || format == "bundle") {
    if (precision == "fp16") return {2e-2, 0, "fp16 keeps 11 bits of each weight and of what flows between the layers"};
    if (precision == "int8")
      return {2e-1, 0.8,
              "8 bits a weight, with a scale a channel, and an activation, with one scale for all of it, new for each "
              "input or fixed on held-out rows"};
  }
  if (precision == "fp32")
    return {1e-4, 0, "the same fp32 numbers, added up in another order: rounding alone, with room for long sums",
            kSameAnswers};
  if (precision == "fp16")
    return {2e-2, 0, "fp16 keeps 11 bits of each weight (error up to 5e-4), which adds up over the layers"};
  if (precision == "bf16")
    return {1e-1, 0, "bf16 keeps 8 bits of each weight (error up to 4e-3), which adds up over the layers"};
  fail(ErrorKind::bad_input, "there is no precision \"" + precision + "\"" + (format.empty() ? "" : " of " + format),
       {}, "use another one of the export's number types");
}

std::string more_exact(const std::string& precision, const std::string& format) {
  static const std::vector<std::string> in_gguf = {"q4_0", "q4_k_m", "q5_1", "q6_k", "q8_0", "bf16", "fp16", "fp32"};
  if (format == "gguf") {
    const auto found = std::find(in_gguf.begin(), in_gguf.end(), precision);
    return found == in_gguf.end() || found + 1 == in_gguf.end() ? std::string() : found[1];
  }
  if (format == "luthier") return precision == "nf4" ? "int8" : "";
  if (precision.starts_with("int8")) return "fp16";
  return precision == "fp16" || precision == "bf16" ? "fp32" : "";
}

}  // namespace luthier
