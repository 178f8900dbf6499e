// Browsing ten million rows: how long the window's event loop is held up while they scroll and are filtered.
#include <QElapsedTimer>
#include <QLineEdit>
#include <QScrollBar>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "data/duck.h"
#include "pages/data/data_page.h"
#include "pages/data/data_table.h"
#include "support/event_loop.h"
#include "support/testing.h"
#include "support/window.h"

using namespace luthier;
using namespace luthier::testing;

namespace {
double percentile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[std::size_t(share * double(values.size() - 1))];
}

/// Prints how long the event loop took; false when an answer came later than it may.
bool answersInTime(const char* during, const std::vector<Answer>& answers) {
  constexpr double kLongestAnswer = 50;  // milliseconds
  const AnswerTimes times = times_of(answers);
  qInfo(
      "event loop while %s: %zu answers; own time p99 %.1f ms, longest %.1f ms; wall time p99 %.1f ms, longest %.1f ms",
      during, times.count, times.own_p99, times.own_longest, times.wall_p99, times.wall_longest);
  return times.count > 0 && times.wall_p99 <= kLongestAnswer && times.own_longest <= kLongestAnswer;
}

/// "RssAnon": memory of this process that no file backs, "VmHWM": the most that it ever held; in megabytes.
double megabytes(const std::string& what) {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line))
    if (line.starts_with(what + ":")) return std::stod(line.substr(what.size() + 1)) / 1024;
  return 0;
}
}  // namespace

class DataRowsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void tenMillionRowsScroll() {
    constexpr std::int64_t kRows = 10'000'000;
    WindowFixture fixture;
    const fs::path file = fixture.folder.filePath("rows.parquet").toStdString();
    {
      DuckDatabase database;
      database.run(
          "COPY (SELECT 'row ' || range || ' of a text that has some words' AS text, "
          "if(range % 3 = 0, 'low', 'high') AS label FROM range(" +
          std::to_string(kRows) + ")) TO " + sql_text(file.string()) + " (FORMAT parquet)");
    }
    QElapsedTimer opening;
    opening.start();
    fixture.document.create(
        fixture.folder.filePath("project").toStdString(),
        Json{{"luthier", 1},
             {"objective", {{"kind", "classification"}}},
             {"model", {{"path", ""}}},
             {"data", {{"train", file.string()}, {"roles", {{"text", "text"}, {"label", "label"}}}}},
             {"method", {{"kind", "full"}}}});
    DataPage page(fixture.workbench);
    page.resize(912, 868);
    page.show();
    page.shown();
    auto* table = child<DataTable>(page, "dataTable");
    QTRY_VERIFY_WITH_TIMEOUT(page.rows().isOpen() && !table->cellText(0, 0).isEmpty(), 20000);
    qInfo("first rows after %lld ms, %.0f MB anonymous", opening.elapsed(), megabytes("RssAnon"));
    QCOMPARE(page.rows().total(), kRows);
    QElapsedTimer painting;
    painting.start();
    for (int i = 0; i < 10; ++i) table->viewport()->repaint();
    qInfo("painting the table: %.1f ms", double(painting.elapsed()) / 10);
    auto watchdog = std::make_unique<Watchdog>(page);

    std::vector<double> arrivals;
    QScrollBar* bar = table->verticalScrollBar();
    for (int i = 0; i < 60; ++i) {
      // Dragging the bar to somewhere far, then a few turns of the wheel.
      const std::int64_t row = (std::int64_t(i) * 7'654'321 + 13) % (kRows - 100);
      QElapsedTimer arrival;
      arrival.start();
      bar->setValue(int(double(row) / double(kRows) * bar->maximum()));
      for (int turn = 0; turn < 8; ++turn) {
        bar->setValue(bar->value() + 3 * bar->singleStep());
        QTest::qWait(4);
      }
      QTRY_VERIFY(!table->cellText(table->firstVisible(), 0).isEmpty());
      arrivals.push_back(double(arrival.elapsed()));
      QCOMPARE(table->cellText(table->firstVisible(), 0),
               QString("row %1 of a text that has some words").arg(table->firstVisible()));
    }
    qInfo("scrolling: rows after %.0f ms (median), %.0f ms (most)", percentile(arrivals, 0.5), percentile(arrivals, 1));
    QVERIFY(answersInTime("scrolling", watchdog->answers()));

    QTRY_VERIFY_WITH_TIMEOUT(page.rows().mark(0) && !fixture.facts.dataLoading(), 240000);
    qInfo("profile after %.1f s, %.0f MB anonymous, %.0f MB at the most", fixture.facts.data()->seconds,
          megabytes("RssAnon"), megabytes("VmHWM"));
    watchdog = std::make_unique<Watchdog>(page);
    auto* filter = child<QLineEdit>(page, "dataFilterEdit");
    filter->setText("where label = 'low' and text like '%99 of%'");
    QTest::keyClick(filter, Qt::Key_Return);
    QElapsedTimer filtering;
    filtering.start();
    QTRY_VERIFY_WITH_TIMEOUT(page.rows().isFiltered(), 60000);
    qInfo("condition over all rows: %lld ms, %lld rows", filtering.elapsed(),
          static_cast<long long>(page.rows().count()));
    QTRY_VERIFY(!table->cellText(table->firstVisible(), 0).isEmpty());
    QVERIFY(answersInTime("filtering", watchdog->answers()));
  }
};

LUTHIER_WINDOW_TEST_MAIN(DataRowsTest)
#include "data_rows_long_test.moc"
