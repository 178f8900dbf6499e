#pragma once
// Device and precision of a computation.
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace luthier::nn {

/// "cuda:0" where LibTorch sees a GPU, else "cpu"; "cpu", "cuda" and "cuda:N" are taken as they are. bad_input when the
/// device is not there.
std::string choose_device(const std::string& wanted);

/// "bf16" on a GPU that has it, else "fp32"; a wanted precision that the device does badly or not at all is refused.
std::string choose_precision(const std::string& wanted, const std::string& device);

/// Divides the gradients by `scale`, as loss scaling wants (Micikevicius et al. 2018); false, leaving them, when one is
/// not a finite number.
bool unscale_gradients(const std::vector<at::Tensor>& parameters, double scale);

/// In which type a matrix product with these rows is computed: that of autocast where it is on, else their own.
at::ScalarType product_type(const at::Tensor& rows);

/// While alive, matrix work on CUDA runs in bf16 or fp16 (autocast); does nothing for "fp32".
class Autocast {
 public:
  explicit Autocast(const std::string& precision);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  bool active_, before_ = false;
};

}  // namespace luthier::nn
