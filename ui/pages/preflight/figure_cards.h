#pragma once
// Two cards with bars: peak memory as estimated and as measured, and what becomes of the tokens.
#include <array>

#include "pages/preflight/preflight_result.h"
#include "widgets/basics.h"
#include "widgets/controls.h"

namespace luthier {

class MemoryComparison : public Card {
  Q_OBJECT
 public:
  explicit MemoryComparison(QWidget* parent = nullptr);
  void setResult(const PreflightResult& result);

 private:
  struct Row {
    QLabel* name;
    MemoryBar* bar;
    QLabel* value;
  };
  void show(const Row& row, const PreflightMemory& memory, double scale);
  void paintLegend();
  Row estimate_, measured_;
  QLabel* difference_;
  std::array<QLabel*, 4> marks_{};
  PreflightResult result_;
};

class TokenShare : public Card {
  Q_OBJECT
 public:
  explicit TokenShare(QWidget* parent = nullptr);
  void setResult(const PreflightResult& result);

 private:
  void paintBar();
  MemoryBar* bar_;
  QLabel *loss_, *context_, *cut_, *note_;
  PreflightResult result_;
};

/// The smallest round number (1, 1.2, 1.6, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten) that is not below `value`.
double roundScale(double value);

}  // namespace luthier
