#include "pages/method/method_card.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPainter>

#include "widgets/basics.h"
#include "widgets/controls.h"
#include "widgets/format.h"

namespace luthier {

namespace {
constexpr int kPadding = 12, kRadio = 14;
}

MethodCard::MethodCard(const QString& kind, const QString& title, QWidget* parent)
    : QAbstractButton(parent), kind_(kind), titleText_(title) {
  setObjectName("methodCard." + kind);
  setCheckable(true);
  setAutoExclusive(false);
  setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Minimum);
  setCursor(Qt::PointingHandCursor);
  auto* column = makeColumn(6, this);
  column->setContentsMargins(kPadding + 1, 10, kPadding + 1, 10);

  auto* top = makeRow(8);
  title_ = new ElidedLabel(title);
  title_->setFont(luthier::font(TextStyle::label));
  QFont bold = title_->font();
  bold.setWeight(QFont::DemiBold);
  title_->setFont(bold);
  chip_ = makeChip(tr("recommended"), "accent");
  chip_->hide();
  top->addSpacing(kRadio + 8);
  top->addWidget(title_);
  top->addStretch(1);
  top->addWidget(chip_);
  column->addLayout(top);

  numbers_ = new QWidget;
  auto* numbers = makeColumn(4, numbers_);
  auto* figures = makeRow(6);
  share_ = makeLabel({}, TextStyle::heading);
  count_ = makeLabel({}, TextStyle::small, "tertiary");
  bytes_ = makeLabel({}, TextStyle::mono, "secondary");
  figures->addWidget(share_);
  figures->addWidget(count_);
  figures->addStretch(1);
  figures->addWidget(bytes_);
  numbers->addLayout(figures);
  bar_ = new MemoryBar;
  bar_->setBarHeight(6);
  numbers->addWidget(bar_);
  column->addWidget(numbers_);

  sentence_ = makeText({}, TextStyle::small, "secondary");
  column->addWidget(sentence_);
  column->addStretch(1);
  for (QWidget* one : findChildren<QWidget*>()) one->setAttribute(Qt::WA_TransparentForMouseEvents);
  connect(&theme(), &Theme::changed, this, [this] {
    QFont again = luthier::font(TextStyle::label);
    again.setWeight(QFont::DemiBold);
    title_->setFont(again);
    update();
  });
  connect(this, &QAbstractButton::clicked, this, [this] {
    if (isAvailable()) Q_EMIT chosen();
  });
}

void MethodCard::setEstimate(const std::optional<Estimate>& estimate, double scale) {
  numbers_->setVisible(estimate.has_value() && isAvailable());
  figures_.clear();
  if (estimate) {
    const MemoryEstimate& memory = estimate->memory;
    const double share = estimate->total > 0 ? double(estimate->trainable) / double(estimate->total) : 0;
    share_->setText(share >= 0.9995 ? tr("100 %") : percentText(share));
    count_->setText(shortCountText(double(estimate->trainable)));
    bytes_->setText(bytesText(double(memory.total())));
    const QString what = tr("Memory %1").arg(bytes_->text());
    bar_->setSegments(memorySegments(double(memory.weights_bytes), double(memory.gradients_bytes),
                                     double(memory.optimizer_bytes), double(memory.activations_share())),
                      scale, what);
    figures_ = tr("trains %1, %2 parameters, %3").arg(share_->text(), count_->text(), what.toLower());
  }
  updateName();
}

void MethodCard::setSentence(const QString& text) {
  if (!isAvailable()) return;
  sentence_->setText(text);
  setToolTip(text);
}

void MethodCard::setCompact(bool compact) { sentence_->setVisible(!compact); }

void MethodCard::setRecommended(bool recommended) {
  chip_->setVisible(recommended);
  fitChip();
  updateName();
}

void MethodCard::resizeEvent(QResizeEvent* event) {
  QAbstractButton::resizeEvent(event);
  fitChip();
}

void MethodCard::fitChip() {
  // A name that is cut says less than a star: the reason beside the cards tells in words what is recommended.
  const int room = width() - 2 * (kPadding + 1) - kRadio - 8 - 3 * layout()->spacing();
  chip_->setText(tr("recommended"));
  if (title_->sizeHint().width() + chip_->sizeHint().width() > room) chip_->setText(QString::fromUtf8("★"));
}

void MethodCard::setObstacle(const QString& reason) {
  obstacle_ = reason;
  setCursor(isAvailable() ? Qt::PointingHandCursor : Qt::ArrowCursor);
  setTone(title_, isAvailable() ? "" : "disabled");
  setTone(sentence_, isAvailable() ? "secondary" : "tertiary");
  if (!isAvailable()) {
    numbers_->hide();
    sentence_->setText(reason);
  }
  setToolTip(reason);
  setAccessibleDescription(reason);
  updateName();
  update();
}

void MethodCard::updateName() {
  QStringList parts = {titleText_};
  if (!chip_->isHidden()) parts << tr("recommended");
  if (!isAvailable()) parts << tr("not available");
  if (!figures_.isEmpty() && isAvailable()) parts << figures_;
  setAccessibleName(parts.join(", "));
}

QSize MethodCard::sizeHint() const { return layout()->sizeHint(); }
QSize MethodCard::minimumSizeHint() const { return layout()->minimumSize(); }
bool MethodCard::hasHeightForWidth() const { return layout()->hasHeightForWidth(); }
int MethodCard::heightForWidth(int width) const { return layout()->heightForWidth(width); }

void MethodCard::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Right:
    case Qt::Key_Down:
      Q_EMIT moved(1);
      return;
    case Qt::Key_Left:
    case Qt::Key_Up:
      Q_EMIT moved(-1);
      return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (event->modifiers() == Qt::NoModifier) return click();
      break;
  }
  QAbstractButton::keyPressEvent(event);
}

void MethodCard::paintEvent(QPaintEvent*) {
  const Tokens& t = tokens();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const double width = isChecked() ? 2 : 1;
  painter.setPen(QPen(isChecked() ? t.accent : underMouse() && isAvailable() ? t.lineStrong : t.line, width));
  painter.setBrush(isAvailable() ? t.surface : t.page);
  painter.drawRoundedRect(QRectF(rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2), 8, 8);
  if (hasFocus() && window()->property("keyboardFocus").toBool()) {
    painter.setPen(QPen(t.accent, 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(QRectF(rect()).adjusted(5, 5, -5, -5), 5, 5);
  }
  const QPointF centre(kPadding + 1 + kRadio / 2.0, title_->geometry().center().y() + 0.5);
  if (isChecked()) {
    painter.setPen(QPen(t.accent, 4));
    painter.setBrush(t.onAccent);
    painter.drawEllipse(centre, 5, 5);
  } else {
    painter.setPen(QPen(isAvailable() ? t.textTertiary : t.lineStrong, 1.2));
    painter.setBrush(Qt::NoBrush);
    painter.drawEllipse(centre, 6.4, 6.4);
  }
}

}  // namespace luthier
