#include "recipe/target_choice.h"

#include <algorithm>
#include <map>

namespace luthier {

namespace {

std::vector<std::string> parts_of_name(const std::string& name) {
  std::vector<std::string> parts;
  for (std::size_t start = 0; start <= name.size();) {
    const std::size_t end = std::min(name.find('.', start), name.size());
    parts.push_back(name.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

std::string joined(const std::vector<std::string>& parts, std::size_t first) {
  std::string text;
  for (std::size_t i = first; i < parts.size(); ++i) text += (i > first ? "." : "") + parts[i];
  return text;
}

/// "bert.encoder.layer.11.attention.self.query" -> before "bert.encoder.layer.", block 11, kind "attention.self.query".
struct Place {
  std::string before, kind;
  int block = -1;  ///< -1: outside of the blocks
};

Place place_of(const std::string& module) {
  const std::vector<std::string> parts = parts_of_name(module);
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    const std::string& part = parts[i];
    if (part.empty() || part.size() > 4 || part.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string after = joined(parts, i + 1);
    return {module.substr(0, module.size() - after.size() - part.size() - 1), after, std::stoi(part)};
  }
  return {"", module, -1};
}

bool ends_as(const std::string& name, const std::string& ending) {
  return name == ending || name.ends_with("." + ending);
}

/// The endings of a name, shortest first: "dense", "output.dense", ...
std::vector<std::string> endings_of(const std::string& name) {
  const std::vector<std::string> parts = parts_of_name(name);
  std::vector<std::string> endings;
  for (std::size_t first = parts.size(); first-- > 0;) endings.push_back(joined(parts, first));
  return endings;
}

/// The last part of each kind, longer only as far as two kinds need it to differ: "attention.output.dense" and
/// "output.dense".
void name_rows(std::vector<TargetRow>& rows, const std::vector<std::string>& kinds) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].name = kinds[i];
    for (const std::string& ending : endings_of(kinds[i])) {
      const auto also_ends = [&](const std::string& other) { return other != kinds[i] && ends_as(other, ending); };
      if (std::any_of(kinds.begin(), kinds.end(), also_ends)) continue;
      rows[i].name = ending;
      break;
    }
  }
}

bool belongs_to_attention(const std::string& kind) {
  for (const char* mark : {"attention", "attn", "q_lin", "k_lin", "v_lin", "out_lin"})
    if (kind.find(mark) != std::string::npos) return true;
  return false;
}

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '.') result += '\\';
    result += c;
  }
  return result;
}

/// "(a|b)" or "a".
std::string alternatives(const std::vector<std::string>& parts) {
  if (parts.size() == 1) return parts.front();
  std::string text = "(";
  for (const std::string& part : parts) text += (text.size() > 1 ? "|" : "") + part;
  return text + ")";
}

/// One alternative for each set of blocks that some kinds share; kinds and blocks stay in their order.
std::string as_expression(const std::vector<std::string>& modules) {
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> blocks_of;  // (before, kind) -> blocks
  std::vector<std::pair<std::string, std::string>> order;
  std::vector<std::string> branches, outside;
  for (const std::string& module : modules) {
    const Place place = place_of(module);
    if (place.block < 0) {
      outside.push_back(escaped(module));
      continue;
    }
    auto& blocks = blocks_of[{place.before, place.kind}];
    if (blocks.empty()) order.emplace_back(place.before, place.kind);
    blocks.push_back(std::to_string(place.block));
  }
  std::set<std::pair<std::string, std::string>> done;
  for (const auto& row : order) {
    if (done.count(row)) continue;
    std::vector<std::string> kinds;
    for (const auto& other : order)
      if (other.first == row.first && blocks_of[other] == blocks_of[row]) {
        kinds.push_back(escaped(other.second));
        done.insert(other);
      }
    branches.push_back(escaped(row.first) + alternatives(blocks_of[row]) + "\\." + alternatives(kinds));
  }
  branches.insert(branches.end(), outside.begin(), outside.end());
  const std::string all = alternatives(branches);
  return branches.size() == 1 ? all : all.substr(1, all.size() - 2);
}

LoraOptions taking(std::vector<std::string> targets, bool is_list) {
  LoraOptions options;
  options.targets = std::move(targets);
  options.targets_is_list = is_list;
  return options;
}

}  // namespace

std::int64_t TargetLayout::layers() const {
  std::int64_t count = 0;
  for (const TargetRow& row : rows)
    count += std::count_if(row.modules.begin(), row.modules.end(), [](const std::string& one) { return !one.empty(); });
  return count;
}

TargetLayout target_layout(const ModelOutline& model) {
  TargetLayout layout;
  std::vector<std::string> kinds;
  for (const std::string& module : lora_layers(model, LoraOptions{})) {
    const Place place = place_of(module);
    auto found = std::find(kinds.begin(), kinds.end(), place.kind);
    if (found == kinds.end()) {
      kinds.push_back(place.kind);
      layout.rows.push_back({"", belongs_to_attention(place.kind), {}, place.block < 0});
      found = std::prev(kinds.end());
    }
    std::vector<std::string>& modules = layout.rows[std::size_t(found - kinds.begin())].modules;
    const std::size_t block = std::size_t(std::max(place.block, 0));
    if (modules.size() <= block) modules.resize(block + 1);
    modules[block] = module;
    layout.blocks = std::max(layout.blocks, place.block + 1);
  }
  for (TargetRow& row : layout.rows)
    if (!row.outside) row.modules.resize(std::size_t(layout.blocks));
  name_rows(layout.rows, kinds);
  return layout;
}

TargetChoice shortest_targets(const ModelOutline& model, const std::set<std::string>& modules) {
  std::vector<std::string> wanted;
  for (const std::string& module : lora_layers(model, LoraOptions{}))
    if (modules.count(module)) wanted.push_back(module);
  if (wanted.empty()) return {{}, true};
  if (wanted == lora_layers(model, LoraOptions{})) return {{"all-linear"}, false};

  // A list of endings: of every wanted layer the shortest that takes none but wanted ones.
  const std::set<std::string> chosen(wanted.begin(), wanted.end());
  std::vector<std::string> endings;
  for (const std::string& module : wanted) {
    const auto is_covered = [&](const std::string& ending) { return ends_as(module, ending); };
    if (std::any_of(endings.begin(), endings.end(), is_covered)) continue;
    std::string best;
    for (const std::string& ending : endings_of(module)) {
      const std::vector<std::string> taken = lora_layers(model, taking({ending}, true));
      const bool others = std::any_of(taken.begin(), taken.end(), [&](auto& one) { return !chosen.count(one); });
      if (others) continue;
      best = ending;
      break;
    }
    const bool names_a_block = place_of(best).block >= 0;
    if (best.empty() || (names_a_block && wanted.size() > 1)) return {{as_expression(wanted)}, false};
    endings.push_back(best);
  }
  return {endings, true};
}

}  // namespace luthier
