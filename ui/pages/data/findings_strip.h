#pragma once
// What was found in the data, a cell each: a mark, how many, what, and one button.
#include <QFrame>
#include <QList>

#include "pages/data/finding_actions.h"
#include "widgets/states.h"

class QHBoxLayout;

namespace luthier {

class FindingsStrip : public QFrame {
  Q_OBJECT
 public:
  explicit FindingsStrip(QWidget* parent = nullptr);
  /// `profile` nullptr: nothing is known yet.
  void setProfile(const DataProfile* profile, const Recipe& recipe, const ModelOutline* model);
  void setLoading(bool loading);

 Q_SIGNALS:
  void showWanted(const QString& filter);
  void fixWanted(const QStringList& assignments, const QString& what);
  /// A finding that no filter shows, or its words were asked for.
  void detailsWanted(int finding, const QPoint& below);

 protected:
  void resizeEvent(QResizeEvent*) override;

 private:
  struct Item {
    Finding finding;
    FindingAction action;
    int index = 0;  ///< in the profile
  };
  void build();
  QWidget* makeCell(const Item& item);
  QWidget* makeMore(int from);
  QWidget* makeNote(StateKind kind, const QString& upper, const QString& lower);
  void addCell(QWidget* cell);

  QHBoxLayout* cells_;
  QLabel *title_, *summary_;
  QList<Item> items_;
  QString encoding_;
  bool hasEncoding_ = true;  ///< else encoding_ is the format
  double seconds_ = 0;
  int shown_ = -1;  ///< cells that fit
  bool known_ = false, loading_ = false;
};

}  // namespace luthier
