#pragma once
// What lies over the curves: event markers, reference lines, the best point, the crosshair and the range being dragged.
// It has the plot's overlay layer to itself, so that a moving crosshair draws no curve again.
#include "charts/plot_library.h"

namespace luthier {

class MetricChart;

class ChartOverlay : public QCPLayerable {
 public:
  ChartOverlay(QCustomPlot& plot, const MetricChart& chart);

 protected:
  void draw(QCPPainter* painter) override;
  void applyDefaultAntialiasingHint(QCPPainter* painter) const override;
  QRect clipRect() const override;

 private:
  void drawReferences(QPainter& painter, const QRectF& area) const;
  void drawEvents(QPainter& painter, const QRectF& area) const;
  void drawBest(QPainter& painter, const QRectF& area) const;
  void drawCursor(QPainter& painter, const QRectF& area) const;
  double pixelX(double x) const;
  double pixelY(double value) const;

  const MetricChart& chart_;
};

}  // namespace luthier
