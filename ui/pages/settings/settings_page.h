#pragma once
// Settings: what the user chose for the program as a whole, the keys, the machine and the versions.
#include "pages/page.h"

namespace luthier {

class OptionForm;

class SettingsPage : public Page {
  Q_OBJECT
 public:
  explicit SettingsPage(Workbench& workbench, QWidget* parent = nullptr);
  void shown() override;
  QList<QAction*> pageActions() const override { return actions_; }

 private:
  void addForm(QVBoxLayout* column);
  void addFacts(QVBoxLayout* column);
  void take(const QString& path, const Json& value);
  void chooseFolder();
  OptionForm* form_;
  QLabel *projects_, *machine_;
  QList<QAction*> actions_;
};

}  // namespace luthier
