// The token microscope: what it shows is what training reads.
#include <QPushButton>
#include <QScrollBar>
#include <nlohmann/json.hpp>

#include "data/encode.h"
#include "pages/data/microscope.h"
#include "pages/data/token_alignment.h"
#include "support/testing.h"
#include "support/tiny_task.h"
#include "support/window.h"
#include "widgets/controls.h"
#include "widgets/token_view.h"

using namespace luthier;
using namespace luthier::testing;

class MicroscopeTest : public QObject {
  Q_OBJECT
  std::unique_ptr<WindowFixture> fixture;
  std::unique_ptr<Microscope> microscope;

  fs::path path(const char* name) { return fixture->folder.filePath(name).toStdString(); }

  /// Opens the tiny task's project with these changes and makes the microscope.
  void open(const Json& changes = Json::object()) {
    write_tiny_task(path("project"), 24);
    Json recipe = tiny_recipe(path("project"));
    recipe.merge_patch(changes);
    fixture->document.create(path("project"), recipe);
    microscope = std::make_unique<Microscope>(fixture->workbench);
    microscope->resize(904, 220);
    microscope->show();
  }
  const RowTokens& shown(const RoleRow& row, std::int64_t number = 1) {
    QSignalSpy ready(microscope.get(), &Microscope::rowShown);
    microscope->showRow(row, number);
    ready.wait(5000);
    static const RowTokens none;
    return microscope->shown() ? *microscope->shown() : none;
  }
  static RoleRow labelled(const std::string& text, const std::string& label) {
    RoleRow row;
    row.text = text;
    row.label = label;
    return row;
  }
  static RoleRow answered(const std::string& prompt, const std::string& completion) {
    RoleRow row;
    row.prompt = prompt;
    row.completion = completion;
    return row;
  }
  Json llama() {
    const fs::path model = *shared("weights/llama/stories260K");
    return {
        {"objective", {{"kind", "causal_lm"}}},
        {"model", {{"path", model.string()}, {"from_config", false}}},
        {"data", {{"roles", {{"prompt", "text"}, {"completion", "label"}, {"text", nullptr}, {"label", nullptr}}}}}};
  }

 private Q_SLOTS:
  void init() { fixture = std::make_unique<WindowFixture>(); }
  void cleanup() {
    microscope.reset();
    fixture.reset();
  }

  void showsTheTokensAndTheLabelOfAText() {
    open();
    QTRY_VERIFY(fixture->facts.data());
    const RowTokens& tokens = shown(labelled("the old hammer with a saw", "tool"), 7);
    // The vocabulary's words are whole; [CLS] and [SEP] are BERT's.
    QStringList texts;
    for (const ShownToken& token : tokens.tokens) texts << token.text;
    QCOMPARE(texts.join(' '), QString("[CLS] the old hammer with a saw [SEP]"));
    QCOMPARE(tokens.special, 2);
    QCOMPARE(tokens.context, 6);
    QCOMPARE(tokens.trained, 0);
    QCOMPARE(tokens.target, QString("tool"));
    QCOMPARE(tokens.targetId, std::optional<std::int64_t>(1));  // fruit is 0: sorted
    QCOMPARE(tokens.number, 7);
    QVERIFY(!child<QPushButton>(*microscope, "microscopeRaiseLimitButton")->isVisible());
    grabBothThemes(*microscope, "microscope-classification");
  }

  void marksWhatIsCutAndRaisesTheLimit() {
    open({{"data", {{"max_tokens", 8}}}});
    QTRY_VERIFY(fixture->facts.model());
    const RowTokens& tokens = shown(labelled("the old hammer with a saw and my new drill on a nail", "tool"));
    QCOMPARE(tokens.kept(), 8);
    QCOMPARE(tokens.cut, 7);
    QCOMPARE(tokens.tokens.back().text, QString("[SEP]"));  // is kept although text before it is not
    QVERIFY(tokens.tokens.back().kind == TokenKind::special);
    QVERIFY(tokens.tokens[7].kind == TokenKind::cut);
    auto* raise = child<QPushButton>(*microscope, "microscopeRaiseLimitButton");
    QVERIFY(raise->isVisible());
    grabBothThemes(*microscope, "microscope-cut");
    QSignalSpy again(microscope.get(), &Microscope::rowShown);
    QTest::mouseClick(raise, Qt::LeftButton);
    QCOMPARE(fixture->document.number("data.max_tokens"), 32.0);
    QVERIFY(again.wait(5000));
    QCOMPARE(microscope->shown()->cut, 0);
    QVERIFY(!raise->isVisible());
    fixture->document.undoStack().undo();
    QCOMPARE(fixture->document.number("data.max_tokens"), 8.0);
  }

  void showsPromptAndTrainedAnswerOfALanguageModel() {
    LUTHIER_NEEDS(model, "weights/llama/stories260K");
    open(llama());
    const RoleRow row = answered("Once upon a time", " there was a girl.");
    const RowTokens& tokens = shown(row);
    // Against the encoder that training itself uses.
    const Tokenizer tokenizer = Tokenizer::open(model);
    DatasetOptions options;
    options.task = "causal_lm";
    options.max_tokens = 32;
    const LabelSet none({}, {}, {}, false);
    const EncodedTokens expected = RowEncoder(options, &tokenizer, none).encode(row);
    QCOMPARE(tokens.tokens.size(), expected.ids.size());
    std::size_t sections = 0;
    for (std::size_t i = 0; i < expected.ids.size(); ++i) {
      QCOMPARE(tokens.tokens[i].id, std::int64_t(expected.ids[i]));
      QCOMPARE(tokens.tokens[i].loss, expected.labels[i] != kNoLoss);
      sections += !tokens.tokens[i].section.isEmpty();
    }
    QCOMPARE(sections, std::size_t(2));
    QVERIFY(tokens.trained > 0 && tokens.context > 0);
    QVERIFY(tokens.tokens.back().loss);  // the end is learnt
    grabBothThemes(*microscope, "microscope-language");
  }

  void showsWhatAServerReadsBesideWhatTrainingReads() {
    LUTHIER_NEEDS(model, "weights/llama/stories260K");
    open(llama());
    const RowTokens& plain = shown(answered("Once upon a time", " there was a girl."));
    // The prompt as continue_text encodes it: what the tokenizer puts before a text, and the text.
    const Encoding expected = Tokenizer::open(model).encode("Once upon a time");
    QCOMPARE(plain.serving.size(), expected.ids.size());
    for (std::size_t i = 0; i < expected.ids.size(); ++i) QCOMPARE(plain.serving[i].id, expected.ids[i]);
    QCOMPARE(plain.trainingOnly + plain.servingOnly, 0);
    auto* mode = child<SegmentedControl>(*microscope, "microscopeMode");
    auto* view = child<TokenView>(*microscope, "microscopeTokens");
    const auto choose = [&](const char* id) {
      QTest::mouseClick(mode, Qt::LeftButton, {}, mode->segmentRect(id).center());
    };
    QVERIFY(mode->isVisible());
    choose("serving");
    QCOMPARE(view->tokens().size(), expected.ids.size());
    choose("difference");
    QCOMPARE(view->tokens().size(), expected.ids.size());
    // A system prompt of the recipe is in every row of training; a request has it only if its sender says so.
    const QStringList chat = {"data.roles={\"instruction\": \"text\", \"response\": \"label\"}",
                              "objective.system=Be brief.", "objective.chat_template=chatml"};
    fixture->document.apply(chat, "Chat");
    RoleRow row;
    row.instruction = "What is a lake?";
    row.response = "Water with land around it.";
    const RowTokens& told = shown(row);
    QVERIFY(told.trainingOnly > 0);
    QVERIFY(told.servingOnly < told.trainingOnly);  // at most what merges otherwise where the system's turn was
    QVERIFY(told.systemInTrainingOnly);
    choose("difference");
    const auto& tokens = view->tokens();
    QVERIFY(std::any_of(tokens.begin(), tokens.end(),
                        [](const ShownToken& token) { return token.kind == TokenKind::trainingOnly; }));
    grabBothThemes(*microscope, "microscope-difference");
    // Rows without a prompt have nothing to compare.
    fixture->document.apply(
        {"objective={\"kind\": \"classification\"}", "data.roles={\"text\": \"text\", \"label\": \"label\"}"},
        "Classify");
    shown(labelled("the old hammer", "tool"));
    QVERIFY(!mode->isVisible());
    QCOMPARE(mode->current(), "training");
  }

  void alignsTwoSequencesOfTokens() {
    using In = AlignedToken::In;
    const auto text = [](const std::vector<std::int32_t>& first, const std::vector<std::int32_t>& second) {
      QString all;
      for (const AlignedToken& token : alignTokens(first, second))
        all += (token.in == In::both ? "" : token.in == In::first ? "-" : "+") + QString::number(token.id) + " ";
      return all.trimmed();
    };
    QCOMPARE(text({1, 2, 3}, {1, 2, 3}), "1 2 3");
    QCOMPARE(text({1, 2, 3, 4}, {1, 3, 5, 4}), "1 -2 3 +5 4");
    QCOMPARE(text({7, 1, 2}, {1, 2, 8}), "-7 1 2 +8");
    QCOMPARE(text({1, 1}, {1}), "1 -1");
    QCOMPARE(text({}, {4}), "+4");
    // Too long to be compared: all of the middle is unequal.
    QCOMPARE(alignTokens(std::vector<std::int32_t>(2001, 1), std::vector<std::int32_t>(2001, 2)).size(), 4002u);
  }

  void warnsWhenTheEndOfAnAnswerIsCut() {
    LUTHIER_NEEDS(model, "weights/llama/stories260K");
    Json changes = llama();
    changes["data"]["max_tokens"] = 12;
    open(changes);
    microscope->resize(904, 420);
    std::string story;
    for (int i = 0; i < 12; ++i) story += " She had a red ball and a small dog.";
    const RowTokens& tokens = shown(answered("Once upon a time", story));
    QVERIFY(tokens.endCut);
    QCOMPARE(tokens.kept(), 12);
    QVERIFY(tokens.tokens.back().kind == TokenKind::cut);
    grabBothThemes(*microscope, "microscope-end-cut");
  }

  void showsTagsOfWords() {
    open({{"objective", {{"kind", "tagging"}}},
          {"data",
           {{"roles", {{"tokens", "text"}, {"tags", "label"}, {"text", nullptr}, {"label", nullptr}}},
            {"labels", {"O", "FRUIT"}}}}});
    RoleRow row;
    row.tokens = {"my", "apple", "on", "a", "pear"};
    row.tags = {"O", "FRUIT", "O", "O", "FRUIT"};
    const RowTokens& tokens = shown(row);
    QCOMPARE(tokens.words, 5);
    QCOMPARE(tokens.tokens[2].note, QString("FRUIT"));
    QVERIFY(tokens.tokens[2].loss);
    QVERIFY(!tokens.tokens[0].loss);
  }

  void saysWhatIsMissing() {
    open({{"model", {{"path", ""}, {"from_config", false}}}});
    microscope->showRow(labelled("the old hammer", "tool"), 1);
    auto* button = child<QPushButton>(*microscope, "microscopeModelButton");
    QTRY_VERIFY(button->isVisible());
    QTest::mouseClick(button, Qt::LeftButton);
    QCOMPARE(fixture->wentTo(), QString::number(int(Step::model)));
    // A model without a tokenizer: an error card in place, and a way on.
    write_text(path("bare/config.json"), "{\"model_type\": \"bert\"}");
    fixture->document.set("model.path", path("bare").string(), "Model");
    QTRY_VERIFY(child<QPushButton>(*microscope, "microscopeOtherModelButton")->isVisible());
    QVERIFY(!microscope->shown());
    grabTo(*microscope, "microscope-error");
    microscope->clear();
    QVERIFY(!child<QPushButton>(*microscope, "microscopeOtherModelButton")->isVisible());
  }

  void showsTheLastOfManyRowsAskedForInAHurry() {
    open();
    for (int i = 0; i < 50; ++i) microscope->showRow(labelled("the old hammer " + tiny_text(i, 0, 5), "tool"), i);
    QTRY_VERIFY(microscope->shown() && microscope->shown()->number == 49);
  }

  void asksForOtherRows() {
    open();
    QSignalSpy previous(microscope.get(), &Microscope::previousWanted), next(microscope.get(), &Microscope::nextWanted),
        closed(microscope.get(), &Microscope::closed);
    for (const char* name : {"microscopePrev", "microscopeNext", "microscopeClose"})
      QTest::mouseClick(child<QPushButton>(*microscope, name), Qt::LeftButton);
    QCOMPARE(previous.count() + next.count() + closed.count(), 3);
  }

  void movesOverTokensWithKeysAndMouse() {
    open();
    shown(labelled("the old hammer with a saw and my new drill on a nail and the good plane with a bad screw", "tool"));
    microscope->resize(560, 220);
    auto* view = child<TokenView>(*microscope, "microscopeTokens");
    view->setFocus(Qt::TabFocusReason);
    QTRY_COMPARE(view->cursor(), 0);
    for (int i = 0; i < 3; ++i) QTest::keyClick(view, Qt::Key_Right);
    QCOMPARE(view->cursor(), 3);
    QCOMPARE(view->described(), 3);
    QVERIFY(view->accessibleDescription().contains("hammer"));
    QTest::keyClick(view, Qt::Key_Down);
    QVERIFY(view->tokenRect(view->cursor()).top() > view->tokenRect(3).top());
    QTest::keyClick(view, Qt::Key_Up);
    QTest::keyClick(view, Qt::Key_End, Qt::ControlModifier);
    QCOMPARE(view->cursor(), int(view->tokens().size()) - 1);
    QTest::mouseMove(view->viewport(), view->tokenRect(2).center());
    QTRY_COMPARE(view->described(), 2);
    grabBothThemes(*microscope, "microscope-note");
  }

  void laysOutOneHundredThousandTokensAndPaintsTheVisibleOnes() {
    TokenView view("many");
    view.resize(600, 200);
    view.show();
    std::vector<ShownToken> tokens(100000);
    for (std::size_t i = 0; i < tokens.size(); ++i) tokens[i].text = QString("token%1").arg(i % 977);
    view.setTokens(std::move(tokens));
    QElapsedTimer clock;
    clock.start();
    view.grab();
    QVERIFY2(clock.elapsed() < 200, qPrintable(QString("painting took %1 ms").arg(clock.elapsed())));
    view.setCursor(99999);
    QVERIFY(view.viewport()->rect().contains(view.tokenRect(99999).center()));
    QVERIFY(view.verticalScrollBar()->value() > 0);
    QCOMPARE(view.tokenAt(view.tokenRect(99999).center()), 99999);
  }

  void spellsByteLevelTokensAsCharacters() {
    LUTHIER_NEEDS(file, "weights/tokenizers/gpt2");
    open({{"objective", {{"kind", "masked_lm"}}}, {"model", {{"tokenizer", file.string()}}}});
    const RowTokens& tokens = shown(labelled("a cat\nsat \xF0\x9F\x90\x88", ""));
    QStringList texts;
    for (const ShownToken& token : tokens.tokens) texts << token.text;
    // GPT-2 has no token for this cat: its four bytes are two tokens, none a character by itself.
    QVERIFY2(texts.join('|').startsWith("a|\u00B7cat|\u21B5|sat|\u00B7"), qPrintable(texts.join('|')));
    QVERIFY2(texts.join('|').contains("\\xF0\\x9F"), qPrintable(texts.join('|')));
  }
};

LUTHIER_WINDOW_TEST_MAIN(MicroscopeTest)
#include "microscope_test.moc"
