// The expected numbers come from torch::optim::AdamW and torch::nn::utils::clip_grad_norm_ of the same LibTorch.
#include "nn/adamw.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/nn/utils/clip_grad.h>
#include <torch/optim/adamw.h>
#include <torch/types.h>

#include "base/error.h"
#include "support/testing.h"

using luthier::nn::AdamW;
using luthier::nn::AdamWOptions;
using torch::Tensor;

namespace {

std::vector<Tensor> draw_parameters(std::uint64_t seed) {
  auto generator = at::detail::createCPUGenerator(seed);
  std::vector<Tensor> parameters;
  for (const std::vector<int64_t>& shape : std::vector<std::vector<int64_t>>{{7, 5}, {5}, {}, {33, 17}, {3, 2, 4}})
    parameters.push_back(torch::randn(shape, generator).requires_grad_(true));
  return parameters;
}

void draw_grads(std::vector<Tensor>& parameters, std::uint64_t seed, std::size_t skipped = 1000) {
  auto generator = at::detail::createCPUGenerator(seed);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    Tensor grad = torch::randn(parameters[i].sizes(), generator);
    if (i == skipped)
      parameters[i].mutable_grad().reset();
    else
      parameters[i].mutable_grad() = grad;
  }
}

double largest_difference(const Tensor& a, const Tensor& b) { return (a - b).abs().max().item<double>(); }

}  // namespace

class AdamWTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void stepsAsTorchDoesWithAndWithoutDecay() {
    auto ours = draw_parameters(1), theirs = draw_parameters(1);
    const std::vector<bool> no_decay = {false, true, false, true, false};
    AdamW optimizer(ours, no_decay, {0.01, 0.9, 0.95, 1e-6, 0.1});
    const auto torch_options = [](double decay) {
      return torch::optim::AdamWOptions(0.01).betas({0.9, 0.95}).eps(1e-6).weight_decay(decay);
    };
    torch::optim::AdamW decaying({theirs[0], theirs[2], theirs[4]}, torch_options(0.1));
    torch::optim::AdamW plain({theirs[1], theirs[3]}, torch_options(0.0));
    for (int step = 0; step < 12; ++step) {
      // Parameter 1 has no gradient in every third step: its own step count must lag behind.
      const std::size_t skipped = step % 3 == 2 ? 1 : 1000;
      draw_grads(ours, 100 + step, skipped);
      draw_grads(theirs, 100 + step, skipped);
      optimizer.step(0.01);
      decaying.step();
      plain.step();
    }
    for (std::size_t i = 0; i < ours.size(); ++i)
      QVERIFY2(largest_difference(ours[i].detach(), theirs[i].detach()) < 1e-6, std::to_string(i).c_str());
  }

  void takesTheLearningRateOfEachStep() {
    auto ours = draw_parameters(2);
    AdamW optimizer(ours, std::vector<bool>(ours.size(), false), {});
    draw_grads(ours, 5);
    const Tensor before = ours[0].detach().clone();
    optimizer.step(0.0);
    QVERIFY(torch::equal(before, ours[0].detach()));
    optimizer.step(0.5);
    QVERIFY(largest_difference(before, ours[0].detach()) > 0.1);
  }

  void eachParameterHasItsOwnRate() {
    auto ours = draw_parameters(3), theirs = draw_parameters(3);
    AdamW optimizer(ours, std::vector<bool>(ours.size(), false), {0.01});
    optimizer.set_rate_scales({1, 16, 0.5, 1, 0});
    const auto group = [](double rate) { return torch::optim::AdamWOptions(rate).weight_decay(0.01); };
    torch::optim::AdamW plain({theirs[0], theirs[3]}, group(0.01)), fast({theirs[1]}, group(0.16)),
        slow({theirs[2]}, group(0.005)), still({theirs[4]}, group(0.0));
    for (int step = 0; step < 5; ++step) {
      draw_grads(ours, 200 + step);
      draw_grads(theirs, 200 + step);
      optimizer.step(0.01);
      for (torch::optim::AdamW* one : {&plain, &fast, &slow, &still}) one->step();
    }
    for (std::size_t i = 0; i < ours.size(); ++i)
      QVERIFY2(largest_difference(ours[i].detach(), theirs[i].detach()) < 1e-6, std::to_string(i).c_str());
    QVERIFY(torch::equal(ours[4].detach(), draw_parameters(3)[4].detach()));
    LUTHIER_FAILS(optimizer.set_rate_scales({1, 2}), "rate scales");
  }

  void acceptsGradientsThatAreNotContiguous() {
    Tensor ours = torch::ones({4, 3}).requires_grad_(true), theirs = torch::ones({4, 3}).requires_grad_(true);
    const Tensor grad = torch::arange(12, torch::kFloat).reshape({3, 4}).t();
    AdamW optimizer({ours}, {false}, {0.1});
    torch::optim::AdamW reference({theirs}, torch::optim::AdamWOptions(0.1).weight_decay(0.01));
    ours.mutable_grad() = grad;
    theirs.mutable_grad() = grad.contiguous();
    optimizer.step(0.1);
    reference.step();
    QVERIFY(largest_difference(ours.detach(), theirs.detach()) < 1e-6);
  }

  void takesParametersOfSeveralTypes() {
    Tensor full = torch::ones({8}).requires_grad_(true), half = torch::ones({8}, torch::kBFloat16).requires_grad_(true);
    AdamW optimizer({full, half}, {false, false}, {0.1});
    full.mutable_grad() = torch::ones({8});
    half.mutable_grad() = torch::ones({8}, torch::kBFloat16);
    optimizer.step(0.1);
    QVERIFY(std::abs(full[0].item<double>() - 0.899) < 1e-5);
    QVERIFY(std::abs(half[0].item<double>() - 0.899) < 4e-3);
  }

  void refusesParametersThatAreNotContiguous() {
    const Tensor transposed = torch::ones({3, 4}).t().requires_grad_(true);
    LUTHIER_FAILS(AdamW({transposed}, {false}, {}), "not contiguous");
    LUTHIER_FAILS(AdamW({torch::ones({2})}, {}, {}), "weight decay");
  }

  void continuesBitForBitFromItsState() {
    auto whole = draw_parameters(3), half = draw_parameters(3);
    const std::vector<bool> no_decay(whole.size(), false);
    AdamW uninterrupted(whole, no_decay, {});
    std::vector<std::pair<std::string, Tensor>> saved;
    {
      AdamW first(half, no_decay, {});
      for (int step = 0; step < 4; ++step) {
        draw_grads(half, 40 + step, step == 1 ? 3 : 1000);
        first.step(1e-2);
      }
      for (const auto& [name, tensor] : first.state()) saved.emplace_back(name, tensor.clone());
    }
    AdamW second(half, no_decay, {});
    second.load_state(saved);
    for (int step = 0; step < 8; ++step) {
      draw_grads(whole, 40 + step, step == 1 ? 3 : 1000);
      uninterrupted.step(1e-2);
      if (step < 4) continue;
      draw_grads(half, 40 + step);
      second.step(1e-2);
    }
    for (std::size_t i = 0; i < whole.size(); ++i) QVERIFY(torch::equal(whole[i].detach(), half[i].detach()));
  }

  void refusesAStateOfOtherParameters() {
    auto parameters = draw_parameters(4);
    AdamW optimizer(parameters, std::vector<bool>(parameters.size(), false), {});
    auto state = optimizer.state();
    state[0].second = torch::zeros({2, 2});
    LUTHIER_FAILS(optimizer.load_state(state), "exp_avg.0");
    state = optimizer.state();
    state.pop_back();
    LUTHIER_FAILS(optimizer.load_state(state), "step");
  }

  void clipsAsTorchDoes() {
    for (const double max_norm : {1.0, 1e6}) {
      auto ours = draw_parameters(5), theirs = draw_parameters(5);
      draw_grads(ours, 6, 2);
      draw_grads(theirs, 6, 2);
      const Tensor norm = luthier::nn::gradient_norm(ours);
      QCOMPARE(norm.dim(), 0);
      luthier::nn::clip_gradients(ours, norm, max_norm);
      const double expected = torch::nn::utils::clip_grad_norm_(theirs, max_norm);
      QVERIFY(std::abs(norm.item<double>() - expected) < 1e-5 * expected);
      for (std::size_t i = 0; i < ours.size(); ++i)
        if (i != 2) QVERIFY(largest_difference(ours[i].grad(), theirs[i].grad()) < 1e-6);
    }
  }

  void normOfNoGradientsIsZero() {
    QCOMPARE(luthier::nn::gradient_norm({torch::ones({2})}).item<double>(), 0.0);
    QCOMPARE(luthier::nn::gradient_norm({}).item<double>(), 0.0);
  }

  void forgetsGradientsOrZeroesThem() {
    auto parameters = draw_parameters(7);
    AdamW optimizer(parameters, std::vector<bool>(parameters.size(), false), {});
    draw_grads(parameters, 8);
    optimizer.zero_grad(false);
    QCOMPARE(parameters[0].grad().abs().sum().item<double>(), 0.0);
    optimizer.zero_grad();
    QVERIFY(!parameters[0].grad().defined());
  }

  void momentsInEightBitsStayCloseToThoseInFull() {
    // A quadratic bowl: both find its middle, and on the way their paths stay together.
    const Tensor target = torch::randn({64, 100}, at::detail::createCPUGenerator(1));
    Tensor full = torch::zeros({64, 100}).requires_grad_(true), eight = torch::zeros({64, 100}).requires_grad_(true);
    AdamWOptions options{0.02, 0.9, 0.999, 1e-8, 0.01};
    AdamW in_full({full}, {false}, options);
    options.eight_bit = true;
    AdamW in_eight({eight}, {false}, options);
    for (int step = 0; step < 100; ++step) {
      full.mutable_grad() = full.detach() - target;
      eight.mutable_grad() = eight.detach() - target;
      in_full.step(0.02);
      in_eight.step(0.02);
    }
    const Tensor off = (full - eight).detach().abs();
    QVERIFY(off.mean().item<double>() < 0.02);
    QVERIFY((eight - target).detach().abs().mean().item<double>() < 0.2);
    for (const auto& [name, tensor] : in_eight.state())
      if (name == "exp_avg.0" || name == "exp_avg_sq.0") QCOMPARE(tensor.scalar_type(), torch::kByte);
  }

  void smallParametersKeepTheirMomentsInFull() {
    auto ours = draw_parameters(4), theirs = draw_parameters(4);
    AdamWOptions options;
    AdamW plain(theirs, std::vector<bool>(theirs.size(), false), options);
    options.eight_bit = options.on_host = true;  // neither means anything for small ones on the processor
    AdamW optimizer(ours, std::vector<bool>(ours.size(), false), options);
    for (int step = 0; step < 4; ++step) {
      draw_grads(ours, 300 + step);
      draw_grads(theirs, 300 + step);
      optimizer.step(0.01);
      plain.step(0.01);
    }
    for (std::size_t i = 0; i < ours.size(); ++i) QVERIFY(torch::equal(ours[i].detach(), theirs[i].detach()));
  }

  void eightBitMomentsContinueBitForBit() {
    const auto draw = [] {
      return std::vector<Tensor>{torch::randn({50, 100}, at::detail::createCPUGenerator(2)).requires_grad_(true),
                                 torch::ones({10}).requires_grad_(true)};
    };
    AdamWOptions options;
    options.eight_bit = true;
    auto whole = draw(), half = draw();
    AdamW uninterrupted(whole, {false, true}, options), first(half, {false, true}, options);
    const auto run = [](AdamW& optimizer, std::vector<Tensor>& parameters, int begin, int end) {
      for (int step = begin; step < end; ++step) {
        draw_grads(parameters, 400 + step);
        optimizer.step(0.01);
      }
    };
    run(uninterrupted, whole, 0, 8);
    run(first, half, 0, 4);
    AdamW second(half, {false, true}, options);
    second.load_state(first.state());
    run(second, half, 4, 8);
    for (std::size_t i = 0; i < whole.size(); ++i) QVERIFY(torch::equal(whole[i].detach(), half[i].detach()));
    AdamW in_full(half, {false, true}, {});
    LUTHIER_FAILS(in_full.load_state(first.state()), "another type");
  }
};

QTEST_GUILESS_MAIN(AdamWTest)
#include "adamw_test.moc"
