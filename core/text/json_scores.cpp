#include "text/json_scores.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>

namespace luthier::text {

namespace {
double power_of_ten(int exponent) {
  const std::string text = "1e" + std::to_string(exponent);
  double power = 0;
  std::from_chars(text.data(), text.data() + text.size(), power);  // rounded once
  return power;
}
}  // namespace

double read_by_tokenizers(double exact) {
  if (!std::isfinite(exact) || exact == 0) return exact;
  char text[64];
  const char* const end = std::to_chars(text, text + sizeof text, std::abs(exact), std::chars_format::scientific).ptr;
  // "d.ddde-XX"
  std::uint64_t digits = 0;
  int exponent = 0;
  const char* at = text;
  for (bool fraction = false; at != end && *at != 'e'; ++at) {
    if (*at == '.') {
      fraction = true;
      continue;
    }
    digits = digits * 10 + static_cast<std::uint64_t>(*at - '0');  // the shortest decimal has 17 digits at most
    exponent -= fraction;
  }
  int scientific = 0;
  std::from_chars(at[1] == '+' ? at + 2 : at + 1, end, scientific);
  exponent += scientific;
  double value = static_cast<double>(digits);
  if (exponent < -308) {
    value /= 1e308;
    exponent += 308;
  }
  value = exponent >= 0 ? value * power_of_ten(exponent) : value / power_of_ten(-exponent);
  return std::copysign(value, exact);
}

}  // namespace luthier::text
