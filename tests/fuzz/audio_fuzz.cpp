// Any bytes as a recording: the head, the samples, another rate and both kinds of features.
#include <cmath>

#include "fuzz/input.h"
#include "media/audio.h"
#include "media/audio_features.h"
#include "media/picture.h"

using namespace luthier;

// libvorbis forgets some memory of files with a broken head: not what is looked for here.
extern "C" const char* __asan_default_options() { return "detect_leaks=0"; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  fuzz::survive([&] {
    const Waveform sound = decode_audio(bytes, "input", 2);
    if (sound.samples.empty() || sound.seconds() > 2.01) std::abort();
    probe_audio(bytes, "input");
    Waveform head{sound.rate, sound.samples};
    head.samples.resize(std::min<std::size_t>(head.samples.size(), 2000));
    const Waveform slow = resample(head, 16000);
    AudioFeatures::standard_waveform().apply(slow.samples.empty() ? head.samples : slow.samples);
    static const AudioFeatures mel = AudioFeatures::standard_log_mel(20, 2);
    mel.apply(head.samples, AudioFeatures::Padding::own);
    waveform_peaks(sound.samples, 20);
    spectrogram(head, 20, 10);
  });
  return 0;
}
