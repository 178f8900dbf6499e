// `luthier-cli lab quantise`: one tensor in few bits, to be held against bitsandbytes.
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "cli/arguments.h"
#include "cli/lab/lab.h"
#include "models/tensors.h"
#include "nn/precision.h"
#include "nn/quantised.h"

namespace luthier {

namespace {
Tensor find_tensor(const NamedTensors& tensors, const std::string& name, const std::string& file) {
  std::string known;
  for (const auto& [key, tensor] : tensors) {
    if (key == name) return tensor;
    if (known.size() < 200) known += (known.empty() ? "" : ", ") + key;
  }
  fail(ErrorKind::bad_input, "there is no tensor \"" + name + "\"", file, "there are " + known);
}
}  // namespace

int lab_quantise(const std::vector<std::string>& words) {
  const Arguments arguments(words,
                            "luthier-cli lab quantise --inputs F.safetensors --tensor NAME --type nf4|fp4|int8 "
                            "[--block N] [--double] [--device auto|cpu|cuda] --out F.safetensors",
                            {"--inputs", "--tensor", "--type", "--block", "--device", "--out"}, {"--double"});
  arguments.at_most(0);
  const std::string file = arguments.required("--inputs"), out = arguments.required("--out");
  const Tensor values = find_tensor(read_tensors(file), arguments.required("--tensor"), file);
  if (!values.is_floating_point() || values.numel() == 0)
    fail(ErrorKind::bad_input, "only floating-point tensors with numbers in them can be quantised", file);
  nn::QuantiseOptions options;
  options.type = nn::quantised_type(arguments.required("--type"));
  options.block = arguments.integer("--block", 64);
  options.double_quantisation = arguments.flag("--double");
  if (options.block < 1 || options.block > 65536)
    fail(ErrorKind::bad_input, "--block must be from 1 to 65536", "--block");

  const std::int64_t rows = values.dim() > 1 ? values.size(0) : 1;
  nn::QuantisedWeight weight(values.reshape({rows, -1}), options);
  NamedTensors results = {{"packed", weight.packed}, {"absmax", weight.absmax}};
  if (options.type != nn::QuantisedType::int8) results.emplace_back("code", nn::four_bit_values(options.type));
  if (weight.absmax_offset.defined()) {
    results.emplace_back("absmax.absmax", weight.absmax_absmax);
    results.emplace_back("absmax.code", nn::dynamic_values(/*with_sign=*/true));
    results.emplace_back("offset", weight.absmax_offset);
  }
  weight.to(at::Device(nn::choose_device(arguments.value("--device").value_or("cpu"))));
  const Tensor again = weight.dequantised().cpu().reshape(values.sizes());
  results.emplace_back("dequantised", again);
  write_tensors(out, results);
  if (arguments.json()) {
    const Tensor off = again.sub(values.to(at::kFloat)).abs();
    std::size_t bytes = 0;
    for (const Tensor* one : {&weight.packed, &weight.absmax, &weight.absmax_absmax, &weight.absmax_offset})
      if (one->defined()) bytes += one->nbytes();
    std::cout << Json{{"numbers", values.numel()},
                      {"bytes", bytes},
                      {"largest_difference", off.max().item<double>()},
                      {"mean_difference", off.mean().item<double>()}}
                     .dump()
              << std::endl;
  }
  return 0;
}

}  // namespace luthier
