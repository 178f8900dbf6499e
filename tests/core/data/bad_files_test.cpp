// Broken, hostile and strange files: rows that can be read are read, the rest is a finding with its line or a clear
// error.
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/random.h"
#include "data/table.h"
#include "support/testing.h"

using namespace luthier;
using luthier::testing::write_text;

class BadFilesTest : public QObject {
  Q_OBJECT

 private:
  TemporaryFolder folder_;
  fs::path file(const std::string& name, const std::string& text) const {
    write_text(folder_.path() / name, text);
    return folder_.path() / name;
  }

  struct Reading {
    std::vector<Row> rows;
    std::vector<Finding> findings;
    const Finding* finding(const std::string& id) const {
      for (const auto& f : findings)
        if (f.id == id) return &f;
      return nullptr;
    }
  };
  static Reading read(const fs::path& path, const ReadOptions& options = {}) {
    const Table table = Table::open(path, options);
    Reading reading;
    table.scan([&](const Row& row) {
      reading.rows.push_back(row);
      return true;
    });
    reading.findings = table.findings();
    return reading;
  }
  using Lines = std::vector<std::int64_t>;

 private Q_SLOTS:
  void brokenRowsAreFindingsWithTheirLines() {
    // Line 3 is short, line 4 opens a quote, line 7 is long, lines 8 and 9 are one good record, line 10 is not UTF-8,
    // line 11 has a NUL; an unclosed quote costs its own line and no other.
    const Reading reading =
        read(file("bad.csv", std::string("a,b,c\n1,2,3\n4,5\n6,\"unclosed,7\n8,9,10\n8,9,10\n11,12,13,14\n"
                                         "\"q\"\"x\",2,\"two\nlines\"\n15,1\xff"
                                         "6,17\n18,nul") +
                                 std::string(1, '\0') + "x,20\n21,22,23\n"),
             {.encoding = "utf-8"});
    QCOMPARE(reading.rows.size(), 7u);
    QCOMPARE(reading.rows[1].values[0], std::string("8"));
    QCOMPARE(reading.rows[3].values, (std::vector<std::string>{"q\"x", "2", "two\nlines"}));
    QCOMPARE(reading.rows[4].values[1], std::string("1\xEF\xBF\xBD"
                                                    "6"));
    QCOMPARE(reading.rows[5].values[1], std::string("nulx"));
    QCOMPARE(reading.rows[6].number, 6);
    QVERIFY(reading.finding("broken_rows"));
    QCOMPARE(reading.finding("broken_rows")->lines, (Lines{3, 4, 7}));
    QCOMPARE(reading.finding("mixed_encoding")->lines, (Lines{10}));
    QCOMPARE(reading.finding("nul_bytes")->lines, (Lines{11}));
    QVERIFY(reading.finding("broken_rows")->message.find("1 unclosed quote") != std::string::npos);
  }

  void aQuoteLeftOpenAtTheEndCostsOneRow() {
    const Reading reading = read(file("open.csv", "a,b\n\"x,y\",1\n\"open,2\nc,3\nd,4\n"));
    QCOMPARE(reading.rows.size(), 3u);
    QCOMPARE(reading.finding("broken_rows")->lines, (Lines{3}));
  }

  void brokenJsonLinesAreFindingsWithTheirLines() {
    const Reading reading = read(
        file("bad.jsonl", "{\"a\":1}\n{\"a\":\n\n{\"a\":3,\"later\":1}\n[1]\n{\"a\":5} x\n{\"a\":6}\n{\"a\":\"cut"));
    QCOMPARE(reading.rows.size(), 3u);
    QCOMPARE(reading.finding("broken_rows")->lines, (Lines{2, 6, 8}));
    QCOMPARE(reading.finding("not_rows")->lines, (Lines{5}));
  }

  void aBrokenValueInAJsonArrayCostsOneRow() {
    const Reading reading = read(file("bad.json", "[{\"a\":1},\n{\"a\":nope},\n{\"a\":3}\n{\"a\":4},\n5]"));
    QCOMPARE(reading.rows.size(), 3u);
    QCOMPARE(reading.finding("broken_rows")->lines, (Lines{2}));
    QCOMPARE(reading.finding("not_rows")->lines, (Lines{5}));
    const Reading cut = read(file("cut.json", "[{\"a\":1},\n{\"a\":2},\n{\"a\":"));
    QCOMPARE(cut.rows.size(), 2u);
    QVERIFY(cut.finding("truncated_file"));
  }

  void aRealBrokenFileGivesItsGoodRows() {
    LUTHIER_NEEDS(path, "data/ugly_text_files/broken_dialogsum.jsonl");
    const Reading reading = read(path);
    // Its 40 lines that hold something: 32 parse with Python's json, 8 do not.
    QCOMPARE(reading.rows.size(), 32u);
    QCOMPARE(reading.finding("broken_rows")->count, 8);
  }

  void everyUglyTextFileOpensOrSaysWhy() {
    LUTHIER_NEEDS(folder, "data/ugly_text_files");
    int opened = 0, refused = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file()) continue;
      try {
        const Reading reading = read(entry.path());
        QVERIFY2(!reading.rows.empty() || !reading.findings.empty(), entry.path().c_str());
        QVERIFY(!inspect_data(entry.path()).dump().empty());
        ++opened;
      } catch (const Error& error) {
        QVERIFY2(!error.hint.empty() && !error.where.empty(), entry.path().c_str());
        ++refused;
      }
    }
    // Refused: a bzip2 archive and a file of one blank line.
    QCOMPARE(refused, 2);
    QVERIFY(opened > 95);
  }

  void theJsonTestSuiteIsReadOrRefused() {
    LUTHIER_NEEDS(folder, "data/ugly_json_testsuite");
    int good = 0, bad = 0;
    for (const auto& entry : fs::directory_iterator(folder)) {
      const std::string name = entry.path().filename().string();
      if (!name.ends_with(".json")) continue;
      bool complained = false;
      try {
        const Reading reading = read(entry.path());
        for (const auto& finding : reading.findings) complained |= finding.severity == "warning";
      } catch (const Error& error) {
        complained = true;
        if (name.starts_with("y_"))
          QVERIFY2(error.text().find("not a table") != std::string::npos, (name + error.text()).c_str());
      }
      if (name.starts_with("n_")) {
        QVERIFY2(complained, name.c_str());
        ++bad;
      } else if (name.starts_with("y_")) {
        ++good;
      }
    }
    QVERIFY(good > 90 && bad > 180);
  }

  void everyParquetTestFileOpensOrSaysWhy() {
    LUTHIER_NEEDS(folder, "data/parquet");
    int opened = 0, refused = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.path().extension() != ".parquet") continue;
      try {
        read(entry.path());
        ++opened;
      } catch (const Error& error) {
        QVERIFY2(error.text().find("the Parquet file cannot be read") != std::string::npos, error.text().c_str());
        ++refused;
      }
    }
    QVERIFY2(opened >= 62, QByteArray::number(opened).constData());
    QVERIFY(refused >= 3);
  }

  void cutAndFlippedParquetFilesDoNotCrash() {
    LUTHIER_NEEDS(path, "data/parquet/hf_style_danish_tweets/test-00000-of-00001.parquet");
    const std::string whole = read_file(path);
    Random random(7);
    for (int i = 0; i < 20; ++i) {
      std::string damaged = whole;
      if (i % 2)
        damaged.resize(random.below(damaged.size()));
      else
        for (int k = 0; k < 8; ++k) damaged[random.below(damaged.size())] = static_cast<char>(random.next());
      try {
        read(file("damaged.parquet", damaged));
      } catch (const Error& error) {
        QVERIFY(!error.message.empty());
      }
    }
  }

  void whatIsNoDataFileIsRefusedClearly() {
    LUTHIER_FAILS(Table::open(folder_.path() / "absent.csv"), "there is no such file");
    LUTHIER_FAILS(Table::open(folder_.path()), "folder");
    LUTHIER_FAILS(Table::open(file("empty.csv", "")), "the file is empty");
    LUTHIER_FAILS(Table::open(file("blank.csv", "\n \r\n\t\n")), "only blank lines");
    LUTHIER_FAILS(Table::open(file("zip.csv", std::string("PK\x03\x04") + std::string(100, 'x'))), "ZIP archive");
    LUTHIER_FAILS(Table::open(file("fake.parquet", "PAR1 this is none")), "Parquet file cannot be read");
    LUTHIER_FAILS(Table::open(file("text.parquet", "a,b\n1,2\n")), "Parquet file cannot be read");
    LUTHIER_FAILS(Table::open(file("x.csv", "a,b\n1,2\n"), {.format = "xml"}), "use one of: auto, csv");
    LUTHIER_FAILS(Table::open(file("x.csv", "a,b\n1,2\n"), {.encoding = "ebcdic"}), "encoding 'ebcdic'");
    LUTHIER_FAILS(Table::open(file("x.csv", "a,b\n1,2\n"), {.delimiter = "::"}), "not one character");
    LUTHIER_FAILS(Table::open(file("x.csv", "a,b\n1,2\n"), {.header = "maybe"}), "header 'maybe'");
    LUTHIER_FAILS(Table::open(file("x.json", "[1, 2, 3]")), "not a table");
    LUTHIER_FAILS(Table::open(file("x.json", "{\"a\": tru}")), "not valid JSON");
    std::string junk(100000, 0);
    Random random(1);
    for (char& c : junk) c = static_cast<char>(random.next());
    LUTHIER_FAILS(Table::open(file("junk.txt", junk)), "binary data");
    LUTHIER_FAILS(Table::open(file("zeros.csv", std::string(5000, '\0'))), "binary data");
    const fs::path pipe = folder_.path() / "pipe";
    QCOMPARE(::mkfifo(pipe.c_str(), 0600), 0);
    LUTHIER_FAILS(Table::open(pipe), "not a regular file");
    LUTHIER_FAILS(Table::open("/dev/zero"), "not a regular file");
  }

  void oneLineOfAHundredMegabytesIsAFindingOrAnError() {
    const fs::path path = folder_.path() / "long.txt";
    {
      std::ofstream out(path, std::ios::binary);
      out << "first line\n";
      const std::string piece(1 << 20, 'x');
      for (int i = 0; i < 100; ++i) out << piece;
      out << "\nlast line\n";
    }
    const Reading text = read(path);
    QCOMPARE(text.rows.size(), 2u);
    QCOMPARE(text.rows[1].values[0], std::string("last line"));
    QCOMPARE(text.finding("broken_rows")->lines, (Lines{2}));
    const Reading table = read(path, {.format = "csv", .header = "no"});
    QCOMPARE(table.rows.size(), 2u);
    QCOMPARE(table.finding("broken_rows")->lines, (Lines{2}));
  }

  void deepNestingIsRefused() {
    const std::string deep = std::string(100000, '[') + std::string(100000, ']');
    const Reading reading = read(file("deep.jsonl", "{\"a\":1}\n{\"a\":" + deep + "}\n{\"a\":2}\n"));
    QCOMPARE(reading.rows.size(), 2u);
    QCOMPARE(reading.finding("broken_rows")->lines, (Lines{2}));
  }

  void damagedGzipGivesWhatCanBeUnpacked() {
    LUTHIER_NEEDS(path, "data/dpo_hh_rlhf_harmless/test.jsonl.gz");
    std::string packed = read_file(path);
    packed.resize(packed.size() / 2);
    const Reading reading = read(file("half.jsonl.gz", packed));
    QVERIFY(reading.rows.size() > 500 && reading.rows.size() < 2312);
    QVERIFY(reading.finding("truncated_file"));
    LUTHIER_FAILS(Table::open(file("junk.csv.gz", "\x1F\x8B\x08nothing packed here")), "empty or damaged");
  }

  void anErrorInTheVisitorGoesToTheCaller() {
    const Table table = Table::open(file("v.csv", "a,b\n1,2\n3,4\n"));
    LUTHIER_FAILS(table.scan([](const Row&) -> bool { fail(ErrorKind::cancelled, "stopped by the user"); }),
                  "stopped by the user");
    QCOMPARE(table.count(), 2);
  }
};

QTEST_APPLESS_MAIN(BadFilesTest)
#include "bad_files_test.moc"
