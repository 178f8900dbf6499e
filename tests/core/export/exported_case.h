#pragma once
// Fixture models with a small tokenizer of their own, exported.
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/json.h"
#include "export/exporter.h"
#include "methods/method.h"
#include "models/tensors.h"
#include "support/testing.h"

namespace luthier::testing {

inline const std::vector<std::string>& case_words() {
  static const std::vector<std::string> words = {"the",   "train", "to",    "coast", "leaves",    "at",
                                                 "seven", "water", "boils", "in",    "mountains", "she",
                                                 "said",  "no",    "again", "."};
  return words;
}

/// A word-level tokenizer.json with all that transformers' AutoTokenizer asks for. Special tokens stand where the
/// fixtures' configs want them; encoders put one before and one after each text.
inline void write_tokenizer(const fs::path& folder, const Json& config) {
  const bool roberta = config.at("model_type") == "roberta", bert = config.at("model_type") == "bert";
  const std::vector<std::string> special = bert ? std::vector<std::string>{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
                                                : std::vector<std::string>{"<s>", "<pad>", "</s>", "<unk>", "<mask>"};
  Json vocabulary = Json::object(), added = Json::array();
  for (std::size_t i = 0; i < special.size(); ++i) {
    vocabulary[special[i]] = i;
    added.push_back({{"id", i},
                     {"content", special[i]},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", false},
                     {"special", true}});
  }
  for (const std::string& word : case_words()) vocabulary[word] = vocabulary.size();
  const std::string first = bert ? "[CLS]" : "<s>", last = bert ? "[SEP]" : "</s>", unknown = bert ? "[UNK]" : "<unk>";
  const auto token = [](const std::string& name, int type) {
    return Json{{"SpecialToken", {{"id", name}, {"type_id", type}}}};
  };
  const auto text = [](const char* name, int type) { return Json{{"Sequence", {{"id", name}, {"type_id", type}}}}; };
  const auto entry = [&](const std::string& name) {
    return Json{{"id", name}, {"ids", {vocabulary.at(name)}}, {"tokens", {name}}};
  };
  const int second = bert ? 1 : 0;
  Json single = {token(first, 0), text("A", 0)}, pair = {token(first, 0), text("A", 0)};
  if (bert || roberta) {
    single.push_back(token(last, 0));
    pair.push_back(token(last, 0));
  }
  pair.push_back(text("B", second));
  if (bert || roberta) pair.push_back(token(last, second));
  const Json tokenizer = {{"version", "1.0"},
                          {"truncation", nullptr},
                          {"padding", nullptr},
                          {"added_tokens", added},
                          {"normalizer", nullptr},
                          {"pre_tokenizer", {{"type", "Whitespace"}}},
                          {"post_processor",
                           {{"type", "TemplateProcessing"},
                            {"single", single},
                            {"pair", pair},
                            {"special_tokens", {{first, entry(first)}, {last, entry(last)}}}}},
                          {"decoder", nullptr},
                          {"model", {{"type", "WordLevel"}, {"vocab", vocabulary}, {"unk_token", unknown}}}};
  write_text(folder / "tokenizer.json", tokenizer.dump());
  write_text(folder / "tokenizer_config.json", Json{{"tokenizer_class", "PreTrainedTokenizerFast"},
                                                    {"unk_token", unknown},
                                                    {"pad_token", bert ? "[PAD]" : "<pad>"},
                                                    {"mask_token", bert ? "[MASK]" : "<mask>"}}
                                                   .dump());
}

/// A live model in memory: a fixture's base, copied beside its tokenizer, with the fixture's trained adapter if it has
/// one.
struct LiveModel {
  TemporaryFolder folder;
  fs::path base = folder.path() / "base-model";
  std::shared_ptr<Model> model;
  std::unique_ptr<Tokenizer> tokenizer;
  std::vector<ProofRow> rows;

  /// `name`: "full/bert-cls", "peft/lora-bert-cls". `labels`: of the head; empty: the fixture's own.
  explicit LiveModel(const std::string& name, const std::vector<std::string>& labels = {}) {
    fs::create_directories(base);
    for (const char* file : {"config.json", "model.safetensors"}) fs::copy(fixture(name) / "base" / file, base / file);
    const Json config = read_json(base / "config.json");
    write_tokenizer(base, config);
    tokenizer = std::make_unique<Tokenizer>(Tokenizer::open(base));
    LoadOptions load;
    load.head = head_of_config(config);
    load.labels = labels;
    model = load_model(base, load);
    if (fs::exists(fixture(name) / "adapter-final")) load_adapter(*model, fixture(name) / "adapter-final");
    const auto& words = case_words();
    for (std::size_t i = 0; i < 9; ++i) {
      std::string text = "the";
      for (std::size_t j = 0; j < 2 + i; ++j) text += " " + words[(3 * i + 5 * j) % words.size()];
      rows.push_back({text, i == 8 ? "she said no again" : ""});
    }
  }

  ExportInputs inputs() const { return {tokenizer.get(), base, "a test of exporting", "", "", rows, 24}; }

  Exported exported(const std::string& format, const std::string& to, const std::string& precision = "fp32") const {
    ExportOptions options;
    options.format = format;
    options.precision = precision;
    return export_model(*model, inputs(), options, folder.path() / to);
  }
};

inline fs::path weights_file(const fs::path& artefact) {
  return artefact / (fs::exists(artefact / "adapter_config.json") ? "adapter_model.safetensors" : "model.safetensors");
}

/// Writes over the bytes of one tensor in a file, from `at` on.
inline void overwrite_tensor(const fs::path& file, const std::string& name, std::size_t at, const std::string& bytes) {
  std::string content = read_file(file);
  std::uint64_t header = 0;
  for (int i = 7; i >= 0; --i) header = header << 8 | static_cast<unsigned char>(content[static_cast<std::size_t>(i)]);
  const Json table = Json::parse(content.substr(8, header));
  const auto begin = table.at(name).at("data_offsets").at(0).get<std::size_t>();
  content.replace(8 + header + begin + at, bytes.size(), bytes);
  std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
}

/// Writes the file again without one tensor.
inline void drop_tensor(const fs::path& file, const std::string& name) {
  NamedTensors kept;
  for (const auto& [key, tensor] : read_tensors(file))
    if (key != name) kept.emplace_back(key, tensor.clone());
  write_tensors(file, kept);
}

/// The name of the n-th tensor in the file, counted by name.
inline std::string tensor_name(const fs::path& file, std::size_t n) { return read_tensors(file).at(n).first; }

}  // namespace luthier::testing
