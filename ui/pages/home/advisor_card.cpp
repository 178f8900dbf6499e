#include "pages/home/advisor_card.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QPainter>
#include <QPainterPath>
#include <QPushButton>
#include <QVBoxLayout>

#include "forms/catalog_text.h"
#include "widgets/basics.h"
#include "widgets/controls.h"

namespace luthier {

namespace {
/// The right part (the lower one in narrow windows), on the page's colour with a line before it.
class AdvicePane : public QWidget {
 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(tokens().page);
    painter.setClipRect(rect());
    const bool below = y() > x();
    painter.drawRoundedRect(QRectF(rect()).adjusted(below ? 0 : -10, below ? -10 : 0, 0, 0), 7, 7);
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.fillRect(below ? QRect(0, 0, width(), 1) : QRect(0, 0, 1, height()), tokens().line);
  }
};
}  // namespace

AdvisorCard::AdvisorCard(QWidget* parent) : QFrame(parent) {
  setObjectName("advisorCard");
  setAccessibleName(tr("Is fine-tuning the right tool?"));
  setProperty("card", "true");
  row_ = new QBoxLayout(QBoxLayout::LeftToRight, this);
  row_->setContentsMargins(1, 1, 1, 1);
  row_->setSpacing(0);

  questions_ = new QWidget;
  questions_->setProperty("surface", "none");
  auto* questions = makeColumn(0, questions_);
  questions->setContentsMargins(18, 15, 18, 15);
  questions->addWidget(makeLabel(tr("Is fine-tuning the right tool?"), TextStyle::heading));
  questions->addSpacing(2);
  questions->addWidget(makeLabel(tr("Four questions, before you spend the time."), TextStyle::small, "tertiary"));
  questions->addSpacing(12);
  auto* grid = new QGridLayout;
  grid->setHorizontalSpacing(20);
  grid->setVerticalSpacing(10);
  grid->setColumnStretch(2, 1);
  purpose_ = addQuestion(grid, "advisor.q1", tr("What should the model do differently?"), {"facts", "style", "label"},
                         {tr("Know new facts"), tr("Change style or format"), tr("Give a label")}, "style");
  change_ = addQuestion(grid, "advisor.q2", tr("How often does the content change?"), {"daily", "monthly", "rarely"},
                        {tr("Every day"), tr("Every month"), tr("Rarely")}, "rarely");
  examples_ = addQuestion(grid, "advisor.q3", tr("How many examples do you have?"), {"few", "some", "many"},
                          {tr("Fewer than 50"), tr("50 to 1,000"), tr("More")}, "some");
  cites_ = addQuestion(grid, "advisor.q4", tr("Must it cite its source?"), {"yes", "no"}, {tr("Yes"), tr("No")}, "no");
  questions->addLayout(grid);
  questions->addStretch(1);
  row_->addWidget(questions_, 68);

  pane_ = new AdvicePane;
  auto* advice = makeColumn(0, pane_);
  advice->setContentsMargins(18, 15, 18, 15);
  advice->addWidget(makeLabel(tr("Advice"), TextStyle::small, "tertiary"));
  advice->addSpacing(2);
  verdict_ = makeText({}, TextStyle::heading);
  verdict_->setObjectName("advisorVerdict");
  advice->addWidget(verdict_);
  advice->addSpacing(6);
  text_ = makeText({}, TextStyle::small, "secondary");
  text_->setObjectName("advisorText");
  advice->addWidget(text_);
  more_ = makeText({}, TextStyle::small, "tertiary");
  more_->setObjectName("advisorMore");
  more_->hide();
  advice->addSpacing(6);
  advice->addWidget(more_);
  advice->addStretch(1);
  advice->addSpacing(10);
  auto* buttons = makeRow(4);
  start_ = makeSmallButton({}, "advisorStartButton");
  why_ = makeSmallButton(tr("Why this advice"), "advisorWhyButton", "quiet");
  why_->setCheckable(true);
  buttons->addWidget(start_);
  buttons->addWidget(why_);
  buttons->addStretch(1);
  advice->addLayout(buttons);
  row_->addWidget(pane_, 32);

  connect(why_, &QPushButton::toggled, more_, &QWidget::setVisible);
  connect(start_, &QPushButton::clicked, this,
          [this] { Q_EMIT startWanted(QString::fromStdString(first_advice(answers()).method)); });
  refresh();
}

QSize AdvisorCard::minimumSizeHint() const {
  // One below the other, as where the window is narrow.
  return {std::max(questions_->minimumSizeHint().width(), pane_->minimumSizeHint().width()) + 2,
          QFrame::minimumSizeHint().height()};
}

void AdvisorCard::resizeEvent(QResizeEvent* event) {
  QFrame::resizeEvent(event);
  // After the layout that is going on: it would take no notice of another height.
  QMetaObject::invokeMethod(this, &AdvisorCard::arrange, Qt::QueuedConnection);
}

void AdvisorCard::arrange() {
  const int beside = questions_->minimumSizeHint().width() + pane_->minimumSizeHint().width() + 2;
  const auto direction = width() >= beside ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom;
  if (direction == row_->direction()) return;
  row_->setDirection(direction);
  updateGeometry();
  pane_->update();
}

SegmentedControl* AdvisorCard::addQuestion(QGridLayout* grid, const QString& name, const QString& question,
                                           const QStringList& ids, const QStringList& labels, const QString& first) {
  auto* control = new SegmentedControl(name);
  control->setAccessibleName(question);
  control->setChoices(ids, labels);
  control->setCurrent(first);
  const int line = grid->rowCount();
  QLabel* label = makeText(question, TextStyle::body, "secondary");
  grid->addWidget(label, line, 0);
  grid->addWidget(control, line, 1, Qt::AlignLeft);
  grid->setColumnMinimumWidth(0, scaled(200));
  connect(control, &SegmentedControl::chosen, this, &AdvisorCard::refresh);
  return control;
}

FirstAnswers AdvisorCard::answers() const {
  FirstAnswers answers;
  const QString purpose = purpose_->current(), change = change_->current(), examples = examples_->current();
  answers.purpose = purpose == "facts" ? Purpose::facts : purpose == "label" ? Purpose::label : Purpose::style;
  answers.change = change == "daily" ? Change::daily : change == "monthly" ? Change::monthly : Change::rarely;
  answers.examples = examples == "few" ? Examples::few : examples == "many" ? Examples::many : Examples::some;
  answers.cites = cites_->current() == "yes";
  return answers;
}

void AdvisorCard::refresh() {
  const FirstAdvice advice = first_advice(answers());
  verdict_->setText(catalogText(advice.title));
  text_->setText(catalogText(advice.text));
  more_->setText(catalogText(advice.more));
  start_->setText(advice.before == Before::nothing ? tr("Start this project") : tr("Start anyway"));
}

}  // namespace luthier
