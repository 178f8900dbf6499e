// Files much larger than one piece of reading: whatever stands at the borders of the pieces, every value comes back as
// it was written. The writers here are independent of the readers.
#include <nlohmann/json.hpp>

#include "base/random.h"
#include "data/table.h"
#include "support/testing.h"

using namespace luthier;

namespace {
constexpr std::int64_t kRows = 20000;

/// A text with everything that is special somewhere: quotes, delimiters, line ends, several bytes a character.
std::string random_text(Random& random, bool line_ends) {
  static const std::vector<std::string> pieces = {
      "word", " ",  "\"", ",", ";", "\t", "é",      "漢字", "\xF0\x9F\x98\x80",
      "'",    "\\", "{",  "}", "[", "]",  "x\"y\"", "\n",   "\r\n"};
  std::string text = "t";
  for (std::uint64_t i = random.below(60); i > 0; --i)
    text += pieces[random.below(pieces.size() - (line_ends ? 0 : 2))];
  return text + "e";
}

std::vector<std::string> texts(bool line_ends) {
  Random random(11, line_ends);
  std::vector<std::string> all;
  for (std::int64_t i = 0; i < kRows; ++i) all.push_back(random_text(random, line_ends));
  return all;
}

std::string in_quotes(const std::string& text, char quote) {
  std::string quoted(1, quote);
  for (const char c : text) quoted += c == quote ? std::string(2, quote) : std::string(1, c);
  return quoted + quote;
}
}  // namespace

class StreamTest : public QObject {
  Q_OBJECT

 private:
  TemporaryFolder folder_;

  void check(const fs::path& path, const ReadOptions& options, const std::vector<std::string>& expected) {
    const Table table = Table::open(path, options);
    const std::size_t column = table.column("text");
    std::int64_t number = 0;
    table.scan([&](const Row& row) {
      const bool same = row.number == number && row.values[column] == expected[static_cast<std::size_t>(number)];
      if (!same) qWarning("row %lld: %s", static_cast<long long>(row.number), row.values[column].c_str());
      ++number;
      return same;
    });
    QCOMPARE(number, kRows);
    QCOMPARE(table.count(), kRows);
    QVERIFY2(table.findings().empty(), table.findings().empty() ? "" : table.findings()[0].message.c_str());
  }
  fs::path write(const std::string& name, const std::string& text) {
    const fs::path path = folder_.path() / name;
    testing::write_text(path, text);
    QTest::qVerify(text.size() > (1u << 20), "size", "the file is larger than the head", __FILE__, __LINE__);
    return path;
  }

 private Q_SLOTS:
  void delimitedText_data() {
    QTest::addColumn<char>("delimiter");
    QTest::addColumn<char>("quote");
    QTest::newRow("comma") << ',' << '"';
    QTest::newRow("tab") << '\t' << '"';
    QTest::newRow("semicolon and apostrophe") << ';' << '\'';
  }
  void delimitedText() {
    QFETCH(char, delimiter);
    QFETCH(char, quote);
    const auto expected = texts(true);
    std::string content = std::string("id") + delimiter + "text\n";
    for (std::size_t i = 0; i < expected.size(); ++i)
      content += std::to_string(i) + delimiter + in_quotes(expected[i], quote) + "\n";
    const fs::path path = write("table.csv", content);
    check(path, {}, expected);
    QCOMPARE(Table::open(path).detected().delimiter, std::string(1, delimiter));
    QCOMPARE(Table::open(path).detected().quote, std::string(1, quote));
  }

  void delimitedTextInUtf16() {
    const auto expected = texts(true);
    std::string content = "id,text\n";
    for (std::size_t i = 0; i < expected.size(); ++i)
      content += std::to_string(i) + "," + in_quotes(expected[i], '"') + "\n";
    const std::u16string wide = QString::fromStdString(content).toStdU16String();
    check(write("wide.csv", "\xFF\xFE" + std::string(reinterpret_cast<const char*>(wide.data()), wide.size() * 2)), {},
          expected);
  }

  void jsonInEveryStreamedForm_data() {
    QTest::addColumn<QString>("begin");
    QTest::addColumn<QString>("between");
    QTest::addColumn<QString>("end");
    QTest::addColumn<int>("indent");
    QTest::newRow("lines") << "" << "\n" << "\n" << -1;
    QTest::newRow("array") << "[" << "," << "]" << -1;
    QTest::newRow("indented array") << "[\n" << ",\n" << "\n]\n" << 2;
    QTest::newRow("sequence") << "" << "\n" << "\n" << 2;
  }
  void jsonInEveryStreamedForm() {
    QFETCH(QString, begin);
    QFETCH(QString, between);
    QFETCH(QString, end);
    QFETCH(int, indent);
    const auto expected = texts(true);
    std::string content = begin.toStdString();
    for (std::size_t i = 0; i < expected.size(); ++i)
      content += (i ? between.toStdString() : "") + Json({{"id", i}, {"text", expected[i]}}).dump(indent);
    check(write("rows.json", content + end.toStdString()), {}, expected);
  }

  void plainText() {
    auto expected = texts(false);
    std::string content;
    for (const auto& line : expected) content += line + "\r\n";
    check(write("lines.txt", content), {.format = "text"}, expected);
  }

  void packedFiles() {
    if (testing::run_program({"gzip", "--version"}).exit_code != 0) QSKIP("needs gzip");
    const auto expected = texts(true);
    std::string content;
    for (std::size_t i = 0; i < expected.size(); ++i) content += Json({{"text", expected[i]}}).dump() + "\n";
    const fs::path path = write("packed.jsonl", content);
    QCOMPARE(testing::run_program({"gzip", path.string()}).exit_code, 0);
    const fs::path packed = path.string() + ".gz";
    check(packed, {}, expected);
    // Two members in a row are one file.
    const std::string bytes = read_file(packed);
    testing::write_text(packed, bytes + bytes);
    QCOMPARE(Table::open(packed).count(), 2 * kRows);
  }
};

QTEST_GUILESS_MAIN(StreamTest)
#include "stream_test.moc"
