#include "pages/data/sound_player.h"

#include <QAudioDevice>
#include <QAudioFormat>
#include <QAudioSink>
#include <QMediaDevices>

namespace luthier {

namespace {
QAudioFormat formatFor(int rate) {
  QAudioFormat format;
  format.setSampleRate(rate);
  format.setChannelCount(1);
  format.setSampleFormat(QAudioFormat::Float);
  return format;
}
}  // namespace

SoundPlayer::SoundPlayer(QObject* parent) : QObject(parent) {}
SoundPlayer::~SoundPlayer() { stop(); }

QString SoundPlayer::obstacle() {
  return QMediaDevices::defaultAudioOutput().isNull() ? tr("This computer has no sound output.") : QString();
}

void SoundPlayer::setSound(const Waveform& sound) {
  stop();
  samples_.close();
  rate_ = sound.rate;
  samples_.setData(reinterpret_cast<const char*>(sound.samples.data()),
                   qsizetype(sound.samples.size() * sizeof(float)));
}

bool SoundPlayer::isPlaying() const { return sink_ && sink_->state() == QAudio::ActiveState; }

void SoundPlayer::play() {
  stop();
  if (rate_ == 0 || samples_.data().isEmpty() || !obstacle().isEmpty()) return;
  samples_.open(QIODevice::ReadOnly);
  sink_ = std::make_unique<QAudioSink>(QMediaDevices::defaultAudioOutput(), formatFor(rate_));
  connect(sink_.get(), &QAudioSink::stateChanged, this, [this](QAudio::State state) {
    if (state == QAudio::IdleState || state == QAudio::StoppedState) Q_EMIT playingChanged(false);
  });
  sink_->start(&samples_);
  Q_EMIT playingChanged(true);
}

void SoundPlayer::stop() {
  if (sink_) {
    sink_->disconnect(this);
    sink_->stop();
    sink_.reset();
    Q_EMIT playingChanged(false);
  }
  samples_.close();
}

double SoundPlayer::position() const {
  const qint64 all = samples_.size();
  return sink_ && all > 0 ? double(samples_.pos()) / double(all) : 0.0;
}

}  // namespace luthier
