// What the data of a task looks like as a whole. Token counts follow from the tiny vocabulary of vocabulary.h; the
// numbers of public sets are those that `cut` and `sort | uniq -c` count in them.
#include "data/profile.h"

#include <numeric>

#include "base/error.h"
#include "core/data/vocabulary.h"

using namespace luthier;
using luthier::testing::find;
using luthier::testing::write_text;
using Roles = std::vector<std::pair<std::string, std::string>>;

class ProfileTest : public QObject {
  Q_OBJECT

 private:
  TemporaryFolder folder_;
  Tokenizer tokenizer_ = testing::tiny_tokenizer(folder_.path() / "wordpiece");
  int number_ = 0;

  fs::path file(const std::string& name, const std::string& text) {
    const fs::path path = folder_.path() / std::to_string(number_++) / name;
    write_text(path, text);
    return path;
  }
  DatasetOptions options(const fs::path& train, const std::string& task = "classification") const {
    DatasetOptions chosen;
    chosen.train = train;
    chosen.task = task;
    return chosen;
  }

 private Q_SLOTS:
  void countsLabelsLengthsAndSplits() {
    auto chosen = options(file("a.csv",
                               "text,label,split\ngood film,pos,train\nbad film,neg,train\na very good film,pos,dev\n"
                               "the film .,neg,test\na good film,pos,train\n"));
    chosen.roles = {{"text", "text"}, {"label", "label"}, {"split", "split"}};
    chosen.max_tokens = 5;
    const DataProfile profile = profile_data(chosen, &tokenizer_);
    QCOMPARE(profile.rows, 5);
    QCOMPARE(profile.labels.size(), std::size_t{2});
    QCOMPARE(profile.labels[0].name, std::string("pos"));
    QCOMPARE(profile.labels[0].rows, 3);
    QCOMPARE(profile.labels[1].rows, 2);
    QCOMPARE(profile.train_rows, 3);
    QCOMPARE(profile.validation_rows, 1);
    QCOMPARE(profile.test_rows, 1);
    // With [CLS] and [SEP]: 4, 4, 6, 5, 5 tokens.
    const LengthProfile& lengths = profile.lengths;
    QCOMPARE(lengths.total, 24);
    QCOMPARE(lengths.median, 5);
    QCOMPARE(lengths.longest, 6);
    QCOMPARE(lengths.longer_than_limit, 1);
    QCOMPARE(lengths.step, 1);
    QCOMPARE(lengths.counts, (std::vector<std::int64_t>{0, 0, 0, 0, 2, 2, 1}));
    QVERIFY(profile.marks);
    QCOMPARE(profile.marks->at(2).tokens, 6);
    QCOMPARE(profile.marks->at(2).split, Split::validation);
    QCOMPARE(int(profile.marks->at(2).flags), int(RowMark::too_long));
    QCOMPARE(find(profile.findings, "truncated_rows")->lines, (std::vector<std::int64_t>{3}));
  }

  void marksWhatIsWrongWithEachRow() {
    auto chosen = options(file("a.csv",
                               "text,label,split\ngood,pos,train\nbad,neg,train\ngood,pos,train\n  ,pos,train\n"
                               "rome,,train\nbad,neg,test\nanna,pos,train\nanna,neg,train\nfilm,pos,nowhere\n"));
    chosen.roles = {{"text", "text"}, {"label", "label"}, {"split", "split"}};
    const DataProfile profile = profile_data(chosen, nullptr);
    std::vector<int> flags;
    for (const auto& mark : *profile.marks) flags.push_back(mark.flags);
    QCOMPARE(flags,
             (std::vector<int>{0, 0, RowMark::duplicate, RowMark::empty, RowMark::unusable, RowMark::leaked,
                               RowMark::conflicting, RowMark::conflicting | RowMark::duplicate, RowMark::unusable}));
    for (const auto* id : {"duplicate_rows", "leakage", "empty_text", "missing_label", "conflicting_labels"})
      QVERIFY2(find(profile.findings, id), id);
    QCOMPARE(find(profile.findings, "duplicate_rows")->count, 2);
    QCOMPARE(profile.lengths.total, 0);
    QCOMPARE(profile.marks->at(0).tokens, -1);
  }

  void marksAgreeWithTheFindingsOfTraining() {
    LUTHIER_NEEDS(shared, "data/sst2");
    auto chosen = options(shared / "train.tsv");
    chosen.roles = {{"text", "column0"}, {"label", "column1"}};
    chosen.labels = {"negative", "positive"};
    chosen.validation_share = 0.1;
    const DataProfile profile = profile_data(chosen, &tokenizer_);
    QCOMPARE(profile.rows, 6920);
    QCOMPARE(profile.labels[0].name, std::string("positive"));
    QCOMPARE(profile.labels[0].rows, 3610);
    QCOMPARE(profile.labels[1].rows, 3310);
    QCOMPARE(profile.labels[0].id, 1);
    QCOMPARE(profile.labels[0].values, (std::vector<std::string>{"1"}));
    QCOMPARE(profile.validation_rows, 692);
    QCOMPARE(std::accumulate(profile.lengths.counts.begin(), profile.lengths.counts.end(), std::int64_t{0}), 6920);
    chosen.cache_folder = folder_.path() / "cache";
    const Dataset data = load_dataset(chosen, tokenizer_);
    QCOMPARE(data.train.size(), profile.train_rows);
    for (const auto& finding : data.findings) {
      const Finding* same = find(profile.findings, finding.id);
      QVERIFY2(same, finding.id.c_str());
      QCOMPARE(same->count, finding.count);
      QCOMPARE(same->lines, finding.lines);
    }
    const auto flagged = [&](int flag) {
      return std::count_if(profile.marks->begin(), profile.marks->end(),
                           [&](const auto& mark) { return (mark.flags & flag) != 0; });
    };
    QCOMPARE(flagged(RowMark::duplicate), find(profile.findings, "duplicate_rows")->count);
    for (std::int64_t i = 0; i < data.validation.size(); ++i)
      QCOMPARE(profile.marks->at(static_cast<std::size_t>(data.validation.row(i).source_row)).split, Split::validation);
  }

  void tellsWhatTheFileSaysWithoutRoles() {
    const DataProfile profile = profile_data(options(file("a.csv", "a,b\nx,1\ny,2\nbroken\n")), &tokenizer_);
    QCOMPARE(profile.rows, 2);  // without the broken one
    QCOMPARE(profile.columns.size(), std::size_t{2});
    QCOMPARE(profile.detected.format, std::string("csv"));
    QCOMPARE(profile.file_bytes, std::uint64_t{19});
    QVERIFY(!profile.marks && profile.labels.empty() && profile.train_rows == 0);
    const Finding* roles = find(profile.findings, "roles");
    QVERIFY(roles && roles->severity == "error");
    QVERIFY(find(profile.findings, "cut_fields") || find(profile.findings, "broken_rows"));
  }

  void saysWhyTrainingCannotStart() {
    auto chosen = options(file("a.csv", "text,label\ngood,pos\nbad,pos\n"));
    chosen.roles = {{"text", "text"}, {"label", "label"}};
    const DataProfile profile = profile_data(chosen, nullptr);
    QCOMPARE(profile.findings[0].id, std::string("rows"));
    QCOMPARE(profile.findings[0].severity, std::string("error"));
    QVERIFY(profile.findings[0].message.find("same label 'pos'") != std::string::npos);
    QCOMPARE(profile.labels.size(), std::size_t{1});
    QCOMPARE(profile.labels[0].rows, 2);
    QCOMPARE(profile.rows, 2);
  }

  void stopsWhenTold() {
    auto chosen = options(file("a.csv", "text,label\ngood,pos\nbad,neg\n"));
    chosen.roles = {{"text", "text"}, {"label", "label"}};
    chosen.progress = [](const std::string&, double) { fail(ErrorKind::cancelled, "stopped"); };
    LUTHIER_FAILS(profile_data(chosen, nullptr), "stopped");
  }

  void refusesWhatIsNoTable() {
    LUTHIER_FAILS(profile_data(options(folder_.path() / "absent.csv"), nullptr), "absent.csv");
    LUTHIER_FAILS(profile_data(options(file("a.csv", std::string("\x7f\x45LF\0\0\1\2", 8))), nullptr), "a.csv");
  }

  void longRowsDoNotFlattenTheHistogram() {
    std::string text = "text\n";
    for (int i = 0; i < 200; ++i) text += "good film\n";
    for (int i = 0; i < 20000; ++i) text += i ? " a" : "a";
    auto chosen = options(file("a.csv", text + "\n"), "masked_lm");
    chosen.roles = {{"text", "text"}};
    const DataProfile profile = profile_data(chosen, &tokenizer_);
    QCOMPARE(profile.lengths.longest, 20002);
    QCOMPARE(profile.lengths.step, 5);  // 20,003 lengths in at most 4,096 bars
    QCOMPARE(profile.lengths.counts[static_cast<std::size_t>(4 / profile.lengths.step)], 200);
    QCOMPARE(profile.lengths.counts.back(), 1);
  }

  void suggestsRoles_data() {
    QTest::addColumn<QString>("content");
    QTest::addColumn<QString>("task");
    QTest::addColumn<QString>("roles");
    const auto row = [](const char* name, const char* content, const char* task, const char* roles) {
      QTest::newRow(name) << content << task << roles;
    };
    row("by name", "id,review,sentiment\n1,a good one,pos\n2,a bad one,neg\n", "classification",
        "label=sentiment text=review");
    row("a pair", "sentence1,sentence2,label\na b,c d,1\na b,c e,0\n", "classification",
        "label=label text=sentence1 text_pair=sentence2");
    row("a split column", "text,label,split\na b c,1,train\nc d e,0,test\n", "classification",
        "label=label split=split text=text");
    row("a split column with other values", "text,label,split\na b c,1,x\nc d e,0,y\n", "classification",
        "label=label text=text");
    row("instructions", "instruction,output\nwhat is it,it is this\nwho is it,it is me\n", "causal_lm",
        "instruction=instruction response=output");
    row("text alone", "body\nsome text is here\nmore text is here\n", "masked_lm", "text=body");
    row("without header", "1\tthe first text of all\n2\tthe second text of all\n1\tthe third\n2\tthe fourth one\n",
        "classification", "label=column0 text=column1");
    row("numbers alone", "a,b\n1.5,2.5\n3.5,4.5\n", "masked_lm", "");
  }
  void suggestsRoles() {
    QFETCH(QString, content);
    QFETCH(QString, task);
    QFETCH(QString, roles);
    const bool tabs = content.contains('\t');
    const Table table = Table::open(file(tabs ? "a.tsv" : "a.csv", content.toStdString()));
    QStringList found;
    for (const auto& [role, column] : suggest_roles(table, task.toStdString()))
      found << QString::fromStdString(role + "=" + column);
    QCOMPARE(found.join(' '), roles);
    QCOMPARE(QString::fromStdString(suggest_task(table)), task);
  }

  void suggestsRolesOfPublicSets() {
    LUTHIER_NEEDS(shared, "data");
    const auto check = [&](const char* name, const std::string& task, const Roles& roles) {
      const Table table = Table::open(shared / name);
      QCOMPARE(suggest_task(table), task);
      QCOMPARE(suggest_roles(table, task), roles);
    };
    check("sst2/train.tsv", "classification", {{"label", "column1"}, {"text", "column0"}});
    check("banking77/train.csv", "classification", {{"label", "category"}, {"text", "text"}});
    check("ag_news/train.csv", "classification", {{"label", "column0"}, {"text", "column2"}});
    check("sms_spam/sms.tsv", "classification", {{"label", "column0"}, {"text", "column1"}});
    check("instruct_gsm8k/train.jsonl", "causal_lm", {{"completion", "answer"}, {"prompt", "question"}});
    check("instruct_alpaca_demo/alpaca_en_demo.json", "causal_lm",
          {{"input", "input"}, {"instruction", "instruction"}, {"response", "output"}});
    check("ner_wnut17/train.conll", "tagging", {{"tags", "tags"}, {"tokens", "tokens"}});
    check("parquet/hf_style_intent/train-00000-of-00001.parquet", "classification",
          {{"label", "intent"}, {"text", "text"}});
  }
};

QTEST_GUILESS_MAIN(ProfileTest)
#include "profile_test.moc"
