// ONNX files without any model: what is written is read again and computed by ONNX Runtime, weights inside the file or
// beside it, in 32, 16 and 8 bits; half precision to the bit; broken files are refused.
#include "onnx/file.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "onnx/half.h"
#include "onnx/quantise.h"
#include "onnxruntime/network.h"
#include "support/testing.h"

using namespace luthier;
using namespace luthier::testing;
using onnx::ElementType;
using onnx::Graph;
using onnx::TensorData;

namespace {

std::vector<float> spread_numbers(std::size_t count, float start) {
  std::vector<float> numbers(count);
  for (std::size_t i = 0; i < count; ++i)
    numbers[i] = std::sin(start + 0.37f * static_cast<float>(i % 1009)) * (1 + static_cast<float>(i % 7));
  return numbers;
}

TensorData weight(const std::string& name, std::vector<std::int64_t> shape, float start) {
  std::size_t count = 1;
  for (const std::int64_t size : shape) count *= static_cast<std::size_t>(size);
  TensorData tensor = onnx::tensor_of(name, std::move(shape), spread_numbers(count, start));
  tensor.is_weight = true;
  return tensor;
}

/// An embedding, a linear layer and a root mean square of what it gives.
Graph small_graph() {
  Graph graph;
  graph.name = "small";
  graph.initializers = {weight("words.weight", {90, 32}, 0), weight("dense.weight", {32, 48}, 1),
                        weight("dense.bias", {48}, 2), onnx::tensor_of("axes", {1}, std::vector<std::int64_t>{-1}),
                        onnx::tensor_of("two", {}, std::vector<float>{2})};
  graph.inputs = {{"input_ids", ElementType::i64, {{2, "batch"}, {3, "length"}}}};
  graph.outputs = {{"logits", ElementType::f32, {{2, "batch"}, {3, "length"}, {48}}}};
  graph.nodes = {{"Gather", "words/Gather", {"words.weight", "input_ids"}, {"x"}},
                 {"MatMul", "dense/MatMul", {"x", "dense.weight"}, {"y"}},
                 {"Add", "dense/Add", {"y", "dense.bias"}, {"z"}},
                 {"Pow", "norm/Pow", {"z", "two"}, {"squares"}},
                 {"ReduceMean", "norm/ReduceMean", {"squares", "axes"}, {"mean"}, {{"keepdims", std::int64_t{1}}}},
                 {"Sqrt", "norm/Sqrt", {"mean"}, {"root"}},
                 {"Div", "norm/Div", {"z", "root"}, {"logits"}}};
  for (const char* name : {"x", "y", "z", "squares", "mean", "root", "logits"}) graph.types[name] = ElementType::f32;
  return graph;
}

const onnx::Arrays kGiven = {{"input_ids", onnx::array_of({2, 3}, std::vector<std::int64_t>{0, 7, 89, 3, 3, 41})}};

std::vector<float> computed(const fs::path& file) { return onnx::Network(file).run(kGiven).at("logits").numbers(); }

/// By hand, in double precision.
std::vector<float> expected() {
  const Graph graph = small_graph();
  const std::vector<float> words = onnx::numbers_of(graph.initializers[0]),
                           matrix = onnx::numbers_of(graph.initializers[1]),
                           bias = onnx::numbers_of(graph.initializers[2]);
  std::vector<float> logits;
  for (const std::size_t id : {0, 7, 89, 3, 3, 41}) {
    std::vector<double> z(48);
    double squares = 0;
    for (std::size_t column = 0; column < 48; ++column) {
      z[column] = bias[column];
      for (std::size_t row = 0; row < 32; ++row)
        z[column] += static_cast<double>(words[id * 32 + row]) * matrix[row * 48 + column];
      squares += z[column] * z[column];
    }
    for (const double one : z) logits.push_back(static_cast<float>(one / std::sqrt(squares / 48)));
  }
  return logits;
}

double difference(const std::vector<float>& one, const std::vector<float>& other) {
  if (one.size() != other.size()) return INFINITY;
  double largest = 0;
  for (std::size_t i = 0; i < one.size(); ++i)
    largest = std::max(largest, std::abs(static_cast<double>(one[i]) - other[i]));
  return largest;
}

}  // namespace

class FileTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void whatIsWrittenIsComputed_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<double>("limit");
    QTest::newRow("one file") << "fp32" << 1e-5;
    QTest::newRow("weights beside it") << "external" << 1e-5;
    QTest::newRow("fp16") << "fp16" << 1e-2;
    QTest::newRow("int8") << "int8" << 5e-2;
  }

  void whatIsWrittenIsComputed() {
    QFETCH(QString, kind);
    QFETCH(double, limit);
    const TemporaryFolder folder;
    const fs::path file = folder.path() / "model.onnx";
    Graph graph = small_graph();
    if (kind == "fp16") onnx::to_fp16(graph);
    if (kind == "int8") onnx::to_int8(graph);
    onnx::write_graph(graph, file, kind == "external" ? 1000 : onnx::kMostInside);
    QCOMPARE(fs::exists(folder.path() / "model.onnx.data"), kind == "external");
    const double found = difference(computed(file), expected());
    QVERIFY2(found <= limit, qPrintable(QString::number(found)));
  }

  void whatIsReadIsWhatWasWritten() {
    const TemporaryFolder folder;
    const fs::path inside = folder.path() / "a" / "model.onnx", beside = folder.path() / "b" / "model.onnx";
    for (const fs::path& file : {inside, beside}) fs::create_directories(file.parent_path());
    const Graph graph = small_graph();
    onnx::write_graph(graph, inside);
    onnx::write_graph(graph, beside, 1000);
    for (const fs::path& file : {inside, beside}) {
      const Graph read = onnx::read_graph(file);
      QCOMPARE(read.nodes.size(), graph.nodes.size());
      QCOMPARE(read.initializers.size(), graph.initializers.size());
      for (std::size_t i = 0; i < graph.initializers.size(); ++i) {
        QCOMPARE(read.initializers[i].name, graph.initializers[i].name);
        QCOMPARE(read.initializers[i].shape, graph.initializers[i].shape);
        QVERIFY(std::ranges::equal(read.initializers[i].bytes, graph.initializers[i].bytes));
      }
      QCOMPARE(read.inputs[0].shape[1].name, std::string("length"));
      QCOMPARE(*read.nodes[4].attribute<std::int64_t>("keepdims"), std::int64_t{1});
    }
    QCOMPARE(onnx::graph_checksums(inside.parent_path()), onnx::graph_checksums(beside.parent_path()));
  }

  void weightsBesideTheFileBeginAtPages() {
    const TemporaryFolder folder;
    onnx::write_graph(small_graph(), folder.path() / "model.onnx", 1000);
    // 90 x 32 numbers, then 32 x 48 at the next multiple of 4096; the others are small and stay in the file.
    QCOMPARE(fs::file_size(folder.path() / "model.onnx.data"), std::uintmax_t{12288 + 32 * 48 * 4});
  }

  void halfPrecisionIsRoundedToTheNearest() {
    // By the definition of binary16: 11 bits, exponents -14 .. 15, below that steps of 2^-24.
    QCOMPARE(onnx::to_half(1.0f), std::uint16_t{0x3C00});
    QCOMPARE(onnx::to_half(-2.0f), std::uint16_t{0xC000});
    QCOMPARE(onnx::to_half(65504.0f), std::uint16_t{0x7BFF});
    QCOMPARE(onnx::to_half(65519.0f), std::uint16_t{0x7BFF});
    QCOMPARE(onnx::to_half(65520.0f), std::uint16_t{0x7C00});
    QCOMPARE(onnx::to_half(1.0f + 1.0f / 2048), std::uint16_t{0x3C00});  // a tie: to the even one
    QCOMPARE(onnx::to_half(1.0f + 3.0f / 2048), std::uint16_t{0x3C02});  // a tie: to the even one
    QCOMPARE(onnx::to_half(std::ldexp(1.0f, -24)), std::uint16_t{0x0001});
    QCOMPARE(onnx::to_half(std::ldexp(1.0f, -26)), std::uint16_t{0x0000});
    QCOMPARE(onnx::to_half(-std::numeric_limits<float>::infinity()), std::uint16_t{0xFC00});
    QVERIFY(std::isnan(onnx::from_half(onnx::to_half(std::numeric_limits<float>::quiet_NaN()))));
    for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
      const float number = onnx::from_half(static_cast<std::uint16_t>(bits));
      if (!std::isnan(number)) QCOMPARE(onnx::to_half(number), static_cast<std::uint16_t>(bits));
    }
  }

  void brokenFilesAreRefused() {
    const TemporaryFolder folder;
    const fs::path file = folder.path() / "model.onnx", data = folder.path() / "model.onnx.data";
    onnx::write_graph(small_graph(), file, 1000);
    const std::string good = read_file(file), numbers = read_file(data);
    write_text(data, numbers.substr(0, numbers.size() - 1));
    LUTHIER_FAILS(onnx::read_graph(file), "ends before the tensor dense.weight");
    write_text(data, numbers);
    for (std::size_t size = 0; size < good.size(); size += 7) {
      write_text(file, good.substr(0, size));
      LUTHIER_FAILS(onnx::read_graph(file), "no complete ONNX file");
    }
    std::string outside = good;
    for (auto at = outside.find("model.onnx.data"); at != std::string::npos; at = outside.find("model.onnx.data", at))
      outside.replace(at, 15, "../del.onnx.dat");
    write_text(file, outside);
    LUTHIER_FAILS(onnx::read_graph(file), "outside of its folder");
    write_text(file, good);
    QCOMPARE(onnx::read_graph(file).nodes.size(), small_graph().nodes.size());
  }
};

QTEST_GUILESS_MAIN(FileTest)
#include "file_test.moc"
