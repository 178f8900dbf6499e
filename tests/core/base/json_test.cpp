// JSON files with errors that say where.
#include "base/json.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "support/testing.h"

using namespace luthier;

class JsonTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void errorsSayLineAndColumn_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("place");
    // Counted by hand: the line and the column (in bytes, from 1) of the first character that cannot stand there.
    QTest::newRow("second line") << QByteArray("{\"a\": 1,\n \"b\": x}") << QByteArray("line 2, column 7");
    QTest::newRow("first character") << QByteArray("x") << QByteArray("line 1, column 1");
    QTest::newRow("trailing comma") << QByteArray("[1,\n2,\n]") << QByteArray("line 3, column 1");
    QTest::newRow("two documents") << QByteArray("{}\n{}") << QByteArray("line 2, column 1");
    QTest::newRow("cut off") << QByteArray("{\"a\": [1, 2") << QByteArray("line 1");
    QTest::newRow("empty") << QByteArray("") << QByteArray("line 1");
    QTest::newRow("raw control character") << QByteArray("\"a\nb\"") << QByteArray("line");
    QTest::newRow("not UTF-8") << QByteArray("[\"\xff\"]") << QByteArray("line 1, column 3");
  }
  void errorsSayLineAndColumn() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, place);
    LUTHIER_FAILS(parse_json(text.toStdString(), "file.json"), "file.json, " + place.toStdString());
  }

  void aByteOrderMarkIsSkipped() { QCOMPARE(parse_json("\xEF\xBB\xBF[1]", "x"), Json({1})); }

  void theLastOfEqualKeysCounts() { QCOMPARE(parse_json(R"({"a": 1, "a": 2})", "x")["a"], Json(2)); }

  void deepNestingIsRefusedNotFatal() {
    QCOMPARE(parse_json(std::string(500, '[') + std::string(500, ']'), "x").size(), 1u);
    LUTHIER_FAILS(parse_json(std::string(100'000, '['), "x"), "nested too deeply");
    LUTHIER_FAILS(parse_json(std::string(600, '[') + std::string(600, ']'), "x"), "nested too deeply");
  }

  void filesRoundTripIndentedWithAFinalNewline() {
    TemporaryFolder folder;
    const fs::path file = folder.path() / "a.json";
    write_json(file, Json{{"b", 1}, {"a", "ä"}});
    QCOMPARE(read_file(file), std::string("{\n  \"a\": \"ä\",\n  \"b\": 1\n}\n"));
    QCOMPARE(read_json(file)["b"], Json(1));
    write_json(file, OrderedJson{{"b", 1}, {"a", 2}});
    QCOMPARE(read_file(file), std::string("{\n  \"b\": 1,\n  \"a\": 2\n}\n"));
  }

  void filesTooLargeOrAbsentAreErrors() {
    TemporaryFolder folder;
    testing::write_text(folder.path() / "a.json", "[1, 2, 3]");
    LUTHIER_FAILS(read_json(folder.path() / "a.json", 4), "too large");
    LUTHIER_FAILS(read_json(folder.path() / "b.json"), "there is no such file");
    LUTHIER_FAILS(read_json(folder.path()), "folder");
  }
};

QTEST_GUILESS_MAIN(JsonTest)
#include "json_test.moc"
