// The token cache: used again when nothing changed, made anew when anything did or the file is damaged.
#include <set>

#include "base/error.h"
#include "base/random.h"
#include "core/data/vocabulary.h"
#include "data/dataset.h"

using namespace luthier;
using luthier::testing::find;
using luthier::testing::write_text;

class CacheTest : public QObject {
  Q_OBJECT

 private:
  TemporaryFolder folder_;
  Tokenizer tokenizer_ = testing::tiny_tokenizer(folder_.path() / "wordpiece");

  DatasetOptions options(const std::string& name) {
    DatasetOptions chosen;
    chosen.train = folder_.path() / name / "train.csv";
    chosen.cache_folder = folder_.path() / name / "cache";
    std::string text = "text,label\nshort\n";
    for (int i = 0; i < 50; ++i) text += "good film " + std::to_string(i) + "," + (i % 2 ? "yes" : "no") + "\n";
    write_text(chosen.train, text);
    return chosen;
  }
  static fs::path cache_file(const DatasetOptions& chosen) {
    fs::path found;
    for (const auto& entry : fs::directory_iterator(chosen.cache_folder)) found = entry.path();
    return found;
  }
  static std::size_t files(const DatasetOptions& chosen) {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(chosen.cache_folder), fs::directory_iterator()));
  }
  static std::string content(const Dataset& data) {
    std::string all;
    for (const auto* split : {&data.train, &data.validation, &data.test})
      for (std::int64_t i = 0; i < split->size(); ++i) {
        const EncodedRow row = split->row(i);
        for (const auto part : {row.ids, row.type_ids, row.labels, row.words})
          for (const auto value : part) all += std::to_string(value) + " ";
        all += split->text(i) + std::to_string(row.label) + std::to_string(row.source_row) + "\n";
      }
    for (const auto& name : data.label_names) all += name;
    for (const auto& finding : data.findings) all += finding.id + finding.message;
    return all;
  }

 private Q_SLOTS:
  void theSecondStartReadsTheCache() {
    auto chosen = options("reuse");
    chosen.validation_share = 0.2;
    const std::string first = content(load_dataset(chosen, tokenizer_));
    int stages = 0;
    chosen.progress = [&](const std::string&, double) { ++stages; };
    const Dataset again = load_dataset(chosen, tokenizer_);
    QCOMPARE(content(again), first);
    QCOMPARE(stages, 0);
    QVERIFY(find(again.findings, "broken_rows"));
    QCOMPARE(files(chosen), 1u);
  }

  void everyThingThatMattersMakesAnotherCache() {
    auto chosen = options("keys");
    std::set<std::uint64_t> seen;
    const auto fresh = [&] { return seen.insert(load_dataset(chosen, tokenizer_).fingerprint).second; };
    QVERIFY(fresh());
    QVERIFY(!fresh());
    chosen.max_tokens = 4;
    QVERIFY(fresh());
    chosen.seed = 9;
    QVERIFY(fresh());
    chosen.validation_share = 0.1;
    QVERIFY(fresh());
    chosen.labels = {"no", "yes"};
    QVERIFY(fresh());
    chosen.read.max_rows = 20;
    QVERIFY(fresh());
    write_text(chosen.train, "text,label\ngood,yes\nbad,no\ngood film,yes\nbad film,no\n");
    QVERIFY(fresh());
    QCOMPARE(load_dataset(chosen, tokenizer_).train.size() + load_dataset(chosen, tokenizer_).validation.size(), 4);
    Tokenizer grown = testing::tiny_tokenizer(folder_.path() / "wordpiece");
    grown.add_tokens({"[new]"});
    QVERIFY(seen.insert(load_dataset(chosen, grown).fingerprint).second);
  }

  void aDamagedCacheIsMadeAnew() {
    const auto chosen = options("damage");
    const std::string right = content(load_dataset(chosen, tokenizer_));
    const fs::path path = cache_file(chosen);
    const std::string whole = read_file(path);
    // Header, index and meta are covered by checksums; the records lie between byte 96 and the index.
    for (const std::size_t cut :
         {std::size_t{0}, std::size_t{50}, std::size_t{96}, whole.size() / 2, whole.size() - 1}) {
      write_text(path, whole.substr(0, cut));
      QCOMPARE(content(load_dataset(chosen, tokenizer_)), right);
      QCOMPARE(fs::file_size(path), whole.size());
    }
    Random random(3);
    for (int i = 0; i < 60; ++i) {
      std::string damaged = whole;
      const std::size_t at = i % 2 ? random.below(96) : whole.size() - 1 - random.below(50 * 40);
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << random.below(8)));
      write_text(path, damaged);
      QCOMPARE(content(load_dataset(chosen, tokenizer_)), right);
    }
    write_text(path, whole + "more");
    QCOMPARE(content(load_dataset(chosen, tokenizer_)), right);
  }

  void aFailedStartLeavesNoCache() {
    auto chosen = options("failed");
    chosen.labels = {"only"};
    LUTHIER_FAILS(load_dataset(chosen, tokenizer_), "not among the given labels");
    QCOMPARE(files(chosen), 0u);
  }

  void aCacheFolderThatCannotBeMadeIsAnError() {
    auto chosen = options("folder");
    write_text(folder_.path() / "folder/occupied", "a file");
    chosen.cache_folder = folder_.path() / "folder/occupied/cache";
    LUTHIER_FAILS(load_dataset(chosen, tokenizer_), "cache folder cannot be made");
  }

  void rowsOutsideASplitAreRefused() {
    const Dataset data = load_dataset(options("bounds"), tokenizer_);
    LUTHIER_FAILS(data.train.row(data.train.size()), "is asked of a split");
    LUTHIER_FAILS(data.train.row(-1), "is asked of a split");
    LUTHIER_FAILS(data.test.length(0), "is asked of a split");
    QCOMPARE(EncodedSplit().size(), 0);
  }
};

QTEST_APPLESS_MAIN(CacheTest)
#include "cache_test.moc"
