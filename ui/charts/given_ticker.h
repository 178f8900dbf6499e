#pragma once
// An axis of QCustomPlot whose ticks were computed elsewhere.
#include "charts/plot_library.h"

#include <vector>

namespace luthier {

class GivenTicker : public QCPAxisTicker {
 public:
  std::vector<double> ticks;
  std::vector<QString> labels;

  void generate(const QCPRange&, const QLocale&, QChar, int, QVector<double>& places, QVector<double>* between,
                QVector<QString>* texts) override {
    places = QVector<double>(ticks.begin(), ticks.end());
    if (between) between->clear();
    if (texts) *texts = QVector<QString>(labels.begin(), labels.end());
  }
};

inline GivenTicker& tickerOf(QCPAxis* axis) { return static_cast<GivenTicker&>(*axis->ticker()); }

}  // namespace luthier
