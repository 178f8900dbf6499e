#pragma once
// A model's modules as a tree of items: made when they are looked at, equal blocks folded into one row.
#include <QAbstractItemModel>
#include <QHash>
#include <QSet>
#include <QStyledItemDelegate>
#include <QTreeView>
#include <memory>
#include <vector>

#include "recipe/outline.h"
#include "recipe/recipe.h"

namespace luthier {

class ModuleTree : public QAbstractItemModel {
  Q_OBJECT
 public:
  enum Column { NameColumn, ShapeColumn, ParametersColumn, ShareColumn, ColumnCount };
  /// NoteRole: "LoRA target", "tied with lm_head"; PathRole: "encoder.layer.0.output"; ShareRole: 0 to 1.
  enum Role { NoteRole = Qt::UserRole, PathRole, ShareRole };

  explicit ModuleTree(QObject* parent = nullptr);
  ~ModuleTree() override;
  /// `method` decides which modules are marked as targets. A null model empties the tree.
  void setModel(std::shared_ptr<const ModelOutline> model, const MethodOptions& method);
  void setMethod(const MethodOptions& method);

  QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
  QModelIndex parent(const QModelIndex& index) const override;
  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  bool hasChildren(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  struct Node;
  const Node& nodeOf(const QModelIndex& index) const;
  void build(const Node& node) const;
  QString shapeOf(const Node& node) const;
  QString noteOf(const Node& node) const;
  void findTargets(const MethodOptions& method);

  std::shared_ptr<const ModelOutline> model_;
  std::unique_ptr<Node> root_;
  QHash<QString, QString> shapes_, ties_;  ///< by module
  QSet<QString> targets_;
};

/// Name with note, shape, number and a bar for the share.
class ModuleDelegate : public QStyledItemDelegate {
  Q_OBJECT
 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

/// Draws the marks that open a branch in the window's own icons.
class ModuleTreeView : public QTreeView {
  Q_OBJECT
 public:
  explicit ModuleTreeView(QWidget* parent = nullptr);

  /// Small: it takes what room there is.
  QSize sizeHint() const override { return {320, 100}; }

 protected:
  void drawBranches(QPainter* painter, const QRect& rect, const QModelIndex& index) const override;
};

}  // namespace luthier
