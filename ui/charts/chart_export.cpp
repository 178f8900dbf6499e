#include "charts/chart_export.h"

#include "charts/plot_library.h"

#include <QBuffer>
#include <QClipboard>
#include <QFileDialog>
#include <QFileInfo>
#include <QGuiApplication>
#include <QMimeData>
#include <QStandardPaths>
#include <QSvgGenerator>
#include <QToolTip>
#include <cmath>

#include "base/error.h"
#include "base/files.h"
#include "charts/chart_legend.h"
#include "charts/metric_chart.h"
#include "jobs/error_text.h"
#include "theme/theme.h"

namespace luthier {

namespace {
constexpr int kChartGap = 12, kColumns = 2, kScale = 2;

QSize sizeOf(const MetricChart& chart) { return chart.size().expandedTo({320, 200}); }

QSize sizeOf(const QList<MetricChart*>& charts) {
  QSize all;
  for (int i = 0; i < charts.size(); i += kColumns) {
    QSize row;
    for (int j = i; j < std::min<int>(i + kColumns, int(charts.size())); ++j) {
      const QSize one = sizeOf(*charts[j]);
      row = {row.width() + one.width() + (j > i ? kChartGap : 0), std::max(row.height(), one.height())};
    }
    all = {std::max(all.width(), row.width()), all.height() + row.height() + (i > 0 ? kChartGap : 0)};
  }
  return all;
}

void paintChart(MetricChart& chart, QCPPainter& painter, const QRect& rect) {
  const int header = scaled(32);
  painter.save();
  painter.translate(rect.topLeft());
  QFont title = font(TextStyle::label);
  title.setWeight(QFont::DemiBold);
  painter.setFont(title);
  painter.setPen(tokens().textPrimary);
  painter.drawText(QRect(10, 0, rect.width() - 20, header), Qt::AlignVCenter | Qt::AlignLeft, chart.title());
  const int used = painter.fontMetrics().horizontalAdvance(chart.title()) + 20;
  chart.legend().paint(painter, QRect(used, 0, rect.width() - used - 10, header));
  painter.translate(0, header);
  chart.plot().toPainter(&painter, rect.width(), rect.height() - header);
  painter.restore();
}

void paintCharts(const QList<MetricChart*>& charts, QCPPainter& painter) {
  painter.fillRect(QRect(QPoint(), sizeOf(charts)), tokens().surface);
  int y = 0;
  for (int i = 0; i < charts.size(); i += kColumns) {
    int x = 0, height = 0;
    for (int j = i; j < std::min<int>(i + kColumns, int(charts.size())); ++j) {
      const QRect rect(QPoint(x, y), sizeOf(*charts[j]));
      charts[j]->replot();  // what came since the last tick too
      paintChart(*charts[j], painter, rect);
      x += rect.width() + kChartGap;
      height = std::max(height, rect.height());
    }
    y += height + kChartGap;
  }
}

QImage asImage(const QList<MetricChart*>& charts) {
  QImage image(sizeOf(charts) * kScale, QImage::Format_RGB32);
  image.fill(tokens().surface);
  image.setDevicePixelRatio(kScale);
  QCPPainter painter(&image);
  paintCharts(charts, painter);
  return image;
}

QByteArray asSvg(const QList<MetricChart*>& charts) {
  QByteArray bytes;
  QBuffer buffer(&bytes);
  QSvgGenerator generator;
  generator.setOutputDevice(&buffer);
  generator.setSize(sizeOf(charts));
  generator.setViewBox(QRect(QPoint(), sizeOf(charts)));
  generator.setTitle(charts.isEmpty() ? QString() : charts.front()->title());
  QCPPainter painter;
  painter.begin(&generator);
  painter.setMode(QCPPainter::pmVectorized);
  painter.setMode(QCPPainter::pmNoCaching);
  paintCharts(charts, painter);
  painter.end();
  return bytes;
}

QString exact(double value) { return std::isfinite(value) ? QString::number(value, 'g', 12) : QString(); }
}  // namespace

QString chartsAsCsv(const QList<MetricChart*>& charts, QChar separator) {
  const auto quoted = [separator](QString word) {
    const bool plain = !word.contains(separator) && !word.contains('"') && !word.contains('\n');
    return plain ? word : '"' + word.replace("\"", "\"\"") + '"';
  };
  const QString axis = charts.isEmpty() ? QString("x") : charts.front()->group().axis().unit;
  QString text = QStringList{"chart", "line", axis, "value", "smoothed"}.join(separator) + "\n";
  for (const MetricChart* chart : charts)
    for (int i = 0; i < chart->lineCount(); ++i) {
      const ChartSeries& series = chart->series(i);
      const QString start = quoted(chart->title()) + separator + quoted(chart->line(i).name) + separator;
      for (std::size_t point = 0; point < series.size(); ++point)
        text += start + exact(series.x(point)) + separator + exact(series.raw(point)) + separator +
                (chart->line(i).smoothed ? exact(series.smooth(point)) : QString()) + "\n";
    }
  return text;
}

void saveCharts(const QList<MetricChart*>& charts, const QString& file) {
  const QString ending = QFileInfo(file).suffix().toLower();
  QByteArray bytes;
  if (ending == "png") {
    QBuffer buffer(&bytes);
    asImage(charts).save(&buffer, "PNG");
  } else if (ending == "svg") {
    bytes = asSvg(charts);
  } else if (ending == "csv") {
    bytes = chartsAsCsv(charts).toUtf8();
  } else {
    fail(ErrorKind::bad_input, "charts are saved as .png, .svg or .csv", file.toStdString(),
         "give the file one of these endings");
  }
  write_atomically(std::filesystem::path(file.toStdString()),
                   std::string_view(bytes.constData(), std::size_t(bytes.size())));
}

void copyCharts(const QList<MetricChart*>& charts) {
  auto* data = new QMimeData;
  data->setImageData(asImage(charts));
  data->setText(chartsAsCsv(charts, '\t'));
  QGuiApplication::clipboard()->setMimeData(data);
}

void askAndSaveCharts(const QList<MetricChart*>& charts, QWidget* at) {
  auto* dialog = new QFileDialog(at->window(), QObject::tr("Save charts"),
                                 QStandardPaths::writableLocation(QStandardPaths::PicturesLocation));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setNameFilters(
      {QObject::tr("Picture (*.png)"), QObject::tr("Drawing (*.svg)"), QObject::tr("Table (*.csv)")});
  dialog->setDefaultSuffix("png");
  QObject::connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString& filter) {
    dialog->setDefaultSuffix(filter.contains("svg") ? "svg" : filter.contains("csv") ? "csv" : "png");
  });
  QObject::connect(dialog, &QFileDialog::fileSelected, at, [charts, at](const QString& file) {
    const auto error = attempt(QObject::tr("The charts were not saved"), [&] { saveCharts(charts, file); });
    QToolTip::showText(
        at->mapToGlobal(QPoint(0, at->height())),
        error ? error->title + ": " + error->what + " " + error->doThis : QObject::tr("Saved as %1").arg(file), at);
  });
  dialog->open();
}

}  // namespace luthier
