#pragma once
// The runs of the store as a table; what is not in the run's row (recipe, curve of the validation loss) is read when a
// row is first shown and kept.
#include <QAbstractTableModel>
#include <QHash>
#include <QSortFilterProxyModel>
#include <QTimer>

#include "jobs/run_store.h"

namespace luthier {

/// What is read besides the row.
struct RunDetails {
  Json recipe;                     ///< null until it was read, and when it cannot be read
  std::vector<double> validation;  ///< validation loss, evaluation by evaluation
  std::int64_t trainable = -1;     ///< parameters; -1 until the trainer has told
  std::int64_t step = -1;          ///< of the row when this was read
};

class RunModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { tick, name, method, state, curve, best, metric, trainable, peak, time, started, columns };
  enum Role { statusRole = Qt::UserRole, curveRole, colourRole, sortRole, idRole };
  static constexpr int kMostTicked = 6;

  explicit RunModel(RunStore& runs, QObject* parent = nullptr);
  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : int(columns); }
  QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  bool setData(const QModelIndex& index, const QVariant& value, int role = Qt::EditRole) override;
  QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;

  const RunRow& row(int index) const { return rows_[std::size_t(index)]; }
  /// What is known of it now; what is not is read on a thread and told by dataChanged().
  const RunDetails& details(const RunRow& row) const;
  /// In the order in which they were ticked: their place is their colour.
  const QStringList& ticked() const { return ticked_; }
  void setTicked(const QStringList& ids);

 Q_SIGNALS:
  void tickedChanged();

 private:
  void refresh();
  void readDetails();
  void tellAll();
  RunStore& runs_;
  std::vector<RunRow> rows_;
  mutable QHash<QString, RunDetails> details_;
  mutable QHash<QString, std::int64_t> wanted_;  ///< runs to be read, and the step that they were at
  mutable QTimer soon_;
  bool reading_ = false;
  QStringList ticked_;
};

/// By text over all columns, and by project.
class RunFilter : public QSortFilterProxyModel {
  Q_OBJECT
 public:
  using QSortFilterProxyModel::QSortFilterProxyModel;
  void setProject(const QString& name);  ///< empty: all
  void setText(const QString& text);

 protected:
  bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
  bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

 private:
  QString project_, text_;
};

/// What the method of a recipe is called.
QString methodLabel(const Json& recipe);

/// "training", "finished", "interrupted" ...
QString runStatusText(RunStatus status);

}  // namespace luthier
