// What is delivered with the program stays small.
#include "support/testing.h"

using namespace luthier;

class StartersTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void togetherTheyAreUnder40Megabytes() {
    std::uintmax_t bytes = 0;
    int recipes = 0;
    for (const auto& entry : fs::recursive_directory_iterator(testing::source_folder() / "resources/starters")) {
      if (entry.is_regular_file()) bytes += entry.file_size();
      recipes += entry.path().filename() == "recipe.json" && entry.path().parent_path().filename() != "pretrain";
    }
    qInfo("%d starters, %.1f MB", recipes, static_cast<double>(bytes) * 1e-6);
    QVERIFY(recipes >= 4);
    QVERIFY(bytes < 40'000'000);
  }
};

QTEST_GUILESS_MAIN(StartersTest)
#include "starters_test.moc"
