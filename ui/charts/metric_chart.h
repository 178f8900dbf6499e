#pragma once
// A chart of a run's metrics: raw values under smoothed ones, evaluation points, the best of them, reference lines and
// event markers; crosshair, zoom, scale and smoothing are those of its ChartGroup.
#include <QFrame>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

#include "charts/chart_group.h"
#include "charts/chart_series.h"

class QCustomPlot;
class QHBoxLayout;
class QLabel;
class QStackedLayout;

namespace luthier {

class ChartGraph;
class ChartLegend;
class ChartOverlay;
class ChartTable;

/// How a line looks.
struct ChartLine {
  QString name;           ///< in the legend
  int colour = 0;         ///< of Tokens::series
  bool smoothed = false;  ///< raw values under smoothed ones; otherwise the values as they are
  bool points = false;    ///< hollow points: evaluations
  bool dashed = false;
  bool inLegend = true;
};

/// A horizontal dashed line with its name.
struct ChartReference {
  double value = 0;
  QString text;
  bool warning = false;  ///< a limit, in the colour of warnings
};

class MetricChart : public QFrame {
  Q_OBJECT
 public:
  enum class Scale { ofGroup, linear, log };

  MetricChart(ChartGroup& group, const QString& title, const QString& name, QWidget* parent = nullptr);
  ~MetricChart() override;

  QString title() const { return title_; }
  void setTitle(const QString& title);
  /// A widget in the place of the title (a choice of what is shown).
  void setTitleWidget(QWidget* widget);
  void setScale(Scale scale);
  /// How values are written in the legend, the crosshair and the labels; and on the axis.
  void setValueText(std::function<QString(double)> text,
                    std::function<QString(double value, double step)> tickText = {});

  /// Values cannot lie outside: the axis does not go there either.
  void setBounds(double lowest, double highest);

  /// Returns the line's index.
  int addLine(const ChartLine& line);
  void clearLines();
  int lineCount() const { return int(lines_.size()); }
  const ChartLine& line(int index) const { return lines_[std::size_t(index)].look; }
  const ChartSeries& series(int index) const { return lines_[std::size_t(index)].series; }
  void append(int line, double x, double value);
  void truncate(int line, std::size_t count);
  void setX(int line, std::size_t first, const std::vector<double>& x);
  void setPoints(int line, const std::vector<double>& x, const std::vector<double>& values);

  void setReferences(std::vector<ChartReference> references);
  /// Rings the best point of a line and writes where it is, and `note`, under its value; nullopt: none.
  void setBest(std::optional<int> line, bool higherIsBetter = false, const QString& note = {});
  /// It is this point of the line, whatever others say; nullopt: the highest or the lowest.
  void setBestAt(std::optional<std::size_t> index);
  /// Index into the line's points; nullopt when there is none.
  std::optional<std::size_t> best() const;

  /// Rows instead of curves (Alt+Shift+T).
  void setTableShown(bool shown);
  bool isTableShown() const;
  /// "Loss. train: last 1.14 ..., best ...": also the accessible name.
  QString spoken() const;

  /// Draws now; the group calls it at its tick.
  void replot();
  QCustomPlot& plot() { return *plot_; }
  ChartLegend& legend() { return *legend_; }
  ChartGroup& group() const { return group_; }
  QString valueText(double value) const { return valueText_(value); }
  QSize sizeHint() const override { return {340, 150}; }

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void showEvent(QShowEvent* event) override;

 private:
  friend class ChartGroup;
  friend class ChartOverlay;
  struct Line {
    ChartLine look;
    ChartSeries series;
    ChartGraph *raw = nullptr, *main = nullptr;
  };

  void cursorMoved();
  void smoothingMoved();
  void applyTheme();
  void applyPens(Line& line);
  bool logarithmic() const;
  void drawLines(double& lowest, double& highest);
  void setTicks(double lowest, double highest);
  void updateLegend();
  void moveCursor(int points);
  /// The line whose points the crosshair snaps to: the one with most of them.
  const Line* leading() const;

  ChartGroup& group_;
  QPointer<ChartGroup> groupLives_;  ///< the owner of both may have destroyed it before its charts
  QString title_;
  Scale scale_ = Scale::ofGroup;
  std::function<QString(double)> valueText_;
  std::function<QString(double, double)> tickText_;
  std::vector<Line> lines_;
  std::vector<ChartReference> references_;
  std::optional<int> bestLine_;
  std::optional<std::size_t> bestAt_;
  bool bestIsHighest_ = false;
  QString bestNote_;
  double lowestValue_ = -std::numeric_limits<double>::infinity();
  double highestValue_ = std::numeric_limits<double>::infinity();

  QHBoxLayout* header_;
  QLabel* titleLabel_;
  ChartLegend* legend_;
  QStackedLayout* stack_;
  QCustomPlot* plot_;
  ChartOverlay* overlay_;
  ChartTable* table_ = nullptr;
  std::optional<double> dragFrom_, dragTo_;
  bool keyboardCursor_ = false;
};

}  // namespace luthier
