#include "shell/command_palette.h"

#include <QKeyEvent>
#include <QPainter>
#include <algorithm>

#include "widgets/basics.h"

namespace luthier {

namespace {
class Scrim : public QWidget {
 public:
  using QWidget::QWidget;

 protected:
  void paintEvent(QPaintEvent*) override { QPainter(this).fillRect(rect(), tokens().scrim); }
};

/// How well `text` answers to what was typed: 0 not at all; the beginning of a word counts more than its middle.
int score(const QString& text, const QString& typed) {
  int total = 1;
  for (const QString& word : typed.split(' ', Qt::SkipEmptyParts)) {
    const qsizetype at = text.indexOf(word, 0, Qt::CaseInsensitive);
    if (at < 0) return 0;
    total += at == 0 ? 4 : text[at - 1].isSpace() ? 3 : 1;
  }
  return total;
}
}  // namespace

CommandPalette::CommandPalette(QWidget* window) : QFrame(window), scrim_(new Scrim(window)) {
  setObjectName("commandPalette");
  setAccessibleName(tr("Find anything"));
  setProperty("card", "true");
  auto* column = makeColumn(0, this);
  column->setContentsMargins(8, 8, 8, 8);
  edit_ = new QLineEdit;
  edit_->setObjectName("paletteEdit");
  edit_->setPlaceholderText(tr("Find an action, a page or a setting"));
  edit_->setAccessibleName(edit_->placeholderText());
  list_ = new QListWidget;
  list_->setObjectName("paletteList");
  list_->setFocusPolicy(Qt::NoFocus);
  list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  column->addWidget(edit_);
  column->addSpacing(6);
  column->addWidget(list_, 1);
  connect(edit_, &QLineEdit::textChanged, this, &CommandPalette::fill);
  connect(list_, &QListWidget::itemClicked, this, [this](QListWidgetItem* item) { run(list_->row(item)); });
  edit_->installEventFilter(this);
  scrim_->installEventFilter(this);
  scrim_->hide();
  hide();
}

void CommandPalette::open(const QList<Entry>& entries) {
  entries_ = entries;
  const QSize window = parentWidget()->size();
  scrim_->setGeometry(QRect(QPoint(), window));
  scrim_->show();
  scrim_->raise();
  const int width = std::min(scaled(560), window.width() - 80);
  const int height = std::min(scaled(420), window.height() - 160);
  setGeometry((window.width() - width) / 2, 90, width, height);
  edit_->clear();
  fill({});
  show();
  raise();
  edit_->setFocus();
}

void CommandPalette::fill(const QString& text) {
  list_->clear();
  shown_.clear();
  QList<std::pair<int, int>> found;
  for (int i = 0; i < entries_.size(); ++i)
    if (const int points = score(entries_[i].text + " " + entries_[i].group, text)) found << std::pair{-points, i};
  if (!text.isEmpty()) std::stable_sort(found.begin(), found.end());
  for (const auto& [points, index] : found) {
    const Entry& entry = entries_[index];
    auto* item = new QListWidgetItem(list_);
    auto* row = new QWidget;
    row->setAttribute(Qt::WA_TransparentForMouseEvents);
    auto* layout = makeRow(8, row);
    layout->setContentsMargins(10, 0, 10, 0);
    layout->addWidget(makeLabel(entry.text, TextStyle::body, entry.enabled ? "" : "disabled"));
    layout->addWidget(makeLabel(entry.group, TextStyle::caption, "tertiary"), 1);
    if (!entry.keys.isEmpty()) layout->addWidget(makeLabel(entry.keys, TextStyle::monoCaption, "tertiary"));
    item->setSizeHint({100, scaled(30)});
    item->setData(Qt::AccessibleTextRole, entry.text);
    list_->setItemWidget(item, row);
    shown_ << index;
  }
  list_->setCurrentRow(0);
}

void CommandPalette::run(int row) {
  if (row < 0 || row >= shown_.size() || !entries_[shown_[row]].enabled) return;
  hide();
  scrim_->hide();
  entries_[shown_[row]].run();
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
  if (watched == scrim_ && event->type() == QEvent::MouseButtonPress) {
    hide();
    scrim_->hide();
    return true;
  }
  if (watched == edit_ && event->type() == QEvent::KeyPress) {
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (key == Qt::Key_Escape) {
      hide();
      scrim_->hide();
      parentWidget()->setFocus();
      return true;
    }
    if (key == Qt::Key_Return || key == Qt::Key_Enter) {
      run(list_->currentRow());
      return true;
    }
    if (key == Qt::Key_Down || key == Qt::Key_Up) {
      const int next = list_->currentRow() + (key == Qt::Key_Down ? 1 : -1);
      if (next >= 0 && next < list_->count()) list_->setCurrentRow(next);
      return true;
    }
  }
  return QFrame::eventFilter(watched, event);
}

}  // namespace luthier
