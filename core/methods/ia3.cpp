#include <nlohmann/json.hpp>

#include "methods/attach.h"
#include "methods/lora.h"
#include "models/config.h"
#include "recipe/targets.h"

namespace luthier {

Attached attach_ia3(Model& model, const Ia3Options& options, bool new_head) {
  const std::vector<std::string> whole = whole_modules(model, options.modules_to_save, new_head);
  const Ia3Choice choice = ia3_choice(config_text(model.config(), "model_type", ""), options);
  const std::vector<NamedLayer> targets = targeted_layers(model, {choice.targets, choice.is_list, {}}, whole);
  freeze_all(model);
  for (const auto& [name, layer] : targets) layer->add_channel_scale(scales_input(name, choice.feed_forward));
  train_modules(model, whole);
  return attached(model);
}

}  // namespace luthier
