#pragma once
// A number in a field, with a slider beside it where the usual values are known.
#include <vector>

#include "forms/option_editor.h"

class QLineEdit;
class QSlider;

namespace luthier {

class NumberEditor : public OptionEditor {
  Q_OBJECT
 public:
  NumberEditor(const OptionSpec& spec, const QString& name, QWidget* parent = nullptr);
  QWidget* field() const override;
  bool leavesUnit() const override { return slider_ != nullptr; }

 protected:
  void showValue(const Json& value) override;
  /// Up and Down in the field: the next stop, or one more or less.
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void readField();
  void placeSlider(double value);
  void step(int direction);
  std::vector<double> stops_;
  QLineEdit* field_;
  QSlider* slider_ = nullptr;
};

}  // namespace luthier
