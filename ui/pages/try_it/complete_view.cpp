#include "pages/try_it/complete_view.h"

#include <QDateTime>
#include <QDoubleSpinBox>
#include <QKeyEvent>
#include <QLineEdit>
#include <QNetworkReply>
#include <QScrollBar>
#include <QSpinBox>
#include <functional>
#include <memory>

#include "forms/option_editor.h"
#include "widgets/format.h"

namespace luthier {

namespace {
/// Enter sends, Shift+Enter breaks the line.
class PromptEdit : public QPlainTextEdit {
 public:
  std::function<void()> send;

 protected:
  void keyPressEvent(QKeyEvent* event) override {
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (enter && !(event->modifiers() & (Qt::ShiftModifier | Qt::ControlModifier))) return send();
    QPlainTextEdit::keyPressEvent(event);
  }
};
}  // namespace

CompleteView::CompleteView(Workbench& workbench, ModelServer& server, QWidget* parent)
    : QWidget(parent), workbench_(workbench), server_(server) {
  auto* all = makeRow(12, this);
  auto* left = new Card;
  left->body()->setContentsMargins(0, 0, 0, 0);
  left->body()->setSpacing(0);
  auto* heads = makeRow(0);
  const auto head = [&](const QString& who, QLabel*& name) {
    auto* box = new QWidget;
    box->setFixedHeight(scaled(36));
    auto* row = makeRow(8, box);
    row->setContentsMargins(16, 0, 16, 0);
    QLabel* title = makeLabel(who, TextStyle::label);
    name = makeLabel({}, TextStyle::small, "tertiary");
    row->addWidget(title);
    row->addWidget(name, 1);
    heads->addWidget(box, 1);
    return box;
  };
  baseHead_ = head(tr("Base"), baseName_);
  head(tr("Tuned"), tunedName_);
  left->body()->addLayout(heads);
  left->body()->addWidget(makeLine());
  talk_ = new QWidget;
  talk_->setObjectName("chatView");
  talk_->setProperty("surface", "none");
  turns_ = makeColumn(0, talk_);
  turns_->addStretch(1);
  scroll_ = new QScrollArea;
  scroll_->setWidgetResizable(true);
  scroll_->setWidget(talk_);
  left->body()->addWidget(scroll_, 1);
  left->body()->addWidget(makeLine());
  auto* foot = makeColumn(8);
  foot->setContentsMargins(12, 10, 12, 10);
  auto* prompt = new PromptEdit;
  prompt->send = [this] { send(); };
  prompt_ = prompt;
  prompt_->setObjectName("promptEdit");
  prompt_->setAccessibleName(tr("Prompt"));
  prompt_->setPlaceholderText(tr("Ask both models. Enter sends, Shift+Enter breaks the line."));
  prompt_->setFixedHeight(scaled(60));
  prompt_->setTabChangesFocus(true);
  auto* buttons = makeRow(8);
  auto* clear = makeSmallButton(tr("Clear"), "clearChatButton", "quiet");
  connect(clear, &QPushButton::clicked, this, [this] {
    for (const auto& reply : std::as_const(writing_))
      if (reply) reply->abort();
    clearLayout(turns_);
    turns_->addStretch(1);
  });
  send_ = makeButton(tr("Send to both"), "sendButton", "primary");
  connect(send_, &QPushButton::clicked, this, &CompleteView::send);
  buttons->addWidget(clear);
  buttons->addStretch(1);
  buttons->addWidget(send_);
  foot->addWidget(prompt_);
  foot->addLayout(buttons);
  left->body()->addLayout(foot);
  all->addWidget(left, 1);
  all->addWidget(generationForm());
}

QWidget* CompleteView::generationForm() {
  auto* card = new Card(tr("Generation"));
  card->setObjectName("generationForm");
  card->setFixedWidth(scaled(248));
  const auto row = [&](const QString& name, QWidget* editor, const QString& help) {
    auto* line = makeRow(8);
    QLabel* label = makeLabel(name, TextStyle::small, "secondary");
    editor->setAccessibleName(name);
    editor->setToolTip(help);
    editor->setFixedWidth(scaled(76));
    guardWheel(editor);
    line->addWidget(label, 1);
    line->addWidget(editor);
    card->body()->addLayout(line);
  };
  const auto number = [](const char* name, double low, double high, double step, double value) {
    auto* spin = new QDoubleSpinBox;
    spin->setObjectName(name);
    spin->setRange(low, high);
    spin->setSingleStep(step);
    spin->setDecimals(2);
    spin->setValue(value);
    return spin;
  };
  temperature_ = number("option.temperature", 0, 2, 0.1, 0);
  topP_ = number("option.top_p", 0.01, 1, 0.05, 1);
  minP_ = number("option.min_p", 0, 1, 0.05, 0);
  penalty_ = number("option.repetition_penalty", 0.5, 2, 0.05, 1);
  const auto count = [](const char* name, int low, int high, int value) {
    auto* spin = new QSpinBox;
    spin->setObjectName(name);
    spin->setRange(low, high);
    spin->setValue(value);
    return spin;
  };
  topK_ = count("option.top_k", 0, 1000, 0);
  topK_->setSpecialValueText(tr("off"));
  beams_ = count("option.beams", 1, 16, 1);
  longest_ = count("option.max_new_tokens", 1, 2048, 64);
  seed_ = count("option.seed", 0, 1000000, 42);
  stop_ = new QLineEdit;
  stop_->setObjectName("option.stop");
  connect(beams_, &QSpinBox::valueChanged, this, [this](int beams) {
    setEnabledBecause(temperature_, beams == 1, tr("Not available: beams look for the likeliest answer."));
  });
  row(tr("Temperature"), temperature_, tr("0 always takes the most likely token; higher is more varied."));
  row(tr("Top p"), topP_, tr("Draws from the fewest tokens that together have this share."));
  row(tr("Top k"), topK_, tr("Draws from so many of the likeliest tokens."));
  row(tr("Min p"), minP_, tr("Draws from tokens that are at least this share as likely as the likeliest."));
  row(tr("Beams"), beams_, tr("Above 1: follows so many answers at once and takes the likeliest."));
  row(tr("Longest answer"), longest_, tr("Tokens."));
  row(tr("Stop at"), stop_, tr("The answer ends before this text."));
  row(tr("Repetition penalty"), penalty_, tr("Above 1: less of what was there already."));
  row(tr("Seed"), seed_, tr("The same seed gives the same answer."));
  card->body()->addSpacing(6);
  card->body()->addWidget(makeLine());
  card->body()->addWidget(makeLabel(tr("Sent to the model"), TextStyle::label));
  before_ = new QPlainTextEdit;
  before_->setObjectName("sentPrompt");
  before_->setAccessibleName(tr("Form of the prompt"));
  before_->setToolTip(tr("{prompt} stands for what you write. Keep it as in the training data."));
  before_->setFont(luthier::font(TextStyle::mono));
  before_->setFixedHeight(scaled(96));
  before_->setPlainText("{prompt}");
  before_->setTabChangesFocus(true);
  card->body()->addWidget(before_);
  card->body()->addWidget(makeText(tr("A model answers best to prompts in the form that it was trained on."),
                                   TextStyle::caption, "tertiary"));
  card->body()->addStretch(1);
  return card;
}

void CompleteView::begin(const QString& base, const QString& tuned) {
  baseName_->setText(base);
  tunedName_->setText(tuned);
  baseHead_->setVisible(server_.hasBase());
  send_->setText(server_.hasBase() ? tr("Send to both") : tr("Send"));
  prompt_->setFocus();
}

void CompleteView::updateSend() {
  writing_.removeIf([](const QPointer<QNetworkReply>& reply) { return !reply; });
  const bool busy = !writing_.isEmpty();
  send_->setText(busy ? tr("Stop") : server_.hasBase() ? tr("Send to both") : tr("Send"));
}

void CompleteView::send() {
  if (!writing_.isEmpty()) {
    for (const auto& reply : std::as_const(writing_))
      if (reply) reply->abort();
    return;
  }
  const QString typed = prompt_->toPlainText().trimmed();
  if (typed.isEmpty() || server_.state() != ModelServer::State::ready) return;
  QString form = before_->toPlainText();
  if (!form.contains("{prompt}")) form += "{prompt}";
  const QString prompt = form.replace("{prompt}", typed);

  auto* turn = new QWidget;
  auto* column = makeColumn(0, turn);
  auto* said = new QWidget;
  said->setProperty("surface", "page");
  said->setAttribute(Qt::WA_StyledBackground);
  auto* saidColumn = makeColumn(2, said);
  saidColumn->setContentsMargins(16, 8, 16, 8);
  saidColumn->addWidget(makeLabel(tr("You"), TextStyle::caption, "tertiary"));
  QLabel* words = makeText(typed, TextStyle::body, "");
  words->setTextInteractionFlags(Qt::TextSelectableByMouse);
  saidColumn->addWidget(words);
  column->addWidget(said);
  column->addWidget(makeLine());
  auto* sides = makeRow(0);
  column->addLayout(sides);
  column->addWidget(makeLine());
  for (const bool base : {true, false}) {
    if (base && !server_.hasBase()) continue;
    auto* box = new QWidget;
    auto* place = makeColumn(4, box);
    place->setContentsMargins(16, 8, 16, 12);
    sides->addWidget(box, 1);
    if (base) sides->addWidget(makeLine(Qt::Vertical));
    ask(prompt, base, place);
  }
  turns_->insertWidget(turns_->count() - 1, turn);
  prompt_->clear();
  updateSend();
}

void CompleteView::ask(const QString& prompt, bool base, QVBoxLayout* place) {
  auto answer = std::make_shared<Answer>();
  auto* head = makeRow(8);
  head->addWidget(makeLabel(base ? tr("Base") : tr("Tuned"), TextStyle::caption, "secondary"));
  head->addStretch(1);
  answer->chip = makeChip(tr("writing"), "neutral");
  head->addWidget(answer->chip);
  place->addLayout(head);
  answer->text = makeText({}, TextStyle::body, "");
  answer->text->setObjectName(base ? "baseAnswer" : "tunedAnswer");
  answer->text->setTextInteractionFlags(Qt::TextSelectableByMouse);
  answer->facts = makeLabel({}, TextStyle::monoCaption, "tertiary");
  place->addWidget(answer->text);
  place->addWidget(answer->facts);
  place->addStretch(1);
  answer->begun = QDateTime::currentMSecsSinceEpoch();

  const bool chats = server_.chats();
  Json body = {{"model", base ? "base" : "tuned"},
               {"stream", true},
               {"max_tokens", longest_->value()},
               {"temperature", beams_->value() > 1 ? 0 : temperature_->value()},
               {"top_p", topP_->value()},
               {"top_k", topK_->value()},
               {"min_p", minP_->value()},
               {"beams", beams_->value()},
               {"repetition_penalty", penalty_->value()},
               {"seed", seed_->value()}};
  if (!stop_->text().isEmpty()) body["stop"] = stop_->text().toStdString();
  if (chats)
    body["messages"] = Json::array({{{"role", "user"}, {"content", prompt.toStdString()}}});
  else
    body["prompt"] = prompt.toStdString();
  QPointer<QLabel> alive(answer->text);  // "Clear" may remove the turn while the model writes
  QNetworkReply* reply = server_.stream(
      chats ? "/v1/chat/completions" : "/v1/completions", body,
      [this, answer, alive, chats](const Json& event) {
        if (!alive) return;
        const Json choices = event.value("choices", Json::array());
        if (choices.empty()) return;
        const Json piece = chats ? choices[0].value("delta", Json::object()) : choices[0];
        answer->written += QString::fromStdString(piece.value(chats ? "content" : "text", std::string()));
        ++answer->tokens;
        answer->text->setText(answer->written.trimmed());
        if (event.contains("usage") && event["usage"].is_object())
          answer->tokens = event["usage"].value("completion_tokens", answer->tokens);
        const Json reason = choices[0].value("finish_reason", Json());
        if (reason.is_string())
          setChip(answer->chip, reason == "stop" ? tr("ended by itself") : tr("stopped at limit"),
                  reason == "stop" ? "good" : "warning");
        const double seconds = double(QDateTime::currentMSecsSinceEpoch() - answer->begun) / 1000;
        answer->facts->setText(tr("%1 tokens  %2 tok/s  %3 s")
                                   .arg(answer->tokens)
                                   .arg(answer->tokens / std::max(seconds, 1e-3), 0, 'f', 0)
                                   .arg(seconds, 0, 'f', 2));
        scroll_->verticalScrollBar()->setValue(scroll_->verticalScrollBar()->maximum());
      },
      [this, answer, alive](const std::optional<ErrorText>& error) {
        if (alive) {
          if (error) {
            setChip(answer->chip, tr("failed"), "error");
            answer->text->setText(error->what + (error->doThis.isEmpty() ? "" : "\n" + error->doThis));
          } else if (answer->chip->text() == tr("writing")) {
            setChip(answer->chip, tr("stopped"), "neutral");
          }
        }
        QMetaObject::invokeMethod(this, &CompleteView::updateSend, Qt::QueuedConnection);
      });
  writing_ << reply;
  connect(reply, &QObject::destroyed, this, &CompleteView::updateSend, Qt::QueuedConnection);
}

}  // namespace luthier
