// Speed of encoding and of learning a vocabulary, one thread, as ratios to the tokenizers library in the same run; in
// processor seconds, so that other programs do not count.
#include <ctime>
#include <nlohmann/json.hpp>
#include <sstream>

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
    const auto texts = paragraphs(4 << 20);
    write_lines(work.path() / "texts", texts);
    std::vector<std::string> command{"python3", script_, (work.path() / "texts").string()};
    const std::vector<std::string> names{"bert-base-uncased", "gpt2",     "roberta-base",
                                         "phi-3-mini",        "t5-small", "torchtune_tiny/tiny_bpe_tokenizer.json"};
    for (const std::string& name : names)
      command.push_back((name.ends_with(".json") ? folder / name : folder / name / "tokenizer.json").string());
    const auto output = testing::run_program(command, {}, 600);
    QVERIFY2(output.exit_code == 0, output.err.c_str());
    const Json library = Json::parse(output.out);
    for (std::size_t i = 0; i < names.size(); ++i) {
      const Tokenizer tokenizer = Tokenizer::open(command[3 + i]);
      double best = 1e9;
      std::size_t tokens = 0;
      for (int round = 0; round < 2; ++round) {
        const std::clock_t start = std::clock();
        tokens = 0;
        for (const std::string& text : texts) tokens += tokenizer.encode(text).ids.size();
        best = std::min(best, seconds_since(start));
      }
      QCOMPARE(tokens, library[i][1].get<std::size_t>());
      const double ratio = library[i][0].get<double>() / best;
      const double rate = static_cast<double>(bytes_of(texts)) / best * 1e-6;
      qInfo("%-40s %6.1f MB/s, %4.1f times the library", names[i].c_str(), rate, ratio);
      QVERIFY(ratio >= 1.0);
    }
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
