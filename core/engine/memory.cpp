#include "engine/memory.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "device/device.h"
#include "recipe/catalog.h"

namespace luthier {

std::int64_t samples_a_position(const Prepared& parts) {
  if (!parts.processors.audio) return 1;
  const fs::path model = resolve_path(parts.recipe.model.path, parts.recipe.folder);
  const Json config = read_json(fs::is_directory(model) ? model / "config.json" : model);
  const auto strides = config.find("conv_stride");
  std::int64_t samples = 1;
  if (strides != config.end() && strides->is_array())
    for (const Json& stride : *strides)
      if (stride.is_number_integer() && stride.get<std::int64_t>() > 0 && samples < 1 << 20)
        samples *= std::min<std::int64_t>(stride.get<std::int64_t>(), 1 << 10);
  return samples > 1 ? samples : 320;
}

std::optional<RunOutline> outline_run(const Prepared& parts) {
  RunOutline run;
  try {
    run.model = outline_for(resolve_path(parts.recipe.model.path, parts.recipe.folder), kind_of(parts.recipe.objective),
                            static_cast<std::int64_t>(parts.data.label_names.size()));
  } catch (const Error&) {
    return std::nullopt;
  }
  if (run.model.parameters.empty()) return std::nullopt;
  const EncodedSplit& train = parts.data.train;
  const std::int64_t stride = samples_a_position(parts);
  for (std::int64_t i = 0; i < train.size(); ++i)
    ++run.lengths.rows_by_length[std::max<std::int64_t>(1, train.length(i) / stride)];
  return run;
}

std::uint64_t available_bytes(const std::string& device) {
  if (device == "cpu") return memory().available_here_bytes;
  const std::size_t index = device.size() > 5 ? static_cast<std::size_t>(std::stoul(device.substr(5))) : 0;
  const std::vector<Gpu> all = gpus();
  return index < all.size() ? all[index].free_bytes : UINT64_MAX;
}

void check_memory(const Prepared& parts) {
  const auto run = outline_run(parts);
  if (!run) return;
  const MemorySetting setting{parts.recipe, run->model, run->lengths, parts.precision == "bf16"};
  const std::int64_t needed = estimated_total(setting);
  const std::uint64_t available = available_bytes(parts.device);
  if (static_cast<std::uint64_t>(needed) <= available) return;
  const auto fixes = memory_fixes(setting, static_cast<std::int64_t>(available));
  std::string hint = "choose a smaller model, or shorter rows (data.max_tokens)";
  if (!fixes.empty()) {
    hint = fixes.front().label + " (";
    for (const std::string& edit : fixes.front().set) hint += (hint.back() == '(' ? "--set " : " --set ") + edit;
    hint += ")";
  }
  fail(ErrorKind::out_of_memory,
       "training would need about " + size_text(needed) + " of memory, " +
           size_text(static_cast<std::int64_t>(available)) + " are available on " + parts.device,
       "training.batch_size", hint);
}

}  // namespace luthier
