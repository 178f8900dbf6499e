// The starter "follow instructions": the run teaches its model to answer in the learned form and to end there.
#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "store/store.h"
#include "support/testing.h"

using namespace luthier;
using namespace luthier::testing;

namespace {
// Floors under what the starter's README reports, so that a worse model, recipe or trainer shows.
constexpr double kLeastFallOfLoss = 1.5, kLeastEndingTuned = 0.9, kMostEndingBase = 0.1;
}  // namespace

class StarterInstructLongTest : public QObject {
  Q_OBJECT
  TemporaryFolder folder_;
  fs::path starter_ = source_folder() / "resources/starters/follow-instructions";
  fs::path tuned_;  ///< the run's export

  /// The prompts of a file of pairs.
  static std::vector<std::string> prompts(const fs::path& file) {
    std::vector<std::string> found;
    const std::string text = read_file(file);
    for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
      found.push_back(parse_json(text.substr(begin, end - begin), file.string()).at("prompt").get<std::string>());
    return found;
  }

  /// The share of the test prompts' answers that end by themselves.
  double ending(const fs::path& model) {
    int ended = 0, all = 0;
    for (const std::string& prompt : prompts(starter_ / "test.jsonl")) {
      const Output output = run_cli({"generate", "--model", model.string(), "--prompt", prompt, "--max-new-tokens",
                                     "64", "--device", "cpu", "--json"});
      if (output.exit_code != 0) QTest::qFail(output.err.c_str(), __FILE__, __LINE__);
      const Json answer = parse_json(output.out, "answer");
      qInfo("%s%s", prompt.c_str(), answer.at("text").get<std::string>().c_str());
      ended += answer.at("finish_reason") == "stop";
      ++all;
    }
    return static_cast<double>(ended) / all;
  }

 private Q_SLOTS:
  void lowersTheLossOnUnseenPairsInTwoMinutes() {
    const auto start = std::chrono::steady_clock::now();
    const Output output = run_program({"env", "LUTHIER_HOME=" + folder_.path().string(), cli_path().string(), "train",
                                       (starter_ / "recipe.json").string(), "--json"},
                                      {}, 600);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    QVERIFY2(output.exit_code == 0, (output.out + output.err).c_str());
    const Store store(folder_.path());
    const RunRow row = store.runs().front();
    const Json summary = parse_json(row.summary_json, "summary");
    const double base = summary.at("base").at("loss").get<double>(),
                 tuned = summary.at("tuned").at("loss").get<double>();
    qInfo("loss on the test part %.3f before, %.3f after; %.1f s", base, tuned, seconds);
    QVERIFY2(tuned < base - kLeastFallOfLoss, row.summary_json.c_str());
    QVERIFY2(seconds < 120, qPrintable(QString::number(seconds)));
    const auto artefacts = store.artefacts(row.id);
    QCOMPARE(artefacts.size(), std::size_t{1});
    QVERIFY(parse_json(artefacts.front().proof_json, "proof").at("passed").get<bool>());
    tuned_ = artefacts.front().path;
  }

  void endsItsAnswersWhereTheBaseGoesOn() {
    QVERIFY(!tuned_.empty());
    const double base = ending(starter_ / "model"), tuned = ending(tuned_);
    qInfo("answers that end by themselves within 64 tokens: base %.3f, tuned %.3f", base, tuned);
    QVERIFY2(base <= kMostEndingBase, qPrintable(QString::number(base)));
    QVERIFY2(tuned >= kLeastEndingTuned, qPrintable(QString::number(tuned)));
  }

  void keepsTheTestPromptsOutOfTheTraining() {
    const auto train = prompts(starter_ / "train.jsonl");
    for (const char* part : {"validation.jsonl", "test.jsonl"})
      for (const std::string& prompt : prompts(starter_ / part))
        QVERIFY2(std::find(train.begin(), train.end(), prompt) == train.end(), prompt.c_str());
    QVERIFY(train.size() >= 300);
  }

  void itsFilesStaySmall() {
    std::uintmax_t bytes = 0;
    for (const auto& entry : fs::recursive_directory_iterator(starter_))
      if (entry.is_regular_file()) bytes += entry.file_size();
    QVERIFY2(bytes < 17u << 20, qPrintable(QString::number(bytes)));
  }
};

QTEST_GUILESS_MAIN(StarterInstructLongTest)
#include "starter_instruct_long_test.moc"
