#pragma once
// The image or recording of one row, read and decoded off the window's thread.
#include <QImage>
#include <QPixmap>
#include <memory>
#include <string>
#include <vector>

#include "data/roles.h"
#include "media/audio.h"
#include "media/image.h"
#include "recipe/recipe.h"

namespace luthier {

/// Pixels as Qt has them; a copy.
QImage toQImage(const Image& image);

/// The encoded bytes of the row's file. Errors: not_found, io, bad_input for a row without one.
std::string mediaBytes(const RoleRow& row);

/// What the panel shows of an image: itself, what the model sees of it, and how training varies it.
struct ShownImage {
  QImage whole, seen;
  std::vector<QImage> varied;
  QString name, facts, processor;  ///< facts: "JPEG, 480 x 360, 34 kB"; processor: one line
};

/// What it shows of a recording.
struct ShownSound {
  Waveform sound;       ///< as the model gets it: one channel, at its rate, cut where training cuts
  QString name, facts;  ///< "FLAC, 44,100 Hz, stereo, 3.2 s, 120 kB"
  QString text;         ///< what is said, or its label
  bool cut = false;
};

/// At most `side` pixels a side. Errors: those of media/image.h and of mediaBytes.
QImage readThumbnail(const RoleRow& row, int side);
/// `draw`: another one gives other variations. Errors as media/image.h.
ShownImage readShownImage(const RoleRow& row, const Recipe& recipe, std::uint64_t draw);
ShownSound readShownSound(const RoleRow& row, const Recipe& recipe);

}  // namespace luthier
