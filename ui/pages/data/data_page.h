#pragma once
// Data: the rows that the run is trained on, what each column is to the model, how they are divided, and what is the
// matter with them.
#include "pages/data/data_edits.h"
#include "pages/data/row_source.h"
#include "pages/page.h"

class QProgressBar;
class QScrollArea;
class QSplitter;
class QStackedWidget;

namespace luthier {

class DataTable;
class FilterBar;
class ImageGrid;
class MediaView;
class SegmentedControl;
class FindingsStrip;
class LabelBars;
class LengthBars;
class Microscope;
class SplitControl;

class DataPage : public Page {
  Q_OBJECT
 public:
  explicit DataPage(Workbench& workbench, QWidget* parent = nullptr);

  StateKind state() const override;
  void shown() override;
  QPushButton* primaryButton() const override { return continue_; }
  QList<QAction*> pageActions() const override { return actions_; }
  RowSource& rows() { return *rows_; }

 Q_SIGNALS:
  /// The file's rows can be looked at.
  void fileShown();

 protected:
  void dragEnterEvent(QDragEnterEvent*) override;
  void dropEvent(QDropEvent*) override;
  void keyPressEvent(QKeyEvent*) override;

 private:
  void buildHeader();
  QWidget* buildEmpty();
  QWidget* buildOpening();
  QWidget* buildFailed();
  QWidget* buildContent();
  QWidget* buildSide();
  void connectParts();

  void documentChanged(const QStringList& paths);
  void openData();
  void dataOpened();
  void suggest();
  void factsChanged();
  void updateColumns();
  void updateHeader();
  void updateSide();
  void updateProblem();
  void showFilterState();

  void chooseFile(const QString& path = {});
  void chooseFolder();
  void takeFile(const QString& file);
  void openRoleMenu(int column, const QPoint& at);
  void openRowMenu(std::int64_t index, int column, const QPoint& at);
  void openReading();
  void showDetails(int finding, const QPoint& at);
  void filterByLabel(int label);
  void filterByCell(std::int64_t index, int column);
  void copy(std::int64_t index, int column);
  void openMicroscope(std::int64_t index);
  void showInMicroscope(std::int64_t index);
  void closeMicroscope();
  /// What shows one row: the token microscope, or the view of images and recordings.
  QWidget* lens() const;
  void moveRow(int step);
  /// Pictures or table, where the rows are images.
  void updateView();
  void showView();
  QString columnOf(const QString& role) const;

  RowSource* rows_;
  QList<QAction*> actions_;
  QPushButton *replace_, *continue_, *suggestButton_;
  QStackedWidget* stack_;
  EmptyState* empty_;
  ErrorCard* error_;
  QLabel *openingText_, *labelCount_, *problemText_;
  ElidedLabel* lengthNote_;
  QProgressBar* openingBar_;
  FindingsStrip* findings_;
  QFrame* problem_;
  FilterBar* filter_;
  QSplitter* splitter_;
  DataTable* table_;
  Card *labelCard_, *lengthCard_;
  LabelBars* labels_;
  QScrollArea* labelScroll_;
  LengthBars* lengths_;
  SplitControl* split_;
  Microscope* microscope_;
  MediaView* media_;
  ImageGrid* grid_;
  SegmentedControl* view_;
  QString gridOf_;  ///< the file and column whose images the grid reads
  std::filesystem::path openedFile_;
  ReadOptions openedRead_;
  bool openedOnce_ = false;  ///< openedFile_ and openedRead_ say what was asked for last
  int suggestRound_ = 0;
};

}  // namespace luthier
