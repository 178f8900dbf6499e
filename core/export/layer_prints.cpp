#include "export/layer_prints.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/index_select.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "nn/observed.h"

namespace luthier {

namespace {
constexpr std::int64_t kValues = 24;  ///< of each layer

class Prints : public nn::LayerObserver {
 public:
  explicit Prints(const Model& model) {
    for (const auto& entry : model.named_modules()) names_[entry.value().get()] = entry.key();
  }

  void saw(const torch::nn::Module& layer, const Tensor&, const Tensor& y) override {
    const auto name = names_.find(&layer);
    if (name == names_.end() || y.numel() == 0 || !seen_.insert(name->second).second) return;
    made_.push_back(layer_print(name->second, y));
  }

  Json take() { return std::move(made_); }

 private:
  std::map<const torch::nn::Module*, std::string> names_;
  std::set<std::string> seen_;
  Json made_ = Json::array();
};
}  // namespace

Json layer_print(const std::string& name, const Tensor& y) {
  const Tensor flat = y.detach().to(at::kCPU, at::kFloat).reshape({-1});
  const std::vector<std::int64_t> places = spread_positions(flat.numel(), kValues);
  std::vector<float> values;
  for (const std::int64_t place : places) values.push_back(flat.const_data_ptr<float>()[place]);
  return {{"name", name}, {"largest", flat.abs().max().item<float>()}, {"values", values}};
}

Json layer_prints(Model& model, const RowReading& reading, const ProofRow& row) {
  Prints prints(model);
  row_logits(model, reading, row, std::nullopt, 1);
  return prints.take();
}

std::string first_layer_apart(const Json& expected, const Json& found, double limit) {
  for (std::size_t i = 0; i < std::min(expected.size(), found.size()); ++i) {
    const Json &one = expected[i], &other = found[i];
    if (one.at("name") != other.at("name")) return {};
    const auto wanted = one.at("values").get<std::vector<double>>(),
               given = other.at("values").get<std::vector<double>>();
    if (wanted.size() != given.size()) return one.at("name");
    const double allowed = limit * std::max(1e-6, one.at("largest").get<double>());
    for (std::size_t j = 0; j < wanted.size(); ++j)
      if (!(std::abs(wanted[j] - given[j]) <= allowed)) return one.at("name");
  }
  return {};
}

}  // namespace luthier
