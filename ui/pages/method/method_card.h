#pragma once
// One method to choose: what it trains, what it needs in memory, one sentence. A radio button that looks like a card.
#include <QAbstractButton>
#include <optional>

#include "document/project_facts.h"

class QLabel;

namespace luthier {

class ElidedLabel;
class MemoryBar;

class MethodCard : public QAbstractButton {
  Q_OBJECT
 public:
  MethodCard(const QString& kind, const QString& title, QWidget* parent = nullptr);

  const QString& kind() const { return kind_; }
  /// `scale`: bytes at the right end of every card's bar.
  void setEstimate(const std::optional<Estimate>& estimate, double scale);
  void setSentence(const QString& text);
  void setRecommended(bool recommended);
  /// "Not available: ..."; empty: it is.
  void setObstacle(const QString& reason);
  /// Without its sentence, where the window is low; the tooltip has it then.
  void setCompact(bool compact);
  bool isAvailable() const { return obstacle_.isEmpty(); }
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;
  bool hasHeightForWidth() const override;  ///< without its sentence nothing in it wraps
  int heightForWidth(int width) const override;

 Q_SIGNALS:
  void chosen();
  /// An arrow key wants the next (1) or the one before (-1).
  void moved(int step);

 protected:
  void paintEvent(QPaintEvent*) override;
  void keyPressEvent(QKeyEvent*) override;
  void resizeEvent(QResizeEvent*) override;
  void nextCheckState() override {}  // the recipe decides what is checked

 private:
  void updateName();
  void fitChip();
  const QString kind_, titleText_;
  QString obstacle_, figures_;
  QLabel *title_, *chip_, *share_, *count_, *bytes_, *sentence_;
  QWidget* numbers_;
  MemoryBar* bar_;
};

}  // namespace luthier
