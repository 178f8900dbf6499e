#include "pages/data/label_bars.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>

#include "theme/theme.h"
#include "widgets/format.h"

namespace luthier {

namespace {
constexpr int kRow = 31, kBar = 6;
}

LabelBars::LabelBars(QWidget* parent) : QWidget(parent) {
  setObjectName("labelHistogram");
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  connect(&theme(), &Theme::changed, this, [this] {
    updateGeometry();
    update();
  });
  describe();
}

void LabelBars::setLabels(const std::vector<LabelCount>& labels) {
  labels_ = labels;
  current_ = std::clamp(current_, 0, std::max(0, int(labels.size()) - 1));
  describe();
  updateGeometry();
  update();
}

void LabelBars::setChosen(int index) {
  chosen_ = index;
  update();
}

void LabelBars::describe() {
  setAccessibleName(tr("Rows of each label"));
  QStringList parts;
  for (std::size_t i = 0; i < std::min<std::size_t>(labels_.size(), 20); ++i)
    parts << QString::fromStdString(labels_[i].name) + " " + countText(labels_[i].rows);
  setAccessibleDescription(parts.join(", "));
}

QSize LabelBars::sizeHint() const { return {180, std::max(1, int(labels_.size())) * scaled(kRow)}; }

QRect LabelBars::barRect(int index) const { return {0, index * scaled(kRow), width(), scaled(kRow)}; }

int LabelBars::indexAt(const QPoint& at) const {
  const int index = at.y() / scaled(kRow);
  return index >= 0 && index < int(labels_.size()) ? index : -1;
}

void LabelBars::paintEvent(QPaintEvent* event) {
  const Tokens& t = tokens();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  std::int64_t most = 1;
  for (const LabelCount& label : labels_) most = std::max(most, label.rows);
  for (int i = 0; i < int(labels_.size()); ++i) {
    const QRect row = barRect(i);
    if (!row.intersects(event->rect())) continue;
    const LabelCount& label = labels_[std::size_t(i)];
    const bool faded = chosen_ >= 0 && chosen_ != i;
    const QRect text(row.left(), row.top(), row.width(), row.height() - kBar - 6);
    painter.setFont(luthier::font(TextStyle::mono));
    const QString count = countText(label.rows);
    const int countWidth = painter.fontMetrics().horizontalAdvance(count) + 8;
    painter.setPen(faded ? t.textTertiary : t.textSecondary);
    painter.drawText(text, Qt::AlignRight | Qt::AlignBottom, count);
    painter.setFont(luthier::font(i == chosen_ ? TextStyle::label : TextStyle::small));
    painter.setPen(faded ? t.textTertiary : i == hovered_ ? t.accentText : t.textPrimary);
    painter.drawText(text, Qt::AlignLeft | Qt::AlignBottom,
                     painter.fontMetrics().elidedText(QString::fromStdString(label.name), Qt::ElideRight,
                                                      text.width() - countWidth));
    QColor colour = t.series(label.id >= 0 ? label.id : i);
    if (faded) colour.setAlphaF(0.35f);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour);
    const double length = std::max(1.0, double(row.width()) * double(label.rows) / double(most));
    painter.drawRect(QRectF(row.left(), row.bottom() - kBar - 2, length, kBar));
    if (hasFocus() && i == current_ && window()->property("keyboardFocus").toBool()) {
      painter.setPen(QPen(t.accent, 2));
      painter.setBrush(Qt::NoBrush);
      painter.drawRoundedRect(QRectF(row).adjusted(1, 1, -1, -1), 4, 4);
    }
  }
}

void LabelBars::mousePressEvent(QMouseEvent* event) {
  const int index = indexAt(event->position().toPoint());
  if (index < 0) return;
  current_ = index;
  Q_EMIT clicked(index);
}

void LabelBars::mouseMoveEvent(QMouseEvent* event) {
  const int index = indexAt(event->position().toPoint());
  setCursor(index >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
  if (index == hovered_) return;
  hovered_ = index;
  setToolTip(index < 0 ? QString()
                       : tr("Show the rows of %1").arg(QString::fromStdString(labels_[std::size_t(index)].name)));
  update();
}

void LabelBars::leaveEvent(QEvent*) {
  hovered_ = -1;
  update();
}

void LabelBars::keyPressEvent(QKeyEvent* event) {
  const int step = event->key() == Qt::Key_Down ? 1 : event->key() == Qt::Key_Up ? -1 : 0;
  if (step != 0 && !labels_.empty()) {
    current_ = std::clamp(current_ + step, 0, int(labels_.size()) - 1);
    update();
  } else if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Space) && !labels_.empty()) {
    Q_EMIT clicked(current_);
  } else {
    QWidget::keyPressEvent(event);
  }
}

void LabelBars::focusInEvent(QFocusEvent*) { update(); }

}  // namespace luthier
