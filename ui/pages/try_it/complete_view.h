#pragma once
// Prompts and how the base and the tuned language model go on from them, side by side, as they write.
#include <QPlainTextEdit>
#include <QPointer>
#include <QScrollArea>

#include "pages/page.h"
#include "pages/try_it/model_server.h"

class QDoubleSpinBox;
class QLineEdit;
class QNetworkReply;
class QSpinBox;

namespace luthier {

class CompleteView : public QWidget {
  Q_OBJECT
 public:
  CompleteView(Workbench& workbench, ModelServer& server, QWidget* parent = nullptr);
  void begin(const QString& base, const QString& tuned);
  QPushButton* sendButton() const { return send_; }

 private:
  struct Answer {
    QLabel *text = nullptr, *facts = nullptr, *chip = nullptr;
    QString written;
    int tokens = 0;
    qint64 begun = 0;
  };
  void send();
  void ask(const QString& prompt, bool base, QVBoxLayout* place);
  void updateSend();
  QWidget* generationForm();

  Workbench& workbench_;
  ModelServer& server_;
  QLabel *baseName_, *tunedName_;
  QWidget *baseHead_, *talk_;
  QVBoxLayout* turns_;
  QScrollArea* scroll_;
  QPlainTextEdit *prompt_, *before_;
  QPushButton* send_;
  QDoubleSpinBox *temperature_, *topP_, *minP_, *penalty_;
  QSpinBox *topK_, *beams_, *longest_, *seed_;
  QLineEdit* stop_;
  QList<QPointer<QNetworkReply>> writing_;
};

}  // namespace luthier
