#include "widgets/states.h"

#include <QClipboard>
#include <QDesktopServices>
#include <QGuiApplication>
#include <QPainter>
#include <QPainterPath>
#include <QTimerEvent>
#include <QUrl>
#include <QVBoxLayout>

#include "jobs/error_text.h"
#include "widgets/format.h"

namespace luthier {

QString stateName(StateKind state) {
  switch (state) {
    case StateKind::notStarted:
      return QObject::tr("not started");
    case StateKind::done:
      return QObject::tr("done");
    case StateKind::running:
      return QObject::tr("running");
    case StateKind::paused:
      return QObject::tr("paused");
    case StateKind::warning:
      return QObject::tr("warning");
    case StateKind::error:
      return QObject::tr("error");
    case StateKind::serving:
      return QObject::tr("serving");
    case StateKind::note:
      return QObject::tr("note");
  }
  return {};
}

void paintState(QPainter& painter, const QRectF& rect, StateKind state, double turn) {
  const Tokens& t = tokens();
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.translate(rect.center());
  const double unit = rect.width() / 16;
  painter.scale(unit, unit);
  const auto pen = [&](const QColor& colour, double width = 1.4) {
    QPen made(colour, width, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
    painter.setPen(made);
    painter.setBrush(Qt::NoBrush);
  };
  const QRectF ring(-4.5, -4.5, 9, 9);
  switch (state) {
    case StateKind::notStarted:
      pen(t.textTertiary);
      painter.drawEllipse(ring);
      break;
    case StateKind::done:
      painter.setPen(Qt::NoPen);
      painter.setBrush(t.goodSoft);
      painter.drawEllipse(QRectF(-6, -6, 12, 12));
      pen(t.good, 1.6);
      painter.drawPolyline(QPolygonF({{-2.4, 0.2}, {-0.7, 1.9}, {2.5, -1.8}}));
      break;
    case StateKind::running:
      pen(t.accentSoftLine, 2);
      painter.drawEllipse(ring);
      pen(t.accent, 2);
      painter.drawArc(ring, int((90 - turn * 360) * 16), -200 * 16);
      break;
    case StateKind::paused:
      pen(t.accentText);
      painter.drawEllipse(QRectF(-5.5, -5.5, 11, 11));
      painter.drawLine(QPointF(-1.4, -2), QPointF(-1.4, 2));
      painter.drawLine(QPointF(1.4, -2), QPointF(1.4, 2));
      break;
    case StateKind::warning: {
      QPainterPath triangle;
      triangle.moveTo(0, -5.5);
      triangle.lineTo(5.8, 4.8);
      triangle.lineTo(-5.8, 4.8);
      triangle.closeSubpath();
      pen(t.warning);
      painter.setBrush(t.warningSoft);
      painter.drawPath(triangle);
      painter.drawLine(QPointF(0, -1.8), QPointF(0, 1.2));
      painter.drawPoint(QPointF(0, 3));
      break;
    }
    case StateKind::error:
      pen(t.error);
      painter.setBrush(t.errorSoft);
      painter.drawEllipse(QRectF(-5.5, -5.5, 11, 11));
      painter.drawLine(QPointF(-2, -2), QPointF(2, 2));
      painter.drawLine(QPointF(2, -2), QPointF(-2, 2));
      break;
    case StateKind::serving:
      pen(t.accent);
      painter.drawEllipse(QRectF(-5.5, -5.5, 11, 11));
      painter.setBrush(t.accent);
      painter.setPen(Qt::NoPen);
      painter.drawEllipse(QRectF(-3, -3, 6, 6));
      break;
    case StateKind::note:
      pen(t.textSecondary);
      painter.drawEllipse(QRectF(-5.5, -5.5, 11, 11));
      painter.drawLine(QPointF(0, -0.4), QPointF(0, 2.6));
      painter.drawPoint(QPointF(0, -2.6));
      break;
  }
  painter.restore();
}

StateMark::StateMark(StateKind state, QWidget* parent) : QWidget(parent), state_(StateKind::notStarted) {
  setFixedSize(16, 16);
  setState(state);
}

void StateMark::setState(StateKind state) {
  state_ = state;
  setAccessibleName(stateName(state));
  const bool turns = state == StateKind::running && !theme().look().reducedMotion;
  if (turns && !timer_) timer_ = startTimer(50);
  if (!turns && timer_) {
    killTimer(timer_);
    timer_ = 0;
  }
  update();
}

void StateMark::timerEvent(QTimerEvent*) {
  turn_ += 50 / 1200.0;
  update();
}

void StateMark::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  paintState(painter, rect(), state_, turn_);
}

EmptyState::EmptyState(const QString& iconName, const QString& title, const QString& text, QWidget* parent)
    : QWidget(parent) {
  auto* column = makeColumn(6, this);
  column->setContentsMargins(20, 24, 20, 24);
  column->addStretch(1);
  auto* mark = new QLabel;
  const auto draw = [mark, iconName] {
    mark->setPixmap(iconPixmap(iconName, tokens().textTertiary, 28, mark->devicePixelRatioF()));
  };
  draw();
  connect(&theme(), &Theme::changed, mark, draw);
  mark->setAlignment(Qt::AlignCenter);
  column->addWidget(mark);
  title_ = makeLabel(title, TextStyle::label);
  QFont bold = title_->font();
  bold.setWeight(QFont::DemiBold);
  title_->setFont(bold);
  title_->setAlignment(Qt::AlignCenter);
  column->addWidget(title_);
  text_ = makeText(text, TextStyle::body, "secondary");
  text_->setAlignment(Qt::AlignCenter);
  text_->setMaximumWidth(scaled(420));
  auto* middle = makeRow(0);
  middle->addStretch(1);
  middle->addWidget(text_, 4);
  middle->addStretch(1);
  column->addLayout(middle);
  actions_ = makeRow(8);
  actions_->addStretch(1);
  actions_->addStretch(1);
  column->addSpacing(6);
  column->addLayout(actions_);
  column->addStretch(1);
}

QPushButton* EmptyState::addAction(const QString& text, const QString& name, const char* kind) {
  QPushButton* button = makeButton(text, name, kind);
  actions_->insertWidget(actions_->count() - 1, button);
  return button;
}

void EmptyState::setText(const QString& title, const QString& text) {
  title_->setText(title);
  text_->setText(text);
}

ErrorCard::ErrorCard(QWidget* parent) : QFrame(parent) {
  setProperty("card", "true");
  setObjectName("errorCard");
  auto* column = makeColumn(8, this);
  column->setContentsMargins(16, 14, 16, 14);
  auto* top = makeRow(8);
  mark_ = new StateMark(StateKind::error);
  title_ = makeLabel({}, TextStyle::label);
  title_->setWordWrap(true);
  QFont bold = title_->font();
  bold.setWeight(QFont::DemiBold);
  title_->setFont(bold);
  top->addWidget(mark_, 0, Qt::AlignTop);
  top->addWidget(title_, 1);
  column->addLayout(top);
  const auto row = [&](const QString& name, QLabel*& value) {
    auto* line = new QWidget;
    auto* layout = makeRow(8, line);
    QLabel* key = makeLabel(name, TextStyle::body, "tertiary");
    key->setFixedWidth(scaled(44));
    value = makeText({}, TextStyle::body, "");
    value->setTextInteractionFlags(Qt::TextSelectableByMouse);
    layout->addWidget(key, 0, Qt::AlignTop);
    layout->addWidget(value, 1);
    column->addWidget(line);
    return line;
  };
  whatRow_ = row(tr("What"), what_);
  whyRow_ = row(tr("Why"), why_);
  doRow_ = row(tr("Do"), do_);
  fixes_ = makeRow(8);
  fixes_->addStretch(1);
  QPushButton* copy = makeButton(tr("Copy details"), "copyDetailsButton", "quiet");
  connect(copy, &QPushButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(details_); });
  log_ = makeButton(tr("Open log"), "openLogButton", "quiet");
  connect(log_, &QPushButton::clicked, this, [this] { QDesktopServices::openUrl(QUrl::fromLocalFile(logFile_)); });
  log_->hide();
  fixes_->addWidget(copy);
  fixes_->addWidget(log_);
  column->addLayout(fixes_);
}

void ErrorCard::setError(const ErrorText& told) {
  ErrorText error = told;  // the core's words are clauses; here they are sentences
  for (QString* words : {&error.what, &error.why, &error.doThis}) *words = capitalText(*words);
  title_->setText(error.title);
  what_->setText(error.what);
  why_->setText(error.why);
  do_->setText(error.doThis);
  whatRow_->setVisible(!error.what.isEmpty());
  whyRow_->setVisible(!error.why.isEmpty());
  doRow_->setVisible(!error.doThis.isEmpty());
  details_ = error.title + "\n" + error.what + "\n" + error.why + "\n" + error.doThis;
  setAccessibleName(error.title + ". " + error.what);
}

QPushButton* ErrorCard::addFix(const QString& text, const QString& name) {
  int before = 0;
  while (fixes_->itemAt(before)->widget()) ++before;
  QPushButton* button = makeButton(text, name, before == 0 ? "primary" : "");
  fixes_->insertWidget(before, button);
  return button;
}

void ErrorCard::clearFixes() {
  while (QWidget* widget = fixes_->itemAt(0)->widget()) {
    fixes_->removeWidget(widget);
    widget->deleteLater();
  }
}

void ErrorCard::setLog(const QString& file) {
  logFile_ = file;
  log_->setVisible(!file.isEmpty());
}

}  // namespace luthier
