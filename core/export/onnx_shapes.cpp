// What moves, cuts and joins numbers without computing with them.
#include <algorithm>
#include <cstdint>
#include <limits>

#include "export/onnx_operators.h"

namespace luthier {

namespace {

using C = OnnxConversion;

constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();

std::string same(C& c) { return c.input(0); }

std::string turned(C& c, const std::vector<std::int64_t>& order) {
  return c.add("Transpose", {c.input(0)}, {{"perm", order}});
}
std::vector<std::int64_t> in_order(std::int64_t rank) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(rank));
  for (std::size_t d = 0; d < order.size(); ++d) order[d] = static_cast<std::int64_t>(d);
  return order;
}
std::string transpose(C& c) {
  std::vector<std::int64_t> order = in_order(c.rank(0));
  std::swap(order[static_cast<std::size_t>(c.dimension(0, 1))], order[static_cast<std::size_t>(c.dimension(0, 2))]);
  return turned(c, order);
}
std::string turn_matrix(C& c) { return c.rank(0) < 2 ? c.input(0) : turned(c, {1, 0}); }
std::string permute(C& c) {
  std::vector<std::int64_t> order = c.integers(1);
  for (std::int64_t& d : order) d = d < 0 ? d + c.rank(0) : d;
  return turned(c, order);
}

/// Sizes [first, end) of a value's shape.
std::string sizes_of(C& c, const std::string& value, std::int64_t first, std::int64_t end) {
  return c.add("Shape", {value}, {{"start", first}, {"end", end}}, ElementType::i64);
}

/// x in a new shape: `before` dimensions as they are, then `sizes`, then those from `after` on as they are.
std::string reshaped(C& c, std::int64_t before, std::vector<std::int64_t> sizes, std::int64_t after) {
  const std::string x = c.input(0);
  if (after == c.rank(0)) {
    sizes.insert(sizes.begin(), static_cast<std::size_t>(before), 0);  // 0: as it is in the input, at that place
    return c.add("Reshape", {x, c.list(sizes)});
  }
  std::vector<std::string> parts;
  if (before > 0) parts.push_back(sizes_of(c, x, 0, before));
  parts.push_back(c.list(sizes));
  parts.push_back(sizes_of(c, x, after, c.rank(0)));
  return c.add("Reshape", {x, c.add("Concat", parts, {{"axis", std::int64_t{0}}}, ElementType::i64)});
}

std::string unflatten(C& c) {
  const std::int64_t d = c.dimension(0, 1);
  std::vector<std::int64_t> sizes = c.integers(2);
  // The sizes of channels are known; without a -1 an empty tensor can be cut too.
  if (d + 1 == c.rank(0))
    for (std::size_t i = 0; i < sizes.size(); ++i)
      if (sizes[i] < 0) sizes[i] = c.size(d + static_cast<std::int64_t>(i));
  return reshaped(c, d, sizes, d + 1);
}

std::string flatten(C& c) {
  const std::int64_t rank = c.rank(0);
  const std::int64_t first = c.absent(1) ? 0 : c.dimension(0, 1), last = c.absent(2) ? rank - 1 : c.dimension(0, 2);
  return first == last ? c.input(0) : reshaped(c, first, {-1}, last + 1);
}

std::string view(C& c) { return c.add("Reshape", {c.input(0), c.list(c.integers(1))}); }

std::string select(C& c) {
  return c.add("Gather", {c.input(0), c.scalar(static_cast<double>(c.integer(2)), ElementType::i64)},
               {{"axis", c.dimension(0, 1)}});
}

std::string cut(C& c, std::int64_t d, std::int64_t first, std::int64_t end, std::int64_t step) {
  if (first == 0 && end == kEnd && step == 1) return c.input(0);
  std::vector<std::string> inputs = {c.input(0), c.list({first}), c.list({end}), c.list({d})};
  if (step != 1) inputs.push_back(c.list({step}));
  return c.add("Slice", inputs);
}
std::string slice(C& c) {
  return cut(c, c.absent(1) ? 0 : c.dimension(0, 1), c.integer(2, 0), c.integer(3, kEnd), c.integer(4, 1));
}
std::string narrow(C& c) {
  const std::int64_t first = c.integer(2), end = first + c.integer(3);
  return cut(c, c.dimension(0, 1), first, end == 0 ? kEnd : end, 1);
}

std::string unsqueeze(C& c) {
  const std::int64_t d = c.integer(1);
  return c.add("Unsqueeze", {c.input(0), c.list({d < 0 ? d + c.rank(0) + 1 : d})});
}
std::string squeeze(C& c) {
  if (c.absent(1)) c.refuse("every dimension of size 1 is taken away, whichever these are");
  std::vector<std::int64_t> dims = c.integers(1);
  for (std::int64_t& d : dims) d = d < 0 ? d + c.rank(0) : d;
  std::erase_if(dims, [&](std::int64_t d) { return c.size(0, d) != 1; });
  return dims.empty() ? c.input(0) : c.add("Squeeze", {c.input(0), c.list(dims)});
}

std::string join(C& c) { return c.add("Concat", c.inputs(0), {{"axis", c.integer(1, 0)}}); }
std::string stack(C& c) {
  const std::int64_t d = c.absent(1) ? 0 : c.integer(1), place = d < 0 ? d + c.rank() : d;
  std::vector<std::string> parts = c.inputs(0);
  for (std::string& part : parts) part = c.add("Unsqueeze", {part, c.list({place})});
  return c.add("Concat", parts, {{"axis", place}});
}

std::string expand(C& c) {
  std::vector<std::int64_t> sizes = c.integers(1);
  for (std::int64_t& size : sizes) size = size < 0 ? 1 : size;  // what stays as it is
  return c.add("Expand", {c.input(0), c.list(sizes)});
}
std::string expand_as(C& c) { return c.add("Expand", {c.input(0), c.shape_of(c.input(1))}); }
std::string repeat(C& c) {
  std::string x = c.input(0);
  const std::vector<std::int64_t> times = c.integers(1);
  for (std::int64_t d = c.rank(0); d < static_cast<std::int64_t>(times.size()); ++d)
    x = c.add("Unsqueeze", {x, c.list({0})});
  return c.add("Tile", {x, c.list(times)});
}

std::string filled(C& c, const std::string& shape, double number) {
  onnx::TensorData constant;
  switch (c.type()) {
    case ElementType::i64:
      constant = onnx::tensor_of("", {1}, std::vector<std::int64_t>{static_cast<std::int64_t>(number)});
      break;
    case ElementType::boolean:
      constant = onnx::tensor_of("", ElementType::boolean, {1}, {std::byte{number != 0}});
      break;
    case ElementType::f32:
      constant = onnx::tensor_of("", {1}, std::vector<float>{static_cast<float>(number)});
      break;
    default:
      c.refuse("a tensor of one number, of a type that is not f32, int64 or boolean");
  }
  return c.add("ConstantOfShape", {shape}, {{"value", constant}});
}
std::string ones_like(C& c) { return filled(c, c.shape_of(c.input(0)), 1); }
std::string zeros_like(C& c) { return filled(c, c.shape_of(c.input(0)), 0); }
std::string full_like(C& c) { return filled(c, c.shape_of(c.input(0)), c.number(1)); }

std::string embedding(C& c) { return c.add("Gather", {c.input(0), c.input(1)}, {{"axis", std::int64_t{0}}}); }
std::string index_select(C& c) { return c.add("Gather", {c.input(0), c.input(2)}, {{"axis", c.dimension(0, 1)}}); }
std::string gather(C& c) { return c.add("GatherElements", {c.input(0), c.input(2)}, {{"axis", c.dimension(0, 1)}}); }

/// pad(x, [left, right, top, bottom ...], value): from the last dimension on.
std::string pad(C& c) {
  const std::vector<std::int64_t> given = c.integers(1);
  const auto rank = static_cast<std::size_t>(c.rank(0));
  std::vector<std::int64_t> pads(2 * rank, 0);
  for (std::size_t i = 0; i < given.size() / 2; ++i) {
    pads[rank - 1 - i] = given[2 * i];
    pads[2 * rank - 1 - i] = given[2 * i + 1];
  }
  const double value = c.absent(2) ? 0 : c.number(2);
  return c.add("Pad", {c.input(0), c.list(pads), c.scalar(value, c.type())});
}

}  // namespace

const OnnxOperators& onnx_shapes() {
  static const OnnxOperators table = {
      {"aten::alias", same},
      {"aten::clone", same},
      {"aten::contiguous", same},
      {"aten::detach", same},
      {"aten::dropout", same},  // recorded in evaluation mode
      {"aten::lift_fresh", same},
      {"aten::transpose", transpose},
      {"aten::t", turn_matrix},
      {"aten::permute", permute},
      {"aten::unflatten", unflatten},
      {"aten::flatten", flatten},
      {"aten::view", view},
      {"aten::reshape", view},
      {"aten::select", select},
      {"aten::slice", slice},
      {"aten::narrow", narrow},
      {"aten::unsqueeze", unsqueeze},
      {"aten::squeeze", squeeze},
      {"aten::cat", join},
      {"aten::stack", stack},
      {"aten::expand", expand},
      {"aten::expand_as", expand_as},
      {"aten::repeat", repeat},
      {"aten::ones_like", ones_like},
      {"aten::zeros_like", zeros_like},
      {"aten::full_like", full_like},
      {"aten::embedding", embedding},
      {"aten::index_select", index_select},
      {"aten::gather", gather},
      {"aten::constant_pad_nd", pad},
  };
  return table;
}

}  // namespace luthier
