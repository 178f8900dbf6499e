// The files around a tokenizer: opening a folder, the roles of its tokens, writing it again.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "text/conversions.h"
#include "text/templates.h"
#include "text/tokenizer_state.h"

namespace luthier {

using text::Place;

namespace {

constexpr std::size_t limit_bytes = 256u << 20;
constexpr std::array companion_names{
    "tokenizer_config.json", "special_tokens_map.json", "vocab.txt",    "vocab.json",         "merges.txt",
    "added_tokens.json",     "tokenizer.model",         "spiece.model", "chat_template.jinja"};
constexpr const char* characters_class = "Wav2Vec2CTCTokenizer";
/// What a folder's tokenizer is read from, the best first.
constexpr std::array sources{"tokenizer.json", "tokenizer.model", "spiece.model", "vocab.json", "vocab.txt"};

std::map<std::string, std::string> read_beside(const fs::path& folder) {
  std::map<std::string, std::string> result;
  for (const char* name : companion_names)
    if (fs::is_regular_file(folder / name)) result[name] = read_file(folder / name, limit_bytes);
  return result;
}

/// A companion that is JSON; null where absent.
Json companion_json(const std::map<std::string, std::string>& companions, const char* name, const fs::path& folder) {
  const auto found = companions.find(name);
  if (found == companions.end()) return {};
  Json value = parse_json(found->second, (folder / name).string());
  if (!value.is_object()) fail(ErrorKind::bad_input, "expected an object", (folder / name).string());
  return value;
}

/// vocab.txt: a token a line, its number is the id.
std::vector<std::string> read_vocab_lines(const fs::path& path) {
  const std::string content = read_file(path, limit_bytes);
  std::vector<std::string> tokens;
  for (std::size_t at = 0; at < content.size();) {
    const std::size_t end = std::min(content.find('\n', at), content.size());
    std::string line = content.substr(at, end - at);
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) line.pop_back();
    if (!text::valid_utf8(line))
      fail(ErrorKind::bad_input, "the line is not valid UTF-8", path.string() + ":" + std::to_string(tokens.size() + 1),
           "convert the file to UTF-8");
    tokens.push_back(std::move(line));
    at = end + 1;
  }
  return tokens;
}

/// The content of a token in a configuration: a text or {"content": ...}.
std::string token_content(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object() && value.contains("content") && value["content"].is_string())
    return value["content"].get<std::string>();
  return {};
}

/// vocab.txt as tokenizer.json.
std::string wordpiece_json(const fs::path& file, const text::Beside& beside) {
  static const Json nothing = Json::object();
  const Place place(beside.config.is_null() ? nothing : beside.config,
                    (file.parent_path() / "tokenizer_config.json").string());
  std::optional<bool> strip_accents;
  if (place.has("strip_accents")) strip_accents = place.at("strip_accents").flag();
  const auto tokens = read_vocab_lines(file);
  std::vector<std::string> special;
  for (const char* name : {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"})
    if (std::find(tokens.begin(), tokens.end(), name) != tokens.end()) special.emplace_back(name);
  // Without a configuration, capital letters in the vocabulary tell that case counts.
  bool cased = false;
  for (const std::string& token : tokens)
    cased = cased || (!token.starts_with('[') &&
                      std::any_of(token.begin(), token.end(), [](char c) { return c >= 'A' && c <= 'Z'; }));
  return text::bert_tokenizer_json(tokens, special, place.flag("do_lower_case", !cased), strip_accents,
                                   place.flag("tokenize_chinese_chars", true), file.string());
}

/// The file that a folder's tokenizer is read from; not_found where there is none.
fs::path source_in(const fs::path& folder, const std::string& owner) {
  std::error_code ignored;
  // transformers reads these from vocab.json alone; a tokenizer.json beside it says less.
  if (owner == characters_class && fs::exists(folder / "vocab.json", ignored)) return folder / "vocab.json";
  for (const char* name : sources)
    if (fs::exists(folder / name, ignored)) return folder / name;
  if (fs::is_directory(folder, ignored))
    for (const auto& entry : fs::directory_iterator(folder, ignored))
      if (entry.path().extension() == ".model" || entry.path().extension() == ".tiktoken") return entry.path();
  fail(ErrorKind::not_found,
       "there is no tokenizer.json here, and no tokenizer.model, spiece.model, vocab.json or vocab.txt either",
       folder.string(), "download the tokenizer files of the model as well");
}

}  // namespace

Tokenizer Tokenizer::open(const std::filesystem::path& folder_or_file) {
  std::error_code ignored;
  const bool whole_folder = fs::is_directory(folder_or_file, ignored);
  const fs::path folder = whole_folder ? folder_or_file : folder_or_file.parent_path();
  if (!whole_folder && !fs::exists(folder_or_file, ignored))
    fail(ErrorKind::not_found, "there is no " + folder_or_file.filename().string() + " here", folder.string(),
         "download the tokenizer files of the model as well");
  auto companions = read_beside(folder);
  const Json config = companion_json(companions, "tokenizer_config.json", folder);
  const Json map = companion_json(companions, "special_tokens_map.json", folder);
  const Json added = companion_json(companions, "added_tokens.json", folder);
  text::Beside beside{"", config, map, added};
  const fs::path file = whole_folder ? source_in(folder, beside.tokenizer_class()) : folder_or_file;
  beside.where = file.string();
  const std::string name = file.filename().string();
  bool of_characters = false;
  std::string json;
  if (file.extension() == ".txt") {
    json = wordpiece_json(file, beside);
  } else {
    json = read_file(file, limit_bytes);
    if (file.extension() == ".model" || file.extension() == ".tiktoken") {
      const bool gpt2_pattern =
          name.starts_with("gpt2") || name.starts_with("multilingual") || name.starts_with("r50k");
      json = text::is_tiktoken(json) ? text::tiktoken_tokenizer_json(json, gpt2_pattern, beside)
                                     : text::sentencepiece_tokenizer_json(json, beside);
    } else if (name == "vocab.json") {
      of_characters = !companions.contains("merges.txt") || beside.tokenizer_class() == characters_class;
      json = of_characters ? text::characters_tokenizer_json(json, beside)
                           : text::merges_tokenizer_json(json, companions["merges.txt"], beside);
    }
  }
  auto state = State::read(std::move(json), file.string());
  state->of_characters = of_characters;
  state->lowers_output = of_characters && beside.flag("do_lower_case", false);
  state->companions = std::move(companions);
  state->read_companions(folder);
  return Tokenizer(std::move(state));
}

void Tokenizer::State::read_companions(const std::filesystem::path& folder) {
  const Json config = companion_json(companions, "tokenizer_config.json", folder);
  const Json map = companion_json(companions, "special_tokens_map.json", folder);
  const auto role = [&](const char* key, std::initializer_list<std::string_view> usual) -> std::optional<std::int64_t> {
    for (const Json* from : {&config, &map})
      if (from->contains(key)) return id_of(token_content((*from)[key]));
    for (const std::string_view name : usual)
      if (const auto id = name.empty() ? std::nullopt : id_of(name)) return id;
    return std::nullopt;
  };
  const std::string unknown = model->unknown_token().value_or("");
  roles.pad = role("pad_token", {"[PAD]", "<pad>", "<|pad|>", "<|finetune_right_pad_id|>", "<|pad_token|>"});
  roles.unknown = role("unk_token", {unknown, "[UNK]", "<unk>"});
  roles.mask = role("mask_token", {"[MASK]", "<mask>"});
  roles.bos = role("bos_token", {"<s>", "[BOS]", "<bos>", "<|begin_of_text|>", "<|endoftext|>"});
  roles.eos = role("eos_token", {"</s>", "[EOS]", "<eos>", "<|end_of_text|>", "<|endoftext|>"});
  roles.cls = role("cls_token", {"[CLS]", "<cls>", frame_start});
  roles.sep = role("sep_token", {"[SEP]", "<sep>", frame_end});

  if (const auto found = companions.find("chat_template.jinja"); found != companions.end()) {
    chat_template = found->second;
    return;
  }
  if (!config.contains("chat_template")) return;
  const Json& templates = config["chat_template"];
  if (templates.is_string()) chat_template = templates.get<std::string>();
  if (!templates.is_array()) return;
  for (const Json& entry : templates)
    if (entry.is_object() && entry.value("name", Json()) == "default" && entry.value("template", Json()).is_string())
      chat_template = entry["template"].get<std::string>();
}

void Tokenizer::set_chat_template(const std::string& source) {
  State& state = *state_;
  if (source == state.chat_template) return;
  state.chat_template = source;
  state.companions["chat_template.jinja"] = source;
  const auto config = state.companions.find("tokenizer_config.json");
  if (config == state.companions.end()) return;
  OrderedJson told = OrderedJson::parse(config->second);
  if (told.erase("chat_template") > 0) config->second = told.dump(2);
}

void Tokenizer::save(const std::filesystem::path& folder) const {
  fs::create_directories(folder);
  const State& state = *state_;
  for (const auto& [name, content] : state.companions) write_atomically(folder / name, content);
  if (state.of_characters) {
    Json tokens = companion_json(state.companions, "added_tokens.json", folder);
    for (std::size_t i = state.added_in_file; i < state.added.all().size(); ++i)
      tokens[state.added.all()[i].content] = state.added.all()[i].id;
    if (!tokens.is_null()) write_json(folder / "added_tokens.json", tokens);
  } else if (state.added.all().size() == state.added_in_file) {
    write_atomically(folder / "tokenizer.json", state.source);
  } else {
    Json file = parse_json(state.source, state.where);
    Json& list = file["added_tokens"];
    if (!list.is_array()) list = Json::array();
    for (std::size_t i = state.added_in_file; i < state.added.all().size(); ++i) {
      const text::AddedToken& token = state.added.all()[i];
      list.push_back({{"id", token.id},
                      {"content", token.content},
                      {"single_word", token.single_word},
                      {"lstrip", token.lstrip},
                      {"rstrip", token.rstrip},
                      {"normalized", token.normalized},
                      {"special", token.special}});
    }
    write_json(folder / "tokenizer.json", file);
  }
  if (state.companions.contains("tokenizer_config.json")) return;
  // transformers asks this file which class to use and what the special tokens are for.
  OrderedJson config{{"tokenizer_class", state.of_characters ? characters_class : "PreTrainedTokenizerFast"},
                     {"clean_up_tokenization_spaces", false}};
  const auto& roles = state.roles;
  for (const auto& [key, id] : {std::pair{"pad_token", roles.pad},
                                {"unk_token", roles.unknown},
                                {"mask_token", roles.mask},
                                {"bos_token", roles.bos},
                                {"eos_token", roles.eos},
                                {"cls_token", roles.cls},
                                {"sep_token", roles.sep}})
    if (id) config[key] = token_of(*id);
  if (!state.chat_template.empty()) config["chat_template"] = state.chat_template;
  write_json(folder / "tokenizer_config.json", config);
}

}  // namespace luthier
