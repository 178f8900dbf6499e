#include <ATen/core/grad_mode.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "export/combine.h"
#include "export/merge.h"
#include "models/config.h"

namespace luthier {

namespace {
/// base + share * (tuned - base); rows that only the tuned one has (new tokens) are its own.
Tensor between(const Tensor& base, const Tensor& tuned, double share, const std::string& name) {
  const auto fits = [&] {
    if (base.dim() != tuned.dim() || tuned.dim() == 0) return base.dim() == tuned.dim();
    for (std::int64_t i = 1; i < tuned.dim(); ++i)
      if (base.size(i) != tuned.size(i)) return false;
    return base.size(0) <= tuned.size(0);
  };
  if (!fits())
    fail(ErrorKind::bad_input, "the two models have different shapes there", name,
         "choose the model that was fine-tuned, and the one it started from");
  if (!tuned.is_floating_point()) return tuned;
  Tensor mixed = tuned.clone();
  Tensor shared = tuned.dim() == 0 ? mixed : mixed.narrow(0, 0, base.size(0));
  shared.sub_(base).mul_(share).add_(base);
  return mixed;
}
}  // namespace

Artefact interpolate(const fs::path& base, const fs::path& tuned, double share) {
  const at::NoGradGuard no_grad;
  Artefact artefact = open_artefact(tuned);
  artefact.model = merged_copy(*artefact.model);
  LoadOptions load;
  load.head = artefact.model->head_kind();
  load.labels = artefact.model->label_names();
  LoadReport report;
  const std::shared_ptr<Model> start = load_model(base, load, &report);
  if (start->family() != artefact.model->family())
    fail(ErrorKind::bad_input,
         "these are models of different families: " + start->family() + " and " + artefact.model->family(),
         base.string(), "choose the model that was fine-tuned, and the one it started from");
  std::map<std::string, Tensor> values;
  for (const auto& parameter : start->named_parameters()) values[parameter.key()] = parameter.value().detach();
  for (const auto& buffer : start->named_buffers()) values[buffer.key()] = buffer.value();
  for (const std::string& name : report.drawn) values.erase(name);
  const auto mix = [&](const std::string& name, Tensor slot) {
    const auto found = values.find(name);
    if (found != values.end()) slot.set_data(between(found->second, slot.detach(), share, name));
  };
  for (const auto& [name, parameter] : artefact.model->unique_parameters()) mix(name, parameter);
  for (const auto& buffer : artefact.model->named_buffers()) mix(buffer.key(), buffer.value());
  artefact.adapter.clear();
  artefact.base = base;
  artefact.model->eval();
  return artefact;
}

}  // namespace luthier
