#pragma once
// A tiny classification task that a tiny BERT can learn in seconds: texts about two things, a WordPiece vocabulary of
// the words in them, a config of two layers.
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/random.h"
#include "support/testing.h"

namespace luthier::testing {

inline const std::vector<std::vector<std::string>>& tiny_words() {
  static const std::vector<std::vector<std::string>> words = {
      {"apple", "pear", "plum", "cherry", "melon", "grape", "fig", "lemon"},
      {"hammer", "saw", "drill", "wrench", "nail", "screw", "chisel", "plane"},
      {"the", "a", "my", "old", "new", "good", "bad", "with", "and", "on"}};
  return words;
}

/// One text of class 0 or 1: `length` words, a third of them telling.
inline std::string tiny_text(std::uint64_t seed, std::size_t label, std::size_t length) {
  Random random(seed);
  std::string text;
  for (std::size_t i = 0; i < length; ++i) {
    const auto& list = tiny_words()[i % 3 == 1 ? label : 2];
    text += (text.empty() ? "" : " ") + list[random.below(list.size())];
  }
  return text;
}

/// Writes train.csv, validation.csv, test.csv (text,label) and model/ (config.json, vocab.txt) into `folder`.
inline void write_tiny_task(const fs::path& folder, std::size_t rows = 96, double dropout = 0.1) {
  std::size_t number = 0;
  for (const auto& [name, count] :
       std::vector<std::pair<std::string, std::size_t>>{{"train", rows}, {"validation", 24}, {"test", 24}}) {
    std::string csv = "text,label\n";
    for (std::size_t i = 0; i < count; ++i, ++number)
      csv += tiny_text(1000 + number, i % 2, 4 + number % 9) + (i % 2 ? ",tool\n" : ",fruit\n");
    write_text(folder / (name + ".csv"), csv);
  }
  std::string vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
  for (const auto& list : tiny_words())
    for (const std::string& word : list) vocabulary += word + "\n";
  write_text(folder / "model/vocab.txt", vocabulary);
  const Json config = {{"model_type", "bert"},
                       {"architectures", {"BertForSequenceClassification"}},
                       {"vocab_size", 31},
                       {"hidden_size", 32},
                       {"num_hidden_layers", 2},
                       {"num_attention_heads", 2},
                       {"intermediate_size", 64},
                       {"max_position_embeddings", 64},
                       {"type_vocab_size", 2},
                       {"hidden_act", "gelu"},
                       {"layer_norm_eps", 1e-12},
                       {"hidden_dropout_prob", dropout},
                       {"attention_probs_dropout_prob", dropout},
                       {"initializer_range", 0.02},
                       {"pad_token_id", 0}};
  write_text(folder / "model/config.json", config.dump(1));
}

/// A recipe for it: trains from the config with full fine-tuning.
inline Json tiny_recipe(const fs::path& folder) {
  return {{"luthier", 1},
          {"name", "tiny"},
          {"seed", 5},
          {"objective", {{"kind", "classification"}}},
          {"model", {{"path", (folder / "model").string()}, {"from_config", true}}},
          {"data",
           {{"train", (folder / "train.csv").string()},
            {"validation", (folder / "validation.csv").string()},
            {"test", (folder / "test.csv").string()},
            {"roles", {{"text", "text"}, {"label", "label"}}},
            {"max_tokens", 32}}},
          {"method", {{"kind", "full"}}},
          {"training",
           {{"epochs", 4},
            {"batch_size", 8},
            {"learning_rate", 2e-3},
            {"device", "cpu"},
            {"log_every", 1},
            {"checkpoint_every", {{"value", 5}, {"unit", "step"}}},
            {"evaluate_every", {{"value", 6}, {"unit", "step"}}}}},
          {"export", Json::array()}};
}

}  // namespace luthier::testing
