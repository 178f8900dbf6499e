#pragma once
// The field that filters rows: words are searched for, "where ..." is a condition in SQL. What is wrong with a
// condition stands below, with its place.
#include <QTimer>
#include <QWidget>

#include "data/row_browser.h"

class QLabel;
class QLineEdit;
class QPushButton;

namespace luthier {

class FilterBar : public QWidget {
  Q_OBJECT
 public:
  explicit FilterBar(QWidget* parent = nullptr);
  QLineEdit* edit() const { return edit_; }
  QPushButton* moreButton() const { return more_; }
  RowFilter filter() const;
  /// Writes the field, as if it had been typed and confirmed.
  void setText(const QString& text);
  void setFlaggedOnly(bool only);
  void clear();
  /// `shown` of `total` rows pass.
  void setCounts(std::int64_t shown, std::int64_t total);
  void setSearching();
  /// `position`: byte of the condition, -1 where it is not known.
  void setProblem(const QString& message, int position);
  void clearProblem();
  void setFlaggedEnabled(bool enabled, const QString& reason);

 Q_SIGNALS:
  void filterChanged();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;
  void resizeEvent(QResizeEvent*) override;

 private:
  void confirm();
  void placeCount();
  void typed(const QString& text);
  void showKind();

  QLineEdit* edit_;
  QLabel *count_, *problem_;
  QPushButton *flagged_, *more_;
  QTimer soon_;
  QString confirmed_;
};

}  // namespace luthier
