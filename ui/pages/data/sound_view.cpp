#include "pages/data/sound_view.h"

#include <QLocale>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "theme/theme.h"

namespace luthier {

namespace {
constexpr int kTimeAxis = 18;   ///< pixels of the time axis
constexpr int kPictureGap = 6;  ///< between the two pictures
constexpr int kBands = 64;      ///< of the spectrogram

QColor between(const QColor& a, const QColor& b, double share) {
  const auto mix = [share](int x, int y) { return int(std::lround(x + (y - x) * share)); };
  return {mix(a.red(), b.red()), mix(a.green(), b.green()), mix(a.blue(), b.blue())};
}

/// Seconds between two ticks so that about `most` of them fit.
double tickStep(double seconds, int most) {
  double step = std::pow(10.0, std::floor(std::log10(std::max(seconds, 1e-3))) - 1);
  for (int i = 0; seconds / step > most; ++i) step *= i % 3 == 1 ? 2.5 : 2;
  return step;
}
}  // namespace

SoundView::SoundView(QWidget* parent) : QWidget(parent) {
  setObjectName("soundView");
  setAccessibleName(tr("Waveform and spectrogram"));
  setMinimumHeight(90);
  connect(&theme(), &Theme::changed, this, [this] {
    prepare();
    update();
  });
}

void SoundView::setSound(const Waveform& sound) {
  sound_ = sound;
  position_ = -1;
  prepare();
  setAccessibleDescription(tr("%1 seconds").arg(QLocale().toString(sound.seconds(), 'f', 1)));
  update();
}

void SoundView::setPosition(double share) {
  position_ = share;
  update();
}

QRect SoundView::waveRect() const {
  const int height = (this->height() - kTimeAxis - kPictureGap) * 2 / 5;
  return {0, 0, width(), std::max(20, height)};
}

QRect SoundView::spectrogramRect() const {
  const int top = waveRect().bottom() + 1 + kPictureGap;
  return {0, top, width(), std::max(1, height() - kTimeAxis - top)};
}

void SoundView::prepare() {
  peaks_ = sound_.samples.empty() ? std::vector<Peak>() : waveform_peaks(sound_.samples, std::max(1, width()));
  spectrogram_ = {};
  if (sound_.samples.empty()) return;
  const Spectrogram levels = spectrogram(sound_, std::max(1, width()), kBands);
  if (levels.width == 0) return;
  QImage image(levels.width, levels.height, QImage::Format_RGB32);
  const Tokens& t = tokens();
  QRgb colours[256];
  for (int level = 0; level < 256; ++level) {
    const double share = level / 255.0;
    colours[level] = (share < 0.7 ? between(t.fill, t.accent, share / 0.7)
                                  : between(t.accent, theme().dark() ? Qt::white : t.series4, (share - 0.7) / 0.3))
                         .rgb();
  }
  for (int y = 0; y < levels.height; ++y)
    for (int x = 0; x < levels.width; ++x)
      image.setPixel(x, y, colours[levels.levels[std::size_t(y) * std::size_t(levels.width) + std::size_t(x)]]);
  spectrogram_ = image;
}

void SoundView::resizeEvent(QResizeEvent*) { prepare(); }

void SoundView::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) Q_EMIT clicked();
}

void SoundView::paintEvent(QPaintEvent*) {
  const Tokens& t = tokens();
  QPainter painter(this);
  const QRect wave = waveRect(), grid = spectrogramRect();
  painter.fillRect(wave, t.fill);
  painter.setPen(t.accent);
  const double middle = wave.center().y(), half = wave.height() / 2.0;
  for (std::size_t x = 0; x < peaks_.size(); ++x)
    painter.drawLine(
        QPointF(double(x), middle - peaks_[x].highest * half),
        QPointF(double(x), std::max(middle - peaks_[x].lowest * half, middle - peaks_[x].highest * half + 1)));
  painter.setRenderHint(QPainter::SmoothPixmapTransform);
  if (!spectrogram_.isNull()) painter.drawImage(grid, spectrogram_);
  const double seconds = sound_.seconds();
  if (seconds > 0) {
    painter.setFont(luthier::font(TextStyle::caption));
    painter.setPen(t.textTertiary);
    const double step = tickStep(seconds, std::max(2, width() / 70));
    for (double at = 0; at <= seconds; at += step) {
      const QString text = QLocale().toString(at, 'g', 3) + " s";
      const int x = int(at / seconds * width()), room = painter.fontMetrics().horizontalAdvance(text);
      if (x + room <= width()) painter.drawText(x, height() - 4, text);
    }
  }
  if (position_ >= 0) {
    painter.setPen(QPen(t.textPrimary, 1));
    painter.drawLine(QPointF(position_ * width(), 0), QPointF(position_ * width(), grid.bottom()));
  }
}

}  // namespace luthier
