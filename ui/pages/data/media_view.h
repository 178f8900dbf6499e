#pragma once
// One row's image or recording: as it lies in the file, and as training gives it to the model.
#include <QPointer>
#include <QTimer>
#include <QWidget>
#include <optional>

#include "pages/data/media_file.h"
#include "pages/data/sound_player.h"
#include "pages/page.h"

class QStackedWidget;

namespace luthier {

class PictureView;
class SoundView;

class MediaView : public QWidget {
  Q_OBJECT
 public:
  explicit MediaView(Workbench& workbench, QWidget* parent = nullptr);

  /// Reads the row's file off the window's thread and shows it; `number` is what the table calls it (from 1).
  void showRow(const RoleRow& row, std::int64_t number);
  void clear();

 Q_SIGNALS:
  void previousWanted();
  void nextWanted();
  void closed();
  /// The file of the row asked for last is shown, or what is wrong with it.
  void rowShown();

 private:
  QWidget* buildImage();
  QWidget* buildSound();
  void read();
  void showImage(const ShownImage& image);
  void showSound(const ShownSound& sound);
  void togglePlaying();

  Workbench& workbench_;
  std::optional<RoleRow> row_;
  std::int64_t number_ = 0;
  int round_ = 0;
  std::uint64_t draw_ = 0;

  Card* card_;
  QStackedWidget* stack_;
  ErrorCard* error_;
  PictureView *whole_, *seen_;
  QWidget* variedRow_;
  QList<PictureView*> varied_;
  QLabel *imageName_, *imageFacts_, *imageProcessor_, *soundName_, *soundFacts_, *soundText_, *soundCut_;
  QPushButton *again_, *play_;
  SoundView* sound_;
  SoundPlayer player_;
  QTimer playing_;
};

}  // namespace luthier
