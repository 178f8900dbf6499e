#include "pages/data/findings_strip.h"

#include <QHBoxLayout>
#include <QMenu>
#include <QMouseEvent>
#include <algorithm>

#include "widgets/format.h"

namespace luthier {

namespace {
constexpr int kTitleWidth = 112, kCellWidth = 158, kEncodingWidth = 112, kHeight = 54;

StateKind kindOf(const Finding& finding) {
  return finding.severity == "error"     ? StateKind::error
         : finding.severity == "warning" ? StateKind::warning
                                         : StateKind::note;
}

/// A cell that can be clicked beside its button too.
class FindingCell : public QWidget {
 public:
  explicit FindingCell(std::function<void(const QPoint&)> clicked) : clicked_(std::move(clicked)) {
    setCursor(Qt::PointingHandCursor);
  }

 protected:
  void mouseReleaseEvent(QMouseEvent*) override { clicked_(mapToGlobal(QPoint(0, height()))); }

 private:
  std::function<void(const QPoint&)> clicked_;
};

void addTexts(QHBoxLayout* row, const QString& upper, const QString& lower) {
  auto* texts = makeColumn(0);
  QLabel* number = makeLabel(upper, TextStyle::label);
  QFont bold = number->font();
  bold.setWeight(QFont::DemiBold);
  number->setFont(bold);
  auto* caption = new ElidedLabel(lower);
  caption->setFont(luthier::font(TextStyle::caption));
  caption->setProperty("tone", "tertiary");
  texts->addStretch(1);
  texts->addWidget(number);
  texts->addWidget(caption);
  texts->addStretch(1);
  row->addLayout(texts, 1);
}
}  // namespace

FindingsStrip::FindingsStrip(QWidget* parent) : QFrame(parent) {
  setObjectName("dataFindings");
  setAccessibleName(tr("Findings"));
  setProperty("card", "true");
  setFixedHeight(scaled(kHeight));
  auto* row = makeRow(0, this);
  row->setContentsMargins(1, 1, 1, 1);
  auto* head = new QWidget;
  head->setFixedWidth(scaled(kTitleWidth));
  auto* texts = makeColumn(0, head);
  texts->setContentsMargins(14, 0, 4, 0);
  title_ = makeLabel(tr("Findings"), TextStyle::label);
  QFont bold = title_->font();
  bold.setWeight(QFont::DemiBold);
  title_->setFont(bold);
  summary_ = makeLabel({}, TextStyle::caption, "tertiary");
  texts->addStretch(1);
  texts->addWidget(title_);
  texts->addWidget(summary_);
  texts->addStretch(1);
  row->addWidget(head);
  cells_ = makeRow(0);
  row->addLayout(cells_, 1);
  connect(&theme(), &Theme::changed, this, [this, head] {
    setFixedHeight(scaled(kHeight));
    head->setFixedWidth(scaled(kTitleWidth));
    shown_ = -1;
    build();
  });
}

void FindingsStrip::setProfile(const DataProfile* profile, const Recipe& recipe, const ModelOutline* model) {
  items_.clear();
  known_ = profile != nullptr;
  if (profile) {
    for (int i = 0; i < int(profile->findings.size()); ++i)
      items_ << Item{profile->findings[std::size_t(i)],
                     actionFor(profile->findings[std::size_t(i)], *profile, recipe, model), i};
    std::stable_sort(items_.begin(), items_.end(), [](const Item& a, const Item& b) {
      return int(kindOf(a.finding) == StateKind::error) * 2 + int(kindOf(a.finding) == StateKind::warning) >
             int(kindOf(b.finding) == StateKind::error) * 2 + int(kindOf(b.finding) == StateKind::warning);
    });
    encoding_ = QString::fromStdString(profile->detected.encoding).toUpper();
    hasEncoding_ = profile->detected.format != "parquet" && profile->detected.format != "folder";
    if (profile->detected.format == "parquet") encoding_ = "Parquet";
    if (profile->detected.format == "folder") encoding_ = tr("Folder");
    seconds_ = profile->seconds;
  }
  shown_ = -1;
  build();
}

void FindingsStrip::setLoading(bool loading) {
  if (loading_ == loading) return;
  loading_ = loading;
  shown_ = -1;
  build();
}

void FindingsStrip::resizeEvent(QResizeEvent*) { build(); }

void FindingsStrip::build() {
  const int room = std::max(1, (width() - scaled(kTitleWidth + kEncodingWidth)) / scaled(kCellWidth));
  const int fitting = int(items_.size()) <= room ? int(items_.size()) : std::max(0, room - 1);
  if (shown_ == fitting) return;
  shown_ = fitting;
  clearLayout(cells_);
  if (!known_) {
    summary_->setText(loading_ ? tr("reading") : tr("not known yet"));
    addCell(makeNote(loading_ ? StateKind::running : StateKind::notStarted,
                     loading_ ? tr("The data is being read") : tr("Nothing was looked for yet"),
                     tr("Repeated, leaked, empty and cut rows are found then")));
    return;
  }
  summary_->setText(
      loading_ ? tr("reading again")
               : tr("%1, %2").arg(tr("%n found", nullptr, int(items_.size())),
                                  seconds_ < 10 ? QString::number(seconds_, 'f', 1) + " s" : durationText(seconds_)));
  for (int i = 0; i < fitting; ++i) addCell(makeCell(items_[i]));
  if (fitting < items_.size()) addCell(makeMore(fitting));
  if (items_.isEmpty())
    addCell(makeNote(StateKind::done, tr("Nothing was found"), tr("No repeated, leaked, empty or cut rows")));
  QWidget* encoding = makeNote(StateKind::done, encoding_, hasEncoding_ ? tr("Encoding") : tr("Format"));
  encoding->setFixedWidth(scaled(kEncodingWidth));
  addCell(encoding);
}

void FindingsStrip::addCell(QWidget* cell) {
  cells_->addWidget(makeLine(Qt::Vertical));
  cells_->addWidget(cell, 1);
}

QWidget* FindingsStrip::makeNote(StateKind kind, const QString& upper, const QString& lower) {
  auto* cell = new QWidget;
  auto* row = makeRow(8, cell);
  row->setContentsMargins(11, 0, 9, 0);
  row->addWidget(new StateMark(kind));
  addTexts(row, upper, lower);
  cell->setAccessibleName(upper + ", " + lower);
  return cell;
}

QWidget* FindingsStrip::makeCell(const Item& item) {
  const int index = item.index;
  auto* cell = new FindingCell([this, index](const QPoint& at) { Q_EMIT detailsWanted(index, at); });
  const QString id = QString::fromStdString(item.finding.id);
  cell->setObjectName("finding." + id);
  cell->setToolTip(QString::fromStdString(item.finding.message));
  cell->setAccessibleName(QString::fromStdString(item.finding.message));
  auto* row = makeRow(8, cell);
  row->setContentsMargins(11, 0, 9, 0);
  row->addWidget(new StateMark(kindOf(item.finding)));
  const QString upper = item.finding.count > 0             ? countText(item.finding.count)
                        : item.finding.severity == "error" ? tr("Error")
                                                           : tr("Note");
  addTexts(row, upper, item.action.caption);
  const bool fix = !item.action.assignments.isEmpty();
  QPushButton* button = makeFixButton(fix ? tr("Fix") : tr("Show"), (fix ? "fix." : "show.") + id);
  button->setAccessibleName(button->text() + ": " + QString::fromStdString(item.finding.message));
  button->setToolTip(fix ? item.action.fixText : QString::fromStdString(item.finding.message));
  row->addWidget(button);
  connect(button, &QPushButton::clicked, this, [this, action = item.action, index, button] {
    if (!action.assignments.isEmpty())
      Q_EMIT fixWanted(action.assignments, action.fixText);
    else if (!action.filter.isEmpty())
      Q_EMIT showWanted(action.filter);
    else
      Q_EMIT detailsWanted(index, button->mapToGlobal(QPoint(0, button->height())));
  });
  return cell;
}

QWidget* FindingsStrip::makeMore(int from) {
  auto* cell = new QWidget;
  auto* row = makeRow(8, cell);
  row->setContentsMargins(11, 0, 9, 0);
  StateKind worst = StateKind::note;
  for (qsizetype i = from; i < items_.size(); ++i)
    if (kindOf(items_[i].finding) == StateKind::warning) worst = StateKind::warning;
  row->addWidget(new StateMark(worst));
  addTexts(row, tr("%n more", nullptr, int(items_.size()) - from), tr("Findings"));
  QPushButton* button = makeFixButton(tr("Show"), "moreFindingsButton");
  row->addWidget(button);
  connect(button, &QPushButton::clicked, this, [this, from, button] {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const QPoint below = button->mapToGlobal(QPoint(0, button->height()));
    for (qsizetype i = from; i < items_.size(); ++i)
      connect(menu->addAction(items_[i].action.caption), &QAction::triggered, this,
              [this, index = items_[i].index, below] { Q_EMIT detailsWanted(index, below); });
    menu->popup(below);
  });
  return cell;
}

}  // namespace luthier
