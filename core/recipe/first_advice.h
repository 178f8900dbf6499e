#pragma once
// Whether fine-tuning is the right tool at all: a pure function of four answers, before there is any data.
#include <string>
#include <vector>

namespace luthier {

enum class Purpose { facts, style, label };    ///< know new facts, change style or format, give a label
enum class Change { daily, monthly, rarely };  ///< how often the content changes
enum class Examples { few, some, many };       ///< fewer than 50, 50 to 1,000, more

struct FirstAnswers {
  Purpose purpose = Purpose::style;
  Change change = Change::rarely;
  Examples examples = Examples::some;
  bool cites = false;  ///< answers must name their source
};

/// What to try before any fine-tuning.
enum class Before { nothing, retrieval, prompt };

struct FirstAdvice {
  Before before = Before::nothing;
  std::string method;       ///< to begin with, a kind; empty where fine-tuning is not the first thing to do
  std::string title, text;  ///< "Use retrieval first", and why in two sentences
  std::string more;         ///< what the advice rests on
};
FirstAdvice first_advice(const FirstAnswers& answers);

/// Facts that change or must be cited call for retrieval, fewer rows than kRowsForTuning for a prompt.
constexpr int kRowsForTuning = 50;

std::vector<std::string> first_advice_texts();

}  // namespace luthier
