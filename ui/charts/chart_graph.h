#pragma once
// A line of a plot that can also be drawn as what it covers in every column of pixels: with more points than columns
// the picture is the same, and stroking thousands of steep lines would take many times a frame.
#include <vector>

#include "charts/chart_series.h"
#include "charts/plot_library.h"

namespace luthier {

class ChartGraph : public QCPGraph {
 public:
  using QCPGraph::QCPGraph;
  /// One for each column of pixels of the axis rectangle; empty: the line is drawn through its points.
  void setColumns(std::vector<ValueSpan> columns) { columns_ = std::move(columns); }

 protected:
  void draw(QCPPainter* painter) override;

 private:
  std::vector<ValueSpan> columns_;
};

}  // namespace luthier
