// The GPU's kernel for weights in few bits, without a GPU: its text is C++ too, so the processor computes what each of
// its threads would; and clang, where it is there, compiles it for a GPU.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/randn.h>

#include "nn/few_bits_gpu.h"
#include "support/testing.h"

using namespace luthier;
using namespace luthier::testing;
using at::Tensor;

namespace {

struct Place {
  unsigned x = 0;
};
Place blockIdx, blockDim, threadIdx;

#define __device__
#define __global__
#define LUTHIER_KERNEL(...) __VA_ARGS__
#include "nn/few_bits_kernel.inc"
#undef LUTHIER_KERNEL
#undef __global__
#undef __device__

constexpr unsigned kThreads = 32;

template <class Kernel>
void every_thread(std::int64_t count, const Kernel& kernel) {
  blockDim.x = kThreads;
  for (blockIdx.x = 0; blockIdx.x * kThreads < count; ++blockIdx.x)
    for (threadIdx.x = 0; threadIdx.x < kThreads; ++threadIdx.x) kernel();
}

}  // namespace

class FewBitsKernelTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void givesTheProcessorsBits_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<bool>("twice");
    QTest::addColumn<int>("in");
    for (const char* type : {"nf4", "fp4"})
      for (const bool twice : {false, true})
        for (const int in : {53, 128, 4096})  // 7 * 4096 numbers have more blocks than share a second scale
          QTest::addRow("%s%s %d", type, twice ? " twice" : "", in) << type << twice << in;
    QTest::newRow("int8 53") << "int8" << false << 53;
    QTest::newRow("int8 128") << "int8" << false << 128;
  }
  void givesTheProcessorsBits() {
    QFETCH(const QString, type);
    QFETCH(const bool, twice);
    QFETCH(const int, in);
    const nn::QuantiseOptions options{nn::quantised_type(type.toStdString()), 64, twice};
    const nn::QuantisedWeight weight(
        at::randn({7, in}, at::detail::createCPUGenerator(1), at::TensorOptions(at::kFloat)), options);
    const bool int8 = type == "int8";
    const Tensor values = int8 ? Tensor() : nn::four_bit_values(options.type), dynamic = nn::dynamic_values(true);
    const auto floats = [](const Tensor& tensor) {
      return tensor.defined() ? tensor.const_data_ptr<float>() : nullptr;
    };
    const FewBits given{static_cast<const unsigned char*>(weight.packed.const_data_ptr()),
                        floats(values),
                        twice ? nullptr : floats(weight.absmax),
                        twice ? weight.absmax.const_data_ptr<std::uint8_t>() : nullptr,
                        floats(dynamic),
                        floats(weight.absmax_absmax),
                        floats(weight.absmax_offset),
                        in,
                        6};  // blocks of 64
    const Tensor expected = weight.dequantised(), whole = at::empty_like(expected);
    every_thread(whole.numel(), [&] { few_bits_to_float(given, whole.numel(), whole.mutable_data_ptr<float>()); });
    QVERIFY(at::equal(whole, expected));
    const Tensor half = at::empty({7, in}, at::kBFloat16);
    auto* bits = static_cast<unsigned short*>(half.mutable_data_ptr());
    every_thread(half.numel(), [&] { few_bits_to_bfloat16(given, half.numel(), bits); });
    QVERIFY(at::equal(half, weight.dequantised(at::kBFloat16)));
    const Tensor x = at::randn({1, in}, at::detail::createCPUGenerator(2), at::TensorOptions(at::kFloat));
    const Tensor sums = at::empty({7, 32}, at::kFloat);
    every_thread(sums.numel(),
                 [&] { few_bits_product(given, 7, x.const_data_ptr<float>(), sums.mutable_data_ptr<float>()); });
    const Tensor exact = at::mm(x.to(at::kDouble), expected.t().to(at::kDouble)).view({7});
    QVERIFY(sums.sum(1).sub(exact).abs().max().item<double>() < 1e-6 * in);
  }

  void compilesForAGpu() {
    if (run_program({"clang++", "--version"}).exit_code != 0) QSKIP("needs clang++");
    // The words of CUDA that its headers define.
    const std::string words = R"(
#define __global__ __attribute__((global))
#define __device__ __attribute__((device))
struct Place { int x; };
#define blockIdx (Place{__nvvm_read_ptx_sreg_ctaid_x()})
#define blockDim (Place{__nvvm_read_ptx_sreg_ntid_x()})
#define threadIdx (Place{__nvvm_read_ptx_sreg_tid_x()})
)";
    const TemporaryFolder folder;
    const fs::path source = folder.path() / "kernel.cu", code = folder.path() / "kernel.ptx";
    write_text(source, words + nn::few_bits_kernel_text());
    const Output output =
        run_program({"clang++", "-x", "cuda", "--cuda-device-only", "--cuda-gpu-arch=sm_75", "-nocudainc", "-nocudalib",
                     "-O2", "-ffp-contract=off", "-S", source.string(), "-o", code.string()});
    QVERIFY2(output.exit_code == 0, output.err.c_str());
    const std::string text = read_file(code);
    for (const char* kernel : {".entry few_bits_to_float", ".entry few_bits_to_bfloat16", ".entry few_bits_product"})
      QVERIFY2(text.find(kernel) != std::string::npos, kernel);
    QVERIFY(text.find("fma.") == std::string::npos);  // products and sums are rounded one by one
  }

  void isNotThereOnTheProcessor() {
    const nn::QuantisedWeight weight(at::randn({2, 64}), {});
    QVERIFY(!nn::dequantised_by_kernel(weight, at::kFloat).defined());
    QVERIFY(!nn::row_times_weight(at::randn({1, 64}), weight).defined());
  }
};

QTEST_GUILESS_MAIN(FewBitsKernelTest)
#include "few_bits_kernel_test.moc"
