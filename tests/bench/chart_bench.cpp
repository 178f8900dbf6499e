// How long a chart takes to draw: a million points, and the four charts of the Train page at 200 events a second.
#include <QGridLayout>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <vector>

#include "charts/metric_chart.h"
#include "support/window.h"

using namespace luthier;

namespace {
struct Times {
  std::vector<double> all;  // milliseconds
  void add(double milliseconds) { all.push_back(milliseconds); }
  void print(const char* what) {
    std::sort(all.begin(), all.end());
    std::printf("%-52s median %6.2f ms, p99 %6.2f ms, largest %6.2f ms (%zu)\n", what, all[all.size() / 2],
                all[std::min(all.size() - 1, all.size() * 99 / 100)], all.back(), all.size());
  }
};

double milliseconds(const QElapsedTimer& clock) { return double(clock.nsecsElapsed()) / 1e6; }

/// The chart of a loss: a falling curve with noise.
void fill(MetricChart& chart, int points) {
  chart.addLine({.name = "train", .smoothed = true});
  for (int i = 0; i < points; ++i)
    chart.append(0, i, 1 + std::exp(-i / 1e5) + 0.2 * std::sin(i * 12.9898) * std::sin(i * 0.37));
}
}  // namespace

class ChartBench : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void aMillionPoints() {
    ChartGroup group;
    MetricChart chart(group, "Loss", "lossChart");
    chart.resize(560, 300);
    QElapsedTimer clock;
    clock.start();
    fill(chart, 1'000'000);
    std::printf("a million points appended in %.0f ms\n", milliseconds(clock));
    group.setFullRange(0, 1e6);
    clock.restart();
    group.setSmoothing(0.9);
    std::printf("smoothed anew in %.1f ms\n", milliseconds(clock));
    chart.show();
    QVERIFY(QTest::qWaitForWindowExposed(&chart));
    Times whole, zoomed, few, cursor;
    for (int i = 0; i < 120; ++i) {
      chart.append(0, 1e6 + i, 1);
      clock.restart();
      chart.replot();
      whole.add(milliseconds(clock));
    }
    for (int i = 0; i < 120; ++i) {
      group.zoom(i * 4000.0, i * 4000.0 + 2e5);
      clock.restart();
      chart.replot();
      zoomed.add(milliseconds(clock));
    }
    for (int i = 0; i < 120; ++i) {
      group.zoom(i * 4000.0, i * 4000.0 + 290);  // as many as are drawn one by one
      clock.restart();
      chart.replot();
      few.add(milliseconds(clock));
    }
    for (int i = 0; i < 120; ++i) {
      clock.restart();
      group.setCursor(i * 1000.0);
      cursor.add(milliseconds(clock));
    }
    whole.print("frame, a million points");
    zoomed.print("frame, zoomed to 200,000 points");
    few.print("frame, zoomed to 290 points");
    cursor.print("crosshair moved");
    QVERIFY(whole.all[whole.all.size() / 2] < 16);
    QVERIFY(zoomed.all[zoomed.all.size() / 2] < 16);
    QVERIFY(few.all[few.all.size() / 2] < 16);
  }
  void twoHundredEventsASecond() {
    QWidget window;
    auto* grid = new QGridLayout(&window);
    ChartGroup group;
    std::vector<std::unique_ptr<MetricChart>> charts;
    for (int i = 0; i < 4; ++i) {
      charts.push_back(std::make_unique<MetricChart>(group, "Chart", "chart" + QString::number(i), &window));
      grid->addWidget(charts.back().get(), i / 2, i % 2);
      fill(*charts.back(), 20'000);
    }
    group.setSmoothing(0.9);
    window.resize(900, 560);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    // The gap between two looks of a timer that wants to come every 5 ms: what the window's thread was held up.
    Times gaps;
    QElapsedTimer clock, gap;
    QTimer beat;
    beat.setTimerType(Qt::PreciseTimer);
    connect(&beat, &QTimer::timeout, this, [&] {
      gaps.add(milliseconds(gap));
      gap.restart();
    });
    clock.start();
    gap.start();
    beat.start(5);
    int sent = 0;
    while (clock.elapsed() < 5000) {
      while (sent < clock.elapsed() / 5) {
        for (const auto& chart : charts) chart->append(0, 20'000 + sent, 1 + std::sin(sent * 0.1));
        group.setFullRange(0, 20'000 + sent);
        ++sent;
      }
      QTest::qWait(1);
    }
    std::printf("%d events in %.1f s to four charts\n", sent, double(clock.elapsed()) / 1000);
    gaps.print("between two beats of 5 ms");
    QVERIFY(gaps.all.back() < 50);
  }
};

LUTHIER_WINDOW_TEST_MAIN(ChartBench)
#include "chart_bench.moc"
