#include "pages/data/media_view.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "pages/data/picture_view.h"
#include "pages/data/sound_view.h"
#include "widgets/format.h"

namespace luthier {

namespace {
constexpr int kShownVariations = 6;
constexpr int kFrameMs = 40;  ///< between two positions of what is heard

QWidget* titled(const QString& title, QWidget* inside) {
  auto* place = new QWidget;
  auto* column = makeColumn(4, place);
  column->addWidget(makeLabel(title, TextStyle::caption, "tertiary"));
  column->addWidget(inside, 1);
  return place;
}
}  // namespace

MediaView::MediaView(Workbench& workbench, QWidget* parent) : QWidget(parent), workbench_(workbench) {
  setObjectName("mediaView");
  card_ = new Card(tr("Row"));
  auto* all = makeColumn(0, this);
  all->addWidget(card_);
  QPushButton* previous = makeIconButton("up", tr("Previous row"), "mediaPrev");
  QPushButton* next = makeIconButton("down", tr("Next row"), "mediaNext");
  QPushButton* close = makeIconButton("x", tr("Close"), "mediaClose");
  connect(previous, &QPushButton::clicked, this, &MediaView::previousWanted);
  connect(next, &QPushButton::clicked, this, &MediaView::nextWanted);
  connect(close, &QPushButton::clicked, this, &MediaView::closed);
  for (QPushButton* button : {previous, next, close}) {
    button->setFixedWidth(scaled(28));
    card_->header()->addWidget(button);
  }
  card_->body()->setContentsMargins(0, 0, 0, 0);
  card_->body()->setSpacing(0);
  card_->body()->addWidget(makeLine());
  stack_ = new QStackedWidget;
  stack_->addWidget(new QWidget);
  auto* failed = new QWidget;
  auto* failedColumn = makeColumn(0, failed);
  failedColumn->setContentsMargins(12, 12, 12, 12);
  error_ = new ErrorCard;
  failedColumn->addWidget(error_);
  failedColumn->addStretch(1);
  stack_->addWidget(failed);
  stack_->addWidget(buildImage());
  stack_->addWidget(buildSound());
  card_->body()->addWidget(stack_, 1);
  connect(&workbench.document, &Document::changed, this, [this](const QStringList& paths) {
    for (const QString& path : paths)
      if (path.isEmpty() || path.startsWith("data.augment") || path.startsWith("model") ||
          path.startsWith("data.longest"))
        return read();
  });
  connect(&workbench.document, &Document::projectChanged, this, &MediaView::clear);
}

QWidget* MediaView::buildImage() {
  auto* place = new QWidget;
  auto* row = makeRow(14, place);
  row->setContentsMargins(14, 10, 14, 12);
  whole_ = new PictureView(tr("The image"));
  seen_ = new PictureView(tr("What the model sees"));
  row->addWidget(titled(tr("In the file"), whole_), 3);
  row->addWidget(titled(tr("As the model sees it"), seen_), 2);
  variedRow_ = new QWidget;
  auto* varied = makeColumn(4, variedRow_);
  auto* head = makeRow(8);
  head->addWidget(makeLabel(tr("As training varies it"), TextStyle::caption, "tertiary"), 1);
  again_ = makeFixButton(tr("Draw again"), "mediaDrawAgain");
  connect(again_, &QPushButton::clicked, this, [this] {
    ++draw_;
    read();
  });
  head->addWidget(again_);
  varied->addLayout(head);
  auto* grid = new QGridLayout;
  grid->setSpacing(4);
  for (int i = 0; i < kShownVariations; ++i) {
    auto* view = new PictureView(tr("Variation %1").arg(i + 1));
    varied_ << view;
    grid->addWidget(view, i / 3, i % 3);
  }
  varied->addLayout(grid, 1);
  row->addWidget(variedRow_, 3);
  auto* side = new QWidget;
  auto* column = makeColumn(6, side);
  imageName_ = makeText({}, TextStyle::body, "");
  imageFacts_ = makeText({}, TextStyle::small, "secondary");
  imageProcessor_ = makeText({}, TextStyle::small, "tertiary");
  for (QLabel* label : {imageName_, imageFacts_, imageProcessor_}) column->addWidget(label);
  column->addStretch(1);
  side->setFixedWidth(scaled(190));
  row->addWidget(side);
  return place;
}

QWidget* MediaView::buildSound() {
  auto* place = new QWidget;
  auto* row = makeRow(14, place);
  row->setContentsMargins(14, 10, 14, 12);
  sound_ = new SoundView;
  row->addWidget(sound_, 1);
  auto* side = new QWidget;
  auto* column = makeColumn(6, side);
  play_ = makeSmallButton(tr("Play"), "mediaPlay", "primary");
  auto* button = makeRow(0);
  button->addWidget(play_);
  button->addStretch(1);
  column->addLayout(button);
  soundText_ = makeText({}, TextStyle::body, "");
  soundName_ = makeText({}, TextStyle::small, "secondary");
  soundFacts_ = makeText({}, TextStyle::small, "secondary");
  soundCut_ = makeText({}, TextStyle::small, "warning");
  for (QLabel* label : {soundText_, soundName_, soundFacts_, soundCut_}) column->addWidget(label);
  column->addStretch(1);
  side->setFixedWidth(scaled(220));
  row->addWidget(side);
  connect(play_, &QPushButton::clicked, this, &MediaView::togglePlaying);
  connect(sound_, &SoundView::clicked, this, &MediaView::togglePlaying);
  connect(&player_, &SoundPlayer::playingChanged, this, [this](bool playing) {
    play_->setText(playing ? tr("Stop") : tr("Play"));
    if (playing)
      playing_.start(kFrameMs);
    else
      playing_.stop();
    sound_->setPosition(playing ? 0 : -1);
  });
  connect(&playing_, &QTimer::timeout, this, [this] { sound_->setPosition(player_.position()); });
  return place;
}

void MediaView::togglePlaying() {
  if (player_.isPlaying())
    player_.stop();
  else
    player_.play();
}

void MediaView::showRow(const RoleRow& row, std::int64_t number) {
  row_ = row;
  number_ = number;
  read();
}

void MediaView::clear() {
  row_.reset();
  ++round_;
  player_.stop();
  stack_->setCurrentIndex(0);
}

void MediaView::read() {
  if (!row_) return;
  player_.stop();
  const int round = ++round_;
  auto image = std::make_shared<std::optional<ShownImage>>();
  auto sound = std::make_shared<std::optional<ShownSound>>();
  auto* job = new ThreadJob(
      tr("Reading the file"),
      [row = *row_, recipe = workbench_.document.lenient(), draw = draw_, image, sound](JobProgress&) {
        if (modality_of(recipe.data) == "audio")
          *sound = readShownSound(row, recipe);
        else
          *image = readShownImage(row, recipe, draw);
      },
      [] {}, this);
  connect(job, &Job::finished, this, [this, round, image, sound](const std::optional<ErrorText>& error) {
    if (round != round_) return;
    card_->subtitle()->setText(tr("row %1").arg(countText(number_)));
    if (error) {
      ErrorText told = *error;
      told.title = tr("This file cannot be used");
      error_->setError(told);
      stack_->setCurrentIndex(1);
    }
    if (*image) showImage(**image);
    if (*sound) showSound(**sound);
    Q_EMIT rowShown();
  });
  job->start();
}

void MediaView::showImage(const ShownImage& image) {
  card_->title()->setText(tr("Image"));
  whole_->setImage(image.whole);
  seen_->setImage(image.seen);
  variedRow_->setVisible(!image.varied.empty());
  for (qsizetype i = 0; i < varied_.size(); ++i)
    varied_[i]->setImage(std::size_t(i) < image.varied.size() ? image.varied[std::size_t(i)] : QImage());
  imageName_->setText(image.name);
  imageFacts_->setText(image.facts);
  imageProcessor_->setText(image.processor);
  stack_->setCurrentIndex(2);
}

void MediaView::showSound(const ShownSound& sound) {
  card_->title()->setText(tr("Recording"));
  sound_->setSound(sound.sound);
  player_.setSound(sound.sound);
  setEnabledBecause(play_, SoundPlayer::obstacle().isEmpty(), SoundPlayer::obstacle());
  soundText_->setText(sound.text);
  soundText_->setVisible(!sound.text.isEmpty());
  soundName_->setText(sound.name);
  soundFacts_->setText(sound.facts);
  soundCut_->setText(sound.cut
                         ? tr("Training hears the first %1 seconds only.")
                               .arg(QLocale().toString(workbench_.document.lenient().data.longest_seconds, 'g', 4))
                         : QString());
  soundCut_->setVisible(sound.cut);
  stack_->setCurrentIndex(3);
}

}  // namespace luthier
