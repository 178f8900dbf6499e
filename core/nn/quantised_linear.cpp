#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/core/ivalue.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mm.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "nn/few_bits_gpu.h"
#include "nn/precision.h"
#include "nn/quantised.h"

namespace luthier::nn {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

/// Numbers of a panel: the part of a weight that exists in full precision at once, a megabyte. It should stay in the
/// caches between dequantising and multiplying, yet be wide enough for the matrix product.
constexpr std::int64_t kPanelNumbers = 1 << 18;

/// Calls use(first row, panel [rows, in]) for all rows of a weight on the processor.
template <class Use>
void for_panels(const QuantisedWeight& weight, const Use& use) {
  const std::int64_t most = std::min(weight.out(), std::max<std::int64_t>(32, kPanelNumbers / weight.in()));
  Tensor buffer = at::empty({most, weight.in()}, at::kFloat);
  for (std::int64_t row = 0; row < weight.out(); row += most) {
    Tensor panel = buffer.narrow(0, 0, std::min(most, weight.out() - row));
    weight.dequantise_rows(row, panel.size(0), panel);
    use(row, panel);
  }
}

struct HeldWeight : torch::CustomClassHolder {
  explicit HeldWeight(std::shared_ptr<const QuantisedWeight> one) : weight(std::move(one)) {}
  std::shared_ptr<const QuantisedWeight> weight;
};

class QuantisedProduct : public torch::autograd::Function<QuantisedProduct> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& rows, std::shared_ptr<const QuantisedWeight> weight) {
    context->saved_data["weight"] = c10::IValue::make_capsule(c10::make_intrusive<HeldWeight>(weight));
    if (!rows.is_cpu()) {
      const Tensor x = rows.to(product_type(rows));
      if (const Tensor y = row_times_weight(x, *weight); y.defined()) return y;
      return at::linear(x, weight->dequantised(x.scalar_type()));
    }
    const Tensor x = rows.to(at::kFloat);
    Tensor y = at::empty({x.size(0), weight->out()}, x.options());
    for_panels(*weight, [&](std::int64_t first, const Tensor& panel) {
      Tensor columns = y.narrow(1, first, panel.size(0));
      at::mm_out(columns, x, panel.t());
    });
    return y;
  }

  static tensor_list backward(AutogradContext* context, tensor_list grads) {
    const auto held = c10::static_intrusive_pointer_cast<HeldWeight>(context->saved_data["weight"].toCapsule());
    const QuantisedWeight& weight = *held->weight;
    const Tensor& dy = grads[0];
    if (!dy.defined()) return {Tensor(), Tensor()};
    if (!dy.is_cpu()) return {at::mm(dy, weight.dequantised(dy.scalar_type())), Tensor()};
    Tensor dx = at::empty({dy.size(0), weight.in()}, dy.options());
    for_panels(weight, [&](std::int64_t first, const Tensor& panel) {
      const Tensor columns = dy.narrow(1, first, panel.size(0));
      if (first == 0)
        at::mm_out(dx, columns, panel);
      else
        dx.addmm_(columns, panel);
    });
    return {dx, Tensor()};
  }
};

}  // namespace

Tensor quantised_linear(const Tensor& x, const std::shared_ptr<const QuantisedWeight>& weight, const Tensor& bias) {
  const Tensor rows = x.dim() == 2 ? x : x.reshape({-1, weight->in()});  // [N, in]
  Tensor y = QuantisedProduct::apply(rows, weight);                      // [N, out]
  if (bias.defined()) y = y.add_(bias);
  if (x.dim() == 2) return y;
  auto shape = x.sizes().vec();
  shape.back() = weight->out();
  return y.view(shape);
}

}  // namespace luthier::nn
