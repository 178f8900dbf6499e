#include "recipe/export_size.h"

namespace luthier {

double exported_bytes(const ExporterEntry& format, const std::string& precision, const ModelOutline& model,
                      const MethodOptions& method) {
  const double each = bytes_of_number(precision);
  if (format.part == ExportedPart::adapter) return each * static_cast<double>(trainable_parameters(model, method));
  if (!format.rest_in_two) return each * static_cast<double>(model.total_parameters);
  double bytes = 0;
  for (const ParameterOutline& one : model.parameters) {
    if (!one.tied_to.empty()) continue;
    const bool in_few_bits = one.kind == ParameterOutline::Kind::linear && !one.in_head && !one.is_output;
    bytes += static_cast<double>(one.elements()) * (in_few_bits ? each : 2);
  }
  return bytes;
}

}  // namespace luthier
