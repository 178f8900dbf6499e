// What a person does on the Data page: choose files and roles, look at rows, filter, copy.
#include <QActionGroup>
#include <QClipboard>
#include <QFileDialog>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>
#include <QRegularExpression>
#include <QSplitter>
#include <algorithm>
#include <mutex>

#include "base/error.h"
#include "data/roles.h"
#include "document/dataset_options.h"
#include "pages/data/data_page.h"
#include "pages/data/data_table.h"
#include "pages/data/filter_bar.h"
#include "pages/data/finding_details.h"
#include "pages/data/image_grid.h"
#include "pages/data/label_bars.h"
#include "pages/data/media_view.h"
#include "pages/data/microscope.h"
#include "pages/data/reading_options.h"
#include "recipe/catalog.h"
#include "widgets/controls.h"

namespace luthier {

namespace {
QString quotedText(const QString& text) { return "'" + QString(text).replace("'", "''") + "'"; }

/// A column in a condition: bare where it is a plain word.
QString columnName(const QString& name) {
  static const QRegularExpression plain("^[A-Za-z_][A-Za-z0-9_]*$");
  return plain.match(name).hasMatch() ? name : "\"" + QString(name).replace("\"", "\"\"") + "\"";
}

/// Reads the roles of rows as training does.
class RolesOfRows {
 public:
  explicit RolesOfRows(const Recipe& recipe)
      : options_(datasetOptionsOf(recipe)),
        table_(Table::open(options_.train, options_.read)),
        reader_(table_, options_, false) {}

  /// nullopt when training could not read the row.
  std::optional<RoleRow> of(const Row& row) const {
    RoleRow filled;
    filled.source_row = row.number;
    if (!reader_.fill(row, filled)) return std::nullopt;
    return filled;
  }

 private:
  DatasetOptions options_;
  Table table_;
  RoleReader reader_;
};

/// Thumbnails of the rows' images, for several threads; what reads the roles is made by the first of them.
ImageGrid::Read thumbnailReader(const Recipe& recipe) {
  struct Shared {
    std::mutex mutex;
    std::unique_ptr<RolesOfRows> roles;
  };
  return [recipe, shared = std::make_shared<Shared>()](const Row& row, int side) {
    std::optional<RoleRow> filled;
    {
      const std::lock_guard lock(shared->mutex);
      if (!shared->roles) shared->roles = std::make_unique<RolesOfRows>(recipe);
      filled = shared->roles->of(row);
    }
    if (!filled) fail(ErrorKind::bad_input, "the row names no image");
    return readThumbnail(*filled, side);
  };
}
}  // namespace

void DataPage::chooseFile(const QString& path) {
  auto* dialog = new QFileDialog(this, path.isEmpty()              ? tr("Choose a data file")
                                       : path == "data.validation" ? tr("Choose the validation file")
                                                                   : tr("Choose the test file"));
  dialog->setObjectName("chooseDialog");
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::ExistingFile);
  if (!openedFile_.empty()) dialog->setDirectory(QString::fromStdString(openedFile_.parent_path().string()));
  dialog->setNameFilters({tr("Data") + " (*.csv *.tsv *.json *.jsonl *.ndjson *.parquet *.txt *.conll *.conllu *.gz)",
                          tr("All files") + " (*)"});
  connect(dialog, &QFileDialog::fileSelected, this, [this, path](const QString& file) {
    if (path.isEmpty()) return takeFile(file);
    workbench().document.set(path, workbench().document.storedPath(file.toStdString()), tr("Files"));
  });
  dialog->open();
}

void DataPage::chooseFolder() {
  auto* dialog = new QFileDialog(this, tr("Choose a folder of images or recordings"));
  dialog->setObjectName("chooseFolderDialog");
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::Directory);
  connect(dialog, &QFileDialog::fileSelected, this, &DataPage::takeFile);
  dialog->open();
}

void DataPage::takeFile(const QString& file) {
  if (!workbench().document.isOpen()) return workbench().openPath(file);
  openedOnce_ = false;  // also when it is the same file again: it may have changed
  replaceFile(workbench().document, file.toStdString());
}

void DataPage::openRoleMenu(int column, const QPoint& at) {
  const TableColumn shown = table_->columns().value(column);
  const std::string objective = kind_of(workbench().document.lenient().objective);
  auto* menu = new QMenu(this);
  menu->setObjectName("roleMenu");
  menu->setAttribute(Qt::WA_DeleteOnClose);
  QStringList roles = rolesOf(objective);
  roles << QString();
  std::vector<std::string> given;
  for (const TableColumn& one : table_->columns()) given.push_back(one.role.toStdString());
  const std::vector<std::string> required = roles_for(objective_entry(objective), "text", given);
  for (const QString& role : roles) {
    if (role.isEmpty()) menu->addSeparator();
    const bool needed = std::find(required.begin(), required.end(), role.toStdString()) != required.end();
    QAction* action = menu->addAction(needed ? tr("%1 (needed)").arg(roleLabel(role)) : roleLabel(role));
    action->setObjectName("role." + (role.isEmpty() ? QString("ignore") : role));
    action->setCheckable(true);
    action->setChecked(role == shown.role);
    if (role.isEmpty() && shown.fixed) {
      action->setEnabled(false);
      action->setText(tr("Ignore (plays its role by its name)"));
    }
    connect(action, &QAction::triggered, this,
            [this, title = shown.title, role] { setRole(workbench().document, title, role); });
  }
  menu->popup(at);
}

void DataPage::openRowMenu(std::int64_t index, int column, const QPoint& at) {
  auto* menu = new QMenu(this);
  menu->setObjectName("rowMenu");
  menu->setAttribute(Qt::WA_DeleteOnClose);
  const auto add = [&](const QString& text, auto run) {
    connect(menu->addAction(text), &QAction::triggered, this, run);
  };
  add(tr("Open in the microscope"), [this, index] { openMicroscope(index); });
  add(tr("Show rows with this value"), [this, index, column] { filterByCell(index, column); });
  menu->addSeparator();
  add(tr("Copy the cell"), [this, index, column] { copy(index, column); });
  add(tr("Copy the row"), [this, index] { copy(index, -1); });
  if (table_->columns().value(column).kind == TableColumn::Kind::file) {
    menu->addSeparator();
    add(tr("Role of this column"), [this, column] { table_->openRoleMenu(column); });
  }
  menu->popup(at);
}

void DataPage::openReading() {
  const ReadOptions detected = rows_->isOpen() ? rows_->detected() : ReadOptions();
  auto* options = new ReadingOptions(workbench().document.lenient().data, detected, this);
  connect(options, &ReadingOptions::chosen, this,
          [this, options](const QString& path, const QString& value, const QString& label) {
            options->close();
            workbench().document.set(path, value == "auto" ? Json() : Json(value.toStdString()), label);
          });
  const QWidget* below = filter_->moreButton()->isVisible() ? filter_->moreButton() : static_cast<QWidget*>(replace_);
  options->openBelow(*below);
}

void DataPage::showDetails(int finding, const QPoint& at) {
  const DataProfile* profile = workbench().facts.data();
  if (!profile || finding >= int(profile->findings.size())) return;
  const Finding& shown = profile->findings[std::size_t(finding)];
  auto* details = new FindingDetails(
      shown, actionFor(shown, *profile, workbench().document.lenient(), workbench().facts.model()), this);
  connect(details, &FindingDetails::showWanted, filter_, &FilterBar::setText);
  connect(details, &FindingDetails::fixWanted, this, [this](const QStringList& assignments, const QString& what) {
    workbench().document.apply(assignments, what);
  });
  details->openAt(at);
}

void DataPage::filterByLabel(int label) {
  const DataProfile* profile = workbench().facts.data();
  if (!profile || label < 0 || label >= int(profile->labels.size())) return;
  if (labels_->chosen() == label) return filter_->setText({});
  const bool tags = kind_of(workbench().document.lenient().objective) == "tagging";
  const QString column = columnName(columnOf(tags ? "tags" : "label"));
  QStringList values;
  for (const std::string& value : profile->labels[std::size_t(label)].values)
    values << quotedText(QString::fromStdString(value));
  if (tags)
    filter_->setText("where contains(" + column + "::varchar, " + values.value(0) + ")");
  else
    filter_->setText("where " + column + "::varchar" +
                     (values.size() == 1 ? " = " + values[0] : " in (" + values.join(", ") + ")"));
  labels_->setChosen(label);
}

void DataPage::filterByCell(std::int64_t index, int column) {
  const TableColumn shown = table_->columns().value(column);
  if (shown.kind == TableColumn::Kind::tokens)
    return filter_->setText("where tokens = " + table_->cellText(index, column));
  const RowMark* mark = rows_->mark(rows_->numberAt(index));
  if (shown.kind == TableColumn::Kind::split) {
    static const char* names[] = {"train", "validation", "test"};
    if (mark) filter_->setText(QString("where split = '%1'").arg(names[int(mark->split)]));
    return;
  }
  rows_->fetch(rows_->numberAt(index), [this, shown](const Row& row) {
    const auto source = std::size_t(shown.source);
    if (row.null[source]) return filter_->setText("where " + columnName(shown.title) + " is null");
    filter_->setText("where " + columnName(shown.title) +
                     "::varchar = " + quotedText(QString::fromStdString(row.values[source])));
  });
}

void DataPage::copy(std::int64_t index, int column) {
  const TableColumn shown = table_->columns().value(column);
  if (column >= 0 && shown.kind != TableColumn::Kind::file)
    return QGuiApplication::clipboard()->setText(table_->cellText(index, column));
  rows_->fetch(rows_->numberAt(index), [column, source = shown.source](const Row& row) {
    if (column >= 0)
      return QGuiApplication::clipboard()->setText(QString::fromStdString(row.values[std::size_t(source)]));
    QStringList cells;
    for (const std::string& value : row.values)
      cells << QString::fromStdString(value).replace('\t', ' ').replace('\n', ' ');
    QGuiApplication::clipboard()->setText(cells.join('\t'));
  });
}

void DataPage::openMicroscope(std::int64_t index) {
  QWidget* lens = this->lens();
  if (lens->isHidden()) {
    closeMicroscope();
    lens->show();
    const bool media = lens == media_;
    const int height = std::clamp(splitter_->height() * (media ? 4 : 3) / 10, scaled(150), scaled(media ? 260 : 204));
    const int upper = splitter_->height() - height - splitter_->handleWidth();
    splitter_->setSizes({upper, media ? 0 : height, media ? height : 0});
  }
  showInMicroscope(index);
}

QWidget* DataPage::lens() const {
  const bool text = modality_of(workbench().document.lenient().data) == "text";
  return text ? static_cast<QWidget*>(microscope_) : media_;
}

void DataPage::moveRow(int step) { table_->setCurrentRow(table_->currentRow() + step); }

void DataPage::updateView() {
  const Recipe& recipe = workbench().document.lenient();
  const bool images = modality_of(recipe.data) == "image";
  view_->setVisible(images);
  const QString what = images ? QString::fromStdString(openedFile_.string()) + columnOf("image") : QString();
  if (what != gridOf_) {
    gridOf_ = what;
    int label = -1;
    for (const TableColumn& column : table_->columns())
      if (column.role == "label") label = column.source;
    grid_->setReading(images ? thumbnailReader(recipe) : ImageGrid::Read(), label);
  }
  showView();
}

void DataPage::showView() {
  const bool pictures = !view_->isHidden() && view_->current() == "grid";
  if (pictures == grid_->isVisibleTo(this) && pictures != table_->isVisibleTo(this)) return;
  grid_->setVisible(pictures);
  table_->setVisible(!pictures);
  if (pictures && table_->currentRow() >= 0) grid_->setCurrentRow(table_->currentRow());
}

void DataPage::showInMicroscope(std::int64_t index) {
  rows_->fetch(rows_->numberAt(index), [this](const Row& row) {
    // Reading the head of the file again is what makes a row's roles; it takes a moment.
    auto filled = std::make_shared<std::optional<RoleRow>>();
    auto* job = new ThreadJob(
        tr("Reading the row"),
        [recipe = workbench().document.lenient(), row, filled](JobProgress&) { *filled = RolesOfRows(recipe).of(row); },
        [] {}, this);
    connect(job, &Job::finished, this, [this, filled, number = row.number](const std::optional<ErrorText>&) {
      if (rows_->numberAt(table_->currentRow()) != number) return;  // another row by now
      const bool media = lens() == media_;
      if (*filled && media)
        media_->showRow(**filled, number + 1);
      else if (*filled)
        microscope_->showRow(**filled, number + 1);
      else if (media)
        media_->clear();
      else
        microscope_->clear();
    });
    job->start();
  });
}

void DataPage::keyPressEvent(QKeyEvent* event) {
  // Escape closes what was opened last; then the filter.
  if (event->key() != Qt::Key_Escape) return Page::keyPressEvent(event);
  if (lens()->isVisibleTo(this)) return closeMicroscope();
  if (!filter_->edit()->text().isEmpty()) filter_->setText({});
}

void DataPage::closeMicroscope() {
  const bool inside = microscope_->isAncestorOf(focusWidget()) || media_->isAncestorOf(focusWidget());
  microscope_->hide();
  microscope_->clear();
  media_->hide();
  media_->clear();
  if (inside) (grid_->isVisibleTo(this) ? static_cast<QWidget*>(grid_) : table_)->setFocus();
}

}  // namespace luthier
