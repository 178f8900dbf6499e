// What the cells of the table of rows say and how they look.
#include <QPainter>
#include <algorithm>
#include <functional>

#include "pages/data/data_table.h"
#include "theme/theme.h"
#include "widgets/format.h"

namespace luthier {

namespace {
struct Chip {
  RowMark::Flag flag;
  QString text;
};
QList<Chip> chipsOf(const RowMark& mark) {
  QList<Chip> chips;
  for (const Chip& chip : {Chip{RowMark::empty, DataTable::tr("empty")},
                           {RowMark::unusable, DataTable::tr("left out")},
                           {RowMark::duplicate, DataTable::tr("duplicate")},
                           {RowMark::leaked, DataTable::tr("in train")},
                           {RowMark::conflicting, DataTable::tr("two labels")},
                           {RowMark::too_long, DataTable::tr("too long")}})
    if ((mark.flags & chip.flag) != 0) chips << chip;
  return chips;
}

QString splitName(Split split) {
  return split == Split::train        ? DataTable::tr("train")
         : split == Split::validation ? DataTable::tr("validation")
                                      : DataTable::tr("test");
}

}  // namespace

QString DataTable::describeRow(std::int64_t index) const {
  QStringList parts{tr("Row %1").arg(countText(rows_.numberAt(index) + 1))};
  for (int c = 0; c < columns_.size(); ++c) parts << columns_[c].title + ": " + cellText(index, c);
  if (const RowMark* mark = rows_.mark(rows_.numberAt(index)))
    for (const Chip& chip : chipsOf(*mark)) parts << chip.text;
  return parts.join(", ");
}

QString DataTable::cellText(std::int64_t index, int column) const {
  const TableColumn& shown = columns_[column];
  if (shown.kind == TableColumn::Kind::file) {
    const RowSource::Cells* cells = rows_.row(index);
    if (!cells) return {};
    const QString text = cells->texts.value(shown.source);
    if (shown.role == "label")
      if (const auto found = labels_.find(text.trimmed()); found != labels_.end()) return found->name;
    return text;
  }
  const RowMark* mark = rows_.mark(rows_.numberAt(index));
  if (!mark) return {};
  if (shown.kind == TableColumn::Kind::split) return mark->is_used() ? splitName(mark->split) : QString();
  return mark->tokens < 0 ? QString() : QString::number(mark->tokens);
}

void DataTable::paintEvent(QPaintEvent*) {
  const Tokens& t = tokens();
  QPainter painter(viewport());
  painter.fillRect(viewport()->rect(), t.surface);
  const std::int64_t first = firstVisible(), last = std::min(rows_.count(), first + visibleRows() + 2) - 1;
  rows_.setVisible(first, std::max(first, last));
  for (std::int64_t index = first; index <= last; ++index)
    paintRow(painter, index, QRect(0, int(index * rowHeight() - offset_), viewport()->width(), rowHeight()));
}

void DataTable::paintRow(QPainter& painter, std::int64_t index, const QRect& rect) {
  const Tokens& t = tokens();
  const QColor ground = index == current_ ? t.accentSoft : t.surface;
  painter.fillRect(rect, ground);
  painter.setPen(t.gridLine);
  painter.drawLine(rect.bottomLeft(), rect.bottomRight());
  const RowSource::Cells* cells = rows_.row(index);
  const int numbers = numberWidth();
  int left = numbers - headerOffset();
  for (int c = 0; c < columns_.size(); ++c) {
    const QRect cell(left, rect.top(), columns_[c].width, rect.height() - 1);
    left += columns_[c].width;
    if (cell.right() < numbers || cell.left() > rect.right()) continue;
    if (cells) {
      paintCell(painter, *cells, c, cell);
    } else {
      const int width = std::min(cell.width() - 2 * kPad, scaled(40 + int((index * 37 + c * 53) % 90)));
      painter.setPen(Qt::NoPen);
      painter.setBrush(t.fill);
      painter.drawRoundedRect(QRect(cell.left() + kPad, cell.center().y() - 4, std::max(8, width), 8), 3, 3);
    }
    if (index == current_ && c == currentColumn_ && hasFocus()) {
      painter.setPen(QPen(t.accent, 1));
      painter.setBrush(Qt::NoBrush);
      painter.drawRect(cell.adjusted(2, 2, -3, -3));
    }
  }
  painter.fillRect(QRect(0, rect.top(), numbers, rect.height() - 1), ground);
  painter.setFont(luthier::font(TextStyle::mono));
  painter.setPen(t.textTertiary);
  painter.drawText(QRect(0, rect.top(), numbers - kPad, rect.height() - 1), Qt::AlignVCenter | Qt::AlignRight,
                   QString::number(rows_.numberAt(index) + 1));
}

void DataTable::paintCell(QPainter& painter, const RowSource::Cells& cells, int column, QRect rect) {
  const Tokens& t = tokens();
  const TableColumn& shown = columns_[column];
  rect.adjust(kPad, 0, -kPad, 0);
  const RowMark* mark = rows_.mark(cells.number);
  QString text = shown.kind == TableColumn::Kind::file ? cells.texts.value(shown.source) : QString();
  QColor colour = shown.role.isEmpty() && shown.kind == TableColumn::Kind::file ? t.textSecondary : t.textPrimary;
  if (shown.kind == TableColumn::Kind::split || shown.role == "split") colour = t.textSecondary;
  if (shown.kind == TableColumn::Kind::split && mark && mark->is_used()) text = splitName(mark->split);
  if (shown.kind == TableColumn::Kind::tokens && mark && mark->tokens >= 0) {
    text = QString::number(mark->tokens);
    if ((mark->flags & RowMark::too_long) != 0) colour = t.warning;
  }
  if (shown.role == "label")
    if (const auto found = labels_.find(text.trimmed()); found != labels_.end()) {
      painter.setPen(Qt::NoPen);
      painter.setBrush(t.series(found->id));
      painter.drawRoundedRect(QRect(rect.left(), rect.center().y() - 4, 9, 9), 2, 2);
      rect.adjust(15, 0, 0, 0);
      text = found->name;
    }
  const bool first =
      shown.isLong() && std::none_of(columns_.begin(), columns_.begin() + column, std::mem_fn(&TableColumn::isLong));
  if (mark && mark->flags != 0 && first) paintChips(painter, *mark, rect);
  painter.setFont(luthier::font(shown.numeric ? TextStyle::mono : TextStyle::table));
  painter.setPen(colour);
  // A long text is cut before it is measured: measuring is what takes time.
  const QString start = text.left(std::max(8, rect.width() / 2));
  painter.drawText(
      rect, int(Qt::AlignVCenter) | int(shown.numeric ? Qt::AlignRight : Qt::AlignLeft) | int(Qt::TextSingleLine),
      painter.fontMetrics().elidedText(start, Qt::ElideRight, rect.width()));
}

void DataTable::paintChips(QPainter& painter, const RowMark& mark, QRect& rect) {
  const Tokens& t = tokens();
  painter.setFont(luthier::font(TextStyle::caption));
  for (const Chip& chip : chipsOf(mark)) {
    const int width = painter.fontMetrics().horizontalAdvance(chip.text) + 12, height = scaled(18);
    if (rect.width() < width + 40) return;
    const QRect box(rect.left(), rect.center().y() - height / 2 + 1, width, height);
    painter.setPen(Qt::NoPen);
    painter.setBrush(t.warningSoft);
    painter.drawRoundedRect(box, 4, 4);
    painter.setPen(t.warning);
    painter.drawText(box, Qt::AlignCenter, chip.text);
    rect.adjust(width + 8, 0, 0, 0);
  }
}

}  // namespace luthier
