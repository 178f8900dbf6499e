#pragma once
// Is fine-tuning the right tool? Four questions, and the advice that follows from the answers.
#include <QFrame>

#include "recipe/first_advice.h"

class QBoxLayout;
class QGridLayout;
class QLabel;
class QPushButton;

namespace luthier {

class SegmentedControl;

class AdvisorCard : public QFrame {
  Q_OBJECT
 public:
  explicit AdvisorCard(QWidget* parent = nullptr);
  FirstAnswers answers() const;

 Q_SIGNALS:
  /// A project is to be started with this method; empty: with none in particular.
  void startWanted(const QString& method);

 protected:
  QSize minimumSizeHint() const override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  SegmentedControl* addQuestion(QGridLayout* grid, const QString& name, const QString& question, const QStringList& ids,
                                const QStringList& labels, const QString& first);
  void refresh();
  void arrange();
  QBoxLayout* row_;
  QWidget *questions_, *pane_;
  SegmentedControl *purpose_ = nullptr, *change_ = nullptr, *examples_ = nullptr, *cites_ = nullptr;
  QLabel *verdict_, *text_, *more_;
  QPushButton *start_, *why_;
};

}  // namespace luthier
