#pragma once
// A text, the labels that the base and the tuned model give it, and what was tried before.
#include <QPlainTextEdit>
#include <QTableWidget>
#include <QTimer>

#include "pages/page.h"
#include "pages/try_it/model_server.h"
#include "pages/try_it/probability_bars.h"

namespace luthier {

class ClassifyView : public QWidget {
  Q_OBJECT
 public:
  ClassifyView(Workbench& workbench, ModelServer& server, QWidget* parent = nullptr);
  /// `base`: what the untouched model is called; its side is hidden when the server has none.
  void begin(const QString& base, const QString& tuned);

 private:
  void ask();
  void answer(const QString& text, bool base, const Json& json);
  void remember(const QString& text);
  void randomRow();

  Workbench& workbench_;
  ModelServer& server_;
  QPlainTextEdit* edit_;
  QLabel* facts_;
  QTimer soon_, settled_;
  Card *baseCard_, *tunedCard_;
  ProbabilityBars *base_, *tuned_;
  ErrorCard* error_;
  QTableWidget* tried_;
  QString asked_, answeredText_, baseLabel_;
  int round_ = 0;
};

}  // namespace luthier
