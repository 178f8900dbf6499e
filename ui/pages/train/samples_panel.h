#pragma once
// What the model in training says to held-out prompts: the newest answers first, then the base model's, then what the
// data says.
#include <map>

#include "store/store.h"
#include "widgets/basics.h"

namespace luthier {

class SamplesPanel : public Card {
  Q_OBJECT
 public:
  explicit SamplesPanel(QWidget* parent = nullptr);
  void clear();
  /// An event of kind "sample"; others, and damaged ones, are left out.
  void add(const EventRow& event);
  int promptCount() const { return int(prompts_.size()); }
  /// Answers to the prompt that is shown, the base model's among them.
  int answerCount() const;
  /// Shows what was added since.
  void refresh();
  /// Whether the run can be asked for answers now; otherwise why not.
  void setAskable(bool askable, const QString& reason);

 Q_SIGNALS:
  /// Answers to all prompts are wanted now.
  void sampleWanted();

 private:
  struct Answer {
    QString text;
    bool ended = false;
  };
  struct Prompt {
    QString text, reference;
    std::map<std::int64_t, Answer> answers;  ///< by step; 0: the base model
  };
  void turn(int by);
  void addAnswer(std::int64_t step, const Answer& answer);

  std::map<int, Prompt> prompts_;
  int current_ = 0;
  QLabel* place_;
  QPushButton *previous_, *next_, *now_;
  QVBoxLayout* column_;
};

/// "ends correctly", "repeats" or "never ends": how an answer came to its end, and the tone of its chip.
std::pair<QString, const char*> endingOf(const QString& answer, bool ended);

}  // namespace luthier
