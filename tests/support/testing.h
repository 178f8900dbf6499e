#pragma once
// What tests share: where fixtures and data lie, temporary folders, running programs.
#include <QtTest/QtTest>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"

namespace luthier::testing {

/// The checkout.
fs::path source_folder();
/// The luthier-cli of this build.
fs::path cli_path();

/// tests/fixtures/<name>.
inline fs::path fixture(const std::string& name) { return source_folder() / "tests/fixtures" / name; }

/// Public data and weights that are not part of the project: $LUTHIER_SHARED/<name> or ../shared/<name>; nullopt where
/// absent (then the test skips: see LUTHIER_NEEDS).
inline std::optional<fs::path> shared(const std::string& name) {
  const char* folder = std::getenv("LUTHIER_SHARED");
  const fs::path path = (folder && *folder ? fs::path(folder) : source_folder().parent_path() / "shared") / name;
  if (!fs::exists(path)) return std::nullopt;
  return path;
}

inline void write_text(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

struct Output {
  int exit_code = -1;  ///< 128 + signal when killed
  std::string out, err;
};

/// Runs a program to its end (at most `seconds`), feeding `input`.
inline Output run_program(const std::vector<std::string>& words, const std::string& input = {}, int seconds = 240) {
  QProcess process;
  QStringList arguments;
  for (std::size_t i = 1; i < words.size(); ++i) arguments << QString::fromStdString(words[i]);
  process.start(QString::fromStdString(words.at(0)), arguments);
  Output output;
  if (!process.waitForStarted()) return output;
  process.write(input.data(), static_cast<qint64>(input.size()));
  process.closeWriteChannel();
  if (!process.waitForFinished(seconds * 1000)) process.kill();
  process.waitForFinished(5000);
  output.exit_code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : 128 + 9;
  output.out = process.readAllStandardOutput().toStdString();
  output.err = process.readAllStandardError().toStdString();
  return output;
}

/// luthier-cli with these arguments.
inline Output run_cli(std::vector<std::string> arguments, const std::string& input = {}, int seconds = 240) {
  arguments.insert(arguments.begin(), cli_path().string());
  return run_program(arguments, input, seconds);
}

/// True where the Python modules can be imported (they are counterparts in tests only).
inline bool has_python(const std::string& modules) {
  return run_program({"python3", "-c", "import " + modules}).exit_code == 0;
}

}  // namespace luthier::testing

/// Skips the test with a reason where a public data set or weight is not on this machine.
#define LUTHIER_NEEDS(variable, name)                              \
  const auto variable##_found = luthier::testing::shared(name);    \
  if (!variable##_found) QSKIP("needs the public data set " name); \
  const std::filesystem::path variable = *variable##_found

/// Runs an expression that must throw luthier::Error; then checks that the text contains `part`.
#define LUTHIER_FAILS(expression, part)                                             \
  do {                                                                              \
    bool thrown = false;                                                            \
    try {                                                                           \
      expression;                                                                   \
    } catch (const luthier::Error& error) {                                         \
      thrown = true;                                                                \
      QVERIFY2(error.text().find(part) != std::string::npos, error.text().c_str()); \
    }                                                                               \
    QVERIFY2(thrown, #expression " did not fail");                                  \
  } while (false)
