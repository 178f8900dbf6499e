#pragma once
// The field of one option in a form: shows a value, tells what the user makes of it, refuses what the option does not
// take. One class a kind of option, made by makeEditor().
#include <QWidget>
#include <nlohmann/json.hpp>

#include "base/options.h"

namespace luthier {

class OptionEditor : public QWidget {
  Q_OBJECT
 public:
  explicit OptionEditor(const OptionSpec& spec, QWidget* parent = nullptr);

  /// Shows `value`. A field whose text means the same already is left as the user typed it; not so with `anew`.
  void setValue(const Json& value, bool anew = false);
  /// The last value that was right.
  const Json& value() const { return value_; }
  /// What is wrong with the text in the field; empty: nothing.
  const QString& problem() const { return problem_; }
  /// The widget that takes the keys; it is called "option.<key>".
  virtual QWidget* field() const = 0;
  /// It also takes the room of the effect text.
  virtual bool isWide() const { return false; }
  /// The unit is not shown by the editor itself.
  virtual bool leavesUnit() const { return true; }

 Q_SIGNALS:
  /// The user has made value() another one.
  void edited();
  void problemChanged(const QString& problem);

 protected:
  const OptionSpec& spec() const { return spec_; }
  QString label() const;
  virtual void showValue(const Json& value) = 0;
  /// The user's value is right.
  void take(const Json& value);
  void refuse(const QString& problem);
  /// Names a widget of the editor "option.<key><ending>", gives it accessible name and help.
  void introduce(QWidget* widget, const QString& ending = {}, const QString& what = {});

 private:
  void setProblem(const QString& problem);
  const OptionSpec spec_;
  Json value_;
  QString problem_;
};

/// `name`: what stands after "option." in the object names (the key, with its groups' keys before it).
OptionEditor* makeEditor(const OptionSpec& spec, const QString& name, QWidget* parent = nullptr);

/// "Rank is 1 to 512."; empty when the value is in range.
QString rangeProblem(const OptionSpec& spec, double value);

/// The wheel scrolls the form instead of changing this widget, unless it has the focus.
void guardWheel(QWidget* widget);

}  // namespace luthier
