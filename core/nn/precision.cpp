#include "nn/precision.h"

#include <ATen/Context.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/grad_mode.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/Device.h>

#include <cmath>

#include "base/error.h"
#include "nn/adamw.h"

namespace luthier::nn {

std::string choose_device(const std::string& wanted) {
  if (wanted == "cpu") return "cpu";
  const std::int64_t count = at::globalContext().hasCUDA() ? at::detail::getCUDAHooks().deviceCount() : 0;
  if (wanted == "auto") return count > 0 ? "cuda:0" : "cpu";
  const c10::Device device(wanted);
  const std::int64_t index = device.has_index() ? device.index() : 0;
  if (!device.is_cuda() || index >= count)
    fail(ErrorKind::bad_input,
         "there is no device " + wanted + " (GPUs seen by LibTorch: " + std::to_string(count) + ")", "training.device",
         "use auto, or cpu");
  return "cuda:" + std::to_string(index);
}

std::string choose_precision(const std::string& wanted, const std::string& device) {
  const bool cuda = device.rfind("cuda", 0) == 0;
  if (wanted == "auto") return cuda ? "bf16" : "fp32";
  if (wanted == "fp16" && !cuda)
    fail(ErrorKind::unsupported, "fp16 on this processor is six to seven times slower than fp32", "training.precision",
         "use fp32, or auto");
  if (wanted == "bf16" && !cuda)
    fail(ErrorKind::unsupported, "bf16 on this processor is six to seven times slower than fp32", "training.precision",
         "use fp32, or auto");
  return wanted;
}

bool unscale_gradients(const std::vector<at::Tensor>& parameters, double scale) {
  const at::NoGradGuard no_grad;
  if (!std::isfinite(gradient_norm(parameters).item<double>())) return false;
  for (const at::Tensor& parameter : parameters)
    if (parameter.grad().defined()) parameter.grad().div_(scale);
  return true;
}

Autocast::Autocast(const std::string& precision) : active_(precision != "fp32") {
  if (!active_) return;
  before_ = at::autocast::is_autocast_enabled(at::kCUDA);
  at::autocast::set_autocast_enabled(at::kCUDA, true);
  at::autocast::set_autocast_dtype(at::kCUDA, precision == "fp16" ? at::kHalf : at::kBFloat16);
  at::autocast::increment_nesting();
}

Autocast::~Autocast() {
  if (!active_) return;
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(at::kCUDA, before_);
}

at::ScalarType product_type(const at::Tensor& rows) {
  const auto device = rows.device().type();
  return at::autocast::is_autocast_enabled(device) ? at::autocast::get_autocast_dtype(device) : rows.scalar_type();
}

}  // namespace luthier::nn
