#include <QHeaderView>
#include <QPainter>

#include "pages/model/module_tree.h"
#include "theme/theme.h"

namespace luthier {

QSize ModuleDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const { return {40, scaled(26)}; }

void ModuleDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  const Tokens& t = tokens();
  painter->save();
  if (option.state.testFlag(QStyle::State_Selected)) painter->fillRect(option.rect, t.accentSoft);
  painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), t.gridLine);
  const QRect inside = option.rect.adjusted(4, 0, -8, -1);
  const QString text = index.data().toString();
  const QFont mono = luthier::font(TextStyle::mono), small = luthier::font(TextStyle::monoCaption);
  switch (index.column()) {
    case ModuleTree::NameColumn: {
      painter->setFont(mono);
      painter->setPen(t.textPrimary);
      const QString name = painter->fontMetrics().elidedText(text, Qt::ElideRight, inside.width());
      painter->drawText(inside, Qt::AlignVCenter, name);
      const QRect rest = inside.adjusted(painter->fontMetrics().horizontalAdvance(name) + 10, 0, 0, 0);
      painter->setFont(luthier::font(TextStyle::caption));
      painter->setPen(t.textTertiary);
      const QString note = index.data(ModuleTree::NoteRole).toString();
      if (rest.width() > scaled(30))
        painter->drawText(rest, Qt::AlignVCenter,
                          painter->fontMetrics().elidedText(note, Qt::ElideRight, rest.width()));
      break;
    }
    case ModuleTree::ShapeColumn:
      painter->setFont(small);
      painter->setPen(t.textTertiary);
      painter->drawText(inside, Qt::AlignVCenter, text);
      break;
    case ModuleTree::ParametersColumn:
      painter->setFont(mono);
      painter->setPen(t.textPrimary);
      painter->drawText(inside, Qt::AlignVCenter | Qt::AlignRight, text);
      break;
    default: {
      const int number = QFontMetrics(small).horizontalAdvance("100.0") + 6;
      const QRect track(inside.left() + 4, inside.center().y() - 2, inside.width() - number - 10, 5);
      painter->fillRect(track, t.fill);
      const double share = index.data(ModuleTree::ShareRole).toDouble();
      painter->fillRect(QRect(track.left(), track.top(), std::max(1, qRound(share * track.width())), 5), t.series1);
      painter->setFont(small);
      painter->setPen(t.textSecondary);
      painter->drawText(QRect(track.right() + 7, inside.top(), number, inside.height()), Qt::AlignVCenter, text);
    }
  }
  painter->restore();
}

ModuleTreeView::ModuleTreeView(QWidget* parent) : QTreeView(parent) {
  setUniformRowHeights(true);
  setIndentation(scaled(16));
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  header()->setStretchLastSection(false);
  header()->setHighlightSections(false);
}

void ModuleTreeView::drawBranches(QPainter* painter, const QRect& rect, const QModelIndex& index) const {
  painter->save();
  if (selectionModel()->isSelected(index)) painter->fillRect(rect, tokens().accentSoft);
  painter->fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), tokens().gridLine);
  if (model()->hasChildren(index)) {
    const int side = 12;
    const QPixmap mark = iconPixmap(isExpanded(index) ? "down" : "right", tokens().textTertiary, side,
                                    painter->device()->devicePixelRatioF());
    painter->drawPixmap(rect.right() - side - 1, rect.center().y() - side / 2, mark);
  }
  painter->restore();
}

}  // namespace luthier
