#include "nn/few_bits_gpu.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/sum.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <dlfcn.h>

#include <array>
#include <bit>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace luthier::nn {

namespace {

#define LUTHIER_KERNEL(...) #__VA_ARGS__
constexpr const char* kText =
#include "nn/few_bits_kernel.inc"
    ;
#undef LUTHIER_KERNEL

/// As in few_bits_kernel.inc.
struct FewBits {
  const void *packed, *values, *scales, *scale_codes, *scale_values, *scale_scales, *scale_offset;
  long long in;
  int shift;
};

constexpr unsigned kThreads = 256;
constexpr std::int64_t kSumsOfRow = 32;  ///< as in few_bits_kernel.inc

/// The functions of NVRTC and of CUDA's driver that are needed. Both are reached through the library by which LibTorch
/// itself reaches them, so that no header and no link of CUDA's is needed; all functions return 0 for success.
struct Driver {
  int (*create)(void**, const char*, const char*, int, const char* const*, const char* const*) = nullptr;
  int (*compile)(void*, int, const char* const*) = nullptr;
  int (*code_size)(void*, std::size_t*) = nullptr;
  int (*code)(void*, char*) = nullptr;
  int (*destroy)(void**) = nullptr;
  int (*load)(void**, const void*) = nullptr;
  int (*find)(void**, void*, const char*) = nullptr;
  int (*launch)(void*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void*, void**,
                void**) = nullptr;
  bool found = false;

  Driver() {
    void* library = dlopen("libcaffe2_nvrtc.so", RTLD_NOW | RTLD_LOCAL);
    if (!library) return;
    const auto get = [&](auto& function, const char* name) {
      function = reinterpret_cast<std::decay_t<decltype(function)>>(dlsym(library, name));
      return function != nullptr;
    };
    found = get(create, "nvrtcCreateProgram") && get(compile, "nvrtcCompileProgram") &&
            get(code_size, "nvrtcGetPTXSize") && get(code, "nvrtcGetPTX") && get(destroy, "nvrtcDestroyProgram") &&
            get(load, "cuModuleLoadData") && get(find, "cuModuleGetFunction") && get(launch, "cuLaunchKernel");
  }

  /// The kernel for NVRTC's oldest GPU, which the driver translates for the one that is there; empty: it failed.
  std::string compiled() const {
    void* program = nullptr;
    if (create(&program, kText, "few_bits.cu", 0, nullptr, nullptr) != 0) return {};
    // Rounded after the product and after the sum, as on the processor.
    const std::array<const char*, 1> options = {"--fmad=false"};
    std::string text;
    std::size_t size = 0;
    if (compile(program, static_cast<int>(options.size()), options.data()) == 0 && code_size(program, &size) == 0) {
      text.resize(size);
      if (code(program, text.data()) != 0) text.clear();
    }
    destroy(&program);
    return text;
  }
};

const Driver& driver() {
  static const Driver one;
  return one;
}

/// The kernels on one GPU, whose context is the current one.
class Kernels {
 public:
  explicit Kernels(at::Device device) {
    if (!driver().found) return;
    const std::string text = driver().compiled();
    void* module = nullptr;  // for as long as the program runs
    if (text.empty() || driver().load(&module, text.c_str()) != 0) return;
    if (driver().find(&to_float_, module, "few_bits_to_float") != 0 ||
        driver().find(&to_bfloat16_, module, "few_bits_to_bfloat16") != 0 ||
        driver().find(&product_, module, "few_bits_product") != 0)
      return;
    nf4_ = four_bit_values(QuantisedType::nf4).to(device);
    fp4_ = four_bit_values(QuantisedType::fp4).to(device);
    dynamic_ = dynamic_values(true).to(device);
    works_ = agree(device);
  }

  bool works() const { return works_; }

  /// Undefined: the launch failed.
  Tensor numbers(const QuantisedWeight& weight, at::ScalarType type) const {
    FewBits given = given_by(weight);
    const Tensor out = at::empty({weight.out(), weight.in()}, weight.packed.options().dtype(type));
    void* target = out.mutable_data_ptr();
    long long count = out.numel();
    return launch(type == at::kFloat ? to_float_ : to_bfloat16_, count, {&given, &count, &target}) ? out : Tensor();
  }
  Tensor product(const Tensor& x, const QuantisedWeight& weight) const {
    FewBits given = given_by(weight);
    const Tensor row = x.to(at::kFloat).contiguous(), sums = at::empty({weight.out(), kSumsOfRow}, row.options());
    const void* source = row.const_data_ptr();
    void* target = sums.mutable_data_ptr();
    long long rows = weight.out();
    if (!launch(product_, sums.numel(), {&given, &rows, &source, &target})) return {};
    return sums.sum(1).to(x.scalar_type()).unsqueeze(0);
  }

 private:
  /// Whether numbers that were made here are those of the processor, to the bit, and products with them nearly.
  bool agree(at::Device device) const {
    const Tensor values = at::arange(-105, 105, at::kFloat).mul_(0.37).sin_().view({3, 70});
    for (const auto& [kind, twice] : {std::pair{QuantisedType::nf4, true},
                                      {QuantisedType::nf4, false},
                                      {QuantisedType::fp4, true},
                                      {QuantisedType::int8, false}}) {
      QuantisedWeight weight(values, {.type = kind, .block = 64, .double_quantisation = twice});
      const Tensor expected = weight.dequantised();
      weight.to(device);
      for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
        const Tensor got = numbers(weight, type);
        if (!got.defined() || !at::equal(got.cpu(), expected.to(type))) return false;
      }
      const Tensor x = values.narrow(0, 0, 1), y = product(x.to(device), weight);
      if (!y.defined() || !at::allclose(y.cpu(), at::mm(x, expected.t()), 1e-4, 1e-5)) return false;
    }
    return true;
  }

  FewBits given_by(const QuantisedWeight& weight) const {
    const bool int8 = weight.options().type == QuantisedType::int8, twice = weight.absmax_offset.defined();
    const auto at = [](const Tensor& tensor) { return tensor.defined() ? tensor.const_data_ptr() : nullptr; };
    return {at(weight.packed),
            int8 ? nullptr : at(weight.options().type == QuantisedType::nf4 ? nf4_ : fp4_),
            twice ? nullptr : at(weight.absmax),
            twice ? at(weight.absmax) : nullptr,
            at(dynamic_),
            at(weight.absmax_absmax),
            at(weight.absmax_offset),
            weight.in(),
            std::countr_zero(static_cast<std::uint64_t>(weight.options().block))};
  }

  /// False: it failed. The kernel's values are copied before this returns.
  static bool launch(void* kernel, std::int64_t threads, std::vector<void*> values) {
    const auto blocks = static_cast<unsigned>((threads + kThreads - 1) / kThreads);
    return driver().launch(kernel, blocks, 1, 1, kThreads, 1, 1, 0, nullptr, values.data(), nullptr) == 0;
  }

  void *to_float_ = nullptr, *to_bfloat16_ = nullptr, *product_ = nullptr;
  Tensor nf4_, fp4_, dynamic_;  ///< values of codes, on the GPU
  bool works_ = false;
};

const Kernels& kernels_on(at::Device device) {
  static std::mutex mutex;
  static auto& known = *new std::map<int, Kernels>;  // CUDA may be gone when the program ends
  const std::lock_guard lock(mutex);
  const auto found = known.find(device.index());
  return found != known.end() ? found->second : known.emplace(device.index(), Kernels(device)).first->second;
}

/// What `use` makes with the kernels of the weight's GPU; undefined where none works for this type and weight.
template <class Use>
Tensor with_kernels(const QuantisedWeight& weight, at::ScalarType type, const Use& use) {
  const at::Device device = weight.packed.device();
  if (!device.is_cuda() || (type != at::kFloat && type != at::kBFloat16)) return {};
  if (!std::has_single_bit(static_cast<std::uint64_t>(weight.options().block))) return {};
  const at::NoGradGuard no_grad;
  const c10::DeviceGuard guard(device);
  // The kernels run on CUDA's default stream, which is what everything here computes on.
  if (c10::impl::VirtualGuardImpl(device.type()).getStream(device).id() != 0) return {};
  const Kernels& kernels = kernels_on(device);
  return kernels.works() ? use(kernels) : Tensor();
}

}  // namespace

const char* few_bits_kernel_text() { return kText; }

Tensor dequantised_by_kernel(const QuantisedWeight& weight, at::ScalarType type) {
  return with_kernels(weight, type, [&](const Kernels& kernels) { return kernels.numbers(weight, type); });
}

Tensor row_times_weight(const Tensor& x, const QuantisedWeight& weight) {
  if (x.size(0) != 1 || x.device() != weight.packed.device()) return {};
  return with_kernels(weight, x.scalar_type(), [&](const Kernels& kernels) { return kernels.product(x, weight); });
}

}  // namespace luthier::nn
