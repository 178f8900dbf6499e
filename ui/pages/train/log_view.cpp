#include "pages/train/log_view.h"

#include <QBoxLayout>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QShortcut>

#include "widgets/basics.h"

namespace luthier {

namespace {
constexpr qint64 kAtOnce = 64 << 10;  // bytes a tick; a log that is longer begins with its last part
constexpr int kLines = 20000, kMarks = 500;
}  // namespace

LogView::LogView(QWidget* parent) : QWidget(parent) {
  auto* column = makeColumn(6, this);
  auto* row = makeRow(8);
  search_ = new QLineEdit;
  search_->setObjectName("logSearchEdit");
  search_->setAccessibleName(tr("Search the log"));
  search_->setPlaceholderText(tr("Search the log"));
  search_->setClearButtonEnabled(true);
  search_->setMaximumWidth(scaled(260));
  found_ = makeLabel({}, TextStyle::caption, "tertiary");
  found_->setObjectName("logFound");
  auto* previous = makeIconButton("up", tr("Previous match"), "logPrevious");
  auto* next = makeIconButton("down", tr("Next match"), "logNext");
  row->addWidget(search_, 1);
  row->addWidget(previous);
  row->addWidget(next);
  row->addWidget(found_);
  row->addStretch(1);
  row->setContentsMargins(12, 6, 12, 0);
  column->addLayout(row);
  view_ = new QPlainTextEdit;
  view_->setObjectName("logView");
  view_->setAccessibleName(tr("Log of the run"));
  view_->setReadOnly(true);
  view_->setProperty("bare", true);
  view_->setMaximumBlockCount(kLines);
  view_->setWordWrapMode(QTextOption::NoWrap);
  view_->setFont(luthier::font(TextStyle::mono));
  view_->setPlaceholderText(tr("The log is empty."));
  view_->document()->setDocumentMargin(2);
  connect(&theme(), &Theme::changed, this, [this] {
    view_->setFont(luthier::font(TextStyle::mono));
    mark();
  });
  auto* inset = makeRow(0);
  inset->setContentsMargins(12, 0, 4, 6);
  inset->addWidget(view_);
  column->addLayout(inset, 1);
  connect(search_, &QLineEdit::textChanged, this, &LogView::mark);
  connect(search_, &QLineEdit::returnPressed, this, [this] { find(false); });
  connect(previous, &QPushButton::clicked, this, [this] { find(true); });
  connect(next, &QPushButton::clicked, this, [this] { find(false); });
  auto* focus = new QShortcut(QKeySequence("/"), this);
  connect(focus, &QShortcut::activated, this, [this] { search_->setFocus(Qt::ShortcutFocusReason); });
  auto* clear = new QShortcut(QKeySequence(Qt::Key_Escape), search_);
  clear->setContext(Qt::WidgetShortcut);
  connect(clear, &QShortcut::activated, search_, &QLineEdit::clear);
  connect(&timer_, &QTimer::timeout, this, &LogView::readOn);
  timer_.setInterval(300);
}

void LogView::setFile(const std::filesystem::path& file) {
  if (file == file_) return;
  file_ = file;
  view_->clear();
  rest_.clear();
  at_ = 0;
  std::error_code none;
  const auto size = file.empty() ? 0 : std::filesystem::file_size(file, none);
  if (!none && size > std::uintmax_t(kAtOnce)) at_ = size - kAtOnce;
  readOn();
}

void LogView::readOn() {
  QFile file(QString::fromStdString(file_.string()));
  if (file_.empty() || !file.open(QIODevice::ReadOnly)) return;
  if (std::uintmax_t(file.size()) < at_) {  // written anew
    at_ = 0;
    view_->clear();
  }
  if (std::uintmax_t(file.size()) == at_ || !file.seek(qint64(at_))) return;
  const QByteArray bytes = file.read(kAtOnce);
  at_ += std::uintmax_t(bytes.size());
  rest_ += bytes;
  const qsizetype end = rest_.lastIndexOf('\n');
  if (end < 0) return;  // a line is shown when it is whole
  QString text = QString::fromUtf8(rest_.left(end));
  rest_.remove(0, end + 1);
  text.remove('\r');
  QScrollBar* bar = view_->verticalScrollBar();
  const bool follow = bar->value() >= bar->maximum() - 1;
  view_->appendPlainText(text);
  if (follow) bar->setValue(bar->maximum());
  if (!search_->text().isEmpty()) mark();
}

QString LogView::text() const { return view_->toPlainText(); }

void LogView::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  readOn();
  timer_.start();
}

void LogView::hideEvent(QHideEvent* event) {
  timer_.stop();
  QWidget::hideEvent(event);
}

void LogView::find(bool backwards) {
  const QString wanted = search_->text();
  if (wanted.isEmpty()) return;
  const QTextDocument::FindFlags flags = backwards ? QTextDocument::FindBackward : QTextDocument::FindFlags();
  if (view_->find(wanted, flags)) return;
  QTextCursor cursor = view_->textCursor();
  cursor.movePosition(backwards ? QTextCursor::End : QTextCursor::Start);
  view_->setTextCursor(cursor);
  view_->find(wanted, flags);
}

void LogView::mark() {
  QList<QTextEdit::ExtraSelection> marks;
  const QString wanted = search_->text();
  if (!wanted.isEmpty())
    for (QTextCursor at = view_->document()->find(wanted); !at.isNull() && marks.size() < kMarks;
         at = view_->document()->find(wanted, at)) {
      QTextEdit::ExtraSelection mark;
      mark.cursor = at;
      mark.format.setBackground(tokens().warningSoft);
      mark.format.setForeground(tokens().warning);
      marks.push_back(mark);
    }
  view_->setExtraSelections(marks);
  found_->setText(wanted.isEmpty()         ? QString()
                  : marks.isEmpty()        ? tr("Not found")
                  : marks.size() >= kMarks ? tr("%1 or more").arg(kMarks)
                                           : tr("%n found", nullptr, int(marks.size())));
}

}  // namespace luthier
