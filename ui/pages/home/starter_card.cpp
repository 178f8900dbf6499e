#include "pages/home/starter_card.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QPainter>
#include <QPainterPath>
#include <QPushButton>
#include <QVBoxLayout>

#include "widgets/basics.h"
#include "widgets/format.h"

namespace luthier {

namespace {
/// The upper part of the card, on the page's colour.
class PreviewArea : public QWidget {
 public:
  using QWidget::QWidget;

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(tokens().page);
    painter.setClipRect(rect());
    painter.drawRoundedRect(QRectF(rect()).adjusted(0, 0, 0, 10), 7, 7);
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.fillRect(QRect(0, height() - 1, width(), 1), tokens().line);
  }
};

QWidget* rowWithLabel(const StarterRow& row) {
  auto* line = new QWidget;
  auto* layout = makeRow(10, line);
  auto* text = new ElidedLabel(row.text);
  layout->addWidget(text, 1);
  layout->addWidget(makeChip(row.answer));
  return line;
}

/// Six images in two lines, each above its label.
QWidget* pictures(const std::vector<StarterRow>& rows) {
  auto* place = new QWidget;
  auto* grid = new QGridLayout(place);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setSpacing(6);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto* picture = new QLabel;
    picture->setAccessibleName(rows[i].answer);
    picture->setAlignment(Qt::AlignCenter);
    picture->setPixmap(QPixmap::fromImage(
        rows[i].image.scaled(scaled(40), scaled(40), Qt::KeepAspectRatio, Qt::SmoothTransformation)));
    QLabel* label = makeLabel(rows[i].answer, TextStyle::caption, "tertiary");
    label->setAlignment(Qt::AlignCenter);
    const int line = int(i) / 3 * 2, column = int(i) % 3;
    grid->addWidget(picture, line, column);
    grid->addWidget(label, line + 1, column);
  }
  return place;
}

QWidget* rowWithAnswer(const StarterRow& row) {
  auto* pair = new QWidget;
  auto* layout = makeColumn(0, pair);
  layout->addWidget(new ElidedLabel(row.text));
  auto* answer = new ElidedLabel(row.answer);
  answer->setFont(luthier::font(TextStyle::small));
  answer->setProperty("tone", "tertiary");
  layout->addWidget(answer);
  return pair;
}
}  // namespace

StarterCard::StarterCard(const Starter& starter, bool withRows, QWidget* parent) : QFrame(parent) {
  setObjectName("starter." + starter.id);
  setAccessibleName(tr("Starter project: %1").arg(starter.title));
  setProperty("card", "true");
  auto* all = makeColumn(0, this);
  all->setContentsMargins(1, 1, 1, 1);
  if (withRows) {
    auto* preview = new PreviewArea;
    auto* rows = makeColumn(8, preview);
    rows->setContentsMargins(14, 12, 14, 13);
    if (starter.modality == "image") rows->addWidget(pictures(starter.preview));
    for (const StarterRow& row : starter.modality == "image" ? std::vector<StarterRow>() : starter.preview)
      rows->addWidget(starter.objective == "causal_lm" ? rowWithAnswer(row) : rowWithLabel(row));
    all->addWidget(preview, 1);
  }
  auto* words = makeColumn(3);
  words->setContentsMargins(14, 13, 14, 13);
  QLabel* title = makeLabel(starter.title, TextStyle::label);
  QFont bold = title->font();
  bold.setWeight(QFont::DemiBold);
  title->setFont(bold);
  words->addWidget(title);
  words->addWidget(makeText(starter.summary));
  words->addStretch(1);
  auto* foot = makeRow(8);
  auto* facts =
      new ElidedLabel(tr("%1, %2 parameters · %3 rows")
                          .arg(starter.family, shortCountText(double(starter.parameters)), countText(starter.rows)));
  facts->setFont(luthier::font(TextStyle::caption));
  facts->setProperty("tone", "tertiary");
  foot->addWidget(facts, 1);
  QPushButton* open = makeSmallButton(tr("Open"), QString("starter.%1.open").arg(starter.id));
  open->setAccessibleName(tr("Open the starter %1").arg(starter.title));
  connect(open, &QPushButton::clicked, this, &StarterCard::openWanted);
  foot->addWidget(open);
  words->addSpacing(6);
  words->addLayout(foot);
  all->addLayout(words, withRows ? 0 : 1);
}

}  // namespace luthier
