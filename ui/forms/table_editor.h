#pragma once
// A small table from names to numbers or texts: a line an entry, and one button for another.
#include <QList>

#include "forms/option_editor.h"

class QLineEdit;
class QPushButton;
class QVBoxLayout;

namespace luthier {

class TableEditor : public OptionEditor {
  Q_OBJECT
 public:
  TableEditor(const OptionSpec& spec, const QString& name, QWidget* parent = nullptr);
  QWidget* field() const override { return box_; }
  bool isWide() const override { return true; }

 protected:
  void showValue(const Json& value) override;

 private:
  struct Line {
    QWidget* owner;
    QLineEdit *name, *value;
  };
  void addLine(const QString& name, const QString& value);
  void removeLine(QWidget* owner);
  void introduceLines();
  void read();
  bool holdsNumbers_;
  QWidget* box_;
  QVBoxLayout* column_;
  QPushButton* add_;
  QList<Line> lines_;
};

}  // namespace luthier
