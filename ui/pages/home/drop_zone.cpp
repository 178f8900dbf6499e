#include "pages/home/drop_zone.h"

#include <QDragEnterEvent>
#include <QHBoxLayout>
#include <QMimeData>
#include <QPainter>
#include <QPushButton>
#include <QUrl>
#include <QVBoxLayout>

#include "widgets/basics.h"

namespace luthier {

namespace {
QString normalTitle() { return DropZone::tr("Drop a file or a folder here"); }

QStringList localPaths(const QMimeData& data) {
  QStringList paths;
  for (const QUrl& url : data.urls())
    if (url.isLocalFile()) paths << url.toLocalFile();
  return paths;
}
}  // namespace

DropZone::DropZone(QWidget* parent) : QFrame(parent) {
  setObjectName("homeDropZone");
  setAccessibleName(normalTitle());
  setProperty("card", "drop");
  setAcceptDrops(true);
  setMinimumHeight(scaled(128));
  auto* row = makeRow(24, this);
  row->setContentsMargins(30, 20, 28, 20);
  auto* mark = new QLabel;
  const auto draw = [mark] {
    mark->setPixmap(iconPixmap("file", tokens().textTertiary, 28, mark->devicePixelRatioF()));
  };
  draw();
  connect(&theme(), &Theme::changed, mark, draw);
  row->addWidget(mark);

  auto* words = makeColumn(3);
  words->addStretch(1);
  title_ = makeLabel(normalTitle(), TextStyle::heading);
  words->addWidget(title_);
  text_ =
      makeText(tr("CSV, TSV, JSON, JSON Lines, Parquet, CoNLL or plain text, also gzip; or the folder of a project."),
               TextStyle::body, "secondary");
  words->addWidget(text_);
  words->addWidget(makeText(tr("Files are read in place. Nothing leaves this computer."), TextStyle::body, "tertiary"));
  words->addStretch(1);
  row->addLayout(words, 1);

  auto* buttons = makeColumn(8);
  buttons->addStretch(1);
  file_ = makeButton(tr("Choose a file"), "chooseFileButton", "primary");
  folder_ = makeButton(tr("Choose a folder"), "chooseFolderButton");
  for (QPushButton* button : {file_, folder_}) {
    button->setMinimumWidth(scaled(148));
    buttons->addWidget(button);
  }
  buttons->addStretch(1);
  row->addLayout(buttons);
}

void DropZone::setBusy(const QString& name) {
  title_->setText(name.isEmpty() ? normalTitle() : tr("Reading %1").arg(name));
  for (QPushButton* button : {file_, folder_})
    setEnabledBecause(button, name.isEmpty(), tr("Not available: %1 is being read.").arg(name));
}

void DropZone::paintEvent(QPaintEvent*) {
  // A style sheet's dashes are too fine to be seen on a dark surface.
  const Tokens& t = tokens();
  const bool over = property("card").toString() == "dropping";
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  QPen pen(over ? t.accent : t.lineStrong, over ? 2 : 1);
  pen.setDashPattern({4, 3});
  painter.setPen(pen);
  painter.setBrush(over ? t.accentSoft : t.surface);
  const double inset = over ? 1 : 0.5;
  painter.drawRoundedRect(QRectF(rect()).adjusted(inset, inset, -inset, -inset), 8, 8);
}

void DropZone::setOver(bool over) { setLookProperty(this, "card", over ? "dropping" : "drop"); }

void DropZone::dragEnterEvent(QDragEnterEvent* event) {
  if (localPaths(*event->mimeData()).isEmpty()) return;
  event->acceptProposedAction();
  setOver(true);
}

void DropZone::dragLeaveEvent(QDragLeaveEvent*) { setOver(false); }

void DropZone::dropEvent(QDropEvent* event) {
  setOver(false);
  event->acceptProposedAction();
  Q_EMIT dropped(localPaths(*event->mimeData()));
}

}  // namespace luthier
