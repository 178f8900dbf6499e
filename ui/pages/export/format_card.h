#pragma once
// One export format as a card to choose: name, size, what it is for, or why it is not available.
#include <QAbstractButton>

#include "widgets/basics.h"

namespace luthier {

class FormatCard : public QAbstractButton {
  Q_OBJECT
 public:
  FormatCard(const QString& kind, const QString& label, const QString& help, QWidget* parent = nullptr);
  const QString& kind() const { return kind_; }
  void setSize(const QString& size);
  /// Empty: it can be chosen.
  void setReason(const QString& reason);
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return sizeHint(); }

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  QString kind_, help_;
  QLabel *name_, *size_, *text_;
};

}  // namespace luthier
