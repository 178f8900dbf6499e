#include "charts/chart_table.h"

#include <QHeaderView>
#include <numeric>

#include "charts/metric_chart.h"
#include "theme/theme.h"
#include "widgets/format.h"

namespace luthier {

ChartTableModel::ChartTableModel(const MetricChart& chart, QObject* parent)
    : QAbstractTableModel(parent), chart_(chart) {
  sizes_ = sizes();
}

std::vector<std::size_t> ChartTableModel::sizes() const {
  std::vector<std::size_t> all;
  for (int i = 0; i < chart_.lineCount(); ++i) all.push_back(chart_.series(i).size());
  return all;
}

void ChartTableModel::refresh() {
  const std::vector<std::size_t> now = sizes();
  if (now == sizes_) {
    if (rowCount() > 0) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
    return;
  }
  beginResetModel();
  sizes_ = now;
  endResetModel();
}

int ChartTableModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(std::accumulate(sizes_.begin(), sizes_.end(), std::size_t{0}));
}

QVariant ChartTableModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) return {};
  if (role == Qt::TextAlignmentRole)
    return int(Qt::AlignVCenter | (index.column() == 0 ? Qt::AlignLeft : Qt::AlignRight));
  if (role == Qt::FontRole) return font(index.column() == 0 ? TextStyle::table : TextStyle::mono);
  if (role != Qt::DisplayRole && role != Qt::AccessibleTextRole) return {};
  std::size_t row = std::size_t(index.row());
  int line = 0;
  while (row >= sizes_[std::size_t(line)]) row -= sizes_[std::size_t(line++)];
  if (line >= chart_.lineCount() || row >= chart_.series(line).size()) return {};
  const ChartSeries& series = chart_.series(line);
  switch (index.column()) {
    case 0:
      return chart_.line(line).name;
    case 1:
      return chart_.group().axis().text(series.x(row));
    case 2:
      return chart_.valueText(series.raw(row));
    default:
      return chart_.line(line).smoothed ? chart_.valueText(series.smooth(row)) : QString();
  }
}

QVariant ChartTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
  const QString axis = chart_.group().axis().name;
  return QStringList{tr("Line"), capitalText(axis), tr("Value"), tr("Smoothed")}.value(section);
}

ChartTable::ChartTable(const MetricChart& chart, QWidget* parent) : QTableView(parent), model_(chart) {
  setModel(&model_);
  setAccessibleName(tr("Values of the chart %1").arg(chart.title()));
  verticalHeader()->hide();
  verticalHeader()->setDefaultSectionSize(scaled(26));
  verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
  setShowGrid(false);
  setSelectionBehavior(QAbstractItemView::SelectRows);
  setTabKeyNavigation(false);
}

}  // namespace luthier
