#include "pages/export/format_card.h"

#include <QHBoxLayout>
#include <QPainter>

namespace luthier {

FormatCard::FormatCard(const QString& kind, const QString& label, const QString& help, QWidget* parent)
    : QAbstractButton(parent), kind_(kind), help_(help) {
  setObjectName("formatCard." + kind);
  setAccessibleName(label);
  setAccessibleDescription(help);
  setCheckable(true);
  setAutoExclusive(true);
  setFocusPolicy(Qt::StrongFocus);
  setCursor(Qt::PointingHandCursor);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Minimum);  // as high as the highest of its row
  auto* column = makeColumn(6, this);
  column->setContentsMargins(13, 11, 13, 11);
  auto* top = makeRow(8);
  top->addSpacing(22);  // the ring
  name_ = makeLabel(label, TextStyle::label);
  QFont bold = name_->font();
  bold.setWeight(QFont::DemiBold);
  name_->setFont(bold);
  size_ = makeLabel({}, TextStyle::monoCaption, "secondary");
  top->addWidget(name_);
  top->addStretch(1);
  top->addWidget(size_);
  column->addLayout(top);
  text_ = makeText(help, TextStyle::small, "secondary");
  column->addWidget(text_);
  column->addStretch(1);
  for (QLabel* label_ : {name_, size_, text_}) label_->setAttribute(Qt::WA_TransparentForMouseEvents);
}

void FormatCard::setSize(const QString& size) { size_->setText(size); }

void FormatCard::setReason(const QString& reason) {
  setEnabledBecause(this, reason.isEmpty(), reason);
  if (reason.isEmpty()) setAccessibleDescription(help_);
  text_->setText(reason.isEmpty() ? help_ : reason);
  update();
}

QSize FormatCard::sizeHint() const {
  return {scaled(240), std::max(scaled(88), layout()->heightForWidth(std::max(width(), scaled(240))))};
}

void FormatCard::paintEvent(QPaintEvent*) {
  const Tokens& t = tokens();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const bool chosen = isChecked() && isEnabled();
  const double pen = chosen ? 2 : 1;
  painter.setPen(QPen(chosen ? t.accent : t.line, pen));
  painter.setBrush(!isEnabled() ? t.page : underMouse() && !chosen ? t.fill : t.surface);
  painter.drawRoundedRect(QRectF(rect()).adjusted(pen / 2, pen / 2, -pen / 2, -pen / 2), 8, 8);
  const QRectF ring(14, name_->geometry().center().y() - 6.5, 13, 13);
  painter.setPen(QPen(chosen ? t.accent : isEnabled() ? t.textTertiary : t.textDisabled, chosen ? 4 : 1.2));
  painter.setBrush(Qt::NoBrush);
  painter.drawEllipse(chosen ? ring.adjusted(2, 2, -2, -2) : ring);
  if (hasFocus() && window()->property("keyboardFocus").toBool()) {
    painter.setPen(QPen(t.textPrimary, 2));
    painter.drawRoundedRect(QRectF(rect()).adjusted(4, 4, -4, -4), 6, 6);
  }
}

}  // namespace luthier
