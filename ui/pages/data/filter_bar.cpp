#include "pages/data/filter_bar.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QVBoxLayout>

#include "widgets/basics.h"
#include "widgets/format.h"

namespace luthier {

namespace {
constexpr int kFilterMilliseconds = 350;
}

FilterBar::FilterBar(QWidget* parent) : QWidget(parent) {
  auto* column = makeColumn(4, this);
  auto* row = makeRow(8);
  edit_ = new QLineEdit;
  edit_->setObjectName("dataFilterEdit");
  edit_->setAccessibleName(tr("Filter the rows"));
  edit_->setPlaceholderText(tr("Search, or where tokens > 30 and label = 'positive'"));
  edit_->setToolTip(
      tr("Words are searched for in every column. A condition begins with where and may use the columns, "
         "row, tokens, split, duplicate, leaked, empty, unusable, too_long and conflicting."));
  edit_->installEventFilter(this);
  count_ = makeLabel({}, TextStyle::small, "tertiary", edit_);
  count_->setObjectName("dataFilterCount");
  count_->setAttribute(Qt::WA_TransparentForMouseEvents);
  row->addWidget(edit_, 1);
  flagged_ = makeButton(tr("Flagged only"), "dataFlaggedButton");
  flagged_->setIcon(icon("filter"));
  flagged_->setCheckable(true);
  row->addWidget(flagged_);
  more_ = makeButton({}, "dataReadingButton");
  more_->setIcon(icon("more"));
  more_->setFixedWidth(scaled(30));
  more_->setStyleSheet("padding: 0px;");
  more_->setAccessibleName(tr("How the file is read"));
  more_->setToolTip(tr("How the file is read"));
  row->addWidget(more_);
  column->addLayout(row);
  problem_ = makeText({}, TextStyle::small, "error");
  problem_->setObjectName("dataFilterProblem");
  problem_->hide();
  column->addWidget(problem_);

  soon_.setSingleShot(true);
  soon_.setInterval(kFilterMilliseconds);
  connect(&soon_, &QTimer::timeout, this, &FilterBar::confirm);
  connect(edit_, &QLineEdit::textEdited, this, &FilterBar::typed);
  connect(edit_, &QLineEdit::returnPressed, this, &FilterBar::confirm);
  connect(flagged_, &QPushButton::toggled, this, [this](bool on) {
    setLookProperty(flagged_, "kind", on ? "primary" : "");
    flagged_->setIcon(icon("filter", on ? tokens().onAccent : QColor()));
    Q_EMIT filterChanged();
  });
  connect(&theme(), &Theme::changed, this, [this] {
    flagged_->setIcon(icon("filter", flagged_->isChecked() ? tokens().onAccent : QColor()));
    more_->setIcon(icon("more"));
    typed(edit_->text());
  });
}

RowFilter FilterBar::filter() const {
  RowFilter filter = read_filter(confirmed_.toStdString());
  filter.flagged_only = flagged_->isChecked();
  return filter;
}

void FilterBar::showKind() {
  // A condition is code and looks like it.
  const bool condition = edit_->text().trimmed().startsWith("where ", Qt::CaseInsensitive);
  edit_->setFont(luthier::font(condition ? TextStyle::mono : TextStyle::body));
}

void FilterBar::typed(const QString& text) {
  showKind();
  if (text != confirmed_) soon_.start();
}

void FilterBar::confirm() {
  soon_.stop();
  if (edit_->text() == confirmed_) return;
  confirmed_ = edit_->text();
  clearProblem();
  Q_EMIT filterChanged();
}

void FilterBar::setText(const QString& text) {
  edit_->setText(text);
  typed(text);
  confirm();
}

void FilterBar::setFlaggedOnly(bool only) { flagged_->setChecked(only); }

void FilterBar::clear() {
  const QSignalBlocker blocker(flagged_);
  flagged_->setChecked(false);
  setLookProperty(flagged_, "kind", "");
  flagged_->setIcon(icon("filter"));
  soon_.stop();
  confirmed_.clear();
  edit_->clear();
  clearProblem();
}

void FilterBar::setCounts(std::int64_t shown, std::int64_t total) {
  count_->setText(shown == total ? tr("%1 rows").arg(countText(total))
                                 : tr("%1 of %2").arg(countText(shown), countText(total)));
  placeCount();
}

void FilterBar::setSearching() {
  count_->setText(tr("searching"));
  placeCount();
}

void FilterBar::setProblem(const QString& message, int position) {
  const QString condition = QString::fromStdString(read_filter(confirmed_.toStdString()).where);
  const int before = position < 0 ? -1 : int(QString::fromUtf8(condition.toUtf8().left(position)).size());
  const int start = before < 0 ? -1 : int(confirmed_.indexOf(condition)) + before;
  problem_->setText(start < 0 ? message : tr("At character %1: %2").arg(start + 1).arg(message));
  problem_->show();
  setLookProperty(edit_, "invalid", true);
  showKind();
  edit_->setAccessibleDescription(problem_->text());
}

void FilterBar::clearProblem() {
  problem_->hide();
  setLookProperty(edit_, "invalid", false);
  showKind();
  edit_->setAccessibleDescription({});
}

void FilterBar::setFlaggedEnabled(bool enabled, const QString& reason) {
  setEnabledBecause(flagged_, enabled || flagged_->isChecked(), reason);
  if (enabled) flagged_->setToolTip(tr("Rows that something is the matter with: repeated, leaked, empty, cut"));
}

void FilterBar::placeCount() {
  count_->adjustSize();
  count_->move(edit_->width() - count_->width() - 10, (edit_->height() - count_->height()) / 2);
  edit_->setTextMargins(0, 0, count_->width() + 8, 0);
}

void FilterBar::resizeEvent(QResizeEvent*) { placeCount(); }

bool FilterBar::eventFilter(QObject* watched, QEvent* event) {
  if (watched == edit_ && event->type() == QEvent::Resize) placeCount();
  if (watched == edit_ && event->type() == QEvent::KeyPress &&
      static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape && !edit_->text().isEmpty()) {
    setText({});
    return true;
  }
  return QWidget::eventFilter(watched, event);
}

}  // namespace luthier
