// Fixed ranges of activations: which range is taken of given numbers, which scale and zero point it has, which nodes
// are written for it, and what ONNX Runtime computes of them.
#include "onnx/calibration.h"

#include <algorithm>
#include <cmath>

#include "onnx/file.h"
#include "onnx/quantise.h"
#include "onnxruntime/network.h"
#include "support/testing.h"

using namespace luthier;
using namespace luthier::testing;
using onnx::ElementType;
using onnx::Graph;
using onnx::Range;
using onnx::RangeFinder;
using onnx::TensorData;

namespace {

constexpr std::size_t kIn = 32, kOut = 48, kRows = 6;

TensorData weight(const std::string& name, std::vector<std::int64_t> shape) {
  std::size_t count = 1;
  for (const std::int64_t size : shape) count *= static_cast<std::size_t>(size);
  std::vector<float> numbers(count);
  for (std::size_t i = 0; i < count; ++i)
    numbers[i] = std::sin(0.37F * static_cast<float>(i % 1009)) * (1 + static_cast<float>(i % 7));
  TensorData tensor = onnx::tensor_of(name, std::move(shape), numbers);
  tensor.is_weight = true;
  return tensor;
}

/// From -1 to 4, ends included.
std::vector<float> given_numbers(std::size_t count) {
  std::vector<float> numbers(count);
  for (std::size_t i = 0; i < count; ++i)
    numbers[i] = -1 + 5 * static_cast<float>(i * 7 % count) / static_cast<float>(count - 1);
  return numbers;
}

/// y = x W, z = y V: the tests give a range for the first product alone.
Graph products() {
  Graph graph;
  graph.name = "products";
  graph.initializers = {weight("first.weight", {kIn, kOut}), weight("second.weight", {kOut, kIn})};
  graph.inputs = {{"x", ElementType::f32, {{2, "batch"}, {3, "length"}, {kIn}}}};
  graph.outputs = {{"y", ElementType::f32, {{2, "batch"}, {3, "length"}, {kOut}}},
                   {"z", ElementType::f32, {{2, "batch"}, {3, "length"}, {kIn}}}};
  graph.nodes = {{"MatMul", "first/MatMul", {"x", "first.weight"}, {"y"}},
                 {"MatMul", "second/MatMul", {"y", "second.weight"}, {"z"}}};
  return graph;
}

std::vector<std::string> operations(const Graph& graph) {
  std::vector<std::string> all;
  for (const onnx::Node& node : graph.nodes) all.push_back(node.op);
  return all;
}

onnx::Arrays computed(const Graph& graph, const onnx::Arrays& given) {
  const TemporaryFolder folder;
  onnx::write_graph(graph, folder.path() / "model.onnx");
  return onnx::Network(folder.path() / "model.onnx").run(given);
}

/// `numbers` as 8 bits with these scale and zero point stand for them.
double rounded(double number, double scale, int zero) {
  return scale * (std::clamp(std::nearbyint(number / scale) + zero, 0.0, 255.0) - zero);
}

/// x [rows, in] times W [in, out] where both are rounded as the format defines it: x by the given scale and zero point,
/// each column of W by its largest number over 127.
std::vector<double> expected_product(const std::vector<float>& x, const std::vector<float>& matrix, double scale,
                                     int zero) {
  std::vector<double> y(kRows * kOut, 0);
  for (std::size_t column = 0; column < kOut; ++column) {
    float largest = 0;
    for (std::size_t k = 0; k < kIn; ++k) largest = std::max(largest, std::abs(matrix[k * kOut + column]));
    const float step = largest / 127;
    for (std::size_t row = 0; row < kRows; ++row)
      for (std::size_t k = 0; k < kIn; ++k)
        y[row * kOut + column] +=
            rounded(x[row * kIn + k], scale, zero) * step * std::nearbyintf(matrix[k * kOut + column] / step);
  }
  return y;
}

}  // namespace

class CalibrationTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void scaleAndZeroPointCoverTheRange_data() {
    QTest::addColumn<double>("low");
    QTest::addColumn<double>("high");
    QTest::addColumn<double>("scale");
    QTest::addColumn<int>("zero");
    // (high - low) / 255, and -low / scale to the nearest, ties to even.
    QTest::newRow("both sides") << -1.0 << 4.0 << 5.0 / 255 << 51;
    QTest::newRow("nothing below") << 0.0 << 6.0 << 6.0 / 255 << 0;
    QTest::newRow("nothing above") << -3.0 << 0.0 << 3.0 / 255 << 255;
    QTest::newRow("a tie, 127.5") << -1.0 << 1.0 << 2.0 / 255 << 128;
    QTest::newRow("no width") << 0.0 << 0.0 << 1.0 << 0;
  }

  void scaleAndZeroPointCoverTheRange() {
    QFETCH(double, low);
    QFETCH(double, high);
    QFETCH(double, scale);
    QFETCH(int, zero);
    const onnx::Codebook codebook = onnx::codebook_of({static_cast<float>(low), static_cast<float>(high)});
    QCOMPARE(codebook.scale, static_cast<float>(scale));
    QCOMPARE(static_cast<int>(codebook.zero), zero);
  }

  void aRangeHoldsZeroAndWhatWasSeen() {
    RangeFinder finder;
    QCOMPARE(finder.range().high, 0.0F);
    finder.add(std::vector<float>{2, 3, NAN, INFINITY});
    QCOMPARE(finder.range().low, 0.0F);
    QCOMPARE(finder.range().high, 3.0F);
    finder.add(std::vector<float>{-100, 5});  // the bins become wider
    QCOMPARE(finder.range().low, -100.0F);
    QCOMPARE(finder.range().high, 5.0F);
  }

  void onlyZerosHaveNoWidth() {
    RangeFinder finder;
    finder.add(std::vector<float>(100, 0));
    QCOMPARE(finder.range().low, 0.0F);
    QCOMPARE(finder.range().high, 0.0F);
  }

  void strayNumbersAreCutOffWhereTheStepsGainMore() {
    // A million numbers between -1 and 1 and one of 20. All in: steps of 21 / 255, squared error 10^6 * 0.0824^2 / 12 =
    // 565. Cut at 1: 19^2 = 361 and little else. Cut further in, at the next bin's end, 1 - 1/64: 0.5 more.
    std::vector<float> numbers(1000000);
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = (static_cast<float>(i) - 499999.5F) / 500000.0F;
    numbers.push_back(20);
    RangeFinder finder;
    finder.add(numbers);
    QCOMPARE(finder.range().high, 1.0F);
    QVERIFY(finder.range().low <= -0.98F);
  }

  void largeNumbersAreKeptWhereTheyCountMore() {
    // A thousand numbers and one of 20: all in 1001 * 0.0824^2 / 12 = 0.57, cut off 361.
    std::vector<float> numbers(1000);
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = (static_cast<float>(i) - 499.5F) / 500.0F;
    numbers.push_back(20);
    RangeFinder finder;
    finder.add(numbers);
    QCOMPARE(finder.range().high, 20.0F);
  }

  void numbersInPiecesHaveTheRangeOfTheWhole() {
    const std::vector<float> numbers = given_numbers(4001);
    RangeFinder whole, pieces;
    whole.add(numbers);
    for (std::size_t i = 0; i < numbers.size(); i += 100)
      pieces.add(std::span(numbers).subspan(i, std::min<std::size_t>(100, numbers.size() - i)));
    QCOMPARE(pieces.range().low, whole.range().low);
    QCOMPARE(pieces.range().high, whole.range().high);
  }

  void valuesThatNeedARangeAreNamed() {
    QCOMPARE(onnx::activations_of_int8(products()), (std::vector<std::string>{"x", "y"}));
  }

  void aFixedRangeIsWrittenBeforeAProduct() {
    Graph graph = products();
    onnx::to_int8(graph, {{"x", {-1, 4}}});
    const std::vector<std::string> found = operations(graph);
    const std::vector<std::string> fixed = {"QuantizeLinear", "DequantizeLinear", "DequantizeLinear", "MatMul"};
    QVERIFY(std::equal(fixed.begin(), fixed.end(), found.begin()));
    // What has no range gets its scale for each input.
    QCOMPARE(std::count(found.begin(), found.end(), "DynamicQuantizeLinear"), std::ptrdiff_t{1});
    QCOMPARE(std::count(found.begin(), found.end(), "MatMulInteger"), std::ptrdiff_t{1});

    const onnx::Node &codes = graph.nodes[0], &numbers = graph.nodes[1], &matrix = graph.nodes[2],
                     &product = graph.nodes[3];
    QCOMPARE(codes.inputs[0], std::string("x"));
    QCOMPARE(onnx::numbers_of(*graph.initializer(codes.inputs[1])), std::vector<float>{5.0F / 255});
    QCOMPARE(onnx::numbers_of(*graph.initializer(codes.inputs[2])), std::vector<float>{51});
    QVERIFY(graph.initializer(codes.inputs[2])->type == ElementType::u8);
    QCOMPARE(numbers.inputs, (std::vector<std::string>{codes.outputs[0], codes.inputs[1], codes.inputs[2]}));
    QCOMPARE(product.inputs, (std::vector<std::string>{numbers.outputs[0], matrix.outputs[0]}));
    QCOMPARE(product.outputs[0], std::string("y"));
    // The weight has a scale and a zero point for each of its columns.
    QCOMPARE(*matrix.attribute<std::int64_t>("axis"), std::int64_t{1});
    QCOMPARE(graph.initializer(matrix.inputs[1])->shape, std::vector<std::int64_t>{kOut});
    QCOMPARE(onnx::numbers_of(*graph.initializer(matrix.inputs[2])), std::vector<float>(kOut, 128));
    QVERIFY(!graph.initializer("first.weight"));
  }

  void fixedProductsAreComputed_data() {
    QTest::addColumn<bool>("turned");
    QTest::newRow("columns") << false;
    QTest::newRow("rows, as an embedding reads them too") << true;
  }

  void fixedProductsAreComputed() {
    QFETCH(bool, turned);
    Graph graph = products();
    const std::vector<float> matrix = onnx::numbers_of(graph.initializers[0]), x = given_numbers(kRows * kIn);
    graph.nodes.pop_back();
    graph.outputs.pop_back();
    onnx::Array given = onnx::array_of({2, 3, kIn}, x);
    if (turned) {
      std::vector<float> rows(matrix.size());
      for (std::size_t i = 0; i < matrix.size(); ++i) rows[i % kOut * kIn + i / kOut] = matrix[i];
      graph.initializers[0] = onnx::tensor_of("first.weight", {kOut, kIn}, rows);
      graph.initializers[0].is_weight = true;
      graph.nodes = {{"Gemm", "first/Gemm", {"x", "first.weight"}, {"y"}, {{"transB", std::int64_t{1}}}}};
      graph.inputs[0].shape = {{6, "rows"}, {kIn}};
      graph.outputs[0].shape = {{6, "rows"}, {kOut}};
      given.shape = {kRows, kIn};
    }
    onnx::to_int8(graph, {{"x", {-1, 4}}});
    const std::vector<float> found = computed(graph, {{"x", given}}).at("y").numbers();
    const std::vector<double> expected = expected_product(x, matrix, 5.0 / 255, 51);
    QCOMPARE(found.size(), expected.size());
    // Sums of integers are exact, so that only the scaling of sums below 32 * 4 * 7 is left to rounding. None of these
    // numbers lies halfway between two codes: x / scale = 255 j / 191 - 51.
    const double allowed = 1e-3;
    double largest = 0;
    for (std::size_t i = 0; i < found.size(); ++i) largest = std::max(largest, std::abs(found[i] - expected[i]));
    QVERIFY2(largest <= allowed, qPrintable(QString::number(largest)));
  }

  void fixedConvolutionsStayIntegers() {
    Graph graph;
    graph.name = "convolution";
    graph.initializers = {weight("conv.weight", {16, 8, 3}), weight("conv.bias", {16})};
    graph.inputs = {{"x", ElementType::f32, {{1, "batch"}, {8}, {20}}}};
    graph.outputs = {{"y", ElementType::f32, {{1, "batch"}, {16}, {20}}}};
    graph.nodes = {{"Conv",
                    "conv/Conv",
                    {"x", "conv.weight", "conv.bias"},
                    {"y"},
                    {{"kernel_shape", std::vector<std::int64_t>{3}}, {"pads", std::vector<std::int64_t>{1, 1}}}}};
    const onnx::Arrays given = {{"x", onnx::array_of({1, 8, 20}, given_numbers(160))}};
    const std::vector<float> whole = computed(graph, given).at("y").numbers();
    onnx::to_int8(graph, {{"x", {-1, 4}}});
    const std::vector<std::string> found = operations(graph);
    QCOMPARE(found.front(), std::string("QuantizeLinear"));
    QVERIFY(std::find(found.begin(), found.end(), "ConvInteger") != found.end());
    QVERIFY(std::find(found.begin(), found.end(), "DynamicQuantizeLinear") == found.end());
    const std::vector<float> integers = computed(graph, given).at("y").numbers();
    // Half a step of x (5 / 510) times weights of at most 7, and half a step of a weight (7 / 254) times x of at most
    // 4, in 24 products.
    const double allowed = 24 * (5.0 / 510 * 7 + 7.0 / 254 * 4 + 1e-3);
    QCOMPARE(integers.size(), whole.size());
    for (std::size_t i = 0; i < whole.size(); ++i)
      QVERIFY(std::abs(static_cast<double>(integers[i]) - whole[i]) <= allowed);
  }

  void valuesBetweenNodesCanBeWatched() {
    Graph graph = products();
    graph.outputs.erase(graph.outputs.begin());  // only z is left
    onnx::add_outputs(graph, {"x", "y", "z"});
    QCOMPARE(graph.outputs.size(), std::size_t{2});  // inputs and outputs stay what they are
    const TemporaryFolder folder;
    onnx::write_graph(graph, folder.path() / "model.onnx");
    onnx::Network network(folder.path() / "model.onnx");
    std::map<std::string, std::int64_t> seen;
    network.watch({"x", "y"},
                  [&](const std::string& value, const onnx::Array& numbers) { seen[value] += numbers.elements(); });
    network.run({{"x", onnx::array_of({2, 3, kIn}, given_numbers(kRows * kIn))}});
    QCOMPARE(seen, (std::map<std::string, std::int64_t>{{"x", kRows * kIn}, {"y", kRows * kOut}}));
  }
};

QTEST_GUILESS_MAIN(CalibrationTest)
#include "calibration_test.moc"
