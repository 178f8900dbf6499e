// Rows of conversations and preferences: the shapes of public data sets, what carries loss, and what is left out.
#include "data/chat_rows.h"

#include "base/error.h"
#include "data/encode.h"
#include "data/profile.h"
#include "text/known_templates.h"
#include "vocabulary.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

std::vector<std::string> said(const std::vector<Message>& messages) {
  std::vector<std::string> list;
  for (const Message& message : messages) list.push_back(message.role + ":" + message.text());
  return list;
}

/// The texts of the tokens that carry loss.
std::string trained(const Tokenizer& tokenizer, const EncodedTokens& tokens, std::size_t from = 0,
                    std::size_t to = SIZE_MAX) {
  std::string text;
  for (std::size_t i = from; i < std::min(to, tokens.ids.size()); ++i)
    if (tokens.labels[i] != kNoLoss) text += (text.empty() ? "" : " ") + tokenizer.token_of(tokens.ids[i]);
  return text;
}

std::string role_of(const std::vector<std::pair<std::string, std::string>>& roles, const std::string& role) {
  for (const auto& [name, column] : roles)
    if (name == role) return column;
  return {};
}

}  // namespace

class ChatRowsTest : public QObject {
  Q_OBJECT
  TemporaryFolder folder_;
  Tokenizer tokenizer_ = tiny_causal_tokenizer(folder_.path());
  LabelSet none_ = LabelSet({}, {}, {}, false);

  DatasetOptions options(const std::string& task, const std::string& chat = "plain") {
    DatasetOptions made;
    made.task = task;
    made.chat_template = chat;
    made.max_tokens = 64;
    made.cache_folder = folder_.path() / "cache";
    return made;
  }

 private Q_SLOTS:
  void messagesOfEveryShapeAreRead() {
    RoleRow row;
    row.messages = R"([{"role": "user", "content": [{"type": "text", "value": "one"}, {"type": "text", "text": "?"}]},
                       {"role": "assistant", "content": "two"}])";
    QCOMPARE(said(read_chat(row, "causal_lm").common.messages),
             (std::vector<std::string>{"user:one?", "assistant:two"}));
    row.messages = R"([{"from": "system", "value": "s"}, {"from": "human", "value": "a"},
                       {"from": "function_call", "value": "{}"}, {"from": "observation", "value": "r"},
                       {"from": "gpt", "value": "b"}])";
    QCOMPARE(said(read_chat(row, "causal_lm").common.messages),
             (std::vector<std::string>{"system:s", "user:a", "assistant:{}", "tool:r", "assistant:b"}));
    row = {};
    row.instruction = "add";
    row.input = "1 2";
    row.response = "3";
    QCOMPARE(said(read_chat(row, "causal_lm").common.messages),
             (std::vector<std::string>{"user:add\n\n1 2", "assistant:3"}));
  }

  void pairsShareTheirBeginning() {
    RoleRow row;
    row.chosen = "\n\nHuman: hi\n\nAssistant: hello\n\nHuman: how?\n\nAssistant: well";
    row.rejected = "\n\nHuman: hi\n\nAssistant: hello\n\nHuman: how?\n\nAssistant: go away";
    ChatRow chat = read_chat(row, "preference");
    QCOMPARE(said(chat.common.messages), (std::vector<std::string>{"user:hi", "assistant:hello", "user:how?"}));
    QCOMPARE(said(chat.chosen), std::vector<std::string>{"assistant:well"});
    QCOMPARE(said(chat.rejected), std::vector<std::string>{"assistant:go away"});
    // LLaMA-Factory: the conversation apart, each answer an object.
    row = {};
    row.messages = R"([{"from": "human", "value": "hi"}])";
    row.chosen = R"({"from": "gpt", "value": "yes"})";
    row.rejected = R"({"from": "gpt", "value": "no"})";
    chat = read_chat(row, "preference");
    QCOMPARE(said(chat.common.messages), std::vector<std::string>{"user:hi"});
    QCOMPARE(said(chat.chosen), std::vector<std::string>{"assistant:yes"});
    QCOMPARE(said(chat.rejected), std::vector<std::string>{"assistant:no"});
    // TRL: the question stands in both lists, and as a text beside them.
    row.messages.clear();
    row.prompt = "hi";
    row.chosen = R"([{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yes"}])";
    row.rejected = R"([{"role": "user", "content": "hi"}, {"role": "assistant", "content": "no"}])";
    chat = read_chat(row, "preference");
    QCOMPARE(said(chat.common.messages), std::vector<std::string>{"user:hi"});
    QCOMPARE(said(chat.chosen), std::vector<std::string>{"assistant:yes"});
  }

  void lossFallsOnTheAssistantAlone() {
    DatasetOptions made = options("causal_lm");
    RoleRow row;
    row.messages = R"([{"role": "user", "content": "what is one"}, {"role": "assistant", "content": "two"},
                       {"role": "user", "content": "is three"}, {"role": "assistant", "content": "three is"}])";
    // Each answer ends with the tokenizer's end token, so that the model learns to stop.
    const EncodedTokens tokens = RowEncoder(made, &tokenizer_, none_).encode(row);
    QCOMPARE(trained(tokenizer_, tokens), std::string("two </s> three is </s>"));
    QCOMPARE(tokenizer_.token_of(tokens.ids[0]), std::string("<s>"));
    made.loss_on = "all";
    const EncodedTokens all = RowEncoder(made, &tokenizer_, none_).encode(row);
    QCOMPARE(all.labels, all.ids);
    // A system prompt stands before conversations that have none.
    made.loss_on = "completion";
    made.system = "three";
    const EncodedTokens told = RowEncoder(made, &tokenizer_, none_).encode(row);
    QCOMPARE(tokenizer_.token_of(told.ids[1]), std::string("three"));
    QCOMPARE(trained(tokenizer_, told), std::string("two </s> three is </s>"));
  }

  void everyKnownTemplateMarksTheAnswers() {
    Conversation dialogue;
    for (const auto& [role, text] :
         {std::pair{"user", "one"}, {"assistant", "two"}, {"user", "is"}, {"assistant", "three"}})
      dialogue.messages.push_back(Message::of(role, text));
    for (const char* name : {"chatml", "llama3", "alpaca", "plain"}) {
      const ChatTemplate chat = chat_template_of(tokenizer_, name);
      QVERIFY2(chat.marks_assistant(), name);
      const RenderedChat written = chat.render(dialogue);
      QCOMPARE(written.assistant.size(), 2u);
      for (std::size_t i = 0; i < 2; ++i) {
        const auto& [begin, end] = written.assistant[i];
        const std::string answer = written.text.substr(begin, end - begin);
        QVERIFY2(answer.starts_with(i == 0 ? "two" : "three") && answer.ends_with("</s>"), answer.c_str());
      }
      // What the model is given to answer is what training puts before an answer.
      Conversation asked = dialogue;
      asked.messages.resize(3);
      const std::string prompt = chat.text(asked, /*add_generation_prompt=*/true);
      QVERIFY2(written.text.starts_with(prompt), (std::string(name) + ": " + prompt).c_str());
    }
    LUTHIER_FAILS(chat_template_of(tokenizer_, "vicuna"), "there is no chat template \"vicuna\"");
  }

  void preferencesAreTwoSequences() {
    const DatasetOptions made = options("preference");
    RoleRow row;
    row.prompt = "what is";
    row.chosen = " one";
    row.rejected = " two three";
    const EncodedTokens tokens = RowEncoder(made, &tokenizer_, none_).encode(row);
    // <s> what is one </s> and <s> what is two three </s>
    QCOMPARE(tokens.second, 5);
    QCOMPARE(tokens.ids.size(), 11u);
    QCOMPARE(trained(tokenizer_, tokens, 0, 5), std::string("one </s>"));
    QCOMPARE(trained(tokenizer_, tokens, 5), std::string("two three </s>"));
    // Without a prompt of its own, what both begin with is one.
    row = {};
    row.chosen = "what is one";
    row.rejected = "what is two";
    QCOMPARE(trained(tokenizer_, RowEncoder(made, &tokenizer_, none_).encode(row), 0, 5), std::string("one </s>"));
    row = {};
    row.prompt = "what";
    row.completion = "two";
    row.desirable = "True";
    const EncodedTokens single = RowEncoder(made, &tokenizer_, none_).encode(row);
    QCOMPARE(single.second, 0);
    QCOMPARE(single.value, 1.0f);
    QCOMPARE(trained(tokenizer_, single), std::string("two </s>"));
  }

  void malformedConversationsAreFindings() {
    DatasetOptions made = options("causal_lm");
    made.train = folder_.path() / "bad.jsonl";
    made.roles = {{"messages", "chat"}};
    write_text(made.train,
               R"({"chat": [{"role": "user", "content": "one"}, {"role": "assistant", "content": "two"}]})"
               "\n"
               R"({"chat": [{"role": "user", "content": "one"}]})"
               "\n"
               R"({"chat": [{"role": "user"}, {"role": "assistant", "content": "two"}]})"
               "\n"
               R"({"chat": "no list"})"
               "\n"
               R"({"chat": [{"role": "user", "content": "one"}, {"role": "assistant", "content": " "}]})"
               "\n"
               R"({"chat": [{"role": "narrator", "content": "one"}, {"role": "assistant", "content": "three"}]})"
               "\n");
    const Dataset data = load_dataset(made, tokenizer_);
    QCOMPARE(data.train.size(), 2);
    QCOMPARE(find(data.findings, "no_answer")->lines, std::vector<std::int64_t>{2});
    QCOMPARE(find(data.findings, "bad_conversation")->lines, (std::vector<std::int64_t>{3, 4}));
    QCOMPARE(find(data.findings, "empty_answer")->lines, std::vector<std::int64_t>{5});
    QCOMPARE(find(data.findings, "unknown_roles")->lines, std::vector<std::int64_t>{6});
  }

  void aTemplateWithoutAnswersTeachesNothing() {
    DatasetOptions made = options("causal_lm", "auto");
    made.train = folder_.path() / "good.jsonl";
    made.roles = {{"messages", "chat"}};
    write_text(made.train, R"({"chat": [{"role": "user", "content": "one"}, {"role": "assistant", "content": "two"}]})"
                           "\n");
    Tokenizer own = tiny_causal_tokenizer(folder_.path());
    own.set_chat_template(
        "{% for message in messages %}{% if message.role == 'user' %}{{ message.content }}{% endif %}"
        "{% endfor %}");
    LUTHIER_FAILS(load_dataset(made, own), "no training row has anything to learn from");
  }

  void aTemplateIsSavedWithItsTokenizer() {
    Tokenizer own = tiny_causal_tokenizer(folder_.path());
    own.set_chat_template(chat_template_source("chatml", own));
    own.save(folder_.path() / "saved");
    const Tokenizer again = Tokenizer::open(folder_.path() / "saved");
    QCOMPARE(again.chat_template(), own.chat_template());
    QCOMPARE(chat_template_source("auto", again), own.chat_template());
  }

  void longListsAreShownAsLines() {
    const std::string whole = R"([{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}])";
    QCOMPARE(shown_messages(whole), std::string("user: a\nassistant: b"));
    QCOMPARE(shown_messages(whole.substr(0, whole.size() - 8)), std::string("user: a\n..."));
    QCOMPARE(shown_messages("[1, 2]"), std::string("[1, 2]"));
  }

  void publicFilesAreRecognised_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("task");
    QTest::addColumn<QString>("role");
    QTest::addColumn<QString>("column");
    const auto row = [](const char* file, const char* task, const char* role, const char* column) {
      QTest::newRow(file) << file << task << role << column;
    };
    row("chat_sharegpt/dummy_conversation.json", "causal_lm", "messages", "conversations");
    row("chat_sharegpt/glaive_toolcall_en_demo.json", "causal_lm", "messages", "conversations");
    row("chat_sharegpt/v1_sft_demo.jsonl", "causal_lm", "messages", "messages");
    row("instruct_alpaca_demo/alpaca_en_demo.json", "causal_lm", "response", "output");
    row("dpo_hh_rlhf_harmless/test.jsonl.gz", "preference", "rejected", "rejected");
    row("dpo_kto_demo/dpo_en_demo.json", "preference", "messages", "conversations");
    row("dpo_kto_demo/kto_en_demo.json", "preference", "desirable", "label");
    row("dpo_kto_demo/hh_rlhf_tiny.json", "preference", "chosen", "chosen");
    row("dpo_kto_demo/v1_dpo_demo.jsonl", "preference", "chosen", "chosen_messages");
  }
  void publicFilesAreRecognised() {
    QFETCH(QString, file);
    QFETCH(QString, task);
    QFETCH(QString, role);
    QFETCH(QString, column);
    const auto found = shared("data/" + file.toStdString());
    if (!found) QSKIP("needs a public data set");
    const fs::path path = *found;
    const Table table = Table::open(path, {});
    QCOMPARE(QString::fromStdString(suggest_task(table)), task);
    const auto roles = suggest_roles(table, task.toStdString());
    QCOMPARE(QString::fromStdString(role_of(roles, role.toStdString())), column);
    // They can be read as they are suggested: hardly any row is left out.
    DatasetOptions made = options(task.toStdString(), "chatml");
    made.train = path;
    made.roles = roles;
    made.max_tokens = 4096;
    const Dataset data = load_dataset(made, tokenizer_);
    QVERIFY2(data.train.size() * 10 >= table.count() * 9,
             qPrintable(QString("%1 of %2").arg(data.train.size()).arg(table.count())));
  }
};

QTEST_APPLESS_MAIN(ChatRowsTest)
#include "chat_rows_test.moc"
