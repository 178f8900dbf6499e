// How the Data page is put together.
#include <QAction>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QProgressBar>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "pages/data/data_page.h"
#include "pages/data/data_table.h"
#include "pages/data/filter_bar.h"
#include "pages/data/findings_strip.h"
#include "pages/data/image_grid.h"
#include "pages/data/label_bars.h"
#include "pages/data/length_bars.h"
#include "pages/data/media_view.h"
#include "pages/data/microscope.h"
#include "pages/data/split_control.h"
#include "widgets/controls.h"

namespace luthier {

namespace {
constexpr int kSideWidth = 248, kLabelsHeight = 168;
}

void DataPage::buildHeader() {
  replace_ = makeButton(tr("Replace file"), "replaceFileButton");
  continue_ = makeButton(tr("Continue to Model"), "pagePrimaryButton", "primary");
  addHeaderButton(replace_);
  addHeaderButton(continue_);
  connect(replace_, &QPushButton::clicked, this, [this] { chooseFile(); });
  connect(continue_, &QPushButton::clicked, this, [this] { workbench().goTo(Step::model); });
  const auto add = [this](const QString& text, const QKeySequence& keys, auto run) {
    auto* action = new QAction(text, this);
    action->setShortcut(keys);
    action->setShortcutContext(Qt::WindowShortcut);
    connect(action, &QAction::triggered, this, run);
    addAction(action);
    actions_ << action;
  };
  add(tr("Choose the data file"), {}, [this] { chooseFile(); });
  add(tr("Choose a folder of images or recordings"), {}, [this] { chooseFolder(); });
  add(tr("Filter the rows"), QKeySequence("/"), [this] {
    filter_->edit()->setFocus(Qt::ShortcutFocusReason);
    filter_->edit()->selectAll();
  });
  add(tr("Show flagged rows only"), {}, [this] { filter_->setFlaggedOnly(true); });
  add(tr("Suggest what the columns are"), {}, [this] {
    if (rows_->isOpen()) suggest();
  });
  add(tr("How the data file is read"), {}, [this] { openReading(); });
}

QWidget* DataPage::buildEmpty() {
  empty_ = new EmptyState("data", tr("No data chosen"), {});
  QPushButton* choose = empty_->addAction(tr("Choose a file"), "chooseDataButton", "primary");
  connect(choose, &QPushButton::clicked, this, [this] { chooseFile(); });
  QPushButton* folder = empty_->addAction(tr("Choose a folder"), "chooseDataFolderButton");
  connect(folder, &QPushButton::clicked, this, &DataPage::chooseFolder);
  return empty_;
}

QWidget* DataPage::buildOpening() {
  auto* place = new QWidget;
  auto* column = makeColumn(10, place);
  column->addStretch(2);
  openingText_ = makeLabel({}, TextStyle::body, "secondary");
  openingText_->setAlignment(Qt::AlignHCenter);
  openingBar_ = new QProgressBar;
  openingBar_->setObjectName("dataOpeningBar");
  openingBar_->setAccessibleName(tr("Progress of reading the file"));
  openingBar_->setTextVisible(false);
  openingBar_->setFixedWidth(scaled(280));
  QPushButton* cancel = makeSmallButton(tr("Cancel"), "cancelOpeningButton", "quiet");
  connect(cancel, &QPushButton::clicked, rows_, &RowSource::cancelOpening);
  column->addWidget(openingText_);
  column->addWidget(openingBar_, 0, Qt::AlignHCenter);
  column->addWidget(cancel, 0, Qt::AlignHCenter);
  column->addStretch(3);
  return place;
}

QWidget* DataPage::buildFailed() {
  auto* place = new QWidget;
  auto* column = makeColumn(12, place);
  error_ = new ErrorCard;
  error_->setObjectName("dataError");
  QPushButton* other = error_->addFix(tr("Choose another file"), "chooseOtherFileButton");
  QPushButton* reading = error_->addFix(tr("Read it differently"), "readDifferentlyButton");
  QPushButton* again = error_->addFix(tr("Try again"), "tryDataAgainButton");
  connect(other, &QPushButton::clicked, this, [this] { chooseFile(); });
  connect(reading, &QPushButton::clicked, this, &DataPage::openReading);
  connect(again, &QPushButton::clicked, this, [this] {
    openedOnce_ = false;
    openData();
  });
  column->addWidget(error_);
  column->addStretch(1);
  return place;
}

QWidget* DataPage::buildContent() {
  auto* place = new QWidget;
  auto* column = makeColumn(12, place);
  findings_ = new FindingsStrip;
  column->addWidget(findings_);
  problem_ = new QFrame;
  problem_->setObjectName("dataProblem");
  problem_->setProperty("card", "warning");
  auto* problemRow = makeRow(10, problem_);
  problemRow->setContentsMargins(13, 8, 10, 8);
  problemRow->addWidget(new StateMark(StateKind::warning), 0, Qt::AlignTop);
  problemText_ = makeText({}, TextStyle::body, "");
  problemRow->addWidget(problemText_, 1);
  suggestButton_ = makeSmallButton(tr("Suggest columns"), "suggestColumnsButton");
  connect(suggestButton_, &QPushButton::clicked, this, &DataPage::suggest);
  problemRow->addWidget(suggestButton_, 0, Qt::AlignTop);
  problem_->hide();
  column->addWidget(problem_);
  filter_ = new FilterBar;
  auto* bar = makeRow(8);
  bar->addWidget(filter_, 1);
  view_ = new SegmentedControl("dataViewSelector");
  view_->setAccessibleName(tr("How the rows are shown"));
  view_->setChoices({"grid", "table"}, {tr("Pictures"), tr("Table")});
  view_->setCurrent("grid");
  view_->hide();
  bar->addWidget(view_, 0, Qt::AlignTop);
  column->addLayout(bar);

  auto* upper = new QWidget;
  auto* row = makeRow(12, upper);
  auto* tableCard = new QFrame;
  tableCard->setProperty("card", "true");
  auto* inside = makeColumn(0, tableCard);
  inside->setContentsMargins(1, 1, 1, 1);
  table_ = new DataTable(*rows_);
  inside->addWidget(table_);
  grid_ = new ImageGrid(*rows_);
  grid_->hide();
  inside->addWidget(grid_);
  row->addWidget(tableCard, 1);
  row->addWidget(buildSide());
  splitter_ = new QSplitter(Qt::Vertical);
  splitter_->setObjectName("dataSplitter");
  splitter_->setChildrenCollapsible(false);
  splitter_->addWidget(upper);
  microscope_ = new Microscope(workbench());
  microscope_->setMinimumHeight(scaled(140));
  microscope_->hide();
  splitter_->addWidget(microscope_);
  media_ = new MediaView(workbench());
  media_->setMinimumHeight(scaled(160));
  media_->hide();
  splitter_->addWidget(media_);
  splitter_->setStretchFactor(0, 1);
  splitter_->setStretchFactor(1, 0);
  splitter_->setStretchFactor(2, 0);
  upper->setMinimumHeight(scaled(180));
  column->addWidget(splitter_, 1);
  return place;
}

QWidget* DataPage::buildSide() {
  auto* side = new QWidget;
  side->setProperty("surface", "none");
  auto* column = makeColumn(12, side);
  labelCard_ = new Card(tr("Labels"));
  labelCount_ = makeLabel({}, TextStyle::small, "tertiary");
  labelCard_->header()->addWidget(labelCount_);
  labels_ = new LabelBars;
  labelScroll_ = new QScrollArea;
  labelScroll_->setWidgetResizable(true);
  labelScroll_->setFocusPolicy(Qt::NoFocus);
  labelScroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  labelScroll_->setWidget(labels_);
  labels_->setProperty("surface", "none");
  labelCard_->body()->addWidget(labelScroll_);
  lengthCard_ = new Card(tr("Tokens per row"));
  lengthNote_ = new ElidedLabel;
  lengthNote_->setFont(luthier::font(TextStyle::caption));
  lengthNote_->setProperty("tone", "tertiary");
  lengthCard_->subtitle()->hide();
  lengthCard_->header()->addWidget(lengthNote_);
  lengths_ = new LengthBars;
  lengthCard_->body()->addWidget(lengths_);
  split_ = new SplitControl;
  column->addWidget(labelCard_);
  column->addWidget(lengthCard_);
  column->addWidget(split_);
  column->addStretch(1);
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setFocusPolicy(Qt::NoFocus);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setFixedWidth(scaled(kSideWidth));
  scroll->setWidget(side);
  return scroll;
}

void DataPage::updateSide() {
  const Recipe& recipe = workbench().document.lenient();
  const DataProfile* profile = workbench().facts.data();
  if (profile && profile->file != openedFile_) profile = nullptr;
  const bool labels = profile && !profile->labels.empty();
  labelCard_->setVisible(labels);
  if (labels) {
    labels_->setLabels(profile->labels);
    labelCount_->setText(tr("%n values", nullptr, int(profile->labels.size())));
    labelScroll_->setFixedHeight(std::min(labels_->sizeHint().height(), scaled(kLabelsHeight)));
  }
  const bool lengths = profile && profile->lengths.longest > 0;
  lengthCard_->setVisible(lengths);
  if (lengths) {
    lengths_->setLimit(recipe.data.max_tokens);
    lengths_->setLengths(profile->lengths);
    lengthNote_->setFullText(tr("median %1, max %2").arg(profile->lengths.median).arg(profile->lengths.longest));
  }
  split_->setState(recipe, table_->columns(), profile);
  const bool marks = rows_->mark(0) != nullptr;
  filter_->setFlaggedEnabled(marks, tr("Not available: the rows are looked through first"));
}

void DataPage::updateProblem() {
  QString text;
  const QStringList missing = missingRoles(workbench().document.lenient(), table_->columns());
  if (!missing.isEmpty()) {
    QStringList names;
    for (const QString& role : missing) names << roleLabel(role);
    text = tr("Training needs to know which column is %1. Click below a column's name to choose.")
               .arg(names.join(tr(" and which is ")));
  } else if (const DataProfile* profile = workbench().facts.data(); profile && profile->file == openedFile_) {
    for (const Finding& finding : profile->findings)
      if (finding.severity == "error")
        text = tr("Training cannot start: %1.").arg(QString::fromStdString(finding.message)) +
               (finding.hint.empty() ? QString() : "\n" + QString::fromStdString(finding.hint));
  }
  problemText_->setText(text);
  problem_->setVisible(!text.isEmpty());
  suggestButton_->setVisible(!missing.isEmpty());
}

}  // namespace luthier
