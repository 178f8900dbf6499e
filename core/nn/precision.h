#pragma once
// Device and precision of a computation.
#include <string>

namespace luthier::nn {

/// "cuda:0" where LibTorch sees a GPU, else "cpu"; "cpu", "cuda" and "cuda:N" are taken as they are. bad_input when the
/// device is not there.
std::string choose_device(const std::string& wanted);

/// "bf16" on a GPU that has it, else "fp32"; a wanted precision that the device does badly or not at all is refused.
std::string choose_precision(const std::string& wanted, const std::string& device);

/// While alive, matrix work on CUDA runs in bf16 (autocast); does nothing when `active` is false.
class Autocast {
 public:
  explicit Autocast(bool active);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  bool active_, before_ = false;
};

}  // namespace luthier::nn
