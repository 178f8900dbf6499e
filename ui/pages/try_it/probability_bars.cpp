#include "pages/try_it/probability_bars.h"

#include <QPainter>
#include <algorithm>

#include "theme/theme.h"
#include "widgets/format.h"

namespace luthier {

namespace {
constexpr std::size_t kMostShown = 8;
}

ProbabilityBars::ProbabilityBars(const QString& name, bool reference, QWidget* parent)
    : QWidget(parent), reference_(reference) {
  setObjectName(name);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  connect(&theme(), &Theme::changed, this, [this] { updateGeometry(); });
}

QSize ProbabilityBars::sizeHint() const {
  return {320, scaled(26) * int(std::min(kMostShown, std::max<std::size_t>(probabilities_.size(), 3)))};
}

void ProbabilityBars::setProbabilities(const std::vector<LabelProbability>& probabilities) {
  probabilities_ = probabilities;
  if (probabilities_.size() > kMostShown) probabilities_.resize(kMostShown);
  QStringList spoken;
  for (const LabelProbability& one : probabilities_) spoken << one.label + " " + percentText(one.probability);
  setAccessibleName(spoken.join(", "));
  updateGeometry();
  update();
}

void ProbabilityBars::paintEvent(QPaintEvent*) {
  const Tokens& t = tokens();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const int row = scaled(26), name = std::min(scaled(150), width() / 3), number = scaled(64);
  for (std::size_t i = 0; i < probabilities_.size(); ++i) {
    const LabelProbability& one = probabilities_[i];
    const int top = int(i) * row;
    QFont text = luthier::font(TextStyle::body);
    QFont mono = luthier::font(TextStyle::mono);
    if (i == 0) {
      text.setWeight(QFont::DemiBold);
      mono.setWeight(QFont::DemiBold);
    }
    painter.setFont(text);
    painter.setPen(i == 0 ? t.textPrimary : t.textSecondary);
    painter.drawText(QRect(0, top, name - 10, row), Qt::AlignVCenter | Qt::AlignLeft,
                     painter.fontMetrics().elidedText(one.label, Qt::ElideRight, name - 10));
    const QRectF track(name, top + (row - 10) / 2.0, width() - name - number, 10);
    painter.setPen(Qt::NoPen);
    painter.setBrush(t.fill);
    painter.drawRoundedRect(track, 2, 2);
    const QColor full = reference_ ? t.series6 : t.series1;
    painter.setBrush(i == 0 ? full : t.lineStrong);
    const double length = track.width() * std::clamp(one.probability, 0.0, 1.0);
    if (length >= 1) painter.drawRoundedRect(QRectF(track.topLeft(), QSizeF(length, track.height())), 2, 2);
    painter.setFont(mono);
    painter.setPen(i == 0 ? t.textPrimary : t.textSecondary);
    painter.drawText(QRect(width() - number, top, number, row), Qt::AlignVCenter | Qt::AlignRight,
                     percentText(one.probability));
  }
}

}  // namespace luthier
