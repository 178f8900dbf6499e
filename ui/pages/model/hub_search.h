#pragma once
// Models of the Hugging Face hub: search, choose one, fetch it into the cache.
#include <QListWidget>
#include <QWidget>
#include <filesystem>
#include <optional>

#include "jobs/job.h"

class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;

namespace luthier {

class ElidedLabel;

class HubSearch : public QWidget {
  Q_OBJECT
 public:
  explicit HubSearch(JobList& jobs, QWidget* parent = nullptr);
  QLineEdit* edit() const { return edit_; }
  /// Why nothing can be searched for on this computer; empty: it can.
  static QString unavailable();

 Q_SIGNALS:
  void downloaded(const std::filesystem::path& folder);
  void failed(const luthier::ErrorText& error);

 private:
  void search();
  void show(const Json& models);
  void download();
  void refresh();
  JobList& jobs_;
  QLineEdit* edit_;
  QListWidget* list_;
  QLabel *said_, *stage_;
  QProgressBar* bar_;
  QPushButton *get_, *cancel_;
  QPointer<CliJob> job_;
  bool downloading_ = false;
};

}  // namespace luthier
