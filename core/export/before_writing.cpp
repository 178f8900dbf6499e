#include "export/before_writing.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/sum.h>

#include <cmath>

#include "base/error.h"
#include "base/files.h"
#include "methods/lora.h"
#include "nn/linear.h"
#include "recipe/catalog.h"
#include "recipe/preflight.h"

namespace luthier {

namespace {
constexpr double kSmallFiles = 4 << 20;  ///< config, card, proof

struct Numbers {
  double whole = 0;    ///< of the merged model
  double adapter = 0;  ///< of what trained beside it
};

Numbers numbers_of(const Model& model) {
  Numbers numbers;
  for (const auto& [name, parameter] : model.unique_parameters()) {
    const bool adapter = is_adapter_parameter(name) || name.find(".adapters.") != std::string::npos ||
                         name.starts_with("prompt_encoder.");
    const auto count = static_cast<double>(parameter.numel());
    if (!adapter) numbers.whole += count;
    if (adapter || parameter.requires_grad()) numbers.adapter += count;
  }
  for (const auto& module : model.modules(/*include_self=*/false))
    if (const auto* layer = module->as<nn::Linear>(); layer && layer->quantised())
      numbers.whole += static_cast<double>(layer->in_features() * layer->out_features());
  return numbers;
}

bool is_finite(const Tensor& values) {
  // The sum is not finite where one number is not (and, rarely, where it overflows): one pass at the memory's speed.
  return std::isfinite(at::sum(values, at::kFloat).item<float>()) || at::isfinite(values).all().item<bool>();
}
}  // namespace

double bytes_while_exporting(const Model& model, const ExportOptions& options) {
  const Numbers numbers = numbers_of(model);
  const ExporterEntry& entry = exporter_entry(options.format);
  const double each = entry.rest_in_two ? 2 : bytes_of_number(options.precision);
  double bytes = entry.part == ExportedPart::adapter ? 4 * numbers.adapter : each * numbers.whole;
  if (!options.merge) bytes += 4 * numbers.adapter;
  if (options.format == "gguf") bytes += 4 * numbers.whole;  // it is made from a folder with all in fp32
  if (options.calibrate) bytes += 4 * numbers.whole;         // its ranges are found with files in fp32
  return bytes + kSmallFiles;
}

void check_space(const Model& model, const ExportOptions& options, const fs::path& folder) {
  const double needed = bytes_while_exporting(model, options);
  const auto free = static_cast<double>(free_space_bytes(folder));
  if (needed <= free) return;
  const auto text = [](double bytes) { return size_text(static_cast<std::int64_t>(bytes)); };
  fail(ErrorKind::disk_full,
       "there is not enough room for the export: it needs " + text(needed) + ", free are " + text(free),
       folder.string(), "free some, choose another disk, or a number type with fewer bits");
}

void check_finite(const Model& model) {
  const at::NoGradGuard no_grad;
  const auto check = [](const std::string& name, const Tensor& values) {
    if (values.is_floating_point() && values.numel() > 0 && !is_finite(values.detach()))
      fail(ErrorKind::bad_input, "the weights hold numbers that are not finite (NaN or infinity)", name,
           "the training went wrong there: export an earlier checkpoint of the run");
  };
  for (const auto& [name, parameter] : model.unique_parameters()) check(name, parameter);
  for (const auto& buffer : model.named_buffers())
    if (buffer.key().ends_with("running_mean") || buffer.key().ends_with("running_var"))
      check(buffer.key(), buffer.value());
}

}  // namespace luthier
