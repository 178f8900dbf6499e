#pragma once
// Choosing a format, a number type and a folder; the page then runs the export.
#include <QPointer>
#include <map>
#include <vector>

#include "jobs/job.h"
#include "pages/export/export_plan.h"
#include "pages/export/overlay.h"

class QLineEdit;
class QPushButton;

namespace luthier {

class FormatCard;
class OptionForm;

class ExportDialog : public Overlay {
  Q_OBJECT
 public:
  ExportDialog(JobList& jobs, QWidget* page);
  /// Opens it for a run. `kind`: the format to begin with, empty: the first that is available.
  void openFor(const ExportSource& source, const QString& kind = {}, const QString& precision = "fp32");
  QPushButton* confirmButton() const { return confirm_; }

 Q_SIGNALS:
  void confirmed(const luthier::ExportChoice& choice);

 protected:
  void keyPressEvent(QKeyEvent*) override;

 private:
  void makeCards();
  void makeTarget(QVBoxLayout* column);
  void choose(const QString& kind);
  void showOptions();
  void measure();
  void refresh();
  double sizeOf(const QString& kind, const QString& precision) const;  ///< 0: not known yet
  std::filesystem::path target() const;

  JobList& jobs_;
  QPointer<ThreadJob> measuring_;
  ExportSource source_;
  ExportChoice choice_;
  QString suggested_;  ///< the folder that the dialog has proposed
  ExportSizes sizes_;
  double smallBytes_ = 0;
  std::vector<FormatCard*> cards_;
  QLabel* optionsTitle_;
  OptionForm* form_;
  QLabel* noOptions_;
  QLineEdit* folder_;
  QLabel *free_, *problem_;
  QPushButton* confirm_;
};

}  // namespace luthier
