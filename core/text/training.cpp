#include "text/training.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/strings.h"
#include "text/byte_level.h"
#include "text/merge_learning.h"
#include "text/normalizers.h"
#include "text/pre_tokenizers.h"
#include "text/string_table.h"
#include "text/templates.h"
#include "text/unicode.h"

namespace luthier {

using text::Place;

namespace {

constexpr double counting_share = 0.3;

/// Counts the words that `split` finds in the texts; sorted by word, so that the result does not depend on their order.
std::vector<text::WordCount> count_words(const TextSource& texts, const std::function<void(text::Pieces&)>& split,
                                         const std::function<void(double)>& progress) {
  text::StringTable table;
  std::vector<std::int64_t> counts;
  texts([&](std::string_view input) {
    const text::Pieces pieces = [&] {
      text::Pieces made;
      made.aligned = text::AlignedText(text::valid_utf8(input) ? input : text::repaired_utf8(input));
      made.add(0, made.aligned.text.size());
      split(made);
      return made;
    }();
    for (const text::Piece& piece : pieces.list) {
      const std::string_view word = pieces.view(piece);
      if (const auto* known = table.find(word)) {
        ++counts[*known];
        continue;
      }
      table.insert(word, static_cast<std::uint32_t>(counts.size()));
      counts.push_back(1);
    }
  });
  if (counts.empty())
    fail(ErrorKind::bad_input, "there is no text to learn a vocabulary from", "", "check the data files");
  std::vector<text::WordCount> words;
  words.reserve(counts.size());
  table.each([&](std::string_view word, std::uint32_t index) { words.push_back({std::string(word), counts[index]}); });
  std::sort(words.begin(), words.end(), [](const auto& a, const auto& b) { return a.word < b.word; });
  if (progress) progress(counting_share);
  return words;
}

void check(const VocabularyOptions& options) {
  if (options.size < 1 || options.size > 1 << 24)
    fail(ErrorKind::bad_input, "a vocabulary of " + std::to_string(options.size) + " tokens cannot be learned", "size",
         "choose between 1 and 16 million");
  for (const std::string& token : options.special_tokens)
    if (token.empty() || !text::valid_utf8(token))
      fail(ErrorKind::bad_input, "a special token is empty or not valid UTF-8", "special_tokens");
}

text::MergeOptions merge_options(const VocabularyOptions& options) {
  text::MergeOptions result;
  result.size = options.size;
  result.min_frequency = options.min_frequency;
  result.special_tokens = options.special_tokens;
  result.most_characters = options.alphabet;
  return result;
}

std::function<void(double)> rest_of(const std::function<void(double)>& progress) {
  if (!progress) return {};
  return [progress](double share) { progress(counting_share + (1 - counting_share) * share); };
}

/// `needed` before `tokens`, unless they are all among them.
std::vector<std::string> with(const std::vector<std::string>& needed, const std::vector<std::string>& tokens) {
  if (std::all_of(needed.begin(), needed.end(), [&](const std::string& token) { return contains(tokens, token); }))
    return tokens;
  std::vector<std::string> result = needed;
  for (const std::string& token : tokens)
    if (!contains(needed, token)) result.push_back(token);
  return result;
}

}  // namespace

std::string train_wordpiece(const TextSource& texts, VocabularyOptions options,
                            const std::function<void(double)>& progress) {
  options.special_tokens = with({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}, options.special_tokens);
  check(options);
  const Json settings = parse_json(options.lowercase ? R"({"type": "BertNormalizer", "lowercase": true})"
                                                     : R"({"type": "BertNormalizer", "lowercase": false})",
                                   "training");
  const Json splitting = parse_json(R"({"type": "BertPreTokenizer"})", "training");
  const auto normalizer = text::read_normalizer(Place(settings, "training"));
  bool raw_bytes = false;
  const auto pre_tokenizer = text::read_pre_tokenizer(Place(splitting, "training"), raw_bytes);
  const auto words = count_words(
      texts,
      [&](text::Pieces& pieces) {
        normalizer->apply(pieces.aligned);
        pieces.list.clear();
        pieces.add(0, pieces.aligned.text.size());
        pre_tokenizer->apply(pieces);
      },
      progress);
  text::MergeOptions how = merge_options(options);
  how.continuing_prefix = "##";
  const auto learned = text::learn_merges(words, how, rest_of(progress));
  return text::bert_tokenizer_json(learned.tokens, options.special_tokens, options.lowercase, std::nullopt, true,
                                   "training");
}

std::string train_byte_level_bpe(const TextSource& texts, VocabularyOptions options,
                                 const std::function<void(double)>& progress) {
  if (options.special_tokens.empty()) options.special_tokens = {"<|endoftext|>"};
  check(options);
  const Json splitting = parse_json(R"({"type": "ByteLevel", "add_prefix_space": false})", "training");
  bool raw_bytes = true;
  const auto pre_tokenizer = text::read_pre_tokenizer(Place(splitting, "training"), raw_bytes);
  auto words = count_words(texts, [&](text::Pieces& pieces) { pre_tokenizer->apply(pieces); }, progress);
  for (text::WordCount& word : words) word.word = text::to_byte_characters(word.word);
  text::MergeOptions how = merge_options(options);
  how.alphabet.assign(text::byte_characters().begin(), text::byte_characters().end());
  const auto learned = text::learn_merges(words, how, rest_of(progress));
  return text::byte_level_tokenizer_json(learned.tokens, learned.merges, options.special_tokens);
}

}  // namespace luthier
