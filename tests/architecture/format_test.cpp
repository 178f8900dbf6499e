// Every C++ file is formatted as .clang-format says.
#include "support/testing.h"

using namespace luthier;

class FormatTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void everyFileIsFormatted() {
    if (luthier::testing::run_program({"clang-format", "--version"}).exit_code != 0) QSKIP("needs clang-format");
    std::vector<std::string> words = {"clang-format", "--dry-run", "-Werror", "--ferror-limit=1"};
    for (const char* folder : {"core", "app", "ui", "tests"}) {
      if (!fs::exists(luthier::testing::source_folder() / folder)) continue;
      for (const auto& entry : fs::recursive_directory_iterator(luthier::testing::source_folder() / folder))
        if (entry.path().extension() == ".cpp" || entry.path().extension() == ".h")
          words.push_back(entry.path().string());
    }
    QVERIFY(words.size() > 50);
    const auto result = luthier::testing::run_program(words);
    QVERIFY2(result.exit_code == 0, ("format these with clang-format -i:\n" + result.err).c_str());
  }

  void aBadlyFormattedFileIsSeen() {
    if (luthier::testing::run_program({"clang-format", "--version"}).exit_code != 0) QSKIP("needs clang-format");
    const std::string style = "--style=file:" + (luthier::testing::source_folder() / ".clang-format").string();
    const auto result = luthier::testing::run_program({"clang-format", style, "--dry-run", "-Werror"}, "int  x ;\n");
    QVERIFY(result.exit_code != 0);
  }
};

QTEST_GUILESS_MAIN(FormatTest)
#include "format_test.moc"
