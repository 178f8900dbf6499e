// `luthier-cli vocabulary`: trains a tokenizer from text, for models that start from a config alone.
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "data/table.h"
#include "text/tokenizer.h"
#include "text/training.h"

namespace luthier {

namespace {

TextSource texts_of(const std::vector<std::string>& files, const std::string& column) {
  return [=](const std::function<void(std::string_view)>& visit) {
    for (const std::string& file : files) {
      const Table table = Table::open(file);
      const std::size_t index = column.empty() ? 0 : table.column(column);
      table.scan([&](const Row& row) {
        if (!row.null[index]) visit(row.values[index]);
        return true;
      });
    }
  };
}

/// What transformers' AutoTokenizer wants beside tokenizer.json.
Json tokenizer_config(const std::string& kind, bool lowercase, std::int64_t max_tokens) {
  if (kind == "wordpiece")
    return {{"tokenizer_class", "BertTokenizerFast"},
            {"do_lower_case", lowercase},
            {"model_max_length", max_tokens},
            {"pad_token", "[PAD]"},
            {"unk_token", "[UNK]"},
            {"cls_token", "[CLS]"},
            {"sep_token", "[SEP]"},
            {"mask_token", "[MASK]"}};
  return {{"tokenizer_class", "PreTrainedTokenizerFast"},
          {"model_max_length", max_tokens},
          {"eos_token", "<|endoftext|>"},
          {"bos_token", "<|endoftext|>"},
          {"pad_token", "<|endoftext|>"}};
}

}  // namespace

int command_vocabulary(const std::vector<std::string>& words) {
  const Arguments arguments(words, usage::vocabulary,
                            {"--kind", "--size", "--out", "--column", "--max-tokens", "--alphabet"}, {"--cased"});
  const std::string kind = arguments.required("--kind");
  arguments.position(0, "FILE");
  VocabularyOptions options;
  options.size = arguments.integer("--size", options.size);
  if (options.size < 300 || options.size > 1000000)
    fail(ErrorKind::bad_input, "a vocabulary has 300 to 1,000,000 tokens", "--size");
  options.alphabet = arguments.integer("--alphabet", options.alphabet);
  options.lowercase = !arguments.flag("--cased");
  const TextSource texts = texts_of(arguments.positions(), arguments.value("--column").value_or(""));
  std::string json;
  if (kind == "wordpiece") {
    json = train_wordpiece(texts, options);
  } else if (kind == "byte-level-bpe") {
    options.special_tokens = {"<|endoftext|>"};
    json = train_byte_level_bpe(texts, options);
  } else {
    fail(ErrorKind::bad_input, "there is no vocabulary of kind " + kind, "--kind", "use wordpiece or byte-level-bpe");
  }
  const fs::path folder = arguments.required("--out");
  fs::create_directories(folder);
  write_atomically(folder / "tokenizer.json", json);
  write_json(folder / "tokenizer_config.json",
             tokenizer_config(kind, options.lowercase, arguments.integer("--max-tokens", 512)));
  const Tokenizer tokenizer = Tokenizer::open(folder);
  if (arguments.json())
    std::printf("%s\n", Json{{"path", folder.string()}, {"tokens", tokenizer.vocabulary_size()}}.dump().c_str());
  else
    std::printf("%s: %lld tokens\n", folder.c_str(), static_cast<long long>(tokenizer.vocabulary_size()));
  return 0;
}

}  // namespace luthier
