#pragma once
// The Hugging Face hub on the page Model: search, fetch a model into the cache, stop, and go on where it stopped. Both
// are luthier-cli commands, so HF_ENDPOINT, HF_TOKEN, HF_HUB_CACHE and HF_HUB_OFFLINE count as for the hub's own tools.
#include <QPointer>
#include <QStringList>

#include "pages/page.h"

class QLineEdit;
class QListWidget;
class QProgressBar;
class QStackedWidget;

namespace luthier {

class HubBrowser : public QWidget {
  Q_OBJECT
 public:
  explicit HubBrowser(Workbench& workbench, QWidget* parent = nullptr);
  /// Why nothing can be searched for on this computer; empty: it can.
  static QString unavailable();

 Q_SIGNALS:
  /// The model lies in this folder of the cache now.
  void fetched(const QString& id, const QString& folder);

 private:
  void search();
  void showFound(const Json& models);
  void showError(const ErrorText& error);
  void fetch();
  void fetchOrStop();
  void updateButton();
  /// What the button is about: the chosen row, else the name that was typed; empty: none.
  QString wanted() const;

  Workbench& workbench_;
  QLineEdit* words_;
  QPushButton *search_, *fetch_;
  QStackedWidget* stack_;
  EmptyState* empty_;
  QListWidget* found_;
  ErrorCard* error_;
  QProgressBar* progress_;
  ElidedLabel* status_;
  QPointer<CliJob> searching_, fetching_;
  QString fetchedId_;         ///< that is fetched now
  QStringList stoppedShort_;  ///< models of which a part lies in the cache
};

}  // namespace luthier
