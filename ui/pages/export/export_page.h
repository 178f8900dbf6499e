#pragma once
// Export: what a run was written to, with its certificates, and writing it to something new.
#include <QPointer>
#include <QTimer>

#include "pages/export/artefacts.h"
#include "pages/export/export_plan.h"
#include "pages/page.h"

class QProgressBar;
class QTableView;

namespace luthier {

class CertificateView;
class ExportDialog;

class ExportPage : public Page {
  Q_OBJECT
 public:
  explicit ExportPage(Workbench& workbench, QWidget* parent = nullptr);
  ~ExportPage() override;

  StateKind state() const override;
  void shown() override;
  QPushButton* primaryButton() const override;

 private:
  void makeTable();
  QWidget* makeRunning();
  void openDialog(const QString& kind = {}, const QString& precision = "fp32");
  void startExport(const ExportChoice& choice);
  void startCheck(const QString& path);
  /// Follows a job of this page on its card; `path`: whose certificate is shown at the end ("" : the result tells).
  void follow(CliJob* job, const QString& what, const QString& path);
  void showCertificate(const QString& path);
  std::optional<Artefact> selected() const;
  ExportSource source() const;
  void refresh();
  void refreshActions();

  QTimer soon_;  ///< a training run writes to the store many times a second
  QString run_;  ///< that is shown
  bool exportable_ = false;
  ArtefactModel* model_;
  QTableView* table_;
  QLabel* count_;
  QWidget *list_, *running_;
  QLabel *what_, *stage_;
  QProgressBar* progress_;
  EmptyState *noRun_, *nothing_;
  ErrorCard* error_;
  QPushButton *exportButton_, *certificate_, *folder_, *copy_;
  QPointer<ExportDialog> dialog_;
  QPointer<CertificateView> view_;
  QPointer<CliJob> job_;
};

}  // namespace luthier
