#include "export/companions.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/error.h"
#include "base/files.h"
#include "models/generation.h"
#include "text/known_templates.h"

namespace luthier {

namespace {
constexpr const char* kGenerationFile = "generation_config.json";
constexpr std::size_t kLongestNotice = 1 << 20;

/// The keys that a config.json may hold instead of a generation_config.json.
constexpr const char* kGenerationKeys[] = {"bos_token_id",           "eos_token_id",        "pad_token_id",
                                           "decoder_start_token_id", "forced_bos_token_id", "forced_eos_token_id",
                                           "forced_decoder_ids",     "suppress_tokens",     "begin_suppress_tokens"};

bool generates(Head head) { return head == Head::causal_lm || head == Head::seq2seq_lm; }

/// Where an assistant's turn ends, if that is one token of its own.
std::optional<std::int64_t> end_of_turn(const Tokenizer& tokenizer) {
  if (tokenizer.chat_template().empty()) return std::nullopt;
  try {
    const std::string ending = chat_template_of(tokenizer).ending();
    return ending.empty() ? std::nullopt : tokenizer.id_of(ending);
  } catch (const Error&) {
    return std::nullopt;  // a template that cannot be read ends nothing
  }
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

bool is_notice(const std::string& name) {
  const std::string low = lower(name);
  for (const char* start : {"license", "licence", "notice", "use_policy", "copying"})
    if (low.starts_with(start)) return true;
  return false;
}

/// A value of YAML on one line, without its quotes.
std::string plain_value(std::string value) {
  const auto is_space = [](unsigned char c) { return std::isspace(c) != 0; };
  value.erase(value.begin(), std::find_if_not(value.begin(), value.end(), is_space));
  while (!value.empty() && is_space(static_cast<unsigned char>(value.back()))) value.pop_back();
  if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
    value = value.substr(1, value.size() - 2);
  return value;
}
}  // namespace

void write_generation_config(const Model& model, const ExportInputs& inputs, const fs::path& folder) {
  if (!generates(model.head_kind())) return;
  Json config = Json::object();
  if (const fs::path own = inputs.base_model / kGenerationFile; fs::exists(own)) config = read_json(own, 16u << 20);
  if (!config.is_object())
    fail(ErrorKind::bad_input, "this says nothing about generation", (inputs.base_model / kGenerationFile).string(),
         "get the base model again from where it came");
  if (config.empty()) {
    for (const char* key : kGenerationKeys)
      if (const auto found = model.config().find(key); found != model.config().end() && !found->is_null())
        config[key] = *found;
    config["_from_model_config"] = true;
  }
  if (const auto end = inputs.tokenizer ? end_of_turn(*inputs.tokenizer) : std::nullopt) {
    std::vector<std::int64_t> ends = stop_ids_of(config);
    if (std::find(ends.begin(), ends.end(), *end) == ends.end()) {
      ends.push_back(*end);
      config["eos_token_id"] = ends.size() == 1 ? Json(ends.front()) : Json(ends);
    }
  }
  write_json(folder / kGenerationFile, config);
}

void copy_licence_files(const fs::path& base_model, const fs::path& folder) {
  std::error_code absent;
  for (auto entry = fs::directory_iterator(base_model, absent); !absent && entry != fs::directory_iterator(); ++entry) {
    if (!entry->is_regular_file() || entry->file_size() > kLongestNotice) continue;
    if (is_notice(entry->path().filename().string()))
      write_atomically(folder / entry->path().filename(), read_file(entry->path()));
  }
}

std::string licence_of(const fs::path& base_model) {
  const fs::path card = base_model / "README.md";
  std::error_code absent;
  if (!fs::is_regular_file(card, absent) || fs::file_size(card) > kLongestNotice) return {};
  std::istringstream lines(read_file(card));
  std::string line, name, licence;
  if (!std::getline(lines, line) || plain_value(line) != "---") return {};
  while (std::getline(lines, line) && plain_value(line) != "---") {
    if (line.starts_with("license:")) licence = plain_value(line.substr(8));
    if (line.starts_with("license_name:")) name = plain_value(line.substr(13));
  }
  return licence == "other" && !name.empty() ? name : licence;
}

}  // namespace luthier
