// Weights in few bits on a GPU, held against the processor.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/randn.h>

#include "nn/few_bits_gpu.h"
#include "support/testing.h"

using namespace luthier;
using namespace luthier::testing;
using at::Tensor;

class FewBitsGpuTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() {
    if (!at::hasCUDA()) QSKIP("needs a GPU");
  }

  void theKernelGivesTheProcessorsBits_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<bool>("twice");
    for (const char* type : {"nf4", "fp4"})
      for (const bool twice : {false, true}) QTest::addRow("%s%s", type, twice ? " twice" : "") << type << twice;
    QTest::newRow("int8") << "int8" << false;
  }
  void theKernelGivesTheProcessorsBits() {
    QFETCH(const QString, type);
    QFETCH(const bool, twice);
    const at::TensorOptions fp32(at::kFloat);
    const Tensor numbers = at::randn({301, 4097}, at::detail::createCPUGenerator(1), fp32);
    const auto weight = std::make_shared<nn::QuantisedWeight>(
        numbers, nn::QuantiseOptions{nn::quantised_type(type.toStdString()), 64, twice});
    const Tensor whole = weight->dequantised(), half = weight->dequantised(at::kBFloat16);
    const Tensor x = at::randn({5, 4097}, at::detail::createCPUGenerator(2), fp32),
                 y = nn::quantised_linear(x, weight, {});
    weight->to(at::kCUDA);
    for (const at::ScalarType kind : {at::kFloat, at::kBFloat16}) {
      const Tensor got = nn::dequantised_by_kernel(*weight, kind);
      QVERIFY2(got.defined(), "no kernel: NVRTC or the kernel's own test failed");
      QVERIFY(at::equal(got.cpu(), kind == at::kFloat ? whole : half));
    }
    const Tensor there = nn::quantised_linear(x.to(at::kCUDA), weight, {}).cpu();
    QVERIFY(there.sub(y).abs().max().item<double>() < 1e-2);
    for (std::int64_t row = 0; row < 5; ++row) {  // a single row has a kernel of its own
      const Tensor one = nn::row_times_weight(x.narrow(0, row, 1).to(at::kCUDA), *weight);
      QVERIFY(one.defined());
      QVERIFY(one.cpu().sub(y.narrow(0, row, 1)).abs().max().item<double>() < 1e-2);
    }
  }
};

QTEST_GUILESS_MAIN(FewBitsGpuTest)
#include "few_bits_gpu_test.moc"
