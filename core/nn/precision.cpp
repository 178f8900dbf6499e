#include "nn/precision.h"

#include <ATen/Context.h>
#include <ATen/autocast_mode.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/Device.h>

#include "base/error.h"

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
  if (wanted == "fp16")
    fail(ErrorKind::unsupported,
         "fp16 training is not offered: its small range needs loss scaling, and T5 and Wav2Vec2 overflow in it all the "
         "same",
         "training.precision", "use bf16 on a GPU, fp32 elsewhere");
  if (wanted == "bf16" && !cuda)
    fail(ErrorKind::unsupported, "bf16 on this processor is six to seven times slower than fp32", "training.precision",
         "use fp32, or auto");
  return wanted;
}

Autocast::Autocast(bool active) : active_(active) {
  if (!active_) return;
  before_ = at::autocast::is_autocast_enabled(at::kCUDA);
  at::autocast::set_autocast_enabled(at::kCUDA, true);
  at::autocast::set_autocast_dtype(at::kCUDA, at::kBFloat16);
  at::autocast::increment_nesting();
}

Autocast::~Autocast() {
  if (!active_) return;
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(at::kCUDA, before_);
}

}  // namespace luthier::nn
