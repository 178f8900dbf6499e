#pragma once
// A recording as a picture: its waveform above its log-mel spectrogram, with a time axis and the place that is heard.
#include <QImage>
#include <QWidget>
#include <vector>

#include "media/picture.h"

namespace luthier {

class SoundView : public QWidget {
  Q_OBJECT
 public:
  explicit SoundView(QWidget* parent = nullptr);
  void setSound(const Waveform& sound);
  /// Share of the recording, 0 to 1; negative: nothing is played.
  void setPosition(double share);
  QSize sizeHint() const override { return {420, 160}; }

 Q_SIGNALS:
  /// A click into the picture: play.
  void clicked();

 protected:
  void paintEvent(QPaintEvent*) override;
  void resizeEvent(QResizeEvent*) override;
  void mousePressEvent(QMouseEvent*) override;

 private:
  void prepare();
  QRect waveRect() const;
  QRect spectrogramRect() const;

  Waveform sound_;
  std::vector<Peak> peaks_;
  QImage spectrogram_;
  double position_ = -1;
};

}  // namespace luthier
