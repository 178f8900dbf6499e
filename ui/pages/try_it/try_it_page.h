#pragma once
// The trained model answers: labels with probabilities, or texts as they are written, base and tuned side by side.
#include "pages/page.h"
#include "pages/try_it/model_server.h"

class QStackedWidget;

namespace luthier {

class ClassifyView;
class CompleteView;

class TryItPage : public Page {
  Q_OBJECT
 public:
  explicit TryItPage(Workbench& workbench, QWidget* parent = nullptr);
  StateKind state() const override;
  void shown() override;
  QPushButton* primaryButton() const override;

 private:
  void serverChanged();

  ModelServer server_;
  QStackedWidget* stack_;
  EmptyState *empty_, *other_;
  QWidget* loading_;
  QLabel* loadingText_;
  ErrorCard* error_;
  QWidget* errorPlace_;
  ClassifyView* classify_;
  CompleteView* complete_;
  QPushButton* open_;
};

}  // namespace luthier
