#include "nn/batch_norm.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include "base/error.h"
#include "nn/recompute.h"

namespace luthier::nn {

BatchNorm2d::BatchNorm2d(std::int64_t channels, double epsilon, double momentum, double start_range)
    : epsilon_(epsilon), momentum_(momentum), start_range_(start_range) {
  weight = register_parameter("weight", at::empty({channels}));
  bias = register_parameter("bias", at::empty({channels}));
  running_mean = register_buffer("running_mean", at::zeros({channels}));
  running_var = register_buffer("running_var", at::ones({channels}));
  num_batches_tracked = register_buffer("num_batches_tracked", at::zeros({}, at::kLong));
}

void BatchNorm2d::start(const std::string& parameter, Tensor& value, const at::Generator& generator) const {
  if (parameter != "weight")
    value.zero_();
  else if (start_range_ > 0)
    value.normal_(0, start_range_, generator);
  else
    value.fill_(1);
}

Tensor BatchNorm2d::forward(const Tensor& x) {
  const bool by_batch = is_training() && (weight.requires_grad() || by_batch_when_frozen_);
  if (by_batch) {
    if (x.numel() / x.size(1) < 2)
      fail(ErrorKind::bad_input, "batch normalisation needs more than one value a channel to train", "batch",
           "use batches of at least two images, or larger images");
    // A layer that is made again for the backward pass has counted this batch already.
    if (is_recomputing())
      return at::batch_norm(x, weight, bias, {}, {}, by_batch, momentum_, epsilon_, /*cudnn_enabled=*/true);
    const at::NoGradGuard no_grad;
    num_batches_tracked.add_(1);
  }
  return at::batch_norm(x, weight, bias, running_mean, running_var, by_batch, momentum_, epsilon_,
                        /*cudnn_enabled=*/true);
}

}  // namespace luthier::nn
