// Random access to rows and filters over them, for imported files and for Parquet read in place.
#include "data/row_browser.h"

#include <atomic>
#include <thread>

#include "base/error.h"
#include "core/data/vocabulary.h"
#include "data/duck.h"

using namespace luthier;
using luthier::testing::write_text;
using Numbers = std::vector<std::uint32_t>;

class RowBrowserTest : public QObject {
  Q_OBJECT

 private:
  TemporaryFolder folder_;
  int number_ = 0;

  fs::path cache() const { return folder_.path() / "cache"; }
  fs::path file(const std::string& name, const std::string& text) {
    const fs::path path = folder_.path() / std::to_string(number_++) / name;
    write_text(path, text);
    return path;
  }
  fs::path parquet(const std::string& select, const std::string& name = "a.parquet") {
    const fs::path path = folder_.path() / std::to_string(number_++) / name;
    fs::create_directories(path.parent_path());
    DuckDatabase database;
    database.run("COPY (" + select + ") TO " + sql_text(path.string()) + " (FORMAT parquet, ROW_GROUP_SIZE 20000)");
    return path;
  }
  static std::string many_rows(int rows) {
    std::string text = "text,label,stars\n";
    for (int i = 0; i < rows; ++i)
      text +=
          "\"row " + std::to_string(i) + ", of many\"," + (i % 3 ? "pos" : "neg") + "," + std::to_string(i % 7) + "\n";
    return text;
  }
  /// `rows` marks: the row's number modulo 50 as tokens; every tenth row repeats another.
  static std::shared_ptr<std::vector<RowMark>> marks(std::size_t rows) {
    auto marks = std::make_shared<std::vector<RowMark>>(rows);
    for (std::size_t i = 0; i < rows; ++i) {
      (*marks)[i].tokens = static_cast<std::int32_t>(i % 50);
      (*marks)[i].split = i % 4 == 3 ? Split::validation : Split::train;
      (*marks)[i].flags = i % 10 == 9 ? RowMark::duplicate : 0;
    }
    return marks;
  }

 private Q_SLOTS:
  void readsRowsAtAnyPlace_data() {
    QTest::addColumn<bool>("in_place");
    QTest::newRow("imported") << false;
    QTest::newRow("Parquet") << true;
  }
  void readsRowsAtAnyPlace() {
    QFETCH(bool, in_place);
    const fs::path path =
        in_place ? parquet(
                       "SELECT 'row ' || range || ', of many' AS text, if(range % 3 = 0, 'neg', 'pos') AS label, "
                       "range % 7 AS stars FROM range(50000)")
                 : file("a.csv", many_rows(50000));
    RowBrowser browser(path, {}, cache());
    QCOMPARE(browser.size(), 50000);
    QCOMPARE(browser.columns().size(), std::size_t{3});
    for (const std::int64_t first : {std::int64_t{0}, std::int64_t{19990}, std::int64_t{31234}, std::int64_t{49900}}) {
      const auto rows = browser.rows(first, 100);
      QCOMPARE(rows.size(), std::size_t{100});
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::int64_t number = first + static_cast<std::int64_t>(i);
        QCOMPARE(rows[i].number, number);
        QCOMPARE(rows[i].values[0], "row " + std::to_string(number) + ", of many");
        QCOMPARE(rows[i].values[2], std::to_string(number % 7));
      }
    }
    QCOMPARE(browser.rows(49990, 100).size(), std::size_t{10});
    QVERIFY(browser.rows(50000, 10).empty() && browser.rows(-5, 0).empty());

    QCOMPARE(browser.select({.search = "ROW 4999"}).numbers,
             (Numbers{4999, 49990, 49991, 49992, 49993, 49994, 49995, 49996, 49997, 49998, 49999}));
    const auto stars = browser.select(read_filter("where stars >= 5 and \"label\" = 'neg'"));
    QVERIFY(!stars.problem);
    // Of 21 rows in turn, those with i % 7 in {5, 6} and i % 3 == 0: 6, 12.
    QCOMPARE(Numbers(stars.numbers.begin(), stars.numbers.begin() + 4), (Numbers{6, 12, 27, 33}));
    const auto page = browser.rows(1000, 5, &stars);
    QCOMPARE(page.size(), std::size_t{5});
    for (std::size_t i = 0; i < 5; ++i) QCOMPARE(page[i].number, std::int64_t{stars.numbers[1000 + i]});
    QCOMPARE(browser.select(read_filter("where row between 100 and 102")).numbers, (Numbers{99, 100, 101}));

    QVERIFY(browser.set_marks(marks(50000)));
    QCOMPARE(browser.select(read_filter("where tokens = 7 and row < 110")).numbers, (Numbers{7, 57, 107}));
    QCOMPARE(browser.select(read_filter("where duplicate and split = 'validation' and row <= 60")).numbers,
             (Numbers{19, 39, 59}));
    RowFilter flagged = read_filter("row 1234");
    flagged.flagged_only = true;
    QCOMPARE(browser.select(flagged).numbers, (Numbers{12349}));
    QCOMPARE(browser.select({.flagged_only = true}).numbers.size(), std::size_t{5000});
    const auto sparse = browser.select(read_filter("where text like '%99, of%'"));
    QCOMPARE(sparse.numbers.size(), std::size_t{500});
    QCOMPARE(browser.rows(499, 1, &sparse).at(0).values[0], std::string("row 49999, of many"));
  }

  void keepsTextsAsTheyAre() {
    const std::string text = "first \"line\"\nsecond line, größer 日本";
    RowBrowser browser(
        file("a.jsonl",
             "{\"text\": \"first \\\"line\\\"\\nsecond line, größer 日本\", \"tags\": [\"a\", \"b\"], \"n\": null}\n"),
        {}, cache());
    const Row row = browser.row(0);
    QCOMPARE(row.values[0], text);
    QCOMPARE(row.values[1], std::string("[\"a\",\"b\"]"));
    QVERIFY(row.null[2]);
    QCOMPARE(browser.rows(0, 1, nullptr, 7).at(0).values[0], std::string("first \"").substr(0, 7));
    QCOMPARE(browser.select({.search = "日本"}).numbers, (Numbers{0}));
    LUTHIER_FAILS(browser.row(1), "no row 2");
  }

  void filterTextIsSearchOrCondition() {
    QCOMPARE(read_filter("  good film ").search, std::string("good film"));
    QCOMPARE(read_filter("Where  tokens > 3 ").where, std::string("tokens > 3"));
    QCOMPARE(read_filter("whereabouts").search, std::string("whereabouts"));
    QVERIFY(read_filter("").is_empty() && read_filter("where").is_empty());
  }

  void saysWhatIsWrongWithACondition() {
    RowBrowser browser(file("a.csv", "text,n\ngood,1\nbad,2\n"), {}, cache());
    const auto problem = browser.check("n > 1 and lenght(text) = 3");
    QVERIFY(problem);
    QCOMPARE(problem->position, 10);
    QVERIFY(problem->message.find("lenght") != std::string::npos);
    QCOMPARE(browser.check("n > > 1")->position, 4);
    QCOMPARE(browser.check("tekst = 'a'")->message, std::string("there is no column 'tekst', did you mean 'text'?"));
    QVERIFY(browser.check("tokens = 1"));                        // no marks yet
    QVERIFY(browser.select(read_filter("where text")).problem);  // no truth value
    QVERIFY(!browser.check("n > 1 -- a remark"));
    // What only shows while it runs.
    const auto failed = browser.select(read_filter("where cast(text as integer) > 1"));
    QVERIFY(failed.problem && failed.numbers.empty());
    QCOMPARE(browser.select(read_filter("where n > 1")).numbers, (Numbers{1}));
  }

  void conditionsReachNothingOutside() {
    const fs::path secret = file("secret.csv", "a\n1\n");
    for (const fs::path& path : {file("a.csv", "text\ngood\nbad\n"), parquet("SELECT 'good' AS text")}) {
      RowBrowser browser(path, {}, cache());
      for (const std::string& attempt : {"exists(select * from read_csv('" + secret.string() + "'))",
                                         "exists(select * from '" + secret.string() + "')",
                                         std::string("1 = 1); copy (select 1) to '/tmp/out.csv'; select (1"),
                                         std::string("1 = 1); set enable_external_access = true; select (true"),
                                         std::string("getenv('HOME') <> ''")}) {
        const auto selection = browser.select(read_filter("where " + attempt));
        QVERIFY2(selection.problem, attempt.c_str());
      }
      QCOMPARE(browser.select({.search = "good"}).numbers, (Numbers{0}));
    }
  }

  void columnsMayBeNamedAnyhow() {
    RowBrowser browser(file("a.csv", "a\"\"b,tokens,row,Text,\"x y\",c1\none two,7,x,y,z,w\nthree four,8,x,y,z,v\n"),
                       {}, cache());
    QVERIFY(browser.set_marks(marks(2)));
    QCOMPARE(browser.select(read_filter("where tokens = 8")).numbers, (Numbers{1}));
    QCOMPARE(browser.select(read_filter("where tokens_ = 0 and row_ = 1")).numbers, (Numbers{0}));
    QCOMPARE(browser.select(read_filter("where \"x y\" = 'z' and c1 = 'v'")).numbers, (Numbers{1}));
    QVERIFY(!browser.set_marks(marks(3)));
    QVERIFY(browser.check("tokens_ = 0"));
  }

  void importsOnce() {
    const fs::path path = file("a.csv", many_rows(10000));
    int calls = 0;
    const auto count = [&](const std::string&, double share) {
      ++calls;
      QVERIFY(share >= 0 && share <= 1);
    };
    RowBrowser(path, {}, cache(), count);
    QVERIFY(calls > 1);
    calls = 0;
    RowBrowser(path, {}, cache(), count);
    QCOMPARE(calls, 0);
    {  // Two windows on one file.
      RowBrowser one(path, {}, cache()), two(path, {}, cache());
      QCOMPARE(one.size(), two.size());
    }
    write_text(path, many_rows(20000));
    RowBrowser changed(path, {}, cache(), count);
    QVERIFY(calls > 1);
    QCOMPARE(changed.size(), 20000);
    ReadOptions few;
    few.max_rows = 5;
    QCOMPARE(RowBrowser(path, few, cache()).size(), 5);
    QCOMPARE(RowBrowser(parquet("SELECT range AS n FROM range(100)"), few, cache()).size(), 5);
  }

  void makesADamagedImportAnew() {
    const fs::path path = file("a.csv", many_rows(100)), own = folder_.path() / "own";
    {
      RowBrowser browser(path, {}, own);
    }
    for (const auto& entry : fs::directory_iterator(own)) write_text(entry.path(), "not a database at all");
    QCOMPARE(RowBrowser(path, {}, own).size(), 100);
  }

  void leavesNothingBehindWhenCancelled() {
    const fs::path path = file("a.csv", many_rows(50000)), own = folder_.path() / "cancelled";
    const auto stop = [](const std::string&, double share) {
      if (share > 0.3) fail(ErrorKind::cancelled, "stopped");
    };
    LUTHIER_FAILS(RowBrowser(path, {}, own, stop), "stopped");
    QVERIFY(fs::is_empty(own));
  }

  // A file that is closed while it is imported, and opened again.
  void oneImportBeginsWhileAnotherEnds() {
    for (int attempt = 0; attempt < 20; ++attempt) {
      const fs::path path = file("twice" + std::to_string(attempt) + ".csv", many_rows(5000));
      std::atomic<bool> cancelled = false, read = false;
      std::thread first([&] {
        const auto until_cancelled = [&](const std::string&, double) {
          while (!cancelled) std::this_thread::yield();
          fail(ErrorKind::cancelled, "cancelled");
        };
        try {
          RowBrowser(path, {}, cache(), until_cancelled);
        } catch (const Error&) {
        }
      });
      std::thread second([&] {
        try {
          RowBrowser browser(path, {}, cache(), [&](const std::string&, double) { cancelled = true; });
          read = browser.size() == 5000 && browser.rows(4990, 100).size() == 10;
        } catch (const std::exception& error) {
          qWarning("%s", error.what());
        }
        cancelled = true;
      });
      first.join();
      second.join();
      QVERIFY(read);
    }
  }
  void forgetsTheOldestImports() {
    const fs::path own = folder_.path() / "limited";
    fs::path last;
    for (int i = 0; i < 4; ++i) {
      last = imported_path(file("a.csv", many_rows(10 + i)), {}, own);
      write_text(last, std::string(1000, 'x'));
      fs::last_write_time(last, fs::file_time_type::clock::now() - std::chrono::hours(i));
    }
    limit_imports(own, 2500, last);  // `last` is the oldest, but in use
    int left = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(own)) ++left;
    QCOMPARE(left, 3);
    QVERIFY(fs::exists(last));
  }

  void aFilterCanBeStopped() {
    RowBrowser browser(parquet("SELECT 'a text of some length, number ' || range AS text FROM range(400000)"), {},
                       cache());
    std::atomic<bool> done = false;
    std::thread impatient([&] {
      while (!done) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        browser.interrupt();
      }
    });
    bool stopped = false;
    try {
      browser.select(read_filter("where (select count(*) from range(2000000000) t(x) where x % 7 = length(text)) > 3"));
    } catch (const Error& error) {
      stopped = error.kind == ErrorKind::cancelled;
    }
    done = true;
    impatient.join();
    QVERIFY(stopped);
    QCOMPARE(browser.select({.search = "number 399999"}).numbers, (Numbers{399999}));
  }

  void pathsAreNoPatterns() {
    RowBrowser browser(parquet("SELECT 'good' AS text", "a [1]*'x.parquet"), {}, cache());
    QCOMPARE(browser.rows(0, 10).at(0).values[0], std::string("good"));
    RowBrowser quoted(file("it's a file.csv", "text\ngood\n"), {}, folder_.path() / "it's a cache");
    QCOMPARE(quoted.rows(0, 10).at(0).values[0], std::string("good"));
  }

  void refusesWhatIsNoTable() {
    LUTHIER_FAILS(RowBrowser(folder_.path() / "absent.csv", {}, cache()), "absent.csv");
    LUTHIER_FAILS(RowBrowser(file("a.parquet", "PAR1 but nothing else PAR1"), {}, cache()), "Parquet");
  }

  void readsEveryPublicParquetFileAsScansDo() {
    LUTHIER_NEEDS(shared, "data/parquet");
    int read = 0;
    for (const auto& entry : fs::recursive_directory_iterator(shared)) {
      if (entry.path().extension() != ".parquet") continue;
      std::vector<Row> expected;
      try {
        expected = Table::open(entry.path()).head(300);
      } catch (const Error&) {
        continue;
      }
      try {
        RowBrowser browser(entry.path(), {}, cache());
        const auto rows = browser.rows(0, 300, nullptr, 0);
        for (std::size_t i = 0; i < std::min(rows.size(), expected.size()); ++i) {
          QCOMPARE(rows[i].null, expected[i].null);
          QVERIFY2(rows[i].values == expected[i].values, entry.path().c_str());
        }
        read += rows.size() == expected.size();
      } catch (const Error& error) {
        QVERIFY2(error.kind == ErrorKind::io || error.kind == ErrorKind::bad_input, entry.path().c_str());
      }
    }
    QVERIFY2(read >= 40, std::to_string(read).c_str());
  }
};

QTEST_GUILESS_MAIN(RowBrowserTest)
#include "row_browser_test.moc"
