#pragma once
// Training a vocabulary from text. The result is a complete tokenizer.json text.
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace luthier {

struct VocabularyOptions {
  std::int64_t size = 8192;
  std::int64_t min_frequency = 2;
  std::vector<std::string> special_tokens;  ///< take the first ids
  bool lowercase = true;                    ///< WordPiece: BERT's uncased normalizer
  std::int64_t alphabet = 0;                ///< keep only so many characters, the most frequent ones; 0: all
};

/// Calls its argument once for each text.
using TextSource = std::function<void(const std::function<void(std::string_view)>&)>;

/// BERT's WordPiece ([PAD] [UNK] [CLS] [SEP] [MASK], BertNormalizer, BertPreTokenizer, template post-processor), merges
/// learned as the tokenizers library's WordPieceTrainer does. `progress`: share done, may be empty.
std::string train_wordpiece(const TextSource& texts, VocabularyOptions options,
                            const std::function<void(double)>& progress = {});
/// Byte-level BPE as in GPT-2 (ByteLevel pre-tokenizer and decoder), merges learned as BpeTrainer does.
std::string train_byte_level_bpe(const TextSource& texts, VocabularyOptions options,
                                 const std::function<void(double)>& progress = {});

}  // namespace luthier
