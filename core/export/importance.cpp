#include "export/importance.h"

#include <ATen/TensorOperators.h>

#include <algorithm>

#include "base/error.h"
#include "nn/linear.h"
#include "nn/observed.h"

namespace luthier {

namespace {
constexpr double kLeast = 1e-6;  ///< of the mean: a channel that these rows leave silent still counts for something

class Squares : public nn::LayerObserver {
 public:
  explicit Squares(const Model& model) {
    for (const auto& entry : model.named_modules())
      if (entry.value()->as<nn::Linear>()) names_[entry.value().get()] = entry.key();
  }

  void saw(const torch::nn::Module& layer, const Tensor& x, const Tensor&) override {
    const auto name = names_.find(&layer);
    if (name == names_.end()) return;
    const Tensor rows = x.detach().to(at::kCPU, at::kDouble).reshape({-1, x.size(-1)});  // [N, in]
    Sum& sum = sums_[name->second];
    const Tensor squares = rows.square().sum(0);
    sum.squares = sum.squares.defined() ? sum.squares + squares : squares;
    sum.rows += rows.size(0);
  }

  std::map<std::string, std::vector<float>> means() const {
    std::map<std::string, std::vector<float>> all;
    for (const auto& [name, sum] : sums_) {
      const Tensor mean = sum.squares / static_cast<double>(std::max<std::int64_t>(1, sum.rows));
      const double least = kLeast * mean.mean().item<double>();
      if (!(least > 0)) continue;  // nothing but zeros: no reason to prefer any
      const Tensor values = mean.clamp_min(least).to(at::kFloat).contiguous();
      all[name].assign(values.const_data_ptr<float>(), values.const_data_ptr<float>() + values.numel());
    }
    return all;
  }

 private:
  struct Sum {
    Tensor squares;
    std::int64_t rows = 0;
  };
  std::map<const torch::nn::Module*, std::string> names_;
  std::map<std::string, Sum> sums_;
};
}  // namespace

std::map<std::string, std::vector<float>> input_importance(Model& model, const RowReading& reading,
                                                           const std::vector<ProofRow>& rows,
                                                           const ExportProgress& progress) {
  Squares squares(model);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (progress) progress("looking at which weights count", static_cast<double>(i) / static_cast<double>(rows.size()));
    try {
      row_logits(model, reading, rows[i], std::nullopt, 1);
    } catch (const Error& error) {
      if (error.kind == ErrorKind::cancelled || (rows[i].media_path.empty() && rows[i].media_bytes.empty())) throw;
    }
  }
  return squares.means();
}

}  // namespace luthier
