#include "pages/model/model_list.h"

#include <QDir>
#include <QPainter>
#include <algorithm>

#include "theme/theme.h"
#include "widgets/format.h"

namespace luthier {

namespace {
struct Group {
  QString heading;
  std::vector<Fit> fits;
};

std::vector<Group> groups() {
  return {{ModelList::tr("Fits your task and device"), {Fit::fits}},
          {ModelList::tr("Tight or too large"), {Fit::tight, Fit::tooLarge}},
          {ModelList::tr("Other tasks"), {Fit::otherTask}},
          {ModelList::tr("Cannot be used"), {Fit::refused}}};
}

QString chipText(const FoundModel& model, Fit fit) {
  switch (fit) {
    case Fit::fits:
      return ModelList::tr("fits");
    case Fit::tight:
      return ModelList::tr("tight");
    case Fit::tooLarge:
      return ModelList::tr("too large");
    case Fit::otherTask:
      return model.ownTask;
    case Fit::refused:
      return ModelList::tr("refused");
  }
  return {};
}

struct ChipColours {
  QColor background, text;
};

ChipColours chipColours(Fit fit) {
  const Tokens& t = tokens();
  switch (fit) {
    case Fit::fits:
      return {t.goodSoft, t.good};
    case Fit::tight:
      return {t.warningSoft, t.warning};
    case Fit::tooLarge:
    case Fit::refused:
      return {t.errorSoft, t.error};
    case Fit::otherTask:
      break;
  }
  return {t.fill, t.textSecondary};
}
}  // namespace

void ModelList::setModels(std::vector<FoundModel> models, std::vector<Fit> fits) {
  // Most estimates change nothing here: then the list, and where it is scrolled to, stay.
  const auto same = [](const FoundModel& a, const FoundModel& b) {
    return a.folder == b.folder && a.outline == b.outline && a.refused == b.refused;
  };
  if (fits == fits_ && std::equal(models.begin(), models.end(), models_.begin(), models_.end(), same)) return;
  beginResetModel();
  models_ = std::move(models);
  fits_ = std::move(fits);
  arrange();
  endResetModel();
}

void ModelList::setFilter(const QString& text) {
  beginResetModel();
  filter_ = text.trimmed();
  arrange();
  endResetModel();
}

void ModelList::arrange() {
  rows_.clear();
  for (const Group& group : groups()) {
    const std::size_t heading = rows_.size();
    for (std::size_t i = 0; i < models_.size(); ++i) {
      const bool belongs = std::find(group.fits.begin(), group.fits.end(), fits_[i]) != group.fits.end();
      const bool passes = models_[i].name.contains(filter_, Qt::CaseInsensitive) ||
                          models_[i].family.contains(filter_, Qt::CaseInsensitive);
      if (belongs && passes) rows_.push_back({int(i), {}});
    }
    if (rows_.size() > heading) rows_.insert(rows_.begin() + std::ptrdiff_t(heading), Row{-1, group.heading});
  }
}

QModelIndex ModelList::indexOf(const std::filesystem::path& folder) const {
  for (std::size_t i = 0; i < rows_.size(); ++i)
    if (rows_[i].model >= 0 && models_[std::size_t(rows_[i].model)].folder == folder) return index(int(i));
  return {};
}

int ModelList::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : int(rows_.size()); }

QVariant ModelList::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || std::size_t(index.row()) >= rows_.size()) return {};
  const Row& row = rows_[std::size_t(index.row())];
  if (role == IsGroupRole) return row.model < 0;
  if (row.model < 0) return role == Qt::DisplayRole || role == Qt::AccessibleTextRole ? row.heading : QVariant();
  const FoundModel& model = models_[std::size_t(row.model)];
  const Fit fit = fits_[std::size_t(row.model)];
  const QString parameters =
      model.outline ? tr("%1 parameters").arg(shortCountText(double(model.outline->total_parameters))) : QString();
  switch (role) {
    case Qt::DisplayRole:
      return model.name;
    case Qt::ToolTipRole:
      return model.refused.isEmpty() ? QDir::toNativeSeparators(QString::fromStdString(model.folder.string()))
                                     : model.refused;
    case Qt::AccessibleTextRole:
      return QString("%1, %2, %3").arg(model.name, parameters, chipText(model, fit));
    case FitRole:
      return int(fit);
    case FolderRole:
      return QString::fromStdString(model.folder.string());
    case DetailRole: {
      QStringList parts;
      for (const QString& part : {model.family, parameters, model.licence})
        if (!part.isEmpty()) parts << part;
      return parts.join(", ");
    }
    case SizeRole:
      return model.bytes > 0 ? bytesText(double(model.bytes)) : QString();
    case ChipRole:
      return chipText(model, fit);
    default:
      return {};
  }
}

Qt::ItemFlags ModelList::flags(const QModelIndex& index) const {
  if (!index.isValid() || data(index, IsGroupRole).toBool()) return Qt::NoItemFlags;
  return Qt::ItemIsEnabled | Qt::ItemIsSelectable;
}

QSize ModelDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const {
  return {scaled(200), index.data(ModelList::IsGroupRole).toBool() ? scaled(32) : scaled(54)};
}

void ModelDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  const Tokens& t = tokens();
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  QRect inside = option.rect.adjusted(13, 0, -12, -1);
  if (index.data(ModelList::IsGroupRole).toBool()) {
    painter->setFont(luthier::font(TextStyle::small));
    painter->setPen(t.textTertiary);
    painter->drawText(inside, Qt::AlignVCenter, index.data().toString());
    painter->restore();
    return;
  }
  if (option.state.testFlag(QStyle::State_Selected))
    painter->fillRect(option.rect, t.accentSoft);
  else if (option.state.testFlag(QStyle::State_MouseOver))
    painter->fillRect(option.rect, t.page);
  painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), t.gridLine);

  const auto fit = Fit(index.data(ModelList::FitRole).toInt());
  const ChipColours colours = chipColours(fit);
  const QFont caption = luthier::font(TextStyle::caption), mono = luthier::font(TextStyle::monoCaption);
  const QString chip = index.data(ModelList::ChipRole).toString();
  const int chipWidth = QFontMetrics(caption).horizontalAdvance(chip) + 13;
  const QRect upper(inside.left(), inside.top() + scaled(8), inside.width(), scaled(19));
  const QRect lower(inside.left(), upper.bottom() + 2, inside.width(), scaled(17));
  const QRect chipRect(upper.right() - chipWidth + 1, upper.top(), chipWidth, upper.height());
  painter->setPen(Qt::NoPen);
  painter->setBrush(colours.background);
  painter->drawRoundedRect(chipRect, 4, 4);
  painter->setFont(caption);
  painter->setPen(colours.text);
  painter->drawText(chipRect, Qt::AlignCenter, chip);

  const auto elided = [&](const QFont& font, const QString& text, QRect room) {
    painter->setFont(font);
    painter->drawText(room, Qt::AlignVCenter, QFontMetrics(font).elidedText(text, Qt::ElideRight, room.width()));
  };
  painter->setPen(fit == Fit::refused ? t.textTertiary : t.textPrimary);
  elided(luthier::font(TextStyle::label), index.data().toString(), upper.adjusted(0, 0, -chipWidth - 8, 0));
  const QString size = index.data(ModelList::SizeRole).toString();
  const int sizeWidth = size.isEmpty() ? 0 : QFontMetrics(mono).horizontalAdvance(size) + 1;
  painter->setPen(t.textTertiary);
  elided(caption, index.data(ModelList::DetailRole).toString(), lower.adjusted(0, 0, -sizeWidth - 8, 0));
  painter->setFont(mono);
  painter->drawText(lower, Qt::AlignVCenter | Qt::AlignRight, size);
  if (option.state.testFlag(QStyle::State_HasFocus) && option.state.testFlag(QStyle::State_KeyboardFocusChange)) {
    painter->setPen(QPen(t.accent, 2));
    painter->setBrush(Qt::NoBrush);
    painter->drawRect(QRectF(option.rect).adjusted(1, 1, -1, -2));
  }
  painter->restore();
}

}  // namespace luthier
