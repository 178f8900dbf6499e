// Linear layers, convolutions, norms, attention, pooling.
#include <ATen/core/Tensor.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include <cmath>
#include <limits>

#include "export/onnx_operators.h"

namespace luthier {

namespace {

using C = OnnxConversion;

std::string with_bias(C& c, const std::string& value, std::size_t bias) {
  return c.absent(bias) ? value : c.add("Add", {value, c.input(bias)});
}

/// A matrix that an embedding reads too stays in its order: rows [N, in] times its turned [out, in].
std::string shared_linear(C& c, const at::Tensor& matrix) {
  const std::string x = c.input(0);
  std::string rows = x;
  if (c.rank(0) != 2) rows = c.add("Reshape", {x, c.list({-1, matrix.size(1)})});
  std::vector<std::string> inputs = {rows, c.weight(matrix)};
  if (!c.absent(2)) inputs.push_back(c.input(2));
  const std::string y = c.add("Gemm", inputs, {{"transB", std::int64_t{1}}});
  if (c.rank(0) == 2) return y;
  const std::string before =
      c.add("Shape", {x}, {{"start", std::int64_t{0}}, {"end", c.rank(0) - 1}}, ElementType::i64);
  const std::string shape =
      c.add("Concat", {before, c.list({matrix.size(0)})}, {{"axis", std::int64_t{0}}}, ElementType::i64);
  return c.add("Reshape", {y, shape});
}

/// linear(x, weight [out, in], bias)
std::string linear(C& c) {
  const at::Tensor* matrix = c.known(1);
  if (!matrix) {
    const std::string turned = c.add("Transpose", {c.input(1)}, {{"perm", std::vector<std::int64_t>{1, 0}}});
    return with_bias(c, c.add("MatMul", {c.input(0), turned}), 2);
  }
  if (c.is_shared(*matrix)) return shared_linear(c, *matrix);
  const bool is_turned = matrix->t().is_contiguous();  // [in, out] in the checkpoint
  const std::string weight = c.weight(matrix->t(), is_turned ? "" : "turned: [in, out]");
  return with_bias(c, c.add("MatMul", {c.input(0), weight}), 2);
}

std::string matmul(C& c) { return c.add("MatMul", {c.input(0), c.input(1)}); }

/// addmm(bias, x, weight, beta, alpha)
std::string added_product(C& c) {
  if ((!c.absent(3) && c.number(3) != 1)) c.refuse("a sum that is scaled before a product is added");
  std::string product = c.add("MatMul", {c.input(1), c.input(2)});
  if (!c.absent(4) && c.number(4) != 1) product = c.add("Mul", {product, c.scalar(c.number(4), c.type())});
  return c.add("Add", {product, c.input(0)});
}

std::string outer(C& c) {
  return c.add("Mul", {c.add("Unsqueeze", {c.input(0), c.list({1})}), c.add("Unsqueeze", {c.input(1), c.list({0})})});
}

/// conv(x, weight, bias, stride, padding, dilation, groups); with `dimensions` of the image.
std::string convolved(C& c, std::size_t dimensions, std::size_t groups) {
  const auto of_each = [&](std::size_t i) {
    std::vector<std::int64_t> values = c.integers(i);
    values.resize(dimensions, values.empty() ? 1 : values.front());
    return values;
  };
  std::vector<std::int64_t> kernel, pads = of_each(4);
  for (std::size_t d = 0; d < dimensions; ++d) kernel.push_back(c.size(1, static_cast<std::int64_t>(d) + 2));
  pads.insert(pads.end(), pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(dimensions));
  std::vector<std::string> inputs = {c.input(0), c.input(1)};
  if (!c.absent(2)) inputs.push_back(c.input(2));
  return c.add("Conv", inputs,
               {{"kernel_shape", kernel},
                {"strides", of_each(3)},
                {"pads", pads},
                {"dilations", of_each(5)},
                {"group", c.integer(groups, 1)}});
}
std::string conv1d(C& c) { return convolved(c, 1, 6); }
std::string conv2d(C& c) { return convolved(c, 2, 6); }
/// convolution(x, weight, bias, stride, padding, dilation, transposed, output_padding, groups)
std::string convolution(C& c) {
  if (c.flag(6, false)) c.refuse("a transposed convolution");
  return convolved(c, static_cast<std::size_t>(c.rank(0)) - 2, 8);
}

/// layer_norm(x, shape, weight, bias, epsilon)
std::string layer_norm(C& c) {
  const std::vector<std::int64_t> shape = c.integers(1);
  std::vector<std::string> inputs = {c.input(0), c.absent(2) ? c.weight(at::ones(shape)) : c.input(2)};
  if (!c.absent(3)) inputs.push_back(c.input(3));
  return c.add("LayerNormalization", inputs,
               {{"axis", -static_cast<std::int64_t>(shape.size())}, {"epsilon", static_cast<float>(c.number(4))}});
}

/// rms_norm(x, shape, weight, epsilon): x / sqrt(mean of squares + epsilon) * weight
std::string rms_norm(C& c) {
  std::vector<std::int64_t> axes;
  for (std::size_t d = 0; d < c.integers(1).size(); ++d) axes.push_back(-1 - static_cast<std::int64_t>(d));
  const std::string x = c.input(0);
  const double epsilon = c.absent(3) ? std::numeric_limits<float>::epsilon() : c.number(3);
  const std::string squares = c.add("Pow", {x, c.scalar(2, c.type())});
  const std::string mean = c.add("ReduceMean", {squares, c.list(axes)}, {{"keepdims", std::int64_t{1}}});
  const std::string root = c.add("Sqrt", {c.add("Add", {mean, c.scalar(epsilon, c.type())})});
  const std::string normed = c.add("Mul", {x, c.add("Reciprocal", {root})});
  return c.absent(2) ? normed : c.add("Mul", {normed, c.input(2)});
}

/// group_norm(x [B, C, ...], groups, weight, bias, epsilon)
std::string group_norm(C& c) {
  const std::int64_t groups = c.integer(1), channels = c.size(0, 1);
  const OnnxAttributes epsilon = {{"epsilon", static_cast<float>(c.absent(4) ? 1e-5 : c.number(4))}};
  const auto ones = [&](std::int64_t count) { return c.weight(at::ones({count})); };
  const auto zeros = [&](std::int64_t count) { return c.weight(at::zeros({count})); };
  const std::string x = c.input(0);
  if (groups == channels)
    return c.add("InstanceNormalization",
                 {x, c.absent(2) ? ones(channels) : c.input(2), c.absent(3) ? zeros(channels) : c.input(3)}, epsilon);
  const std::string parts = c.add("Reshape", {x, c.list({0, groups, -1})});
  const std::string normed = c.add("InstanceNormalization", {parts, ones(groups), zeros(groups)}, epsilon);
  std::string y = c.add("Reshape", {normed, c.shape_of(x)});
  std::vector<std::int64_t> along(static_cast<std::size_t>(c.rank(0)) - 1, 1);  // [C, 1, ...]
  along[0] = channels;
  if (!c.absent(2)) y = c.add("Mul", {y, c.add("Reshape", {c.input(2), c.list(along)})});
  if (!c.absent(3)) y = c.add("Add", {y, c.add("Reshape", {c.input(3), c.list(along)})});
  return y;
}

/// batch_norm(x, weight, bias, mean, variance, training, momentum, epsilon, cudnn)
std::string batch_norm(C& c) {
  if (c.flag(5, false)) c.refuse("batch normalisation by the batch");
  const std::int64_t channels = c.size(0, 1);
  return c.add("BatchNormalization",
               {c.input(0), c.absent(1) ? c.weight(at::ones({channels})) : c.input(1),
                c.absent(2) ? c.weight(at::zeros({channels})) : c.input(2), c.input(3), c.input(4)},
               {{"epsilon", static_cast<float>(c.number(7))}});
}

/// max_pool2d(x, kernel, stride, padding, dilation, ceil), and avg_pool2d(x, kernel, stride, padding, ceil,
/// counts_pads)
OnnxAttributes pooling(C& c, std::size_t ceil) {
  const auto of_each = [&](std::size_t i) {
    std::vector<std::int64_t> values = c.integers(i);
    values.resize(2, values.empty() ? 1 : values.front());
    return values;
  };
  std::vector<std::int64_t> pads = c.absent(3) ? std::vector<std::int64_t>{0, 0} : of_each(3);
  pads.insert(pads.end(), {pads[0], pads[1]});
  const bool own_stride = !c.absent(2) && !c.integers(2).empty();
  return {{"kernel_shape", of_each(1)},
          {"strides", of_each(own_stride ? 2 : 1)},
          {"pads", pads},
          {"ceil_mode", static_cast<std::int64_t>(c.flag(ceil, false))}};
}
std::string max_pool(C& c) {
  OnnxAttributes attributes = pooling(c, 5);
  if (!c.absent(4)) {
    std::vector<std::int64_t> dilations = c.integers(4);
    dilations.resize(2, dilations.front());
    attributes.emplace_back("dilations", dilations);
  }
  return c.add("MaxPool", {c.input(0)}, attributes);
}
std::string average_pool(C& c) {
  OnnxAttributes attributes = pooling(c, 4);
  attributes.emplace_back("count_include_pad", static_cast<std::int64_t>(c.flag(5, true)));
  return c.add("AveragePool", {c.input(0)}, attributes);
}
std::string average_to_size(C& c) {
  for (const std::int64_t size : c.integers(1))
    if (size != 1) c.refuse("a map is averaged to a size other than 1");
  return c.add("GlobalAveragePool", {c.input(0)});
}

/// [T, S] boolean: a query sees no later key.
std::string lower_triangle(C& c, const std::string& q, const std::string& k) {
  const auto places = [&](const std::string& value) {
    const std::int64_t d = c.rank(0) - 2;
    const std::string size = c.add("Shape", {value}, {{"start", d}, {"end", d + 1}}, ElementType::i64);
    const std::string count = c.add("Squeeze", {size, c.list({0})}, {}, ElementType::i64);
    return c.add("Range", {c.scalar(0, ElementType::i64), count, c.scalar(1, ElementType::i64)}, {}, ElementType::i64);
  };
  const std::string query = c.add("Unsqueeze", {places(q), c.list({1})}, {}, ElementType::i64);
  return c.add("LessOrEqual", {places(k), query}, {}, ElementType::boolean);
}

/// scaled_dot_product_attention(q, k, v [..., T, D], mask, dropout, causal, scale, grouped): softmax(q k^T scale) v
std::string attention(C& c) {
  const std::int64_t rank = c.rank(0);
  if (c.flag(7, false) && c.size(0, rank - 3) != c.size(1, rank - 3)) c.refuse("queries that share their keys");
  const std::string q = c.input(0), k = c.input(1);
  std::vector<std::int64_t> order;
  for (std::int64_t d = 0; d < rank; ++d) order.push_back(d);
  std::swap(order[order.size() - 1], order[order.size() - 2]);
  const double scale = c.absent(6) ? 1 / std::sqrt(static_cast<double>(c.size(0, -1))) : c.number(6);
  const std::string scaled = scale == 1 ? q : c.add("Mul", {q, c.scalar(scale, c.type())});
  std::string scores = c.add("MatMul", {scaled, c.add("Transpose", {k}, {{"perm", order}})});
  const std::string hidden = c.scalar(std::numeric_limits<float>::lowest(), c.type());
  if (!c.absent(3) && c.type(3) == ElementType::boolean)
    scores = c.add("Where", {c.input(3), scores, hidden});
  else if (!c.absent(3))
    scores = c.add("Add", {scores, c.input(3, c.type())});
  if (c.flag(5, false)) scores = c.add("Where", {lower_triangle(c, q, k), scores, hidden});
  const std::string shares = c.add("Softmax", {scores}, {{"axis", std::int64_t{-1}}});
  return c.add("MatMul", {shares, c.input(2)});
}

}  // namespace

const OnnxOperators& onnx_layers() {
  static const OnnxOperators table = {
      {"aten::linear", linear},
      {"aten::matmul", matmul},
      {"aten::mm", matmul},
      {"aten::bmm", matmul},
      {"aten::addmm", added_product},
      {"aten::outer", outer},
      {"aten::conv1d", conv1d},
      {"aten::conv2d", conv2d},
      {"aten::convolution", convolution},
      {"aten::_convolution", convolution},
      {"aten::layer_norm", layer_norm},
      {"aten::rms_norm", rms_norm},
      {"aten::group_norm", group_norm},
      {"aten::batch_norm", batch_norm},
      {"aten::max_pool2d", max_pool},
      {"aten::avg_pool2d", average_pool},
      {"aten::adaptive_avg_pool2d", average_to_size},
      {"aten::scaled_dot_product_attention", attention},
  };
  return table;
}

}  // namespace luthier
