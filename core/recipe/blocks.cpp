#include "recipe/blocks.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "recipe/schedule.h"

namespace luthier {

namespace {

/// What turns inputs into the first layer's states, by a part of its name.
bool before_the_layers(const std::string& name) {
  for (const char* part : {"embed", "wte.", "wpe.", "shared.", "feature_extractor", "feature_projection", ".conv1.",
                           ".conv2.", "wav2vec2.encoder.layer_norm"})
    if (name.find(part) != std::string::npos) return true;
  return false;
}

/// "bert.encoder.layer" and 3 for "bert.encoder.layer.3.output.dense.weight".
bool find_layer(const std::string& name, std::string& stack, std::int64_t& number) {
  for (std::size_t begin = name.find('.'); begin != std::string::npos; begin = name.find('.', begin + 1)) {
    const std::size_t end = name.find('.', begin + 1);
    const std::string part = name.substr(begin + 1, end == std::string::npos ? end : end - begin - 1);
    const bool digits = !part.empty() && part.size() < 6 && part.find_first_not_of("0123456789") == std::string::npos;
    if (!digits) continue;
    stack = name.substr(0, begin);
    number = std::stoll(part);
    return true;
  }
  return false;
}

/// Whole dotted parts that two names begin with alike.
std::size_t common_parts(const std::string& a, const std::string& b) {
  std::size_t parts = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()) && a[i] == b[i]; ++i) parts += a[i] == '.';
  return parts;
}

struct Stack {
  std::string name;
  std::int64_t layers = 0;
};

}  // namespace

std::vector<Block> layer_blocks(const std::vector<std::pair<std::string, bool>>& parameters) {
  std::vector<Stack> stacks;
  const auto in_stack = [](const std::string& name, std::string& stack, std::int64_t& number) {
    return name.find("feature_extractor") == std::string::npos && find_layer(name, stack, number);
  };
  for (const auto& [name, in_head] : parameters) {
    std::string stack;
    std::int64_t number = 0;
    if (in_head || !in_stack(name, stack, number)) continue;
    auto known = std::find_if(stacks.begin(), stacks.end(), [&](const Stack& one) { return one.name == stack; });
    if (known == stacks.end()) known = stacks.insert(stacks.end(), Stack{stack});
    known->layers = std::max(known->layers, number + 1);
  }
  // From the head down: the head, the last stack's layers, those of the stack before, the embeddings.
  std::vector<Block> blocks{{"head", {}}};
  std::vector<std::size_t> first_of(stacks.size());  // index of a stack's top layer
  for (std::size_t s = stacks.size(); s-- > 0;) {
    const std::string side = stacks[s].name.find("decoder") != std::string::npos ? "decoder" : "encoder";
    first_of[s] = blocks.size();
    for (std::int64_t n = stacks[s].layers; n-- > 0;)
      blocks.push_back({(stacks.size() > 1 ? side : std::string("layer")) + "." + std::to_string(n), {}});
  }
  blocks.push_back({"embeddings", {}});
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto& [name, in_head] = parameters[i];
    std::string stack;
    std::int64_t number = 0;
    std::size_t at = 0;
    if (in_head || stacks.empty()) {
      at = in_head ? 0 : blocks.size() - 1;
    } else if (in_stack(name, stack, number)) {
      const auto s = static_cast<std::size_t>(
          std::find_if(stacks.begin(), stacks.end(), [&](const Stack& one) { return one.name == stack; }) -
          stacks.begin());
      at = first_of[s] + static_cast<std::size_t>(stacks[s].layers - 1 - number);
    } else if (before_the_layers(name)) {
      at = blocks.size() - 1;
    } else {  // a norm or pooler behind a stack: it goes with what comes next
      std::size_t nearest = stacks.size() - 1;
      for (std::size_t s = 0; s < stacks.size(); ++s)
        if (common_parts(name, stacks[s].name) > common_parts(name, stacks[nearest].name)) nearest = s;
      at = nearest + 1 == stacks.size() ? 0 : first_of[nearest];
    }
    blocks[at].parameters.push_back(i);
  }
  std::erase_if(blocks, [](const Block& block) { return block.parameters.empty(); });
  return blocks;
}

std::vector<BlockOutline> block_outline(const ModelOutline& model) {
  std::vector<std::pair<std::string, bool>> names;
  std::vector<std::int64_t> sizes;
  for (const ParameterOutline& one : model.parameters) {
    if (!one.tied_to.empty()) continue;
    names.emplace_back(one.name, one.in_head);
    sizes.push_back(one.elements());
  }
  std::vector<BlockOutline> outlines;
  for (const Block& block : layer_blocks(names)) {
    BlockOutline outline{block.name};
    for (const std::size_t i : block.parameters) outline.parameters += sizes[i];
    outlines.push_back(std::move(outline));
  }
  return outlines;
}

std::vector<std::int64_t> block_starts(const LayerwiseOptions& options, const std::vector<std::string>& blocks,
                                       std::int64_t steps_per_epoch, std::int64_t total_steps) {
  const std::map<std::string, double> given(options.starts.begin(), options.starts.end());
  const std::int64_t stride = to_steps(options.unfreeze_every, steps_per_epoch, total_steps);
  std::vector<std::int64_t> starts;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const std::int64_t waiting = std::max<std::int64_t>(0, static_cast<std::int64_t>(i) - options.first_blocks);
    std::int64_t start = 0;
    if (blocks[i] == "embeddings" && !options.train_embeddings)
      start = kNever;
    else if (options.unfreeze == "every")
      start = waiting * stride;
    else if (options.unfreeze == "plateau")
      start = waiting > 0 ? kAtAPlateau : 0;
    else if (const auto one = given.find(blocks[i]); options.unfreeze == "given" && one != given.end())
      start = one->second < 0 ? kNever : std::llround(one->second * static_cast<double>(steps_per_epoch));
    starts.push_back(start);
  }
  return starts;
}

std::vector<double> block_epochs(const LayerwiseOptions& options, const std::vector<std::string>& blocks,
                                 std::int64_t steps_per_epoch, std::int64_t total_steps) {
  const std::map<std::string, double> given(options.starts.begin(), options.starts.end());
  const std::vector<std::int64_t> starts = block_starts(options, blocks, steps_per_epoch, total_steps);
  std::vector<double> epochs;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto one = given.find(blocks[i]);
    if (starts[i] < 0)
      epochs.push_back(-1);
    else if (options.unfreeze == "given" && one != given.end())
      epochs.push_back(one->second);
    else
      epochs.push_back(static_cast<double>(starts[i]) /
                       static_cast<double>(std::max<std::int64_t>(1, steps_per_epoch)));
  }
  return epochs;
}

double block_rate(const LayerwiseOptions& options, std::size_t index) {
  return std::pow(options.rate_decay, static_cast<double>(index));
}

}  // namespace luthier
