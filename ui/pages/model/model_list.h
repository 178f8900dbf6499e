#pragma once
// The found models as a list in groups: what fits, what is tight or too large, other tasks, refused.
#include <QAbstractListModel>
#include <QStyledItemDelegate>
#include <vector>

#include "pages/model/found_models.h"

namespace luthier {

class ModelList : public QAbstractListModel {
  Q_OBJECT
 public:
  enum Role { FitRole = Qt::UserRole, FolderRole, IsGroupRole, DetailRole, SizeRole, ChipRole };

  using QAbstractListModel::QAbstractListModel;
  /// `fits` has one entry a model.
  void setModels(std::vector<FoundModel> models, std::vector<Fit> fits);
  /// Only models whose name or family contains the text.
  void setFilter(const QString& text);
  int modelCount() const { return int(models_.size()); }
  QModelIndex indexOf(const std::filesystem::path& folder) const;

  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;

 private:
  struct Row {
    int model = -1;  ///< -1: a group's heading
    QString heading;
  };
  void arrange();
  std::vector<FoundModel> models_;
  std::vector<Fit> fits_;
  std::vector<Row> rows_;
  QString filter_;
};

/// Two lines: name and chip, family with licence and size.
class ModelDelegate : public QStyledItemDelegate {
  Q_OBJECT
 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

}  // namespace luthier
