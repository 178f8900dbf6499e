// Folders of images and recordings as data.
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "data/dataset.h"
#include "data/duck.h"
#include "data/profile.h"
#include "data/row_browser.h"
#include "support/media_files.h"
#include "vocabulary.h"

using namespace luthier;
using namespace luthier::testing;

namespace {
void write_classes(const fs::path& root, int each = 4) {
  for (int i = 0; i < each; ++i) {
    const auto seed = static_cast<unsigned>(i + 1);
    write_text(root / "cat" / (std::to_string(i) + ".png"), png_bytes(8, 6, {200, 20, 20}, seed));
    write_text(root / "dog" / (std::to_string(i) + ".png"), png_bytes(10, 6, {20, 20, 200}, seed));
  }
}
}  // namespace

class FolderTest : public QObject {
  Q_OBJECT

 private:
  TemporaryFolder folder_;
  int made_ = 0;
  fs::path fresh() { return folder_.path() / ("set" + std::to_string(++made_)); }

  DatasetOptions images(const fs::path& root) {
    DatasetOptions options;
    options.train = root;
    options.modality = "image";
    options.roles = {{"image", "image"}, {"label", "label"}};
    options.cache_folder = folder_.path() / "cache";
    return options;
  }
  DatasetOptions recordings(const fs::path& root, const std::string& task) {
    DatasetOptions options = images(root);
    options.modality = "audio";
    options.task = task;
    options.roles = {{"audio", "audio"}, {task == "ctc" ? "target" : "label", task == "ctc" ? "text" : "label"}};
    return options;
  }

 private Q_SLOTS:
  void classFoldersGiveLabels() {
    const fs::path root = fresh();
    write_classes(root);
    const Dataset data = load_dataset(images(root), nullptr);
    QCOMPARE(data.train.size(), 8);
    QCOMPARE(data.label_names, (std::vector<std::string>{"cat", "dog"}));
    const EncodedRow row = data.train.row(0);
    QCOMPARE(row.label, 0);
    QCOMPARE(fs::path(row.media_path), root / "cat/0.png");
    QVERIFY(row.ids.empty());
    QCOMPARE(data.train.length(0), 1);
    QCOMPARE(data.train.text(0), "cat/0.png");
  }

  void splitFoldersAreRecognised() {
    const fs::path root = fresh();
    write_classes(root / "train", 4);
    write_classes(root / "val", 2);
    // The validation files repeat training files: told as leaks.
    const Dataset data = load_dataset(images(root), nullptr);
    QCOMPARE(data.train.size(), 8);
    QCOMPARE(data.validation.size(), 4);
    QVERIFY(find(data.findings, "leakage"));
    DatasetOptions apart = images(root / "train");
    apart.validation = root / "val";
    QCOMPARE(load_dataset(apart, nullptr).validation.size(), 4);
    DatasetOptions shared = images(root);
    shared.test_share = 0.25;
    QCOMPARE(load_dataset(shared, nullptr).test.size(), 2);
    DatasetOptions all = images(root);
    all.for_training = false;
    QCOMPARE(load_dataset(all, nullptr).train.size(), 12);
  }

  void metadataFilesNameFilesAndColumns() {
    const fs::path root = fresh();
    write_classes(root / "files");
    write_text(root / "metadata.csv",
               "file_name,kind,score\nfiles/cat/0.png,a,1\nfiles/dog/0.png,b,2.5\nfiles/none.png,a,3\n"
               "../outside.png,b,4\n/etc/passwd,b,5\n");
    DatasetOptions options = images(root);
    options.roles = {{"image", "image"}, {"label", "kind"}};
    const Dataset data = load_dataset(options, nullptr);
    QCOMPARE(data.train.size(), 2);
    QCOMPARE(find(data.findings, "missing_files")->count, 1);
    QCOMPARE(find(data.findings, "outside_files")->count, 2);
    QCOMPARE(find(data.findings, "undescribed_files")->count, 6);
    options.roles = {{"image", "image"}, {"label", "score"}};
    options.task = "regression";
    QCOMPARE(load_dataset(options, nullptr).train.row(1).value, 2.5f);
    write_text(root / "metadata.csv", "name,kind\nfiles/cat/0.png,a\n");
    LUTHIER_FAILS(load_dataset(options, nullptr), "has no column file_name");
  }

  void ljspeechLayoutIsRead() {
    const fs::path root = fresh();
    for (int i = 0; i < 3; ++i)
      write_text(root / "wavs" / ("LJ-" + std::to_string(i) + ".wav"), wav_bytes(0.1 * (i + 1), 8000, 300 + 50 * i));
    write_text(root / "metadata.csv", "LJ-0|good \"film\"|good film\nLJ-1|bad film|bad film\nLJ-2|a film|a film\n");
    const Tokenizer tokenizer = tiny_tokenizer(folder_.path() / "tokens");
    DatasetOptions options = recordings(root, "ctc");
    const Dataset data = load_dataset(options, &tokenizer);
    QCOMPARE(data.train.size(), 3);
    QCOMPARE(data.train.target_text(0), "good \"film\"");
    QCOMPARE(data.train.length(1), 3200);  // 0.2 s at 16,000 samples a second
    QCOMPARE(data.train.row(1).target.size(), std::size_t{2});
    options.longest_seconds = 0.15;
    const Dataset cut = load_dataset(options, &tokenizer);
    QCOMPARE(find(cut.findings, "cut_recordings")->count, 2);
    QCOMPARE(cut.train.length(2), 2400);
  }

  void badFilesAreFindings() {
    const fs::path root = fresh();
    write_classes(root);
    write_text(root / "cat/empty.png", "");
    write_text(root / "dog/broken.jpg", "no image");
    write_text(root / "dog/notes.txt", "text");
    write_text(root / "dog/.hidden.png", "x");
    fs::create_directories(root / "bird");
    fs::create_directory_symlink(root, root / "cat/loop");
    const Dataset data = load_dataset(images(root), nullptr);
    QCOMPARE(data.train.size(), 8);
    const Finding* unreadable = find(data.findings, "unreadable_media");
    QVERIFY(unreadable);
    QCOMPARE(unreadable->count, 2);
    QVERIFY(unreadable->message.find("broken.jpg") != std::string::npos);
    QVERIFY(find(data.findings, "other_files"));
    QVERIFY(find(data.findings, "empty_classes")->message.find("bird") != std::string::npos);
    QVERIFY(find(data.findings, "unreadable_folders"));
    LUTHIER_FAILS(load_dataset(images(root / "bird"), nullptr), "no image and no recording");
  }

  void oneClassAndDuplicatesAreTold() {
    const fs::path root = fresh();
    write_classes(root);
    fs::copy(root / "cat/0.png", root / "cat/again.png");
    fs::copy(root / "cat/1.png", root / "dog/wrong.png");
    const Dataset data = load_dataset(images(root), nullptr);
    QCOMPARE(find(data.findings, "duplicate_rows")->count, 2);
    QCOMPARE(find(data.findings, "conflicting_labels")->count, 1);
    fs::remove_all(root / "dog");
    LUTHIER_FAILS(load_dataset(images(root), nullptr), "same label");
  }

  void ratesAreTold() {
    const fs::path root = fresh();
    write_text(root / "yes/a.wav", wav_bytes(0.1, 8000, 300));
    write_text(root / "no/b.wav", wav_bytes(0.1, 16000, 400));
    const Dataset data = load_dataset(recordings(root, "classification"), nullptr);
    QVERIFY(find(data.findings, "mixed_rates")->message.find("8000 Hz") != std::string::npos);
    QCOMPARE(data.train.length(0), data.train.length(1));
  }

  void aChangedFileMakesANewCache() {
    const fs::path root = fresh();
    write_classes(root);
    const auto first = load_dataset(images(root), nullptr).fingerprint;
    QCOMPARE(load_dataset(images(root), nullptr).fingerprint, first);
    write_text(root / "cat/9.png", png_bytes(8, 6, {1, 2, 3}));
    QVERIFY(load_dataset(images(root), nullptr).fingerprint != first);
  }

  void tablesNameFilesBesideThem() {
    const fs::path root = fresh();
    write_classes(root / "pictures");
    write_text(root / "list.csv",
               "path,labels\npictures/cat/0.png,\"red,small\"\npictures/dog/0.png,blue\n"
               "pictures/dog/1.png,\n");
    DatasetOptions options = images(root / "list.csv");
    options.roles = {{"image", "path"}, {"label", "labels"}};
    options.task = "multi_label";
    const Dataset data = load_dataset(options, nullptr);
    QCOMPARE(data.label_names, (std::vector<std::string>{"blue", "red", "small"}));
    QCOMPARE(std::vector<std::int32_t>(data.train.row(0).target.begin(), data.train.row(0).target.end()),
             (std::vector<std::int32_t>{1, 2}));
    QVERIFY(data.train.row(2).target.empty());
    QCOMPARE(suggest_task(Table::open(options.train)), "classification");
    // A path without a folder starts where the program runs.
    const fs::path before = fs::current_path();
    fs::current_path(root);
    options.train = "list.csv";
    const std::int64_t rows = load_dataset(options, nullptr).train.size();
    fs::current_path(before);
    QCOMPARE(rows, 3);
  }

  void parquetFilesHoldImages() {
    const fs::path root = fresh();
    write_classes(root, 2);
    // A struct of bytes and path, as Hugging Face's datasets write images; then the bytes alone.
    for (const std::string image : {"{'bytes': content, 'path': parse_filename(filename)}", "content"}) {
      const fs::path file = root / "images.parquet";
      DuckDatabase database;
      database.run("COPY (SELECT " + image +
                   " AS image, parse_filename(parse_dirpath(filename)) AS label FROM read_blob(" +
                   sql_text((root / "*/*.png").string()) + ") ORDER BY filename) TO " + sql_text(file.string()) +
                   " (FORMAT parquet)");
      const Table table = Table::open(file);
      QCOMPARE(table.columns()[0].type, "media");
      QCOMPARE(suggest_task(table), "classification");
      const Dataset data = load_dataset(images(file), nullptr);
      QCOMPARE(data.train.size(), 4);
      QVERIFY(data.train.row(0).media_path.empty());
      QCOMPARE(std::string(data.train.row(0).media_bytes), read_file(root / "cat/0.png"));
      QCOMPARE(data.label_names.size(), std::size_t{2});
      RowBrowser browser(file, {}, folder_.path() / "rows");
      const std::string shown = browser.row(0).values.at(0);
      QVERIFY2(shown == "0.png" || shown.ends_with(" bytes"), shown.c_str());
    }
  }

  void foldersAreInspectedAndBrowsed() {
    const fs::path root = fresh();
    write_classes(root);
    const Json seen = inspect_data(root);
    QCOMPARE(seen.at("format").get<std::string>(), "folder");
    QCOMPARE(seen.at("rows").get<int>(), 8);
    RowBrowser browser(root, {}, folder_.path() / "rows");
    QCOMPARE(browser.size(), 8);
    QCOMPARE(browser.columns().at(2).name, "width");
    QCOMPARE(browser.row(7).values, (std::vector<std::string>{"dog/3.png", "dog", "10", "6"}));
    const RowSelection wide = browser.select({.search = {}, .where = "width > 9", .flagged_only = false});
    QCOMPARE(wide.numbers.size(), std::size_t{4});
    const auto roles = suggest_roles(Table::open(root), "classification");
    QCOMPARE(roles, (std::vector<std::pair<std::string, std::string>>{{"image", "image"}, {"label", "label"}}));
    ReadOptions few;
    few.max_rows = 4;
    QCOMPARE(Table::open(root, few).head(4).at(3).values.at(1), "dog");  // spread evenly
    QCOMPARE(profile_data(images(root), nullptr).labels.size(), std::size_t{2});
  }
};

QTEST_GUILESS_MAIN(FolderTest)
#include "folder_test.moc"
