#include "engine/memory.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "device/device.h"
#include "recipe/catalog.h"

namespace luthier {

namespace {
/// "--set training.batch_size=4 --set ...".
std::string edits_text(const PreflightFix& fix) {
  std::string text;
  for (const std::string& edit : fix.set) text += (text.empty() ? "--set " : " --set ") + edit;
  return text;
}
}  // namespace

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

std::int64_t longest_target(const Prepared& parts) {
  if (!std::holds_alternative<Seq2SeqOptions>(parts.recipe.objective)) return 0;
  std::int64_t longest = 0;
  for (std::int64_t i = 0; i < parts.data.train.size(); ++i)
    longest = std::max(longest, static_cast<std::int64_t>(parts.data.train.row(i).target.size()));
  return longest;
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
  run.lengths.longest_target = longest_target(parts);
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
  // What cannot be is said before memory is reckoned, and long before a weight is read.
  for (const PreflightCheck& check : recipe_checks(parts.recipe, run->model))
    if (check.severity == "error") {
      const bool has_fix = !check.fixes.empty();
      const std::string edit = has_fix ? check.fixes.front().set.front() : "method=";
      fail(ErrorKind::unsupported, check.message.substr(0, check.message.size() - 1), edit.substr(0, edit.find('=')),
           has_fix ? check.fixes.front().label + " (" + edits_text(check.fixes.front()) + ")" : "");
    }
  const MemorySetting setting{parts.recipe,         run->model, run->lengths, parts.precision != "fp32", 1,
                              parts.device != "cpu"};
  const std::int64_t needed = estimated_total(setting);
  const std::uint64_t available = available_bytes(parts.device);
  if (static_cast<std::uint64_t>(needed) <= available) return;
  const auto fixes = memory_fixes(setting, static_cast<std::int64_t>(available));
  std::string hint = "choose a smaller model, or shorter rows (data.max_tokens)";
  if (!fixes.empty()) {
    hint = fixes.front().label + " (" + edits_text(fixes.front()) + ")";
  }
  fail(ErrorKind::out_of_memory,
       "training would need about " + size_text(needed) + " of memory, " +
           size_text(static_cast<std::int64_t>(available)) + " are available on " + parts.device,
       "training.batch_size", hint);
}

}  // namespace luthier
