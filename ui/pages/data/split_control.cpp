#include "pages/data/split_control.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QMenu>
#include <QVBoxLayout>
#include <cmath>

#include "widgets/format.h"

namespace luthier {

SplitControl::SplitControl(QWidget* parent) : Card(tr("Split"), parent) {
  setObjectName("splitControl");
  how_ = makeButton(tr("By share"), "splitHowButton", "link");
  how_->setAccessibleName(tr("How rows are divided"));
  auto* menu = new QMenu(how_);
  connect(menu, &QMenu::aboutToShow, this, [this, menu] { fillMenu(menu); });
  how_->setMenu(menu);
  header()->addWidget(how_);
  bar_ = new SplitBar;
  body()->addWidget(bar_);
  auto* counts = makeRow(8);
  for (QLabel*& label : counts_) {
    label = makeLabel({}, TextStyle::small, "secondary");
    counts->addWidget(label);
    if (&label != &counts_[2]) counts->addStretch(1);
  }
  body()->addLayout(counts);
  note_ = makeText({}, TextStyle::caption, "tertiary");
  body()->addWidget(note_);
  connect(bar_, &SplitBar::moved, this, &SplitControl::showCounts);
  connect(bar_, &SplitBar::chosen, this, &SplitControl::sharesChosen);
}

void SplitControl::setState(const Recipe& recipe, const QList<TableColumn>& columns, const DataProfile* profile) {
  columns_ = columns;
  stratify_ = recipe.data.stratify;
  validationFile_ = !recipe.data.validation.empty();
  testFile_ = !recipe.data.test.empty();
  splitColumn_.clear();
  labelled_ = false;
  for (const TableColumn& column : columns) {
    if (column.role == "split") splitColumn_ = column.title;
    labelled_ |= column.role == "label";
  }
  const bool known = profile && profile->marks;
  rows_ = known ? profile->train_rows + profile->validation_rows + profile->test_rows : profile ? profile->rows : 0;
  const bool byColumn = !splitColumn_.isEmpty();
  how_->setText(byColumn ? tr("From column") : tr("By share"));
  bar_->setMovable(!byColumn && !validationFile_, !byColumn && !testFile_);
  // Shares that were just chosen are not in the profile yet.
  const auto share = [&](std::int64_t rows, bool counted, double wanted) {
    if (!counted) return wanted;
    return known && rows_ > 0 ? double(rows) / double(rows_) : 0.0;
  };
  bar_->setShares(
      share(known ? profile->validation_rows : 0, byColumn || validationFile_, recipe.data.validation_share),
      share(known ? profile->test_rows : 0, byColumn || testFile_, recipe.data.test_share));
  const auto agrees = [&](std::int64_t rows, double shown) {
    return std::abs(double(rows) - shown * double(rows_)) <= std::max(2.0, 0.01 * double(rows_));
  };
  if (known && agrees(profile->validation_rows, bar_->validation()) && agrees(profile->test_rows, bar_->test())) {
    counts_[0]->setText(tr("%1 train").arg(countText(profile->train_rows)));
    counts_[1]->setText(tr("%1 val").arg(countText(profile->validation_rows)));
    counts_[2]->setText(tr("%1 test").arg(countText(profile->test_rows)));
  } else {
    showCounts(bar_->validation(), bar_->test());
  }
  QStringList notes;
  if (byColumn) notes << tr("The column %1 says where each row belongs.").arg(splitColumn_);
  for (const auto& [file, text] :
       {std::pair{recipe.data.validation, tr("Validation: %1")}, {recipe.data.test, tr("Test: %1")}})
    if (!file.empty()) notes << text.arg(QFileInfo(QString::fromStdString(file)).fileName());
  if (notes.isEmpty() && bar_->validation() <= 0)
    notes << tr("Without validation rows nobody sees whether training helps. Drag the handle.");
  else if (notes.isEmpty() && labelled_)
    notes << (stratify_ ? tr("Each part keeps the labels' shares. Seed %1.").arg(recipe.seed)
                        : tr("Drawn at random. Seed %1.").arg(recipe.seed));
  note_->setText(notes.join(" "));
}

void SplitControl::showCounts(double validation, double test) {
  const auto part = [&](double share) {
    return rows_ > 0 ? countText(std::llround(share * double(rows_))) : percentText(share);
  };
  counts_[0]->setText(tr("%1 train").arg(part(1 - validation - test)));
  counts_[1]->setText(tr("%1 val").arg(part(validation)));
  counts_[2]->setText(tr("%1 test").arg(part(test)));
}

void SplitControl::fillMenu(QMenu* menu) {
  menu->clear();
  QAction* share = menu->addAction(tr("By share"));
  share->setCheckable(true);
  share->setChecked(splitColumn_.isEmpty());
  connect(share, &QAction::triggered, this, [this] {
    if (!splitColumn_.isEmpty()) Q_EMIT columnChosen({});
  });
  QMenu* from = menu->addMenu(tr("From column"));
  for (const TableColumn& column : columns_) {
    if (column.kind != TableColumn::Kind::file || (!column.role.isEmpty() && column.role != "split")) continue;
    QAction* action = from->addAction(column.title);
    action->setCheckable(true);
    action->setChecked(column.role == "split");
    connect(action, &QAction::triggered, this, [this, title = column.title] { Q_EMIT columnChosen(title); });
  }
  from->setEnabled(!from->isEmpty());
  menu->addSeparator();
  for (const auto& [path, has, choose, remove] :
       {std::tuple{QString("data.validation"), validationFile_, tr("Validation file..."),
                   tr("Without the validation file")},
        {QString("data.test"), testFile_, tr("Test file..."), tr("Without the test file")}}) {
    connect(menu->addAction(choose), &QAction::triggered, this, [this, path] { Q_EMIT fileWanted(path); });
    if (has) connect(menu->addAction(remove), &QAction::triggered, this, [this, path] { Q_EMIT fileRemoved(path); });
  }
  menu->addSeparator();
  QAction* stratify = menu->addAction(tr("Keep the labels' shares in each part"));
  stratify->setCheckable(true);
  stratify->setChecked(stratify_);
  stratify->setEnabled(labelled_ && splitColumn_.isEmpty());
  connect(stratify, &QAction::triggered, this, &SplitControl::stratifyChosen);
}

}  // namespace luthier
