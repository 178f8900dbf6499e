#pragma once
// A starter as a card: three of its rows, what it teaches, and a button that opens a copy.
#include <QFrame>

#include "document/starters.h"

class QPushButton;

namespace luthier {

class StarterCard : public QFrame {
  Q_OBJECT
 public:
  /// `withRows`: shows the rows; else only name, summary and button.
  StarterCard(const Starter& starter, bool withRows, QWidget* parent = nullptr);

 Q_SIGNALS:
  void openWanted();
};

}  // namespace luthier
