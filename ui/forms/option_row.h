#pragma once
// One line of an option form: a dot when it is not at its default, label, editor, what the value means in effect, and
// a button back to the default. What is wrong with the value stands below the field.
#include <QWidget>
#include <nlohmann/json.hpp>

#include "base/options.h"
#include "widgets/basics.h"

class QLabel;
class QPushButton;

namespace luthier {

class OptionEditor;

/// True when `value` is another than the option's default. A group counts by being there: what is in it has rows of its
/// own.
bool isChanged(const OptionSpec& spec, const Json& value);

class OptionRow : public QWidget {
  Q_OBJECT
 public:
  /// `path`: where the value stands in the document; `name`: see makeEditor; `depth`: of groups around it.
  OptionRow(const OptionSpec& spec, const QString& path, const QString& name, int depth, QWidget* parent = nullptr);

  const OptionSpec& spec() const { return spec_; }
  const QString& path() const { return path_; }
  OptionEditor& editor() const { return *editor_; }
  QString label() const;
  void setValue(const Json& value);
  /// What the value comes to: "8.80 M, 35 MB file".
  void setEffect(const QString& text);

 Q_SIGNALS:
  /// `value` is null when it goes back to the default.
  void edited(const luthier::Json& value);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;
  void paintEvent(QPaintEvent*) override;

 private:
  void applySizes();
  void updateChanged();
  const OptionSpec spec_;
  const QString path_;
  const Json default_;
  int depth_;
  bool changed_ = false;
  OptionEditor* editor_;
  QLabel *label_, *problem_;
  ElidedLabel* effect_;
  QPushButton* reset_;
};

}  // namespace luthier
