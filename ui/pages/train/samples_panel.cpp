#include "pages/train/samples_panel.h"

#include <QBoxLayout>
#include <QRegularExpression>
#include <QScrollArea>
#include <nlohmann/json.hpp>

#include "widgets/format.h"

namespace luthier {

namespace {
constexpr int kAnswers = 6;  // of the run, besides the base model's
constexpr int kRun = 3, kTimes = 3;
}  // namespace

std::pair<QString, const char*> endingOf(const QString& answer, bool ended) {
  // The same three words in a row, three times.
  const QStringList words = answer.toLower().split(QRegularExpression("\\s+"), Qt::SkipEmptyParts);
  std::map<QString, int> runs;
  bool repeats = false;
  for (int i = 0; i + kRun <= words.size(); ++i) repeats = ++runs[words.mid(i, kRun).join(' ')] >= kTimes || repeats;
  if (repeats) return {QObject::tr("repeats"), "warning"};
  if (!ended) return {QObject::tr("never ends"), "error"};
  return {QObject::tr("ends correctly"), "good"};
}

SamplesPanel::SamplesPanel(QWidget* parent) : Card(tr("Samples"), parent) {
  setObjectName("samplesPanel");
  previous_ = makeIconButton("left", tr("Previous prompt"), "samplePrevious");
  next_ = makeIconButton("right", tr("Next prompt"), "sampleNext");
  place_ = makeLabel({}, TextStyle::small, "secondary");
  place_->setObjectName("samplePlace");
  header()->addWidget(previous_);
  header()->addWidget(place_);
  header()->addWidget(next_);
  connect(previous_, &QPushButton::clicked, this, [this] { turn(-1); });
  connect(next_, &QPushButton::clicked, this, [this] { turn(1); });
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Ignored);
  auto* inner = new QWidget;
  inner->setProperty("surface", "none");
  column_ = makeColumn(8, inner);
  column_->setContentsMargins(13, 4, 13, 12);
  scroll->setWidget(inner);
  body()->setContentsMargins(0, 0, 0, 0);
  body()->setSpacing(0);
  body()->addWidget(scroll, 1);
  body()->addWidget(makeLine());
  auto* foot = makeRow(8);
  foot->setContentsMargins(13, 8, 13, 8);
  now_ = makeSmallButton(tr("Sample now"), "sampleNowButton");
  foot->addWidget(now_);
  foot->addStretch(1);
  body()->addLayout(foot);
  connect(now_, &QPushButton::clicked, this, &SamplesPanel::sampleWanted);
}

void SamplesPanel::setAskable(bool askable, const QString& reason) { setEnabledBecause(now_, askable, reason); }

void SamplesPanel::clear() {
  prompts_.clear();
  current_ = 0;
  refresh();
}

void SamplesPanel::add(const EventRow& event) {
  if (event.kind != "sample" || !Json::accept(event.detail_json)) return;
  const Json detail = Json::parse(event.detail_json);
  const auto text = [&](const char* key) {
    const auto found = detail.find(key);
    return found != detail.end() && found->is_string() ? QString::fromStdString(found->get<std::string>()).trimmed()
                                                       : QString();
  };
  if (!detail.is_object() || !detail.contains("index") || !detail["index"].is_number_integer()) return;
  Prompt& prompt = prompts_[detail["index"].get<int>()];
  prompt.text = text("prompt");
  prompt.reference = text("reference");
  const auto ended = detail.find("ended");
  prompt.answers[event.step] = {text("answer"), ended != detail.end() && ended->is_boolean() && ended->get<bool>()};
}

int SamplesPanel::answerCount() const {
  return prompts_.empty() ? 0 : int(std::next(prompts_.begin(), current_)->second.answers.size());
}

void SamplesPanel::turn(int by) {
  current_ = (current_ + by + promptCount()) % std::max(1, promptCount());
  refresh();
}

void SamplesPanel::addAnswer(std::int64_t step, const Answer& answer) {
  auto* head = makeRow(8);
  QLabel* name = makeLabel(step == 0 ? tr("Base model") : tr("Step %1").arg(countText(step)), TextStyle::label);
  QFont bold = name->font();
  bold.setWeight(QFont::DemiBold);
  name->setFont(bold);
  const auto [ending, tone] = endingOf(answer.text, answer.ended);
  head->addWidget(name);
  head->addStretch(1);
  head->addWidget(makeChip(ending, tone));
  column_->addWidget(makeLine());
  column_->addLayout(head);
  QLabel* words = makeText(answer.text.isEmpty() ? tr("(nothing)") : answer.text, TextStyle::small, "secondary");
  words->setTextInteractionFlags(Qt::TextSelectableByMouse);
  words->setAccessibleName(name->text() + ", " + ending + ": " + answer.text);
  column_->addWidget(words);
}

void SamplesPanel::refresh() {
  clearLayout(column_);
  place_->setText(prompts_.empty() ? QString() : tr("%1 of %2").arg(current_ + 1).arg(promptCount()));
  for (QPushButton* button : {previous_, next_}) button->setEnabled(promptCount() > 1);
  if (prompts_.empty()) {
    column_->addWidget(makeText(tr("The model's answers to held-out prompts come with every evaluation."),
                                TextStyle::small, "tertiary"));
    column_->addStretch(1);
    return;
  }
  const Prompt& prompt = std::next(prompts_.begin(), current_)->second;
  column_->addWidget(makeLabel(tr("Prompt, held out; temperature 0"), TextStyle::caption, "tertiary"));
  QLabel* question = makeText(prompt.text, TextStyle::small, "");
  question->setObjectName("samplePrompt");
  column_->addWidget(question);
  int shown = 0;
  for (auto answer = prompt.answers.rbegin(); answer != prompt.answers.rend(); ++answer)
    if (answer->first > 0 && shown++ < kAnswers) addAnswer(answer->first, answer->second);
  if (const auto base = prompt.answers.find(0); base != prompt.answers.end()) addAnswer(0, base->second);
  column_->addWidget(makeLine());
  column_->addWidget(makeLabel(tr("Reference answer"), TextStyle::caption, "tertiary"));
  column_->addWidget(makeText(prompt.reference, TextStyle::small, "secondary"));
  column_->addStretch(1);
}

}  // namespace luthier
