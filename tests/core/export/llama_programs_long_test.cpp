// GGUF files in llama.cpp's own programs: llama-server through its chat API and llama-cli. With all numbers in fp32
// they write what the model writes here, token by token.
#include <sstream>

#include "base/error.h"
#include "core/export/exported_case.h"
#include "export/artefact.h"
#include "models/generation.h"
#include "text/known_templates.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

const std::vector<std::string>& questions() {
  static const std::vector<std::string> all = {"Write a short note about the sea.", "How many days has a week?",
                                               "Name three animals."};
  return all;
}

constexpr std::int64_t kTokens = 24;
constexpr std::size_t kAsked = 20, kMayDiffer = 2;  ///< 8 bits decide some of the closest words differently

bool has_program(const std::string& name) { return run_program({name, "--version"}).exit_code == 0; }

fs::path starter() { return source_folder() / "resources/starters/follow-instructions"; }

/// What is answered to each of these by llama-server through its chat API.
std::vector<std::string> served_answers(const fs::path& file, const std::vector<std::string>& asked) {
  std::vector<std::string> words = {"python3", (source_folder() / "tests/reference/llama_server.py").string(),
                                    file.string(), std::to_string(kTokens)};
  words.insert(words.end(), asked.begin(), asked.end());
  const Output told = run_program(words, {}, 180);
  if (told.exit_code != 0) QTest::qFail(told.err.c_str(), __FILE__, __LINE__);
  return told.exit_code == 0 ? Json::parse(told.out).get<std::vector<std::string>>() : std::vector<std::string>();
}

/// The starter that follows instructions, with a template of ours, as a GGUF file.
struct Chatting {
  TemporaryFolder folder;
  fs::path base = folder.path() / "base", out = folder.path() / "out";
  Artefact artefact;

  explicit Chatting(const fs::path& model = starter() / "model") {
    fs::copy(model, base, fs::copy_options::recursive);
    artefact = open_artefact(base);
    artefact.tokenizer->set_chat_template(chat_template_source("alpaca", *artefact.tokenizer));
  }

  fs::path exported(const std::string& precision) {
    ExportOptions options;
    options.format = "gguf";
    options.precision = precision;
    std::vector<ProofRow> rows;
    for (const std::string& question : questions()) rows.push_back({question, ""});
    const Exported made =
        export_model(*artefact.model, {artefact.tokenizer.get(), base, "chatting", "", "", rows, 64}, options, out);
    if (!made.proven) qWarning("%s", made.proof_json.c_str());
    return out / ("model-" + precision + ".gguf");
  }

  /// The likeliest answer, as Luthier writes it.
  std::string answer(const std::string& question) const {
    const ChatTemplate chat = chat_template_of(*artefact.tokenizer);
    Conversation conversation;
    conversation.messages.push_back(Message::of("user", question));
    GenerateOptions options = generate_defaults(*artefact.model, base);
    options.max_new_tokens = kTokens;
    const auto ids = chat.encode(*artefact.tokenizer, conversation, /*add_generation_prompt=*/true).tokens.ids;
    return artefact.tokenizer->decode(generate(*artefact.model, {ids}, options).front());
  }
};

QString plain(const std::string& text) { return QString::fromStdString(text).trimmed(); }

}  // namespace

class LlamaProgramsLongTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void theServerGivesTheSameAnswersThroughItsChatApi() {
    if (!has_program("llama-server")) QSKIP("needs llama-server");
    Chatting chatting;
    const fs::path file = chatting.exported("fp32");
    const std::vector<std::string> answers = served_answers(file, questions());
    QCOMPARE(answers.size(), questions().size());
    for (std::size_t i = 0; i < answers.size(); ++i) {
      qInfo("%s -> %s", questions()[i].c_str(), answers[i].c_str());
      QVERIFY(!plain(answers[i]).isEmpty());
      QCOMPARE(plain(answers[i]), plain(chatting.answer(questions()[i])));
    }
  }

  void theTunedStarterAnswersFromEightBitsAsItDoesHere() {
    if (!has_program("llama-server")) QSKIP("needs llama-server");
    const TemporaryFolder home;
    const Output trained = run_program(
        {"env", "LUTHIER_HOME=" + home.path().string(), cli_path().string(), "train",
         (starter() / "recipe.json").string(), "--set", R"(objective={"kind": "causal_lm", "chat_template": "alpaca"})",
         "--set", R"(data.roles={"instruction": "prompt", "response": "completion"})", "--set", "training.epochs=4",
         "--json"},
        {}, 600);
    QVERIFY2(trained.exit_code == 0, (trained.out + trained.err).c_str());
    const Json end = Json::parse(trained.out.substr(trained.out.rfind("{\"end\"")));
    Chatting chatting(fs::path(end.at("end").at("artefacts").at(0).at("path").get<std::string>()));
    // Prompts of the test part: the model has not seen them.
    std::vector<std::string> asked;
    std::istringstream lines(read_file(starter() / "test.jsonl"));
    for (std::string line; asked.size() < kAsked && std::getline(lines, line);)
      asked.push_back(Json::parse(line).at("prompt"));
    const std::vector<std::string> answers = served_answers(chatting.exported("q8_0"), asked);
    QCOMPARE(answers.size(), asked.size());
    std::size_t same = 0;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const QString here = plain(chatting.answer(asked[i])), there = plain(answers[i]);
      same += here == there;
      if (here != there) qInfo("%s\n  here:  %s\n  there: %s", asked[i].c_str(), qPrintable(here), qPrintable(there));
    }
    qInfo("%zu of %zu answers are the same", same, answers.size());
    QVERIFY(same + kMayDiffer >= answers.size());
  }

  void theCommandLineProgramAnswersToo() {
    if (!has_program("llama-cli")) QSKIP("needs llama-cli");
    Chatting chatting;
    const fs::path file = chatting.exported("fp32");
    const Output said = run_program({"llama-cli",
                                     "-m",
                                     file.string(),
                                     "-p",
                                     questions()[1],
                                     "-n",
                                     std::to_string(kTokens),
                                     "--temp",
                                     "0",
                                     "-st",
                                     "-t",
                                     "1",
                                     "-c",
                                     "256",
                                     "-ctk",
                                     "f32",
                                     "-ctv",
                                     "f32",
                                     "-fa",
                                     "off",
                                     "--jinja"},
                                    {}, 120);
    QVERIFY2(said.exit_code == 0, said.err.c_str());
    const QString wanted = plain(chatting.answer(questions()[1]));
    QVERIFY2(QString::fromStdString(said.out).contains(wanted), (said.out + "\n---\n" + wanted.toStdString()).c_str());
  }
};

QTEST_GUILESS_MAIN(LlamaProgramsLongTest)
#include "llama_programs_long_test.moc"
