#pragma once
// Plays a recording on the system's sound device.
#include <QBuffer>
#include <QObject>
#include <memory>

#include "media/audio.h"

class QAudioSink;

namespace luthier {

class SoundPlayer : public QObject {
  Q_OBJECT
 public:
  explicit SoundPlayer(QObject* parent = nullptr);
  ~SoundPlayer() override;

  /// Empty when sound can be played; else why not.
  static QString obstacle();
  void setSound(const Waveform& sound);
  bool isPlaying() const;
  void play();
  void stop();
  /// Share of the recording that was heard, 0 to 1.
  double position() const;

 Q_SIGNALS:
  void playingChanged(bool playing);

 private:
  QBuffer samples_;
  int rate_ = 0;
  std::unique_ptr<QAudioSink> sink_;
};

}  // namespace luthier
