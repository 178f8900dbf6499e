#pragma once
// The certificate of one artefact: what was compared, how far apart it is, and where the file lies.
#include "pages/export/artefacts.h"
#include "pages/export/certificate.h"
#include "pages/export/overlay.h"

class QPushButton;

namespace luthier {

class CertificateView : public Overlay {
  Q_OBJECT
 public:
  explicit CertificateView(QWidget* page);
  void setArtefact(const Artefact& artefact, const QString& run);
  QPushButton* doneButton() const { return done_; }
  /// While it is being checked anew.
  void setChecking(bool checking);

 Q_SIGNALS:
  void checkAgain(const QString& path);
  /// With more precise numbers.
  void exportAgain(const QString& kind);

 private:
  void addRow(const CertificateRow& row);
  /// Columns are as wide as what stands in them.
  void sizeColumns();
  Artefact artefact_;
  QList<QLabel*> measures_, results_, limits_;  ///< of the table's columns, heads first
  Certificate certificate_;
  StateMark* mark_;
  QLabel *title_, *summary_, *problem_;
  ElidedLabel* file_;
  QLabel* size_;
  QWidget* table_;
  QVBoxLayout* rows_;
  QLabel* saved_;
  QPushButton *copy_, *check_, *again_, *done_;
};

/// Shows a file or folder in the system's file manager.
void openInFileManager(const QString& path);

}  // namespace luthier
