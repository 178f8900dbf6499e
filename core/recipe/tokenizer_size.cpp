#include "recipe/tokenizer_size.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "base/json.h"

namespace luthier {

namespace {

constexpr std::size_t kLimitBytes = 256u << 20;

std::int64_t id_of(const Json& value) {
  return value.is_number_unsigned() ? static_cast<std::int64_t>(value.get<std::uint64_t>() & INT32_MAX) : -1;
}

std::int64_t size_of_json(const fs::path& file) {
  const Json json = read_json(file, kLimitBytes);
  const auto model = json.is_object() ? json.find("model") : json.end();
  if (!json.is_object() || model == json.end() || !model->is_object() || !model->contains("vocab"))
    fail(ErrorKind::bad_input, "the tokenizer has no vocabulary", file.string(), "fetch the file again");
  std::int64_t highest = -1;
  const Json& vocabulary = (*model)["vocab"];
  if (vocabulary.is_object())
    for (const auto& [token, id] : vocabulary.items()) highest = std::max(highest, id_of(id));
  if (vocabulary.is_array()) highest = static_cast<std::int64_t>(vocabulary.size()) - 1;
  if (const auto added = json.find("added_tokens"); added != json.end() && added->is_array())
    for (const Json& token : *added)
      if (token.is_object() && token.contains("id")) highest = std::max(highest, id_of(token["id"]));
  return highest + 1;
}

}  // namespace

std::int64_t tokenizer_size(const fs::path& folder) {
  if (fs::exists(folder / "tokenizer.json")) return size_of_json(folder / "tokenizer.json");
  if (!fs::exists(folder / "vocab.txt")) return 0;
  const std::string text = read_file(folder / "vocab.txt", kLimitBytes);
  const bool open_end = !text.empty() && text.back() != '\n';
  return std::count(text.begin(), text.end(), '\n') + (open_end ? 1 : 0);
}

}  // namespace luthier
