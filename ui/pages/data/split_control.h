#pragma once
// How rows are divided among training, validation and test: by shares, by a column, or by files of their own.
#include "pages/data/split_bar.h"
#include "pages/data/table_column.h"
#include "widgets/basics.h"

class QMenu;

namespace luthier {

class SplitControl : public Card {
  Q_OBJECT
 public:
  explicit SplitControl(QWidget* parent = nullptr);
  /// `profile` may be nullptr.
  void setState(const Recipe& recipe, const QList<TableColumn>& columns, const DataProfile* profile);
  SplitBar* bar() const { return bar_; }

 Q_SIGNALS:
  void sharesChosen(double validation, double test);
  void stratifyChosen(bool stratify);
  void columnChosen(const QString& column);  ///< "": by shares again
  void fileWanted(const QString& path);      ///< "data.validation" or "data.test"
  void fileRemoved(const QString& path);

 private:
  void fillMenu(QMenu* menu);
  void showCounts(double validation, double test);

  SplitBar* bar_;
  QLabel *counts_[3], *note_;
  QPushButton* how_;
  QList<TableColumn> columns_;
  std::int64_t rows_ = 0;
  QString splitColumn_;
  bool stratify_ = true, labelled_ = false, validationFile_ = false, testFile_ = false;
};

}  // namespace luthier
