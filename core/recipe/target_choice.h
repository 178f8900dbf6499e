#pragma once
// The linear layers that a LoRA can go into as a grid of kinds and blocks, and the shortest way to write a choice of
// them that PEFT understands the same.
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "recipe/outline.h"
#include "recipe/recipe.h"

namespace luthier {

/// One kind of layer: "query" in every block, or a layer outside the blocks ("pooler.dense"), which has one module.
struct TargetRow {
  std::string name;  ///< shortest ending that tells the rows apart: "query", "output.dense"
  bool in_attention = false;
  std::vector<std::string> modules;  ///< by block; empty where a block has none. Outside of blocks: one
  bool outside = false;
};

struct TargetLayout {
  std::vector<TargetRow> rows;
  int blocks = 0;
  std::int64_t layers() const;  ///< modules in all rows
};

/// Every layer that "all-linear" takes, in the order of the model.
TargetLayout target_layout(const ModelOutline& model);

/// method.targets for exactly these modules: "all-linear", a list of endings when that takes no other layer, else a
/// regular expression that must match the whole name. An empty choice gives an empty list.
struct TargetChoice {
  std::vector<std::string> targets;
  bool is_list = false;
};
TargetChoice shortest_targets(const ModelOutline& model, const std::set<std::string>& modules);

}  // namespace luthier
