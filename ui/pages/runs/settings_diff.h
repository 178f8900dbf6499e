#pragma once
// The settings of up to six runs beside each other.
#include <QString>
#include <QWidget>
#include <vector>

#include "base/json.h"
#include "widgets/basics.h"

class QGridLayout;

namespace luthier {

struct ComparedRun {
  QString name;
  Json recipe;
};

struct SettingRow {
  QString path, label;
  QStringList values;  ///< one a run; "–" where a run has no such option
  bool differs = false;
};

/// Every option of the recipes, by its path, with the values as text; paths of files by name alone.
std::vector<SettingRow> compareSettings(const std::vector<ComparedRun>& runs);

class SettingsDiff : public Card {
  Q_OBJECT
 public:
  explicit SettingsDiff(QWidget* parent = nullptr);
  void setRuns(const std::vector<ComparedRun>& runs);

 private:
  void fill();
  std::vector<ComparedRun> runs_;
  class Switch* only_;
  QWidget* table_;
  QGridLayout* grid_;
  QLabel* warning_;
};

}  // namespace luthier
