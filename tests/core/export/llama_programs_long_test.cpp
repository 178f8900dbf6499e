// GGUF files in llama.cpp's own programs: llama-server through its chat API and llama-cli. With all numbers in fp32
// they write what the model writes here, token by token.
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

bool has_program(const std::string& name) { return run_program({name, "--version"}).exit_code == 0; }

/// The starter that follows instructions, with a template of ours, as a GGUF file.
struct Chatting {
  TemporaryFolder folder;
  fs::path base = folder.path() / "base", out = folder.path() / "out";
  Artefact artefact;

  Chatting() {
    fs::copy(source_folder() / "resources/starters/follow-instructions/model", base, fs::copy_options::recursive);
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
    std::vector<std::string> words = {"python3", (source_folder() / "tests/reference/llama_server.py").string(),
                                      file.string(), std::to_string(kTokens)};
    words.insert(words.end(), questions().begin(), questions().end());
    const Output asked = run_program(words, {}, 180);
    QVERIFY2(asked.exit_code == 0, asked.err.c_str());
    const auto answers = Json::parse(asked.out).get<std::vector<std::string>>();
    QCOMPARE(answers.size(), questions().size());
    for (std::size_t i = 0; i < answers.size(); ++i) {
      qInfo("%s -> %s", questions()[i].c_str(), answers[i].c_str());
      QVERIFY(!plain(answers[i]).isEmpty());
      QCOMPARE(plain(answers[i]), plain(chatting.answer(questions()[i])));
    }
  }

  void theServerAnswersFromEightBits() {
    if (!has_program("llama-server")) QSKIP("needs llama-server");
    Chatting chatting;
    const fs::path file = chatting.exported("q8_0");
    std::vector<std::string> words = {"python3", (source_folder() / "tests/reference/llama_server.py").string(),
                                      file.string(), std::to_string(kTokens)};
    words.insert(words.end(), questions().begin(), questions().end());
    const Output asked = run_program(words, {}, 180);
    QVERIFY2(asked.exit_code == 0, asked.err.c_str());
    std::size_t same = 0;
    const auto answers = Json::parse(asked.out).get<std::vector<std::string>>();
    for (std::size_t i = 0; i < answers.size(); ++i)
      same += plain(answers[i]) == plain(chatting.answer(questions()[i]));
    qInfo("%zu of %zu answers are the same", same, answers.size());
    QCOMPARE(answers.size(), questions().size());
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
