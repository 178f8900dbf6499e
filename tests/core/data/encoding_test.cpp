// Encodings: detection and transcoding. Expected texts are spelled out as UTF-8 bytes.
#include "data/encoding.h"

#include "base/error.h"
#include "data/table.h"
#include "support/testing.h"

using namespace luthier;

namespace {
std::string utf16(const std::u16string& text, bool little) {
  std::string bytes;
  for (const char16_t unit : text) {
    const char low = static_cast<char>(unit & 0xFF), high = static_cast<char>(unit >> 8);
    bytes += little ? low : high;
    bytes += little ? high : low;
  }
  return bytes;
}
std::string transcoded(const std::string& bytes, TextEncoding encoding) {
  std::string text;
  append_as_utf8(bytes, encoding, true, text);
  return text;
}
}  // namespace

class EncodingTest : public QObject {
  Q_OBJECT

 private:
  TemporaryFolder folder_;

 private Q_SLOTS:
  void detectsByMarksZerosAndValidity() {
    QVERIFY(detect_encoding("\xEF\xBB\xBFx") == TextEncoding::utf8);
    QVERIFY(detect_encoding("\xFF\xFEx") == TextEncoding::utf16le);
    QVERIFY(detect_encoding("\xFE\xFF") == TextEncoding::utf16be);
    QVERIFY(detect_encoding(utf16(u"text,label\ngood,1\n", true)) == TextEncoding::utf16le);
    QVERIFY(detect_encoding(utf16(u"text,label\ngood,1\n", false)) == TextEncoding::utf16be);
    QVERIFY(detect_encoding("plain") == TextEncoding::utf8);
    QVERIFY(detect_encoding("caf\xC3\xA9") == TextEncoding::utf8);
    QVERIFY(detect_encoding("caf\xE9, na\xEFve") == TextEncoding::latin1);
    QVERIFY(detect_encoding("caf\xC3\xA9 na\xC3\xAFve \xFF") ==
            TextEncoding::utf8);  // one damaged byte among good ones
  }

  void latin1IsReadAsWindows1252() {
    QCOMPARE(transcoded("\x80 \xE9 \x93q\x94", TextEncoding::latin1), std::string("€ é “q”"));
  }

  void utf16SurrogatesAreJoinedAndLoneOnesReplaced() {
    QCOMPARE(transcoded(utf16(u"a\U0001F600b", true), TextEncoding::utf16le), std::string("a\xF0\x9F\x98\x80"
                                                                                          "b"));
    QCOMPARE(transcoded(utf16({u'a', char16_t(0xD83D), u'b'}, false), TextEncoding::utf16be),
             std::string("a\xEF\xBF\xBD"
                         "b"));
    QCOMPARE(transcoded(utf16(u"ab", true) + "\n", TextEncoding::utf16le), std::string("ab\n"));
    // Cut anywhere, pieces give the same as the whole.
    const std::string bytes = utf16(u"a\U0001F600é", true);
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
      std::string text, rest = bytes.substr(0, cut);
      rest.erase(0, append_as_utf8(rest, TextEncoding::utf16le, false, text));
      append_as_utf8(rest + bytes.substr(cut), TextEncoding::utf16le, true, text);
      QCOMPARE(text, std::string("a\xF0\x9F\x98\x80\xC3\xA9"));
    }
  }

  void invalidUtf8IsRepairedAsPythonDoes() {
    // bytes.decode("utf-8", errors="replace") in CPython 3.
    QCOMPARE(repair_utf8("a\xFFz"), std::string("a\xEF\xBF\xBDz"));
    QCOMPARE(repair_utf8("\xE2\x82"), std::string("\xEF\xBF\xBD"));
    QCOMPARE(repair_utf8("\xC0\xAF"), std::string("\xEF\xBF\xBD\xEF\xBF\xBD"));
    QCOMPARE(repair_utf8("\xED\xA0\x80"), std::string("\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"));
    QCOMPARE(repair_utf8("\xF0\x9F\x98x"), std::string("\xEF\xBF\xBDx"));
    QVERIFY(is_valid_utf8("gr\xC3\xBC\xC3\x9F\x65 \xF0\x9F\x98\x80 and more than eight bytes"));
    QVERIFY(!is_valid_utf8("more than eight bytes \xF4\x90\x80\x80"));
  }

  void theSameTableInEveryEncoding_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("encoding");
    const std::u16string text = u"text,label\r\nGrüße,gut\r\n“weg”,schlecht\r\n";
    const QString plain = QString::fromStdU16String(text);
    QTest::newRow("utf-8") << plain.toUtf8() << "utf-8";
    QTest::newRow("utf-8 with mark") << QByteArray("\xEF\xBB\xBF") + plain.toUtf8() << "utf-8";
    for (const bool little : {true, false}) {
      const std::string bytes = utf16(text, little), mark = utf16(u"\uFEFF", little);
      const char* name = little ? "utf-16le" : "utf-16be";
      QTest::addRow("%s", name) << QByteArray::fromStdString(bytes) << name;
      QTest::addRow("%s with mark", name) << QByteArray::fromStdString(mark + bytes) << name;
    }
    QTest::newRow("windows-1252") << QByteArray(
                                         "text,label\r\nGr\xFC\xDF"
                                         "e,gut\r\n\x93weg\x94,schlecht\r\n")
                                  << "latin-1";
  }
  void theSameTableInEveryEncoding() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, encoding);
    const fs::path path = folder_.path() / "table.csv";
    testing::write_text(path, bytes.toStdString());
    const Table table = Table::open(path, {.header = "yes"});
    QCOMPARE(QString::fromStdString(table.detected().encoding), encoding);
    QCOMPARE(table.columns()[0].name, std::string("text"));
    const auto rows = table.head(10);
    QCOMPARE(rows.size(), 2u);
    QCOMPARE(rows[0].values, (std::vector<std::string>{"Grüße", "gut"}));
    QCOMPARE(rows[1].values, (std::vector<std::string>{"“weg”", "schlecht"}));
    QVERIFY(table.findings().empty());
    QCOMPARE(Table::open(path, table.detected()).head(1)[0].values[0], std::string("Grüße"));
  }

  void aLatin1ByteFarBehindTheHeadIsStillReadRight() {
    const fs::path path = folder_.path() / "late.txt";
    std::string text;
    for (int i = 0; i < 200000; ++i) text += "plain line\n";
    testing::write_text(path, text + "caf\xE9\n");
    const Table table = Table::open(path);
    std::string last;
    table.scan([&](const Row& row) {
      last = row.values[0];
      return true;
    });
    QCOMPARE(last, std::string("café"));
    QCOMPARE(table.findings().at(0).id, std::string("mixed_encoding"));
    QCOMPARE(table.findings().at(0).lines, (std::vector<std::int64_t>{200001}));
  }

  void realLatin1FilesKeepTheirCharacters() {
    LUTHIER_NEEDS(path, "data/sms_spam/spam_latin1.csv");
    const Table table = Table::open(path);
    QCOMPARE(table.detected().encoding, std::string("latin-1"));
    bool pound = false;
    table.scan([&](const Row& row) {
      pound |= row.values[1].find("£") != std::string::npos;
      return is_valid_utf8(row.values[1]);
    });
    QVERIFY(pound);
    QCOMPARE(table.count(), 5570);
  }
};

QTEST_APPLESS_MAIN(EncodingTest)
#include "encoding_test.moc"
