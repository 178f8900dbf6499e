#pragma once
// Bottleneck adapters (Houlsby et al. 2019, Pfeiffer et al. 2021) after a transformer's sub-layers, computed and named
// as in the "adapters" library. Shape legend: nn/adapted_layer.h.
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <string>

#include "nn/activation.h"
#include "nn/norm.h"

namespace luthier::nn {

struct BottleneckShape {
  std::int64_t channels = 0, inner = 0;
  std::string activation = "relu";
  double dropout = 0;           ///< on what comes out, in training
  bool after_residual = false;  ///< Pfeiffer: reads the sub-layer's output with its input added (and normalised)
};

/// up(activation(down(x))). Parameters: "adapter_down.0.weight" [inner, C] and ".bias", "adapter_up.weight" [C, inner]
/// and ".bias". The up-projection starts at zero, so that the adapter starts as nothing; the down-projection is drawn
/// Kaiming-uniform(sqrt 5).
class BottleneckAdapter : public torch::nn::Module {
 public:
  BottleneckAdapter(const BottleneckShape& shape, const at::Generator& generator);
  Tensor forward(const Tensor& x);  // [..., C] -> [..., C]
  const BottleneckShape& shape() const { return shape_; }

 private:
  BottleneckShape shape_;
  Activation activation_;
  Tensor down_, down_bias_, up_, up_bias_;
};

enum class SubLayer { attention, feed_forward };

/// The place for an adapter after a sub-layer, called "adapters" in the library. Empty it costs nothing.
class AdapterSite : public torch::nn::Module {
 public:
  AdapterSite(SubLayer after, std::int64_t channels) : after_(after), channels_(channels) {}

  SubLayer after() const { return after_; }
  std::int64_t channels() const { return channels_; }
  const std::shared_ptr<BottleneckAdapter>& adapter() const { return adapter_; }
  /// Registers the adapter under this name; an internal error when there is one already.
  void set(const std::string& name, std::shared_ptr<BottleneckAdapter> adapter);
  void set_active(bool active) { active_ = active; }  ///< inactive: the layer as it was

  /// residual + dropout(y), where y is the sub-layer's output, with the adapter's part in it: [B, T, C] each. `norm`:
  /// the one that comes after the sum, where the family has it there.
  Tensor add(const Tensor& residual, const Tensor& y, double dropout, bool training, LayerNorm* norm = nullptr);

 private:
  SubLayer after_;
  std::int64_t channels_;
  bool active_ = true;
  std::shared_ptr<BottleneckAdapter> adapter_;
};

}  // namespace luthier::nn
