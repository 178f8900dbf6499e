#pragma once
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <string>

namespace luthier::nn {

/// A module whose parameters start from values of their own when they are drawn anew (see nn/initialise.h).
class OwnStart {
 public:
  virtual ~OwnStart() = default;
  /// Fills one of the module's parameters ("weight") from the generator alone.
  virtual void start(const std::string& parameter, at::Tensor& value, const at::Generator& generator) const = 0;
};

}  // namespace luthier::nn
