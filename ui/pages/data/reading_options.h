#pragma once
// How a data file is read: what was detected, and choices that overrule it.
#include <QFrame>

#include "data/table.h"
#include "recipe/recipe.h"

class QComboBox;
class QGridLayout;

namespace luthier {

class ReadingOptions : public QFrame {
  Q_OBJECT
 public:
  ReadingOptions(const DataOptions& data, const ReadOptions& detected, QWidget* parent);
  void openBelow(const QWidget& button);

 Q_SIGNALS:
  /// "data.format" and the like; "auto" means as detected.
  void chosen(const QString& path, const QString& value, const QString& label);

 private:
  QComboBox* addChoice(QGridLayout* grid, const QString& key, const QString& label, const QStringList& values,
                       const QStringList& labels, const std::string& value, const QString& detected);
};

}  // namespace luthier
