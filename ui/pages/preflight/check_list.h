#pragma once
// The checks in their groups, a row each, with the buttons that put right what is wrong.
#include <QCheckBox>
#include <QHash>

#include "pages/preflight/preflight_result.h"
#include "widgets/basics.h"

namespace luthier {

class CheckList : public Card {
  Q_OBJECT
 public:
  explicit CheckList(QWidget* parent = nullptr);
  void setResult(const PreflightResult& result);
  /// Shows in a check's row for two seconds what a fix has changed.
  void showChange(const QString& id, const QString& change);
  /// Fixes of an old result are for a recipe that is no more.
  void setFixesEnabled(bool enabled, const QString& reason);

 Q_SIGNALS:
  void fixChosen(const QString& id, const luthier::PreflightResult::Fix& fix);

 private:
  struct Row {
    QWidget* widget;
    QLabel* message;
    PreflightResult::Check check;
    QList<QWidget*> buttons;
  };
  void addGroup(const QString& group);
  void addRow(const PreflightResult::Check& check);
  void addFixes(Row& row, QHBoxLayout* layout);
  void filter();

  PreflightResult result_;
  bool fixesEnabled_ = true;
  QString whyNot_;
  QLabel *passed_, *warnings_, *errors_;
  QCheckBox* problemsOnly_;
  QVBoxLayout* rows_;
  QWidget* none_;
  std::vector<Row> shown_;
  QHash<QString, QWidget*> groups_;
};

}  // namespace luthier
