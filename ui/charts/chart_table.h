#pragma once
// A chart's values as rows: what a screen reader or a keyboard goes through instead of curves.
#include <QAbstractTableModel>
#include <QTableView>

namespace luthier {

class MetricChart;

/// Line, x, value, smoothed value; the lines one after the other.
class ChartTableModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  explicit ChartTableModel(const MetricChart& chart, QObject* parent = nullptr);
  /// Looks at the chart's lines again.
  void refresh();
  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : 4; }
  QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

 private:
  std::vector<std::size_t> sizes() const;
  const MetricChart& chart_;
  std::vector<std::size_t> sizes_;
};

class ChartTable : public QTableView {
  Q_OBJECT
 public:
  explicit ChartTable(const MetricChart& chart, QWidget* parent = nullptr);
  void refresh() { model_.refresh(); }

 private:
  ChartTableModel model_;
};

}  // namespace luthier
