#pragma once
// A tiny WordPiece tokenizer and dataset options that the tests of this folder share.
#include "data/dataset.h"
#include "support/testing.h"

namespace luthier::testing {

/// Ids: [PAD] 0, [UNK] 1, [CLS] 2, [SEP] 3, [MASK] 4, then the words below from 5.
inline Tokenizer tiny_tokenizer(const fs::path& folder) {
  std::string vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
  for (const char* word :
       {"good", "bad", "film", "a", "the", "very", "un", "##happy", "rome", "anna", "lives", "in", "##s", "."})
    vocabulary += std::string(word) + "\n";
  write_text(folder / "vocab.txt", vocabulary);
  return Tokenizer::open(folder);
}

/// A byte-level tokenizer with <s> before each text and </s> as end token: ids are those of its small vocabulary.
inline Tokenizer tiny_causal_tokenizer(const fs::path& folder) {
  write_text(folder / "tokenizer.json", R"({
    "version": "1.0", "truncation": null, "padding": null,
    "added_tokens": [
      {"id": 0, "content": "<s>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
      {"id": 1, "content": "</s>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
    "normalizer": null, "pre_tokenizer": {"type": "Whitespace"},
    "post_processor": {"type": "TemplateProcessing",
      "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
      "pair": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
      "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]}}},
    "decoder": null,
    "model": {"type": "WordLevel", "unk_token": "<unk>",
      "vocab": {"<s>": 0, "</s>": 1, "<unk>": 2, "one": 3, "two": 4, "three": 5, "is": 6, "what": 7}}})");
  write_text(folder / "tokenizer_config.json", R"({"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"})");
  return Tokenizer::open(folder);
}

inline const Finding* find(const std::vector<Finding>& findings, const std::string& id) {
  for (const auto& finding : findings)
    if (finding.id == id) return &finding;
  return nullptr;
}

}  // namespace luthier::testing
