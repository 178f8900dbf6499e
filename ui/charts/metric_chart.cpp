#include "charts/metric_chart.h"

#include "charts/plot_library.h"

#include <QStackedLayout>
#include <algorithm>
#include <cmath>

#include "charts/axis_ticks.h"
#include "charts/chart_export.h"
#include "charts/chart_graph.h"
#include "charts/chart_legend.h"
#include "charts/chart_overlay.h"
#include "charts/chart_table.h"
#include "charts/given_ticker.h"
#include "widgets/basics.h"
#include "widgets/format.h"

namespace luthier {

namespace {
constexpr double kRawAlpha = 0.28;

void setUpAxis(QCPAxis* axis) {
  axis->setTicker(QSharedPointer<QCPAxisTicker>(new GivenTicker));
  axis->setTickLength(0);
  axis->setSubTicks(false);
  axis->setTickLabelPadding(6);
}
}  // namespace

MetricChart::MetricChart(ChartGroup& group, const QString& title, const QString& name, QWidget* parent)
    : QFrame(parent),
      group_(group),
      groupLives_(&group),
      title_(title),
      valueText_(numberText),
      tickText_(luthier::tickText) {
  setObjectName(name);
  setProperty("card", "true");
  setFocusPolicy(Qt::StrongFocus);
  setMinimumSize(180, 130);
  auto* all = makeColumn(0, this);
  all->setContentsMargins(3, 3, 3, 3);
  auto* bar = new QWidget;
  bar->setMinimumHeight(scaled(32));
  header_ = makeRow(10, bar);
  header_->setContentsMargins(10, 0, 10, 0);
  titleLabel_ = makeLabel(title, TextStyle::label);
  QFont bold = titleLabel_->font();
  bold.setWeight(QFont::DemiBold);
  titleLabel_->setFont(bold);
  legend_ = new ChartLegend;
  header_->addWidget(titleLabel_);
  header_->addWidget(legend_, 1);
  all->addWidget(bar);

  stack_ = new QStackedLayout;
  all->addLayout(stack_, 1);
  plot_ = new QCustomPlot;
  plot_->setObjectName(name + "Plot");
  plot_->setFocusPolicy(Qt::NoFocus);
  plot_->setMouseTracking(true);
  plot_->installEventFilter(this);
  plot_->setAccessibleName(title);
  stack_->addWidget(plot_);
  QCPAxisRect* area = plot_->axisRect();
  area->setupFullAxesBox(false);
  area->setMinimumMargins(QMargins(38, 9, 12, 22));
  area->setAutoMargins(QCP::msAll);
  setUpAxis(plot_->xAxis);
  setUpAxis(plot_->yAxis);
  plot_->xAxis->grid()->setVisible(false);
  plot_->yAxis->grid()->setZeroLinePen(Qt::NoPen);
  for (QCPAxis* axis : {plot_->xAxis2, plot_->yAxis2}) axis->setVisible(false);
  overlay_ = new ChartOverlay(*plot_, *this);
  applyTheme();
  connect(&theme(), &Theme::changed, this, &MetricChart::applyTheme);
  group_.add(this);

  const auto shortcut = [this](const QKeySequence& keys, auto action) {
    auto* made = new QShortcut(keys, this);
    made->setContext(Qt::WidgetWithChildrenShortcut);
    connect(made, &QShortcut::activated, this, action);
  };
  shortcut(Qt::ALT | Qt::SHIFT | Qt::Key_T, [this] { setTableShown(!isTableShown()); });
}

MetricChart::~MetricChart() {
  if (groupLives_) groupLives_->remove(this);
}

void MetricChart::applyTheme() {
  const Tokens& t = tokens();
  plot_->setBackground(QBrush(t.surface));
  for (QCPAxis* axis : {plot_->xAxis, plot_->yAxis}) {
    axis->setTickLabelFont(luthier::font(TextStyle::caption));
    axis->setTickLabelColor(t.textTertiary);
    axis->setTickPen(Qt::NoPen);
  }
  plot_->xAxis->setBasePen(QPen(t.lineStrong, 1));
  plot_->yAxis->setBasePen(Qt::NoPen);
  plot_->yAxis->grid()->setPen(QPen(t.gridLine, 1));
  for (Line& line : lines_) applyPens(line);
  if (isVisible()) replot();
}

void MetricChart::applyPens(Line& line) {
  QColor colour = tokens().series(line.look.colour);
  QPen main(colour, line.look.points ? 1.4 : 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
  if (line.look.dashed) {
    main.setCapStyle(Qt::FlatCap);
    main.setDashPattern({2, 1.6});
  }
  line.main->setPen(main);
  if (line.look.points)
    line.main->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(colour, 1.4), tokens().surface, 5));
  colour.setAlphaF(float(kRawAlpha));
  if (line.raw) line.raw->setPen(QPen(colour, 1));
}

void MetricChart::setTitle(const QString& title) {
  title_ = title;
  titleLabel_->setText(title);
}

void MetricChart::setTitleWidget(QWidget* widget) {
  titleLabel_->hide();
  header_->insertWidget(0, widget);
}

void MetricChart::setScale(Scale scale) {
  scale_ = scale;
  group_.redraw(this);
}

void MetricChart::setValueText(std::function<QString(double)> text, std::function<QString(double, double)> tickText) {
  valueText_ = std::move(text);
  tickText_ = tickText ? std::move(tickText) : luthier::tickText;
  group_.redraw(this);
}

void MetricChart::setBounds(double lowest, double highest) {
  lowestValue_ = lowest;
  highestValue_ = highest;
}

int MetricChart::addLine(const ChartLine& look) {
  Line line{look, {}, nullptr, nullptr};
  if (look.smoothed) line.raw = new ChartGraph(plot_->xAxis, plot_->yAxis);
  line.main = new ChartGraph(plot_->xAxis, plot_->yAxis);
  line.series.setSmoothing(look.smoothed ? group_.smoothing() : 0);
  applyPens(line);
  lines_.push_back(std::move(line));
  return int(lines_.size()) - 1;
}

void MetricChart::clearLines() {
  lines_.clear();
  plot_->clearGraphs();
  bestLine_.reset();
  group_.redraw(this);
}

void MetricChart::append(int line, double x, double value) {
  lines_[std::size_t(line)].series.append(x, value);
  group_.redraw(this);
}

void MetricChart::truncate(int line, std::size_t count) {
  lines_[std::size_t(line)].series.truncate(count);
  group_.redraw(this);
}

void MetricChart::setX(int line, std::size_t first, const std::vector<double>& x) {
  lines_[std::size_t(line)].series.setX(first, x);
  group_.redraw(this);
}

void MetricChart::setPoints(int line, const std::vector<double>& x, const std::vector<double>& values) {
  ChartSeries& series = lines_[std::size_t(line)].series;
  series.clear();
  for (std::size_t i = 0; i < x.size(); ++i) series.append(x[i], values[i]);
  group_.redraw(this);
}

void MetricChart::setReferences(std::vector<ChartReference> references) {
  references_ = std::move(references);
  group_.redraw(this);
}

void MetricChart::setBest(std::optional<int> line, bool higherIsBetter, const QString& note) {
  bestLine_ = line;
  bestAt_.reset();
  bestIsHighest_ = higherIsBetter;
  bestNote_ = note;
  group_.redraw(this);
}

void MetricChart::setBestAt(std::optional<std::size_t> index) {
  if (bestAt_ == index) return;
  bestAt_ = index;
  group_.redraw(this);
}

std::optional<std::size_t> MetricChart::best() const {
  if (!bestLine_ || *bestLine_ >= lineCount()) return std::nullopt;
  const ChartSeries& values = series(*bestLine_);
  if (bestAt_ && *bestAt_ < values.size()) return bestAt_;
  const auto [lowest, highest] = values.extremes();
  const std::size_t index = bestIsHighest_ ? highest : lowest;
  return index < values.size() ? std::optional(index) : std::nullopt;
}

void MetricChart::smoothingMoved() {
  for (Line& line : lines_)
    if (line.look.smoothed) line.series.setSmoothing(group_.smoothing());
}

void MetricChart::cursorMoved() {
  updateLegend();
  if (plot_->isVisible()) plot_->layer("overlay")->replot();
}

bool MetricChart::logarithmic() const {
  return scale_ == Scale::log || (scale_ == Scale::ofGroup && group_.logScale());
}

const MetricChart::Line* MetricChart::leading() const {
  const Line* found = nullptr;
  for (const Line& line : lines_)
    if (line.look.inLegend && line.series.size() > 0 && (!found || line.series.size() > found->series.size()))
      found = &line;
  return found;
}

}  // namespace luthier
