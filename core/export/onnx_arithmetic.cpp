// Operations number by number, sums over dimensions, and comparisons.
#include <algorithm>

#include "export/onnx_operators.h"

namespace luthier {

namespace {

using C = OnnxConversion;

std::string both(C& c, const char* op) { return c.add(op, {c.input(0, c.type()), c.input(1, c.type())}); }

/// x and alpha times y, where alpha is the third input.
std::string scaled_second(C& c, const char* op, std::size_t first, std::size_t second) {
  std::string other = c.input(second, c.type());
  if (!c.absent(2) && c.number(2) != 1) other = c.add("Mul", {other, c.scalar(c.number(2), c.type())});
  return c.add(op, {c.input(first, c.type()), other});
}

std::string add(C& c) {
  if (c.type() == ElementType::boolean) return c.add("Or", {c.input(0, c.type()), c.input(1, c.type())});
  return scaled_second(c, "Add", 0, 1);
}
std::string subtract(C& c) { return scaled_second(c, "Sub", 0, 1); }
std::string subtract_from(C& c) { return scaled_second(c, "Sub", 1, 0); }
std::string multiply(C& c) {
  if (c.type() == ElementType::boolean) return c.add("And", {c.input(0, c.type()), c.input(1, c.type())});
  return both(c, "Mul");
}

/// Whole numbers: ONNX's Div cuts towards zero, so the quotient is rounded down in numbers with a fraction.
std::string rounded_down(C& c) {
  const std::string quotient =
      c.add("Div", {c.input(0, ElementType::f32), c.input(1, ElementType::f32)}, {}, ElementType::f32);
  return c.cast(c.add("Floor", {quotient}, {}, ElementType::f32), c.type());
}

std::string divide(C& c) {
  if (c.absent(2)) return both(c, "Div");
  if (c.text(2) == "floor") return rounded_down(c);
  c.refuse("a quotient is rounded in a way that is not known: " + c.text(2));
}

std::string remainder(C& c) {
  const bool whole = c.type() == ElementType::i64 || c.type() == ElementType::i32;
  if (!whole) c.refuse("the remainder of numbers with a fraction");
  return c.add("Mod", {c.input(0, c.type()), c.input(1, c.type())});  // the divisor's sign, as in LibTorch
}

std::string square(C& c) { return c.add("Pow", {c.input(0, c.type()), c.scalar(2, c.type())}); }
std::string power_of(C& c) { return both(c, "Pow"); }

/// Of one tensor, under another name.
template <std::size_t N>
struct Name {
  constexpr Name(const char (&given)[N]) { std::copy_n(given, N, text); }
  char text[N];
};
template <Name op>
std::string plain(C& c) {
  return c.add(op.text, {c.input(0, c.type())});
}

std::string inverse_root(C& c) { return c.add("Reciprocal", {c.add("Sqrt", {c.input(0, c.type())})}); }

std::string gelu(C& c) {
  const bool by_tanh = !c.absent(1) && c.text(1) == "tanh";
  return c.add("Gelu", {c.input(0)}, {{"approximate", std::string(by_tanh ? "tanh" : "none")}});
}
std::string silu(C& c) {
  const std::string x = c.input(0);
  return c.add("Mul", {x, c.add("Sigmoid", {x})});
}

std::string clamped(C& c, std::size_t lowest, std::size_t largest) {
  const auto limit = [&](std::size_t i) {
    return i == 0 || c.absent(i) ? std::string() : c.scalar(c.number(i), c.type());
  };
  return c.add("Clip", {c.input(0, c.type()), limit(lowest), limit(largest)});
}
std::string clamp(C& c) { return clamped(c, 1, 2); }
std::string clamp_min(C& c) { return clamped(c, 1, 0); }
std::string clamp_max(C& c) { return clamped(c, 0, 1); }
std::string minimum(C& c) { return both(c, "Min"); }
std::string maximum(C& c) { return both(c, "Max"); }

std::string compared(C& c, const char* op) {
  const ElementType type = c.promoted(0, 1);
  return c.add(op, {c.input(0, type), c.input(1, type)});
}
std::string equal(C& c) { return compared(c, "Equal"); }
std::string unequal(C& c) { return c.add("Not", {compared(c, "Equal")}); }
/// Less and Greater are not there for booleans everywhere: those are compared as numbers.
std::string ordered(C& c, const char* op) {
  const ElementType type = c.promoted(0, 1) == ElementType::boolean ? ElementType::i32 : c.promoted(0, 1);
  return c.add(op, {c.input(0, type), c.input(1, type)});
}
std::string less(C& c) { return ordered(c, "Less"); }
std::string less_equal(C& c) { return ordered(c, "LessOrEqual"); }
std::string greater(C& c) { return ordered(c, "Greater"); }
std::string greater_equal(C& c) { return ordered(c, "GreaterOrEqual"); }

std::string logical(C& c, const char* op) {
  return c.add(op, {c.input(0, ElementType::boolean), c.input(1, ElementType::boolean)});
}
std::string logical_and(C& c) { return logical(c, "And"); }
std::string logical_or(C& c) { return logical(c, "Or"); }
std::string logical_xor(C& c) { return logical(c, "Xor"); }
std::string logical_not(C& c) { return c.add("Not", {c.input(0, ElementType::boolean)}); }
std::string bitwise(C& c, const char* op) {
  if (c.type() != ElementType::boolean) c.refuse("single bits of numbers");
  return logical(c, op);
}
std::string bitwise_and(C& c) { return bitwise(c, "And"); }
std::string bitwise_or(C& c) { return bitwise(c, "Or"); }
std::string bitwise_not(C& c) {
  if (c.type() != ElementType::boolean) c.refuse("single bits of numbers");
  return logical_not(c);
}

std::string where(C& c) {
  return c.add("Where", {c.input(0, ElementType::boolean), c.input(1, c.type()), c.input(2, c.type())});
}
std::string masked_fill(C& c) {
  return c.add("Where", {c.input(1, ElementType::boolean), c.input(2, c.type()), c.input(0, c.type())});
}

/// sum(x, dtype) or sum(x, dims, keepdim, dtype).
std::string reduced(C& c, const char* op, bool keeps) {
  const ElementType type = c.type() == ElementType::boolean ? ElementType::i64 : c.type();
  const bool everything = c.absent(1) || c.is_scalar(1);
  std::vector<std::int64_t> dims = everything ? std::vector<std::int64_t>() : c.integers(1);
  if (dims.empty())
    for (std::int64_t d = 0; d < c.rank(0); ++d) dims.push_back(d);
  std::vector<std::string> inputs = {c.input(0, type)};
  if (c.rank(0) == 0) return inputs[0];
  inputs.push_back(c.list(dims));
  return c.add(op, inputs, {{"keepdims", static_cast<std::int64_t>(keeps)}});
}
std::string sum(C& c) { return reduced(c, "ReduceSum", !c.is_scalar(1) && c.flag(2, false)); }
std::string mean(C& c) { return reduced(c, "ReduceMean", !c.is_scalar(1) && c.flag(2, false)); }
std::string largest(C& c) { return reduced(c, "ReduceMax", c.flag(2, false)); }

std::string arg_max(C& c) {
  if (c.absent(1)) c.refuse("the place of the largest of all numbers");
  const ElementType read = c.type(0) == ElementType::boolean ? ElementType::i32 : c.type(0);
  return c.add("ArgMax", {c.input(0, read)},
               {{"axis", c.integer(1)}, {"keepdims", static_cast<std::int64_t>(c.flag(2, false))}});
}

std::string running_sum(C& c) {
  return c.add("CumSum", {c.input(0, c.type()), c.scalar(static_cast<double>(c.dimension(0, 1)), ElementType::i64)});
}

std::string softmax(C& c) { return c.add("Softmax", {c.input(0, c.type())}, {{"axis", c.integer(1)}}); }
std::string log_softmax(C& c) { return c.add("LogSoftmax", {c.input(0, c.type())}, {{"axis", c.integer(1)}}); }

/// to(x, ...) of any kind: what counts is the type that comes out.
std::string to(C& c) { return c.cast(c.input(0), c.type()); }

}  // namespace

const OnnxOperators& onnx_arithmetic() {
  static const OnnxOperators table = {
      {"aten::add", add},
      {"aten::sub", subtract},
      {"aten::rsub", subtract_from},
      {"aten::mul", multiply},
      {"aten::div", divide},
      {"aten::floor_divide", rounded_down},
      {"aten::remainder", remainder},
      {"aten::pow", power_of},
      {"aten::square", square},
      {"aten::neg", plain<"Neg">},
      {"aten::abs", plain<"Abs">},
      {"aten::exp", plain<"Exp">},
      {"aten::log", plain<"Log">},
      {"aten::sqrt", plain<"Sqrt">},
      {"aten::cos", plain<"Cos">},
      {"aten::sin", plain<"Sin">},
      {"aten::tanh", plain<"Tanh">},
      {"aten::erf", plain<"Erf">},
      {"aten::relu", plain<"Relu">},
      {"aten::sigmoid", plain<"Sigmoid">},
      {"aten::floor", plain<"Floor">},
      {"aten::ceil", plain<"Ceil">},
      {"aten::round", plain<"Round">},
      {"aten::rsqrt", inverse_root},
      {"aten::reciprocal", plain<"Reciprocal">},
      {"aten::gelu", gelu},
      {"aten::silu", silu},
      {"aten::clamp", clamp},
      {"aten::clamp_min", clamp_min},
      {"aten::clamp_max", clamp_max},
      {"aten::minimum", minimum},
      {"aten::maximum", maximum},
      {"aten::eq", equal},
      {"aten::ne", unequal},
      {"aten::lt", less},
      {"aten::le", less_equal},
      {"aten::gt", greater},
      {"aten::ge", greater_equal},
      {"aten::logical_and", logical_and},
      {"aten::logical_or", logical_or},
      {"aten::logical_xor", logical_xor},
      {"aten::logical_not", logical_not},
      {"aten::bitwise_and", bitwise_and},
      {"aten::bitwise_or", bitwise_or},
      {"aten::bitwise_not", bitwise_not},
      {"aten::where", where},
      {"aten::masked_fill", masked_fill},
      {"aten::sum", sum},
      {"aten::mean", mean},
      {"aten::amax", largest},
      {"aten::argmax", arg_max},
      {"aten::cumsum", running_sum},
      {"aten::softmax", softmax},
      {"aten::_softmax", softmax},
      {"aten::log_softmax", log_softmax},
      {"aten::to", to},
      {"aten::_to_copy", to},
      {"aten::type_as", to},
  };
  return table;
}

}  // namespace luthier
