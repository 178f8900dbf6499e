// Speed of encoding and of learning a vocabulary, one thread, as ratios to the tokenizers library in the same run; in
// processor seconds, so that other programs do not count.
#include <chrono>
#include <ctime>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "base/json.h"
#include "support/testing.h"
#include "text/tokenizer.h"
#include "text/training.h"

using namespace luthier;

namespace {

/// English text at hand on a Debian system, a paragraph an entry.
std::vector<std::string> paragraphs(std::size_t bytes) {
  std::vector<fs::path> files;
  for (const char* folder : {"/usr/share/common-licenses", "/usr/share/doc", "/usr/share/perl"})
    if (fs::exists(folder))
      for (const auto& entry : fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied))
        if (entry.is_regular_file() && !entry.is_symlink() && entry.path().extension() != ".gz")
          files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<std::string> result;
  std::size_t total = 0;
  for (const fs::path& file : files) {
    std::istringstream lines(read_file(file));
    std::string paragraph;
    for (std::string line; std::getline(lines, line) && total < bytes;) {
      if (!line.empty() && paragraph.size() < 2000) {
        paragraph += line + "\n";
        continue;
      }
      const QString valid = QString::fromUtf8(paragraph.data(), static_cast<qsizetype>(paragraph.size()));
      if (paragraph.size() > 40 && !valid.contains(QChar(0xFFFD)) && !valid.contains(QChar(0))) {
        total += paragraph.size();
        result.push_back(paragraph);
      }
      paragraph.clear();
    }
  }
  return result;
}

std::size_t bytes_of(const std::vector<std::string>& texts) {
  std::size_t total = 0;
  for (const std::string& text : texts) total += text.size();
  return total;
}

double seconds_since(std::clock_t start) { return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC; }

void write_lines(const fs::path& path, const std::vector<std::string>& texts) {
  std::string lines;
  for (const std::string& text : texts) lines += Json(text).dump() + "\n";
  testing::write_text(path, lines);
}

}  // namespace

class TokenizerBench : public QObject {
  Q_OBJECT

  std::string script_ = (testing::source_folder() / "tests/reference/text_speed.py").string();

 private Q_SLOTS:
  void encodesAtLeastAsFastAsTheLibrary() {
    if (!testing::has_python("tokenizers")) QSKIP("needs Python's tokenizers");
    LUTHIER_NEEDS(folder, "weights/tokenizers");
    const TemporaryFolder work;
    const auto texts = paragraphs(2 << 20);
    write_lines(work.path() / "texts", texts);
    // Every file that a tokenizer is made of, in all their formats. The library reads the first kind alone, so it gets
    // the others as Luthier has converted them.
    const std::vector<std::string> names{"bert-base-uncased/tokenizer.json",
                                         "bert-base-uncased/tokenizer_minilm.json",
                                         "bert-base-uncased/tokenizer_pkgn_custom_tokens.json",
                                         "gpt2/tokenizer.json",
                                         "roberta-base/tokenizer.json",
                                         "phi-3-mini/tokenizer.json",
                                         "t5-small/tokenizer.json",
                                         "whisper-tiny/tokenizer.json",
                                         "torchtune_tiny/tiny_bpe_tokenizer.json",
                                         "bert-base-cased/vocab.txt",
                                         "bert-base-uncased/vocab.txt",
                                         "gpt2/vocab.json",
                                         "gpt2/gpt2.tiktoken",
                                         "roberta-base/vocab.json",
                                         "whisper-tiny/large-v3/vocab.json",
                                         "whisper-tiny/multilingual.tiktoken",
                                         "llama2/tokenizer.model",
                                         "t5-small/spiece.model",
                                         "torchtune_tiny/m.model",
                                         "torchtune_tiny/tiktoken_small.model",
                                         "wav2vec2/vocab.json"};
    std::vector<std::string> command{"python3", script_, (work.path() / "texts").string()};
    std::vector<Tokenizer> tokenizers;
    for (const std::string& name : names) {
      tokenizers.push_back(Tokenizer::open(folder / name));
      const fs::path saved = work.path() / ("saved" + std::to_string(tokenizers.size()));
      tokenizers.back().save(saved);
      const bool read_as_it_is = name.ends_with(".json") && fs::path(name).filename() != "vocab.json";
      command.push_back((read_as_it_is ? folder / name : saved / "tokenizer.json").string());
      QVERIFY2(fs::exists(command.back()), name.c_str());
    }
    const auto output = testing::run_program(command, {}, 1200);
    QVERIFY2(output.exit_code == 0, output.err.c_str());
    const Json library = Json::parse(output.out);
    std::string slow;
    for (std::size_t i = 0; i < names.size(); ++i) {
      double best = 1e9;
      std::size_t tokens = 0;
      for (int round = 0; round < 2; ++round) {
        const std::clock_t start = std::clock();
        tokens = 0;
        for (const std::string& text : texts) tokens += tokenizers[i].encode(text).ids.size();
        best = std::min(best, seconds_since(start));
      }
      const double ratio = library[i][0].get<double>() / best;
      const double rate = static_cast<double>(bytes_of(texts)) / best * 1e-6;
      qInfo("%-52s %6.1f MB/s, %4.1f times the library", names[i].c_str(), rate, ratio);
      QVERIFY2(tokens == library[i][1].get<std::size_t>(), names[i].c_str());
      if (ratio < 1.0) slow += names[i] + " ";
    }
    QVERIFY2(slow.empty(), slow.c_str());
  }

  void rowsAreEncodedSideBySide() {
    LUTHIER_NEEDS(folder, "weights/tokenizers/gpt2/tokenizer.json");
    const Tokenizer tokenizer = Tokenizer::open(folder);
    const auto texts = paragraphs(8 << 20);
    const auto encode_all = [&](std::size_t threads) {
      const auto start = std::chrono::steady_clock::now();
      std::vector<std::jthread> others;
      for (std::size_t t = 0; t < threads; ++t)
        others.emplace_back([&, t] {
          for (std::size_t i = t; i < texts.size(); i += threads) tokenizer.encode(texts[i]);
        });
      others.clear();
      return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };
    const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
    encode_all(1);
    const double alone = encode_all(1), together = encode_all(cores);
    qInfo("%zu threads: %.1f times the speed of one", cores, alone / together);
    QVERIFY(together < 1.2 * alone);  // on a busy machine the others gain little
  }

  void learnsAVocabularyInTime() {
    if (!testing::has_python("tokenizers")) QSKIP("needs Python's tokenizers");
    const TemporaryFolder work;
    const auto texts = paragraphs(40 << 20);
    write_lines(work.path() / "texts", texts);
    const auto output =
        testing::run_program({"python3", script_, (work.path() / "texts").string(), "--train"}, {}, 1200);
    QVERIFY2(output.exit_code == 0, output.err.c_str());
    const std::clock_t start = std::clock();
    train_wordpiece(
        [&](const auto& take) {
          for (const std::string& text : texts) take(text);
        },
        {});
    const double seconds = seconds_since(start);
    qInfo("8192 WordPieces from %.1f MB: %.1f s, %.1f times the library", static_cast<double>(bytes_of(texts)) * 1e-6,
          seconds, Json::parse(output.out)[0].get<double>() / seconds);
    QVERIFY(seconds < 120);
  }
};

QTEST_GUILESS_MAIN(TokenizerBench)
#include "tokenizer_bench.moc"
