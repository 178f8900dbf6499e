#pragma once
// Charts as files and on the clipboard.
#include <QList>
#include <QString>

class QWidget;

namespace luthier {

class MetricChart;

/// One picture of all charts (two beside each other), or one table with a row a point; the ending says which: .png
/// (twice the size on screen), .svg, .csv. bad_input for another ending, io or disk_full when it cannot be written.
void saveCharts(const QList<MetricChart*>& charts, const QString& file);
/// line, x, value, smoothed: in full precision.
QString chartsAsCsv(const QList<MetricChart*>& charts, QChar separator = ',');
/// A picture, and the values as text.
void copyCharts(const QList<MetricChart*>& charts);
/// Asks for a file with the native dialog, then saves; what goes wrong is told in a tooltip at `at`.
void askAndSaveCharts(const QList<MetricChart*>& charts, QWidget* at);

}  // namespace luthier
