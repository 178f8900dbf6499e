#include "pages/data/table_header.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>

#include "pages/data/data_table.h"
#include "theme/theme.h"

namespace luthier {

namespace {
constexpr int kEdge = 4;
}

TableHeader::TableHeader(DataTable& table) : QWidget(&table), table_(table) {
  setObjectName("dataTableHeader");
  setMouseTracking(true);
}

int TableHeader::columnAt(int x) const {
  for (int i = 0; i < table_.columns().size(); ++i) {
    const int left = table_.columnLeft(i);
    if (x >= left && x < left + table_.columnWidth(i)) return i;
  }
  return -1;
}

int TableHeader::edgeAt(int x) const {
  for (int i = 0; i < table_.columns().size(); ++i)
    if (qAbs(x - table_.columnLeft(i) - table_.columnWidth(i)) <= kEdge) return i;
  return -1;
}

void TableHeader::paintEvent(QPaintEvent*) {
  const Tokens& t = tokens();
  QPainter painter(this);
  painter.fillRect(rect(), t.surface);
  painter.setPen(t.line);
  painter.drawLine(0, height() - 1, width(), height() - 1);
  QFont strong = luthier::font(TextStyle::label);
  strong.setWeight(QFont::DemiBold);
  const QFont small = luthier::font(TextStyle::small);
  for (int i = 0; i < table_.columns().size(); ++i) {
    const TableColumn& column = table_.columns()[i];
    const QRect cell(table_.columnLeft(i), 0, column.width, height() - 1);
    if (cell.right() < table_.numberWidth() || cell.left() > width()) continue;
    const QRect inner = cell.adjusted(8, 0, -8, 0);
    if (column.kind != TableColumn::Kind::file) {
      painter.setFont(small);
      painter.setPen(t.textTertiary);
      painter.drawText(inner, int(Qt::AlignVCenter) | int(column.numeric ? Qt::AlignRight : Qt::AlignLeft),
                       painter.fontMetrics().elidedText(column.title, Qt::ElideRight, inner.width()));
      continue;
    }
    const QRect upper(inner.left(), 0, inner.width(), height() / 2 + 2),
        lower(inner.left(), height() / 2 - 1, inner.width(), height() / 2);
    painter.setFont(strong);
    painter.setPen(column.role.isEmpty() ? t.textSecondary : t.textPrimary);
    painter.drawText(upper.adjusted(0, 4, 0, 0),
                     int(Qt::AlignVCenter) | int(column.numeric ? Qt::AlignRight : Qt::AlignLeft),
                     painter.fontMetrics().elidedText(column.title, Qt::ElideRight, inner.width()));
    painter.setFont(small);
    const QColor colour = column.role.isEmpty() ? t.textTertiary : t.accentText;
    painter.setPen(colour);
    const QString role = painter.fontMetrics().elidedText(roleLabel(column.role), Qt::ElideRight, inner.width() - 14);
    const int roleWidth = painter.fontMetrics().horizontalAdvance(role);
    const int roleLeft = column.numeric ? std::max(inner.left(), inner.right() - roleWidth - 14) : inner.left();
    painter.drawText(QRect(roleLeft, lower.top(), roleWidth + 2, lower.height()), Qt::AlignVCenter | Qt::AlignLeft,
                     role);
    const int arrow = roleLeft + roleWidth + 4;
    painter.drawPixmap(arrow, lower.center().y() - 5, iconPixmap("chevron", colour, 11, devicePixelRatioF()));
    if (hovered_ == i) {
      painter.setPen(QPen(colour, 1));
      painter.drawLine(roleLeft, lower.bottom(), arrow - 4, lower.bottom());
    }
  }
  // Row numbers stay where they are while columns scroll.
  painter.fillRect(QRect(0, 0, table_.numberWidth(), height() - 1), t.surface);
  painter.setFont(small);
  painter.setPen(t.textTertiary);
  painter.drawText(QRect(0, 0, table_.numberWidth() - 8, height() - 1), Qt::AlignVCenter | Qt::AlignRight,
                   DataTable::tr("row"));
}

void TableHeader::mousePressEvent(QMouseEvent* event) {
  const int x = int(event->position().x());
  if (event->button() != Qt::LeftButton || x < table_.numberWidth()) return;
  if (const int edge = edgeAt(x); edge >= 0) {
    resized_ = edge;
    pressedX_ = x;
    widthBefore_ = table_.columnWidth(edge);
    return;
  }
  if (const int column = columnAt(x); column >= 0) table_.openRoleMenu(column);
}

void TableHeader::mouseMoveEvent(QMouseEvent* event) {
  const int x = int(event->position().x());
  if (resized_ >= 0) return table_.resizeColumn(resized_, widthBefore_ + x - pressedX_);
  const int column = edgeAt(x) < 0 ? columnAt(x) : -1;
  const bool menu = column >= 0 && table_.columns()[column].kind == TableColumn::Kind::file;
  setCursor(edgeAt(x) >= 0 ? Qt::SplitHCursor : menu ? Qt::PointingHandCursor : Qt::ArrowCursor);
  if (hovered_ == (menu ? column : -1)) return;
  hovered_ = menu ? column : -1;
  update();
}

void TableHeader::mouseReleaseEvent(QMouseEvent*) { resized_ = -1; }

void TableHeader::leaveEvent(QEvent*) {
  hovered_ = -1;
  update();
}

bool TableHeader::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    auto* help = static_cast<QHelpEvent*>(event);
    const int column = columnAt(help->pos().x());
    if (column >= 0) {
      const TableColumn& shown = table_.columns()[column];
      QToolTip::showText(help->globalPos(),
                         shown.kind == TableColumn::Kind::file
                             ? DataTable::tr("%1: what this column is to the model").arg(shown.title)
                             : DataTable::tr("Found out by Luthier, not in the file"),
                         this);
    }
    return true;
  }
  return QWidget::event(event);
}

}  // namespace luthier
