// From files to encoded rows: roles, labels, splits, tokens and findings for every task. Expected ids follow from the
// tiny vocabulary of vocabulary.h.
#include "data/dataset.h"

#include <numeric>
#include <set>

#include "base/error.h"
#include "core/data/vocabulary.h"

using namespace luthier;
using luthier::testing::find;
using luthier::testing::write_text;
using Ids = std::vector<std::int32_t>;

namespace {
Ids ids(std::span<const std::int32_t> span) { return {span.begin(), span.end()}; }
}  // namespace

class DatasetTest : public QObject {
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
  DatasetOptions options(const std::string& task = "classification") const {
    DatasetOptions chosen;
    chosen.task = task;
    chosen.cache_folder = folder_.path() / "cache";
    return chosen;
  }

 private Q_SLOTS:
  void encodesClassification() {
    auto chosen = options();
    chosen.train = file("train.tsv", "good film\t1\nvery bad film\t0\na very good film .\t1\n");
    chosen.roles = {{"text", "column0"}, {"label", "column1"}};
    chosen.labels = {"negative", "positive"};
    chosen.max_tokens = 6;
    const Dataset data = load_dataset(chosen, tokenizer_);
    QCOMPARE(data.train.size(), 3);
    QCOMPARE(data.validation.size(), 0);
    const EncodedRow row = data.train.row(0);
    QCOMPARE(ids(row.ids), (Ids{2, 5, 7, 3}));
    QCOMPARE(ids(row.type_ids), (Ids{0, 0, 0, 0}));
    QVERIFY(row.labels.empty() && row.words.empty() && !row.truncated);
    QCOMPARE(row.label, 1);
    QCOMPARE(data.train.row(1).label, 0);
    QCOMPARE(data.train.row(1).source_row, 1);
    QCOMPARE(ids(data.train.row(2).ids), (Ids{2, 8, 10, 5, 7, 3}));
    QVERIFY(data.train.row(2).truncated);
    QCOMPARE(find(data.findings, "truncated_rows")->lines, (std::vector<std::int64_t>{3}));
    QCOMPARE(data.train.text(2), std::string("a very good film ."));
    QCOMPARE(data.train.length(1), 5);
    QCOMPARE(data.train.tokens(), 4 + 5 + 6);
    QCOMPARE(data.label_names, (std::vector<std::string>{"negative", "positive"}));
  }

  void encodesPairs() {
    auto chosen = options();
    chosen.train = file("train.csv", "text,text_pair,label\ngood film,bad film,yes\nbad,good,no\ngood,good,yes\n");
    const Dataset data = load_dataset(chosen, tokenizer_);
    QCOMPARE(ids(data.train.row(0).ids), (Ids{2, 5, 7, 3, 6, 7, 3}));
    QCOMPARE(ids(data.train.row(0).type_ids), (Ids{0, 0, 0, 0, 1, 1, 1}));
    QCOMPARE(data.label_names, (std::vector<std::string>{"no", "yes"}));
    QCOMPARE(data.train.row(0).label, 1);
  }

  void encodesTags() {
    auto chosen = options("tagging");
    chosen.train = file("train.conll", "Anna\tB-PER\nlives\tO\nin\tO\nRome\tB-LOC\n\nunhappy\tB-X\nfilms\tO\n");
    Dataset data = load_dataset(chosen, tokenizer_);
    QCOMPARE(data.label_names, (std::vector<std::string>{"O", "B-LOC", "B-PER", "B-X"}));
    QCOMPARE(ids(data.train.row(0).labels), (Ids{-100, 2, 0, 0, 1, -100}));
    QCOMPARE(ids(data.train.row(1).ids), (Ids{2, 11, 12, 7, 17, 3}));  // un ##happy film ##s
    QCOMPARE(ids(data.train.row(1).labels), (Ids{-100, 3, -100, 0, -100, -100}));
    QCOMPARE(ids(data.train.row(1).words), (Ids{-1, 0, 0, 1, 1, -1}));
    QCOMPARE(data.train.text(0), std::string("Anna lives in Rome"));
    chosen.label_on = "all";
    data = load_dataset(chosen, tokenizer_);
    QCOMPARE(ids(data.train.row(1).labels), (Ids{-100, 3, 3, 0, 0, -100}));
  }

  void tagsMayBeNumbersInLists() {
    auto chosen = options("tagging");
    chosen.train =
        file("train.jsonl", "{\"words\":[\"anna\",\"lives\"],\"ner\":[1,0]}\n{\"words\":[\"rome\"],\"ner\":[1,0]}\n");
    chosen.roles = {{"tokens", "words"}, {"tags", "ner"}};
    chosen.labels = {"O", "NAME"};
    const Dataset data = load_dataset(chosen, tokenizer_);
    QCOMPARE(data.train.size(), 1);
    QCOMPARE(ids(data.train.row(0).labels), (Ids{-100, 1, 0, -100}));
    QCOMPARE(find(data.findings, "tag_count")->lines, (std::vector<std::int64_t>{2}));
  }

  void encodesPlainTextForMaskedLm() {
    auto chosen = options("masked_lm");
    chosen.train = file("corpus.txt", "good film\n\n\nunhappy .\n");
    const Dataset data = load_dataset(chosen, tokenizer_);
    QCOMPARE(data.train.size(), 2);
    QCOMPARE(ids(data.train.row(1).ids), (Ids{2, 11, 12, 18, 3}));
    const Ids words = ids(data.train.row(1).words);
    QVERIFY(words[0] == -1 && words[1] == words[2] && words[3] != words[2] && words[4] == -1);
  }

  void learnsCompletionsAfterPrompts() {
    const Tokenizer causal = testing::tiny_causal_tokenizer(folder_.path() / "causal");
    auto chosen = options("causal_lm");
    chosen.train = file("train.jsonl",
                        "{\"prompt\":\"what is one\",\"completion\":\"two three\"}\n"
                        "{\"prompt\":\"what what what what what what\",\"completion\":\"one\"}\n");
    chosen.max_tokens = 6;
    Dataset data = load_dataset(chosen, causal);
    QCOMPARE(data.train.size(), 1);
    // <s> what is one | two three </s>, cut after 6.
    QCOMPARE(ids(data.train.row(0).ids), (Ids{0, 7, 6, 3, 4, 5}));
    QCOMPARE(ids(data.train.row(0).labels), (Ids{-100, -100, -100, -100, 4, 5}));
    QVERIFY(data.train.row(0).truncated);
    QCOMPARE(find(data.findings, "no_loss_rows")->lines, (std::vector<std::int64_t>{2}));
    QCOMPARE(find(data.findings, "truncated_rows")->count, 2);
    chosen.max_tokens = 32;
    data = load_dataset(chosen, causal);
    QCOMPARE(ids(data.train.row(0).ids), (Ids{0, 7, 6, 3, 4, 5, 1}));
    QCOMPARE(ids(data.train.row(0).labels), (Ids{-100, -100, -100, -100, 4, 5, 1}));
    QCOMPARE(data.train.text(0), std::string("what is one"));
    chosen.loss_on = "all";
    data = load_dataset(chosen, causal);
    QCOMPARE(ids(data.train.row(0).labels), ids(data.train.row(0).ids));
  }

  void learnsAllTokensOfPlainText() {
    const Tokenizer causal = testing::tiny_causal_tokenizer(folder_.path() / "causal");
    auto chosen = options("causal_lm");
    chosen.train = file("corpus.txt", "one is two\nthree\n");
    const Dataset data = load_dataset(chosen, causal);
    QCOMPARE(ids(data.train.row(0).ids), (Ids{0, 3, 6, 4, 1}));
    QCOMPARE(ids(data.train.row(0).labels), (Ids{0, 3, 6, 4, 1}));
  }

  void splitsByShareAreDisjointStratifiedAndSeeded() {
    std::string text = "text,label\n";
    for (int i = 0; i < 100; ++i) text += "film " + std::to_string(i) + (i % 5 ? ",good\n" : ",bad\n");
    auto chosen = options();
    chosen.train = file("all.csv", text);
    chosen.validation_share = 0.2;
    chosen.test_share = 0.1;
    const auto rows_of = [](const EncodedSplit& split) {
      std::set<std::int64_t> rows;
      for (std::int64_t i = 0; i < split.size(); ++i) rows.insert(split.row(i).source_row);
      return rows;
    };
    const Dataset data = load_dataset(chosen, tokenizer_);
    const auto train = rows_of(data.train), validation = rows_of(data.validation), test = rows_of(data.test);
    QCOMPARE(train.size(), 70u);
    QCOMPARE(validation.size(), 20u);
    QCOMPARE(test.size(), 10u);
    std::set<std::int64_t> all = train;
    all.insert(validation.begin(), validation.end());
    all.insert(test.begin(), test.end());
    QCOMPARE(all.size(), 100u);
    QCOMPARE(std::count_if(validation.begin(), validation.end(), [](auto row) { return row % 5 == 0; }), 4);
    chosen.seed = 1;
    QVERIFY(rows_of(load_dataset(chosen, tokenizer_).test) != test);
  }

  void splitsByColumn() {
    auto chosen = options();
    chosen.train = file(
        "all.csv", "text,label,part\ngood,1,train\nbad,0,train\nfilm,1,dev\nvery bad,0,Test\nvery good,1,holdout\n");
    chosen.roles = {{"split", "part"}};
    const Dataset data = load_dataset(chosen, tokenizer_);
    QCOMPARE(data.train.size(), 2);
    QCOMPARE(data.validation.size(), 1);
    QCOMPARE(data.test.size(), 1);
    QCOMPARE(data.test.row(0).source_row, 3);
    QCOMPARE(find(data.findings, "unknown_split")->lines, (std::vector<std::int64_t>{5}));
  }

  void weightsAreRead() {
    auto chosen = options();
    chosen.train = file("w.csv", "text,label,w\ngood,1,2.5\nbad,0,\nvery bad,0,-1\n");
    chosen.roles = {{"weight", "w"}};
    const Dataset data = load_dataset(chosen, tokenizer_);
    QCOMPARE(data.train.row(0).weight, 2.5f);
    QCOMPARE(data.train.row(1).weight, 1.0f);
    QCOMPARE(find(data.findings, "bad_weight")->lines, (std::vector<std::int64_t>{3}));
  }

  void tellsWhatIsOddAboutTheRows() {
    std::string text = "text,label\ngood film,1\n   ,1\nbad film,\nbad film,0\ngood film,1\ngood film,0\n";
    for (int i = 0; i < 10; ++i) text += "film number " + std::to_string(i) + ",1\n";
    auto chosen = options();
    chosen.train = file("train.csv", text);
    chosen.test = file("test.csv", "text,label\nbad film,0\nvery good,1\n");
    const Dataset data = load_dataset(chosen, tokenizer_);
    QCOMPARE(data.train.size(), 14);
    QCOMPARE(find(data.findings, "empty_text")->lines, (std::vector<std::int64_t>{2}));
    QCOMPARE(find(data.findings, "missing_label")->lines, (std::vector<std::int64_t>{3}));
    QCOMPARE(find(data.findings, "duplicate_rows")->count, 2);
    QCOMPARE(find(data.findings, "conflicting_labels")->count, 1);
    QCOMPARE(find(data.findings, "leakage")->lines, (std::vector<std::int64_t>{1}));
    QVERIFY(find(data.findings, "leakage")->message.starts_with("test.csv: "));
    QVERIFY(find(data.findings, "class_imbalance")->message.find("'1' with 12 rows against '0' with 2 rows") !=
            std::string::npos);
  }

  void saysWhatIsWrongWithTheData() {
    auto chosen = options();
    LUTHIER_FAILS(load_dataset(chosen, tokenizer_), "no training file");
    chosen.train = folder_.path() / "absent.csv";
    LUTHIER_FAILS(load_dataset(chosen, tokenizer_), "there is no such file");
    chosen.train = file("train.csv", "review,stars\ngood film,1\nbad film,0\n");
    LUTHIER_FAILS(load_dataset(chosen, tokenizer_), "needs a column for the role 'text'");
    chosen.roles = {{"text", "reviews"}, {"label", "stars"}};
    LUTHIER_FAILS(load_dataset(chosen, tokenizer_), "did you mean 'review'?");
    chosen.roles = {{"text", "review"}, {"lable", "stars"}};
    LUTHIER_FAILS(load_dataset(chosen, tokenizer_), "did you mean 'label'?");
    chosen.roles = {{"text", "review"}, {"label", "stars"}};
    chosen.labels = {"bad", "good", "great"};
    QVERIFY(find(load_dataset(chosen, tokenizer_).findings, "label_without_rows"));
    chosen.labels = {"good"};
    LUTHIER_FAILS(load_dataset(chosen, tokenizer_), "is not among the given labels");
    chosen.labels = {};
    chosen.validation = file("dev.csv", "review,stars\nvery good,1\nvery bad,2\n");
    LUTHIER_FAILS(load_dataset(chosen, tokenizer_), "the label '2' is not among the labels of the training rows");
    LUTHIER_FAILS(load_dataset(chosen, tokenizer_), "dev.csv, row 2");
    chosen.labels = {"0", "1", "2"};
    LUTHIER_FAILS(load_dataset(chosen, tokenizer_), "is in validation but not in training");
    chosen = options();
    chosen.train = file("one.csv", "text,label\ngood,1\nbad,1\n");
    LUTHIER_FAILS(load_dataset(chosen, tokenizer_), "all training rows have the same label '1'");
    chosen.for_training = false;
    chosen.labels = {"bad", "good"};
    QCOMPARE(load_dataset(chosen, tokenizer_).train.row(0).label, 1);
    chosen.labels = {"worst", "bad", "good"};
    QVERIFY(find(load_dataset(chosen, tokenizer_).findings, "ambiguous_labels"));
    chosen = options();
    chosen.train = file("none.csv", "text,label\n,1\n,0\n");
    LUTHIER_FAILS(load_dataset(chosen, tokenizer_), "2 rows have no text");
    chosen.train = file("good.csv", "text,label\ngood,1\nbad,0\n");
    chosen.task = "guessing";
    LUTHIER_FAILS(load_dataset(chosen, tokenizer_), "task 'guessing'");
    chosen.task = "tagging";
    LUTHIER_FAILS(load_dataset(chosen, tokenizer_), "role 'tokens'");
    chosen = options();
    chosen.train = file("good.csv", "text,label\ngood,1\nbad,0\n");
    chosen.validation_share = 1.5;
    LUTHIER_FAILS(load_dataset(chosen, tokenizer_), "together below 1");
  }

  void aTextColumnTakenForLabelsIsNoticed() {
    std::string text = "text,label\n";
    for (int i = 0; i < 10100; ++i) text += "film,the label number " + std::to_string(i) + "\n";
    auto chosen = options();
    chosen.train = file("many.csv", text);
    LUTHIER_FAILS(load_dataset(chosen, tokenizer_), "more than 10000 different values");
  }

  void stopsWhenTheCallerSaysSo() {
    std::string text = "text,label\n";
    for (int i = 0; i < 5000; ++i) text += "film " + std::to_string(i) + "," + std::to_string(i % 2) + "\n";
    auto chosen = options();
    chosen.train = file("big.csv", text);
    std::string last;
    chosen.progress = [&](const std::string& stage, double share) {
      last = stage;
      if (stage == "encoding" && share > 0.5) fail(ErrorKind::cancelled, "stopped");
    };
    LUTHIER_FAILS(load_dataset(chosen, tokenizer_), "stopped");
    QCOMPARE(last, std::string("encoding"));
    for (const auto& entry : fs::directory_iterator(chosen.cache_folder))
      QVERIFY(entry.path().extension() == ".tokens");
  }

  void findsLabelsAndScansRows() {
    auto chosen = options();
    chosen.train = file("l.csv", "text,label\ngood,10\nbad,9\nfilm,10\n");
    QCOMPARE(find_labels(chosen), (std::vector<std::string>{"9", "10"}));
    QCOMPARE(find_labels(chosen, 1).size(), 1u);
    std::vector<std::string> texts;
    scan_rows(file("new.csv", "text\ngood film\nbad film\n"), chosen, [&](const TextRow& row) {
      texts.push_back(row.text + "|" + row.label);
      return true;
    });
    QCOMPARE(texts, (std::vector<std::string>{"good film|", "bad film|"}));
  }

  void loadsRealDataSets() {
    LUTHIER_NEEDS(sst2, "data/sst2");
    auto chosen = options();
    chosen.train = sst2 / "train.tsv";
    chosen.validation = sst2 / "dev.tsv";
    chosen.test = sst2 / "test.tsv";
    chosen.roles = {{"text", "column0"}, {"label", "column1"}};
    chosen.labels = {"negative", "positive"};
    const Dataset data = load_dataset(chosen, tokenizer_);
    QCOMPARE(data.train.size(), 6920);
    QCOMPARE(data.validation.size(), 872);
    QCOMPARE(data.test.size(), 1821);
    QCOMPARE(data.train.row(0).label, 1);
    QCOMPARE(data.train.text(1),
             std::string("apparently reassembled from the cutting room floor of any given daytime soap"));
    LUTHIER_NEEDS(ner, "data/ner_wnut17");
    chosen = options("tagging");
    chosen.train = ner / "train.conll";
    chosen.validation = ner / "dev.conll";
    const Dataset tags = load_dataset(chosen, tokenizer_);
    QCOMPARE(tags.train.size(), 3394);
    QCOMPARE(tags.label_names.size(), 13u);  // O, and B- and I- of six kinds
    QCOMPARE(tags.label_names[0], std::string("O"));
    LUTHIER_NEEDS(news, "data/ag_news/train.csv");
    chosen = options();
    chosen.train = news;
    chosen.roles = {{"text", "column1"}, {"text_pair", "column2"}, {"label", "column0"}};
    chosen.labels = {"World", "Sports", "Business", "Sci/Tech"};
    QCOMPARE(load_dataset(chosen, tokenizer_).train.row(0).label, 3);
  }
};

QTEST_APPLESS_MAIN(DatasetTest)
#include "dataset_test.moc"
