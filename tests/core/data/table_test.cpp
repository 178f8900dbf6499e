// Tables of every format against real public data; the row counts are those that the data sets' own descriptions state.
#include "data/table.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "support/testing.h"

using namespace luthier;
using luthier::testing::write_text;

namespace {
std::vector<Row> all_rows(const Table& table) { return table.head(1'000'000'000); }

std::vector<std::string> names(const Table& table) {
  std::vector<std::string> found;
  for (const auto& column : table.columns()) found.push_back(column.name);
  return found;
}

std::string types(const Table& table) {
  std::string found;
  for (const auto& column : table.columns()) found += (found.empty() ? "" : " ") + column.type;
  return found;
}

struct Expected {
  const char* file;
  const char* format;
  std::int64_t rows;
  const char* header;
  const char* columns;
};
}  // namespace

class TableTest : public QObject {
  Q_OBJECT

 private:
  TemporaryFolder folder_;
  fs::path file(const std::string& name, const std::string& text) const {
    write_text(folder_.path() / name, text);
    return folder_.path() / name;
  }

 private Q_SLOTS:
  void opensRealDataSets_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("format");
    QTest::addColumn<qlonglong>("rows");
    QTest::addColumn<QString>("header");
    QTest::addColumn<QString>("columns");
    // sms_spam's CSV files are described by records, their header line included: one row less.
    const Expected sets[] = {
        {"sst2/train.tsv", "tsv", 6920, "no", "column0 column1"},
        {"sst2/dev.tsv", "tsv", 872, "no", "column0 column1"},
        {"sst2/test.tsv", "tsv", 1821, "no", "column0 column1"},
        {"ag_news/train.csv", "csv", 6000, "no", "column0 column1 column2"},
        {"ag_news/val.csv", "csv", 800, "no", "column0 column1 column2"},
        {"ag_news/test.csv", "csv", 800, "no", "column0 column1 column2"},
        {"sms_spam/sms.tsv", "tsv", 5574, "no", "column0 column1"},
        {"sms_spam/spam_latin1.csv", "csv", 5570, "yes", "v1 v2"},
        {"sms_spam/spam_utf8.csv", "csv", 5573, "yes", "v1 v2 column2 column3 column4"},
        {"banking77/train.csv", "csv", 10003, "yes", "text category"},
        {"banking77/test.csv", "csv", 3080, "yes", "text category"},
        {"glue_like_small/CoLA/dev.tsv", "tsv", 516, "no", "column0 column1"},
        {"glue_like_small/CoLA/train.tsv", "tsv", 8551, "no", "column0 column1"},
        {"glue_like_small/CR/dev.tsv", "tsv", 755, "no", "column0 column1"},
        {"glue_like_small/CR/train.tsv", "tsv", 3016, "no", "column0 column1"},
        {"glue_like_small/MR/dev.tsv", "tsv", 2133, "no", "column0 column1"},
        {"glue_like_small/MR/train.tsv", "tsv", 8529, "no", "column0 column1"},
        {"glue_like_small/SUBJ/dev.tsv", "tsv", 2000, "no", "column0 column1"},
        {"glue_like_small/SUBJ/train.tsv", "tsv", 8000, "no", "column0 column1"},
        {"glue_like_small/MPQA/dev.tsv", "tsv", 2121, "no", "column0 column1"},
        {"glue_like_small/MPQA/train.tsv", "tsv", 8482, "no", "column0 column1"},
        {"instruct_alpaca_demo/alpaca_en_demo.json", "json", 999, "no", "instruction input output"},
        {"instruct_alpaca_demo/identity.json", "json", 91, "no", "instruction input output"},
        {"instruct_self_instruct/seed_tasks.jsonl", "jsonl", 175, "no",
         "id name instruction instances is_classification"},
        {"instruct_gsm8k/train.jsonl", "jsonl", 7473, "no", "question answer"},
        {"instruct_gsm8k/test.jsonl", "jsonl", 1319, "no", "question answer"},
        {"chat_sharegpt/v1_sft_demo.jsonl", "jsonl", 500, "no", "messages"},
        {"dpo_hh_rlhf_harmless/test.jsonl.gz", "jsonl", 2312, "no", "chosen rejected"},
        {"names/names.txt", "text", 32033, "no", "text"},
        {"corpus_wiki_c4_demo/wiki_demo.txt", "text", 30, "no", "text"},
        {"corpus_wiki_c4_demo/c4_demo.jsonl", "jsonl", 300, "no", "text"},
        {"multi30k_en_de/train.en.gz", "text", 29000, "no", "text"},
        {"ner_wnut17/train.conll", "conll", 3394, "no", "tokens tags"},
        {"ner_wnut17/dev.conll", "conll", 1009, "no", "tokens tags"},
        {"ner_wnut17/test.conll", "conll", 1287, "no", "tokens tags"},
        {"parquet/hf_style_intent/train-00000-of-00001.parquet", "parquet", 10625, "no", "text intent"},
        {"ugly_text_files/airline_Tweets.csv", "csv", 14640, "yes",
         "tweet_id airline_sentiment negativereason airline text tweet_created"},
    };
    for (const auto& set : sets)
      QTest::newRow(set.file) << set.file << set.format << qlonglong(set.rows) << set.header << set.columns;
  }
  void opensRealDataSets() {
    QFETCH(QString, name);
    QFETCH(QString, format);
    QFETCH(QString, header);
    QFETCH(QString, columns);
    QFETCH(qlonglong, rows);
    const auto found = testing::shared("data/" + name.toStdString());
    if (!found) QSKIP("needs the public data sets");
    const Table table = Table::open(*found);
    QCOMPARE(QString::fromStdString(table.detected().format), format);
    QCOMPARE(QString::fromStdString(table.detected().header), header);
    QString found_columns;
    for (const auto& column : names(table))
      found_columns += (found_columns.isEmpty() ? "" : " ") + QString::fromStdString(column);
    QCOMPARE(found_columns, columns);
    QCOMPARE(qlonglong(table.count()), rows);
    // Nothing in these files is broken: no row may be lost.
    for (const auto& finding : table.findings()) QVERIFY2(finding.severity == "note", finding.message.c_str());
  }

  void keepsQuotedLineEndsAndLoneQuotesOfRealData() {
    LUTHIER_NEEDS(banking, "data/banking77/train.csv");
    const auto rows = all_rows(Table::open(banking));
    QVERIFY(std::any_of(rows.begin(), rows.end(),
                        [](const Row& row) { return row.values[0].find('\n') != std::string::npos; }));
    LUTHIER_NEEDS(sms, "data/sms_spam/sms.tsv");
    const Table table = Table::open(sms);
    QCOMPARE(table.detected().quote, std::string("none"));
    for (const auto& row : all_rows(table)) QVERIFY(row.values[0] == "ham" || row.values[0] == "spam");
  }

  void everyGuessCanBeOverridden() {
    const fs::path path = file("guess.txt", "a;b\n'c;d';e\n");
    QCOMPARE(Table::open(path).detected().format, std::string("text"));
    ReadOptions options{.format = "csv", .delimiter = ";", .quote = "'", .header = "no"};
    const auto rows = all_rows(Table::open(path, options));
    QCOMPARE(rows.size(), 2u);
    QCOMPARE(rows[1].values[0], std::string("c;d"));
    options.header = "true";
    options.quote = "none";
    const Table bare = Table::open(path, options);
    QCOMPARE(names(bare), (std::vector<std::string>{"a", "b", "column2"}));
    QCOMPARE(all_rows(bare)[0].values[0], std::string("'c"));
    options = {.encoding = "latin-1"};
    QCOMPARE(all_rows(Table::open(file("l.txt", "\xC3\xA9\n"), options))[0].values[0], std::string("\xC3\x83\xC2\xA9"));
    options = {.max_rows = 1};
    const Table one = Table::open(path, options);
    QCOMPARE(one.count(), 1);
    QCOMPARE(all_rows(one).size(), 1u);
  }

  void whatWasDetectedOpensTheSameTable() {
    const fs::path path = file("again.csv", "text\tlabel\n\"a \"\"b\"\"\tc\"\t1\nd\t2\n");
    const Table first = Table::open(path);
    const Table second = Table::open(path, first.detected());
    QCOMPARE(first.detected().delimiter, std::string("\t"));
    QCOMPARE(all_rows(first).size(), 2u);
    for (std::size_t i = 0; i < 2; ++i) QCOMPARE(all_rows(first)[i].values, all_rows(second)[i].values);
    QCOMPARE(all_rows(first)[0].values[0], std::string("a \"b\"\tc"));
  }

  void detectsHeaders_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("header");
    QTest::newRow("names over numbers") << "height,weight\n1.5,70\n1.6,80\n" << "yes";
    QTest::newRow("numbers only") << "1,2\n3,4\n" << "no";
    QTest::newRow("names over texts") << "text,label\nI like it a lot,good\nNot at all,bad\n" << "yes";
    QTest::newRow("names that also are values") << "a,b\n1,b\n2,b\n3,b\n" << "yes";
    QTest::newRow("a label that comes again")
        << "ham,Go until the end\nspam,Win now and here\nham,ok then I go\nham,yes or no\n"
        << "no";
    QTest::newRow("a sentence first") << "I have never seen such a dull film before,neg\nIt is quite good really,pos\n"
                                      << "no";
    QTest::newRow("an empty name") << "v1,v2,\nham,see you soon then,\nspam,win a car now,\n" << "yes";
    QTest::newRow("one row of data") << "Where is my card,arrival\n" << "no";
  }
  void detectsHeaders() {
    QFETCH(QString, text);
    QFETCH(QString, header);
    QCOMPARE(QString::fromStdString(Table::open(file("header.csv", text.toStdString())).detected().header), header);
  }

  void detectsDelimiters_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("delimiter");
    QTest::newRow("semicolon with decimal commas") << "a.csv" << "x;y\n1,5;2\n2,5;3\n" << ";";
    QTest::newRow("pipe") << "a.csv" << "x|y\nhello, you|2\nbye, now|3\n" << "|";
    QTest::newRow("tab in a .csv") << "a.csv" << "x\ty\nhello, you\t2\nbye, now\t3\n" << "\t";
    QTest::newRow("comma with semicolons in the text") << "a.csv" << "\"a; b; c\",1\n\"d; e\",2\n" << ",";
    QTest::newRow("tab in a .txt") << "a.txt" << "good film\t1\nbad, film\t0\n" << "\t";
    QTest::newRow("one column") << "a.csv" << "name\nAnna\nBerta\n" << ",";
  }
  void detectsDelimiters() {
    QFETCH(QString, name);
    QFETCH(QString, text);
    QFETCH(QString, delimiter);
    const Table table = Table::open(file(name.toStdString(), text.toStdString()));
    QCOMPARE(QString::fromStdString(table.detected().delimiter), delimiter);
  }

  void quotesInsideTabSeparatedTextSwallowNothing() {
    const Table table = Table::open(file("q.tsv", "\"good\tpos\nbad\tneg\nsaid \"so\"\tpos\n\"also\" bad\tneg\n"));
    QCOMPARE(table.detected().quote, std::string("none"));
    QCOMPARE(table.count(), 4);
    QCOMPARE(table.head(1)[0].values[0], std::string("\"good"));
  }

  void readsEveryJsonForm_data() {
    QTest::addColumn<QString>("text");
    const char* forms[][2] = {
        {"array", R"([{"text": "a", "n": 1}, {"text": "b", "n": 2}])"},
        {"lines", "{\"text\": \"a\", \"n\": 1}\n{\"text\": \"b\", \"n\": 2}\n"},
        {"objects over several lines", "{\n\"text\": \"a\",\n\"n\": 1}\n{\n\"text\": \"b\",\n \"n\": 2\n}"},
        {"object of columns", R"({"text": ["a", "b"], "n": [1, 2]})"},
        {"object of numbered columns", R"({"text": {"0": "a", "1": "b"}, "n": {"0": 1, "1": 2}})"},
        {"nested", R"({"version": 1, "data": [{"text": "a", "n": 1}, {"text": "b", "n": 2}]})"}};
    for (const auto& form : forms) QTest::newRow(form[0]) << form[1];
  }
  void readsEveryJsonForm() {
    QFETCH(QString, text);
    const Table table = Table::open(file("form.json", text.toStdString()));
    QVERIFY(table.columns().size() == 2);
    const auto rows = all_rows(table);
    QCOMPARE(rows.size(), 2u);
    const std::size_t t = table.column("text"), n = table.column("n");
    QCOMPARE(rows[0].values[t], std::string("a"));
    QCOMPARE(rows[1].values[t], std::string("b"));
    QCOMPARE(rows[1].values[n], std::string("2"));
    QCOMPARE(table.columns()[n].type, std::string("integer"));
  }

  void theFirstJsonLineMayBeLong() {
    const std::string longer(3 << 20, 'x');
    const Table table = Table::open(file("long.jsonl", "{\"text\":\"" + longer + "\"}\n{\"text\":\"short\"}\n"));
    QCOMPARE(table.count(), 2);
    QCOMPARE(table.head(1)[0].values[0].size(), longer.size());
  }

  void jsonListsAndStructsAreJsonTexts() {
    const Table table = Table::open(file("n.jsonl",
                                         "{\"l\":[1,\"x\"],\"s\":{\"a\":null},\"b\":true,\"f\":1.5,\"o\":null}\n"
                                         "{\"l\":[],\"s\":{},\"b\":false,\"f\":2}\n"));
    QCOMPARE(types(table), std::string("list struct boolean number text"));
    const auto rows = all_rows(table);
    QCOMPARE(rows[0].values[0], std::string("[1,\"x\"]"));
    QCOMPARE(rows[0].values[1], std::string("{\"a\":null}"));
    QCOMPARE(rows[0].values[2], std::string("true"));
    QVERIFY(rows[0].null[4] && rows[1].null[4] && !rows[1].null[0]);
  }

  void readsConllSentences() {
    const Table table =
        Table::open(file("s.txt", "Anna\tB-PER\nlives\tO\n\t\n-DOCSTART- -X- O O\n\nin\tO\nRome\tB-LOC\n"));
    QCOMPARE(table.detected().format, std::string("conll"));
    const auto rows = all_rows(table);
    QCOMPARE(rows.size(), 2u);
    QCOMPARE(rows[0].values, (std::vector<std::string>{"[\"Anna\",\"lives\"]", "[\"B-PER\",\"O\"]"}));
    QCOMPARE(rows[1].values[1], std::string("[\"O\",\"B-LOC\"]"));
  }

  void parquetPathsWithPatternCharactersAreFiles() {
    LUTHIER_NEEDS(source, "data/parquet/hf_style_intent/test-00000-of-00001.parquet");
    const fs::path path = folder_.path() / "it's [1] * ?.parquet";
    fs::copy_file(source, path);
    const Table table = Table::open(path);
    QCOMPARE(table.count(), 5500);
    QCOMPARE(table.head(3).size(), 3u);
    QCOMPARE(types(table), std::string("text integer"));
  }

  void namesTheColumnsWhenOneIsMissing() {
    const Table table = Table::open(file("c.csv", "text,label\nabc def,1\nxyz abc,2\n"));
    QCOMPARE(table.column("label"), 1u);
    LUTHIER_FAILS(table.column("labels"), "did you mean 'label'?");
    LUTHIER_FAILS(table.column("zzz"), "the columns are: text, label");
  }

  void emptyAndDoubledNamesAreReplaced() {
    const Table table = Table::open(file("d.csv", "a,,a\n1,2,3\n4,5,6\n"));
    QCOMPARE(names(table), (std::vector<std::string>{"a", "column1", "a_2"}));
    QCOMPARE(table.findings().at(0).id, std::string("renamed_columns"));
  }

  void theHeadOfAMillionRowsComesWithinASecondAndTheFileStaysAsItIs() {
    const fs::path path = folder_.path() / "million.csv";
    {
      std::ofstream out(path, std::ios::binary);
      out << "id,text,label\n";
      for (int i = 0; i < 1'000'000; ++i)
        out << i << ",\"row number " << i << ", with a comma and some text\"," << i % 3 << "\n";
    }
    const auto size = fs::file_size(path);
    const auto changed = fs::last_write_time(path);
    QElapsedTimer timer;
    timer.start();
    const Table table = Table::open(path);
    QCOMPARE(table.head(100).size(), 100u);
    QVERIFY2(timer.elapsed() < 1000, QByteArray::number(timer.elapsed()).constData());
    QCOMPARE(table.count(), 1'000'000);
    QCOMPARE(fs::file_size(path), size);
    QVERIFY(fs::last_write_time(path) == changed);
  }

  void inspectTellsAllThatAPersonNeeds() {
    std::string text = "review,stars\n";
    for (int i = 0; i < 30; ++i) text += "text number " + std::to_string(i) + "," + (i % 3 ? "good" : "bad") + "\n";
    const Json json = inspect_data(file("i.csv", text + "broken\n"));
    QCOMPARE(json["format"].get<std::string>(), std::string("csv"));
    QCOMPARE(json["rows"].get<int>(), 30);
    QCOMPARE(json["first_rows"].size(), 20u);
    QCOMPARE(json["first_rows"][0][1].get<std::string>(), std::string("bad"));
    QCOMPARE(json["columns"][1]["values"]["good"].get<int>(), 20);
    QCOMPARE(json["columns"][0]["characters"]["max"].get<int>(), 14);
    QVERIFY(!json["columns"][0].contains("values"));
    QCOMPARE(json["findings"][0]["id"].get<std::string>(), std::string("broken_rows"));
    QCOMPARE(json["findings"][0]["lines"], Json({32}));
  }
};

QTEST_APPLESS_MAIN(TableTest)
#include "table_test.moc"
