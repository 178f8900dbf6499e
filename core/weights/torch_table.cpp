#include "weights/torch_table.h"

#include <algorithm>
#include <map>

#include "base/error.h"

namespace luthier {

namespace {

// Where training programs put the weights among their other state.
constexpr const char* kUsualKeys[] = {"state_dict", "model_state_dict", "model", "module", "net", "weights"};
constexpr int kDepthLimit = 8;
constexpr const char* kHint = "save the model's state_dict alone: torch.save(model.state_dict(), ...)";

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t size = lead < 0x80   ? 1
                             : lead < 0xc2 ? 0
                             : lead < 0xe0 ? 2
                             : lead < 0xf0 ? 3
                             : lead < 0xf5 ? 4
                                           : 0;
    if (size == 0 || size > text.size() - i) return false;
    for (std::size_t k = 1; k < size; ++k)
      if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
    if (size > 2) {  // overlong forms, surrogates, beyond the last code point
      const auto next = static_cast<unsigned char>(text[i + 1]);
      if ((lead == 0xe0 && next < 0xa0) || (lead == 0xed && next > 0x9f) || (lead == 0xf0 && next < 0x90) ||
          (lead == 0xf4 && next > 0x8f))
        return false;
    }
    i += size;
  }
  return true;
}

/// Calls `visit(key, value node)` for every entry whose key is a text.
template <class Visit>
void each(const TorchPickle& pickle, PickleId dict, const Visit& visit) {
  const std::vector<PickleId>& items = pickle.node(dict).items;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2)
    if (pickle.node(items[i]).kind == PickleKind::text) visit(pickle.node(items[i]).text, items[i + 1]);
}

bool has_tensors(const TorchPickle& pickle, PickleId id) {
  bool found = false;
  if (pickle.node(id).kind == PickleKind::dict)
    each(pickle, id,
         [&](std::string_view, PickleId value) { found = found || pickle.node(value).kind == PickleKind::tensor; });
  return found;
}

/// The dictionary inside that holds the weights: under a usual key, or the only one that has tensors.
PickleId step_inside(const TorchPickle& pickle, PickleId dict, const std::string& where) {
  std::map<std::string_view, PickleId> inner;  // a key that comes twice: the last one counts, as in Python
  each(pickle, dict, [&](std::string_view key, PickleId value) {
    if (pickle.node(value).kind == PickleKind::dict) inner[key] = value;
  });
  for (const char* key : kUsualKeys)
    if (const auto found = inner.find(key); found != inner.end()) return found->second;
  std::vector<std::pair<std::string_view, PickleId>> tables;
  for (const auto& entry : inner)
    if (has_tensors(pickle, entry.second)) tables.push_back(entry);
  if (tables.size() == 1) return tables[0].second;
  if (tables.empty()) fail(ErrorKind::bad_input, "the file holds no table of named tensors", where, kHint);
  std::string names;
  for (std::size_t i = 0; i < std::min<std::size_t>(tables.size(), 5); ++i)
    names += (names.empty() ? "" : ", ") + std::string(tables[i].first.substr(0, 60));
  fail(ErrorKind::bad_input, "the file holds several tables of tensors and no usual name among them: " + names, where,
       kHint);
}

void strip_prefix(TorchTable& table, std::string_view prefix) {
  const auto has_it = [&](const auto& entry) {
    return entry.first.size() > prefix.size() && entry.first.starts_with(prefix);
  };
  if (table.empty() || !std::all_of(table.begin(), table.end(), has_it)) return;
  for (auto& [name, tensor] : table) name.erase(0, prefix.size());
}

}  // namespace

TorchTable find_torch_table(const TorchPickle& pickle, PickleId root, bool unwrap, const std::string& where) {
  if (pickle.node(root).kind != PickleKind::dict)
    fail(ErrorKind::bad_input, "the file holds something else than a table of named tensors", where, kHint);
  for (int depth = 0; unwrap && !has_tensors(pickle, root); ++depth) {
    if (depth == kDepthLimit) fail(ErrorKind::bad_input, "the file holds no table of named tensors", where, kHint);
    root = step_inside(pickle, root, where);
  }
  std::map<std::string, std::size_t> by_name;
  each(pickle, root, [&](std::string_view key, PickleId value) {
    const PickleNode& tensor = pickle.node(value);
    if (tensor.kind != PickleKind::tensor) return;
    if (key.empty() || !is_utf8(key))
      fail(ErrorKind::bad_input, "a tensor's name is empty or not valid UTF-8", where, "fetch the file again");
    by_name[std::string(key)] = static_cast<std::size_t>(tensor.integer);
  });
  TorchTable table(by_name.begin(), by_name.end());
  if (table.empty()) fail(ErrorKind::bad_input, "the file holds no named tensors", where, kHint);
  if (unwrap)  // what data-parallel and compiled models put before every name
    for (const char* prefix : {"module.", "_orig_mod."}) strip_prefix(table, prefix);
  return table;
}

}  // namespace luthier
