// Layer-wise: whole blocks, each with a rate of its own. Which of them train when is the trainer's business.
#include <algorithm>

#include "base/error.h"
#include "methods/attach.h"

namespace luthier {

namespace {

void check_names(const std::vector<std::string>& blocks, const LayerwiseOptions& options) {
  for (const auto& [name, epoch] : options.starts) {
    if (std::find(blocks.begin(), blocks.end(), name) != blocks.end()) continue;
    std::string known;
    for (const std::string& block : blocks) known += (known.empty() ? "" : ", ") + block;
    fail(ErrorKind::bad_input, "the model has no block \"" + name + "\"", "method.starts." + name,
         "its blocks are: " + known);
  }
}

}  // namespace

Attached attach_layerwise(Model& model, const LayerwiseOptions& options) {
  const std::vector<std::string> heads = model.head_modules();
  const auto in_head = [&](const std::string& name) {
    return std::any_of(heads.begin(), heads.end(),
                       [&](const std::string& head) { return name.starts_with(head + "."); });
  };
  std::vector<std::pair<std::string, bool>> names;
  const auto parameters = model.unique_parameters();
  for (const auto& [name, parameter] : parameters) names.emplace_back(name, in_head(name));
  std::vector<Block> blocks = layer_blocks(names);
  std::vector<std::string> block_names;
  for (const Block& block : blocks) block_names.push_back(block.name);
  check_names(block_names, options);
  // Whether a block ever trains does not depend on how long an epoch is.
  const std::vector<std::int64_t> starts = block_starts(options, block_names, 1, 1);
  for (std::size_t i = 0; i < blocks.size(); ++i)
    for (const std::size_t parameter : blocks[i].parameters)
      Tensor(parameters[parameter].second).requires_grad_(starts[i] != kNever);

  Attached result = attached(model);
  // From places among all parameters to places among those that train.
  std::vector<std::size_t> place(parameters.size());
  std::size_t next = 0;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    place[i] = next;
    next += parameters[i].second.requires_grad() ? 1 : 0;
  }
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    Block& block = blocks[i];
    if (starts[i] == kNever) block.parameters.clear();
    for (std::size_t& parameter : block.parameters) {
      parameter = place[parameter];
      result.rate_scales[parameter] = block_rate(options, i);
    }
  }
  result.blocks = std::move(blocks);
  return result;
}

}  // namespace luthier
