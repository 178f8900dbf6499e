// Charts: numbers of the smoothing, what is drawn of many points, the best one, zoom and crosshair of a group, the
// table view, files.
#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QImage>
#include <QMimeData>
#include <QSignalSpy>
#include <QSvgRenderer>
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "charts/axis_ticks.h"
#include "charts/chart_export.h"
#include "charts/chart_legend.h"
#include "charts/chart_table.h"
#include "charts/metric_chart.h"
#include "charts/plot_library.h"
#include "support/testing.h"
#include "support/window.h"

using namespace luthier;
using namespace luthier::testing;

namespace {
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Two charts of one group, shown: a noisy loss of 400 steps with evaluations, and a learning rate.
struct TwoCharts {
  TwoCharts() : loss(group, "Loss", "lossChart", &window), rate(group, "Rate", "rateChart", &window) {
    auto* row = new QHBoxLayout(&window);
    row->addWidget(&loss);
    row->addWidget(&rate);
    loss.addLine({.name = "train", .colour = 0, .smoothed = true});
    loss.addLine({.name = "val", .colour = 1, .points = true});
    loss.setBest(1, false, "kept");
    rate.addLine({.name = "rate", .colour = 0});
    for (int step = 1; step <= 400; ++step) {
      loss.append(0, step, 1 + std::exp(-step / 80.0) + 0.1 * std::sin(step * 12.9898));
      rate.append(0, step, 1 - step / 400.0);
    }
    for (int step = 50; step <= 400; step += 50) loss.append(1, step, 1.2 + std::fabs(step - 250) / 1000.0);
    group.setFullRange(0, 400);
    group.setSmoothing(0.9);
    window.resize(900, 320);
    window.show();
    (void)QTest::qWaitForWindowExposed(&window);
    QTest::qWait(120);
  }
  QPoint at(MetricChart& chart, double x) {
    return {int(std::lround(chart.plot().xAxis->coordToPixel(x))), chart.plot().axisRect()->center().y()};
  }
  QWidget window;
  ChartGroup group;
  MetricChart loss, rate;
};
}  // namespace

class ChartTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void smoothingStartsAtTheFirstValue() {
    // By hand, w = 0.5: 0.5 4 = 2 over 1 - 0.5; 0.5 2 + 0.5 8 = 5 over 0.75; 0.5 5 + 0.5 6 = 5.5 over 0.875.
    Smoother smoother(0.5);
    QCOMPARE(smoother.add(4), 4.0);
    QCOMPARE(smoother.add(8), 5 / 0.75);
    QCOMPARE(smoother.add(6), 5.5 / 0.875);
    Smoother none(0);
    QCOMPARE(none.add(3), 3.0);
    QCOMPARE(none.add(-1), -1.0);
  }
  void valuesThatAreNotFiniteDoNotDisturbTheSmoothing() {
    Smoother smoother(0.5);
    QCOMPARE(smoother.add(4), 4.0);
    QVERIFY(std::isnan(smoother.add(kNaN)));
    QVERIFY(std::isinf(smoother.add(std::numeric_limits<double>::infinity())));
    QCOMPARE(smoother.add(8), 5 / 0.75);
  }
  void smoothingLaterIsTheSameAsFromTheBeginning() {
    ChartSeries early, late;
    early.setSmoothing(0.8);
    for (int i = 0; i < 1000; ++i) {
      early.append(i, std::sin(i));
      late.append(i, std::sin(i));
    }
    late.setSmoothing(0.8);
    for (std::size_t i = 0; i < 1000; ++i) QCOMPARE(early.smooth(i), late.smooth(i));
    late.truncate(500);
    late.append(600, 2);
    early.truncate(500);
    early.append(600, 2);
    QCOMPARE(early.smooth(500), late.smooth(500));
  }
  void manyPointsKeepTheirExtremes() {
    ChartSeries series;
    constexpr int kPoints = 200000;
    for (int i = 0; i < kPoints; ++i) series.append(i, i == 123456 ? 1000 : i == 77777 ? -1000 : std::sin(i * 0.001));
    std::vector<ValueSpan> columns;
    series.columns(false, 0, kPoints, 500, columns);
    QCOMPARE(columns.size(), 500u);
    QCOMPARE(columns[308].high, 1000.0);  // 123456 / 400
    QCOMPARE(columns[194].low, -1000.0);  // 77777 / 400
    for (std::size_t i = 0; i < columns.size(); ++i)
      for (int point = int(i) * 400 + 1; point < int(i + 1) * 400; ++point)
        QVERIFY(series.raw(std::size_t(point)) >= columns[i].low && series.raw(std::size_t(point)) <= columns[i].high);
    // Zoomed in, none is left out; one on each side belongs to the line.
    std::vector<QPointF> points;
    series.points(false, 1000, 1400, points);
    QCOMPARE(points.size(), 403u);
    QCOMPARE(series.countBetween(1000, 1400), 403u);
    QCOMPARE(series.extremes(), std::pair(std::size_t(77777), std::size_t(123456)));
  }
  void columnsWithoutPointsCarryTheLine() {
    ChartSeries series;
    series.append(0, 0);
    series.append(10, 10);
    std::vector<ValueSpan> columns;
    series.columns(false, 0, 20, 20, columns);
    QCOMPARE(columns[4].low, 5.0);  // its right edge is at 5
    QCOMPARE(columns[4].high, 5.0);
    QVERIFY(std::isnan(columns[15].low));
    series.append(12, kNaN);
    series.append(14, 3);
    series.columns(false, 0, 20, 10, columns);
    QCOMPARE(columns[6].low, 3.0);
  }
  void nearestAndBefore() {
    ChartSeries series;
    QCOMPARE(series.nearest(3), 0u);
    for (const double x : {1.0, 5.0, 9.0}) series.append(x, x);
    QCOMPARE(series.nearest(-4), 0u);
    QCOMPARE(series.nearest(3.1), 1u);
    QCOMPARE(series.nearest(2.9), 0u);
    QCOMPARE(series.nearest(70), 2u);
    QCOMPARE(series.atOrBefore(8.9), 1u);
    QCOMPARE(series.atOrBefore(0.5), series.size());
  }
  void ticksAreRoundAndReadable() {
    const AxisTicks axis = linearTicks(1.03, 1.97, 5, true);
    QCOMPARE(axis.lower, 1.0);
    QCOMPARE(axis.upper, 2.0);
    QCOMPARE(axis.ticks.size(), 6u);
    QCOMPARE(tickText(1.4, 0.2), QString("1.4"));
    QCOMPARE(tickText(0.25, 0.25), QString("0.25"));
    QCOMPARE(tickText(0, 0.2), QString("0"));
    QCOMPARE(tickText(2000, 1000), QString("2k"));
    QCOMPARE(tickText(1500, 500), QString("1.5k"));
    QCOMPARE(tickText(12e6, 2e6), QString("12M"));
    QVERIFY(linearTicks(kNaN, 1, 5, true).ticks.size() >= 2);
    QVERIFY(linearTicks(3, 3, 5, true).lower < 3);
    const AxisTicks decades = logTicks(0.2, 40, 5);
    QCOMPARE(decades.ticks.size(), 5u);  // 0.3, 1, 3, 10, 30
    QVERIFY(std::fabs(decades.ticks[0] - 0.3) < 1e-12 && std::fabs(decades.ticks[4] - 30) < 1e-9);
    QVERIFY(logTicks(-1, 4, 5).lower > 0);
    QVERIFY(logTicks(1.0, 1.9, 5).ticks.size() >= 4);
  }

  void drawsRawUnderSmoothedAndRingsTheBest() {
    TwoCharts charts;
    QVERIFY(charts.loss.best().has_value());
    QCOMPARE(charts.loss.series(1).x(*charts.loss.best()), 250.0);
    QVERIFY2(charts.loss.spoken().contains("best 1.2 at step 250"), qPrintable(charts.loss.spoken()));
    QCOMPARE(charts.loss.accessibleName(), charts.loss.spoken());
    // The ring is there in the colour of the second series, left of the point itself.
    const QImage image = charts.loss.plot().toPixmap().toImage();
    const double scale = image.devicePixelRatio();
    const QPointF best(charts.loss.plot().xAxis->coordToPixel(250), charts.loss.plot().yAxis->coordToPixel(1.2));
    const QColor ring = image.pixelColor(((best + QPointF(-6, 0)) * scale).toPoint());
    QVERIFY2(std::abs(ring.red() - tokens().series2.red()) < 60 && std::abs(ring.blue() - tokens().series2.blue()) < 60,
             qPrintable(ring.name()));
    charts.loss.setBest(1, true);
    QCOMPARE(charts.loss.series(1).x(*charts.loss.best()), 50.0);
    grabTo(charts.window, "charts");
  }
  void draggingZoomsAllChartsAndADoubleClickResets() {
    TwoCharts charts;
    QCustomPlot& plot = charts.loss.plot();
    QTest::mousePress(&plot, Qt::LeftButton, {}, charts.at(charts.loss, 100));
    QTest::mouseMove(&plot, charts.at(charts.loss, 150));
    QTest::mouseMove(&plot, charts.at(charts.loss, 200));
    QTest::mouseRelease(&plot, Qt::LeftButton, {}, charts.at(charts.loss, 200));
    QVERIFY(charts.group.isZoomed());
    QVERIFY(std::fabs(charts.group.range().first - 100) < 3 && std::fabs(charts.group.range().second - 200) < 3);
    QTRY_VERIFY(std::fabs(charts.rate.plot().xAxis->range().lower - charts.group.range().first) < 1e-9);
    QTRY_VERIFY(std::fabs(charts.loss.plot().xAxis->range().upper - charts.group.range().second) < 1e-9);
    QTest::mouseDClick(&charts.rate.plot(), Qt::LeftButton, {}, charts.at(charts.rate, 150));
    QVERIFY(!charts.group.isZoomed());
    QTRY_COMPARE(charts.loss.plot().xAxis->range().upper, 400.0);
    // A click without dragging zooms nothing.
    QTest::mouseClick(&plot, Qt::LeftButton, {}, charts.at(charts.loss, 60));
    QVERIFY(!charts.group.isZoomed());
  }
  void theCrosshairIsSharedAndFillsTheLegends() {
    TwoCharts charts;
    QCOMPARE(charts.rate.legend().entries()[0].value, QString("0"));
    QTest::mouseMove(&charts.loss.plot(), charts.at(charts.loss, 200));
    QTRY_VERIFY(charts.group.cursor().has_value());
    QVERIFY(std::fabs(*charts.group.cursor() - 200) <= 2);
    const std::size_t index = charts.loss.series(0).nearest(*charts.group.cursor());
    QCOMPARE(charts.loss.legend().entries()[0].value, charts.loss.valueText(charts.loss.series(0).smooth(index)));
    QCOMPARE(charts.rate.legend().entries()[0].value, charts.rate.valueText(charts.rate.series(0).raw(index)));
    charts.group.setCursor(std::nullopt);
    QCOMPARE(charts.rate.legend().entries()[0].value, QString("0"));
  }
  void arrowKeysMoveTheCrosshair() {
    TwoCharts charts;
    charts.loss.setFocus(Qt::TabFocusReason);
    QTest::keyClick(&charts.loss, Qt::Key_Left);
    QCOMPARE(charts.group.cursor(), std::optional(400.0));
    QTest::keyClick(&charts.loss, Qt::Key_Left, Qt::ShiftModifier);
    QCOMPARE(charts.group.cursor(), std::optional(390.0));
    QTest::keyClick(&charts.loss, Qt::Key_Right);
    QCOMPARE(charts.group.cursor(), std::optional(391.0));
    QTest::keyClick(&charts.loss, Qt::Key_Escape);
    QVERIFY(!charts.group.cursor());
  }
  void logScaleLeavesOutWhatIsNotPositive() {
    TwoCharts charts;
    charts.loss.append(0, 401, -1);
    charts.loss.append(0, 402, kNaN);
    charts.group.setLogScale(true);
    QTRY_COMPARE(charts.loss.plot().yAxis->scaleType(), QCPAxis::stLogarithmic);
    QVERIFY(charts.loss.plot().yAxis->range().lower > 0);
    charts.group.setLogScale(false);
    QTRY_COMPARE(charts.loss.plot().yAxis->scaleType(), QCPAxis::stLinear);
  }
  void aChartWithoutPointsIsDrawn() {
    ChartGroup group;
    MetricChart chart(group, "Empty", "empty");
    chart.addLine({.name = "nothing", .smoothed = true});
    chart.setBest(0);
    chart.resize(300, 200);
    chart.show();
    chart.replot();
    QVERIFY(!chart.best());
    QTest::keyClick(&chart, Qt::Key_Left);
    QTest::mouseMove(&chart.plot(), QPoint(100, 60));
    chart.append(0, 1, kNaN);
    chart.replot();
    QVERIFY(!chart.best());
  }
  void theTableViewHoldsEveryValue() {
    TwoCharts charts;
    charts.loss.setFocus(Qt::TabFocusReason);
    QTest::keyClick(&charts.loss, Qt::Key_T, Qt::AltModifier | Qt::ShiftModifier);
    QTRY_VERIFY(charts.loss.isTableShown());
    auto* table = child<ChartTable>(charts.loss, "lossChartTable");
    QVERIFY(table);
    QAbstractItemModel* model = table->model();
    const QAbstractItemModelTester tester(model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QCOMPARE(model->rowCount(), 408);
    QCOMPARE(model->index(400, 0).data().toString(), QString("val"));
    QCOMPARE(model->index(400, 1).data().toString(), QString("50"));
    QCOMPARE(model->index(404, 2).data().toString(), QString("1.2"));
    charts.loss.append(1, 450, 1.5);
    charts.loss.replot();
    QCOMPARE(model->rowCount(), 409);
    grabTo(charts.window, "charts-table");
    charts.loss.setTableShown(false);
    QVERIFY(!charts.loss.isTableShown());
  }
  void savesPicturesAndValues() {
    TwoCharts charts;
    QTemporaryDir folder;
    charts.group.save(folder.filePath("all.png"));
    const QImage image(folder.filePath("all.png"));
    QVERIFY(image.width() > 1200 && image.height() > 300);  // twice the size on screen
    QVERIFY(image.pixelColor(2, 2) == tokens().surface);
    charts.group.save(folder.filePath("all.svg"));
    QSvgRenderer drawing(folder.filePath("all.svg"));
    QVERIFY(drawing.isValid());
    QFile svg(folder.filePath("all.svg"));
    QVERIFY(svg.open(QIODevice::ReadOnly));
    const QByteArray text = svg.readAll();
    QVERIFY(text.contains("<polyline") || text.contains("<path"));
    QVERIFY2(!text.contains("<image"), "curves are drawn, not painted");
    charts.group.save(folder.filePath("all.csv"));
    QFile csv(folder.filePath("all.csv"));
    QVERIFY(csv.open(QIODevice::ReadOnly));
    const QList<QByteArray> lines = csv.readAll().trimmed().split('\n');
    QCOMPARE(lines.size(), 1 + 400 + 8 + 400);
    QCOMPARE(lines[0], QByteArray("chart,line,step,value,smoothed"));
    QVERIFY2(lines[401].startsWith("Loss,val,50,1.4,"), lines[401].constData());
    LUTHIER_FAILS(charts.group.save(folder.filePath("all.gif")), ".png");
    LUTHIER_FAILS(charts.group.save("/nowhere/at/all.csv"), "all.csv");
  }
  void copiesThePictureAndTheValues() {
    TwoCharts charts;
    charts.rate.setFocus(Qt::MouseFocusReason);
    QTest::keyClick(&charts.rate, Qt::Key_C, Qt::ControlModifier);
    const QMimeData* data = QGuiApplication::clipboard()->mimeData();
    QVERIFY(data->hasImage());
    QCOMPARE(data->text().trimmed().split('\n').size(), 401);
    QVERIFY(data->text().startsWith("chart\tline\tstep"));
  }
  void drawsAtMostThirtyTimesASecond() {
    TwoCharts charts;
    int drawn = 0;
    connect(&charts.loss.plot(), &QCustomPlot::afterReplot, this, [&] { ++drawn; });
    QElapsedTimer clock;
    clock.start();
    for (int i = 401; clock.elapsed() < 1000; ++i) {
      charts.loss.append(0, i, 1);
      QTest::qWait(2);
    }
    QVERIFY2(drawn >= 5 && drawn <= 31, qPrintable(QString::number(drawn)));
  }
};

LUTHIER_WINDOW_TEST_MAIN(ChartTest)
#include "chart_test.moc"
