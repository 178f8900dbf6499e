#pragma once
// The recipe of a run as a table of the options that are not at their default.
#include <QAbstractTableModel>
#include <QTableView>
#include <vector>

#include "recipe/recipe.h"

namespace luthier {

/// An option's value in a line: "2e-05", "1 epoch", "on".
QString valueText(const Json& value);

class RunSettingsModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  using QAbstractTableModel::QAbstractTableModel;
  /// null: no rows.
  void setRecipe(const Recipe* recipe);
  int rowCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : int(rows_.size()); }
  int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : 3; }
  QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

 private:
  struct Row {
    QString path, value, standard;
  };
  std::vector<Row> rows_;
};

class RunSettings : public QTableView {
  Q_OBJECT
 public:
  explicit RunSettings(QWidget* parent = nullptr);
  void setRecipe(const Recipe* recipe) { model_.setRecipe(recipe); }

 private:
  RunSettingsModel model_;
};

}  // namespace luthier
