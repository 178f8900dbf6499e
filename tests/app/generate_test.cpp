// The text of stories260K is what its makers printed (expected-text.md beside the weights).
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "support/testing.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

/// The first block that starts with a shell command: the greedy one, without the command.
std::string printed_by_the_makers(const fs::path& file) {
  const std::string text = read_file(file);
  const auto command = text.find("-t 0.0");
  const auto begin = text.find('\n', command) + 1, end = text.find("\n```", begin);
  return text.substr(begin, end - begin);
}

}  // namespace

class GenerateTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void writesStories260kToTheLetter() {
    LUTHIER_NEEDS(folder, "weights/llama/stories260K");
    // The makers' program runs 256 positions from the start token.
    const Output output = run_cli({"generate", "--model", folder.string(), "--prompt", "", "--max-new-tokens", "256"});
    QVERIFY2(output.exit_code == 0, output.err.c_str());
    QCOMPARE(QString::fromStdString(output.out).trimmed(),
             QString::fromStdString(printed_by_the_makers(folder / "expected-text.md")).trimmed());
  }

  void goesOnFromAPromptAndTellsNumbers() {
    LUTHIER_NEEDS(folder, "weights/llama/stories260K");
    const auto answer = [&](std::vector<std::string> more) {
      more.insert(more.begin(), {"generate", "--model", folder.string(), "--prompt", "Once upon a time, there was",
                                 "--max-new-tokens", "20", "--json"});
      const Output output = run_cli(more);
      return output.exit_code == 0 ? parse_json(output.out, "output") : Json();
    };
    const Json greedy = answer({});
    QCOMPARE(greedy["ids"].size(), std::size_t{20});
    QVERIFY(greedy["text"].get<std::string>().starts_with(" a little girl named Lily."));
    QVERIFY(answer({"--temperature", "1", "--seed", "1"})["ids"] ==
            answer({"--temperature", "1", "--seed", "1"})["ids"]);
    QVERIFY(answer({"--temperature", "1", "--seed", "1"})["ids"] !=
            answer({"--temperature", "1", "--seed", "2"})["ids"]);
  }

  void endsBeforeAStopTextAndAvoidsRepetition() {
    LUTHIER_NEEDS(folder, "weights/llama/stories260K");
    const auto answer = [&](std::vector<std::string> more) {
      more.insert(more.begin(), {"generate", "--model", folder.string(), "--prompt", "Once upon a time, there was",
                                 "--max-new-tokens", "80", "--json"});
      const Output output = run_cli(more);
      return output.exit_code == 0 ? parse_json(output.out, "output") : Json(output.out);
    };
    const Json stopped = answer({"--stop", "never there", "--stop", "Lily."});
    QCOMPARE(stopped["text"].get<std::string>(), std::string(" a little girl named "));
    QCOMPARE(stopped["finish_reason"].get<std::string>(), std::string("stop"));
    QVERIFY(answer({"--repetition-penalty", "1.5"})["ids"] != answer({})["ids"]);
    // The most likely token alone has a share of 1e-6, whatever the temperature.
    QVERIFY(answer({"--temperature", "2", "--top-p", "1e-6"})["ids"] == answer({})["ids"]);
    QVERIFY(answer({"--temperature", "2", "--top-k", "1"})["ids"] == answer({})["ids"]);
    QVERIFY(answer({"--top-p", "2"}).get<std::string>().find("top_p") != std::string::npos);
  }

  void refusesModelsThatDoNotWrite() {
    const Output output =
        run_cli({"generate", "--model", (fixture("full/bert-cls") / "base").string(), "--prompt", "x"});
    QCOMPARE(output.exit_code, 2);
    QVERIFY(output.err.find("does not write text") != std::string::npos);
    QCOMPARE(run_cli({"generate", "--model", "/nowhere", "--prompt", "x"}).exit_code, 2);
    QCOMPARE(run_cli({"generate", "--prompt", "x"}).exit_code, 2);
  }
};

QTEST_GUILESS_MAIN(GenerateTest)
#include "generate_test.moc"
