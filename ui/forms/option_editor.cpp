#include "forms/option_editor.h"

#include <QEvent>
#include <cmath>

#include "forms/catalog_text.h"
#include "forms/choice_editor.h"
#include "forms/field_text.h"
#include "forms/how_often_editor.h"
#include "forms/number_editor.h"
#include "forms/switch_editor.h"
#include "forms/table_editor.h"
#include "forms/text_editor.h"
#include "widgets/basics.h"

namespace luthier {

namespace {
class WheelGuard : public QObject {
 public:
  using QObject::QObject;
  bool eventFilter(QObject* watched, QEvent* event) override {
    if (event->type() != QEvent::Wheel || static_cast<QWidget*>(watched)->hasFocus()) return false;
    event->ignore();  // so that it goes on to the scroll area
    return true;
  }
};
}  // namespace

void guardWheel(QWidget* widget) {
  widget->setFocusPolicy(Qt::StrongFocus);
  widget->installEventFilter(new WheelGuard(widget));
}

OptionEditor::OptionEditor(const OptionSpec& spec, QWidget* parent)
    : QWidget(parent), spec_(spec), value_(Json::parse(spec.default_json)) {}

QString OptionEditor::label() const { return catalogText(spec_.info.label); }

void OptionEditor::setValue(const Json& value, bool anew) {
  if (value == value_ && !anew) return;
  value_ = value;
  showValue(value);
  setProblem({});
}

void OptionEditor::take(const Json& value) {
  setProblem({});
  if (value == value_) return;
  value_ = value;
  Q_EMIT edited();
}

void OptionEditor::refuse(const QString& problem) { setProblem(problem); }

void OptionEditor::setProblem(const QString& problem) {
  if (problem == problem_) return;
  problem_ = problem;
  setLookProperty(field(), "invalid", !problem.isEmpty());
  Q_EMIT problemChanged(problem);
}

void OptionEditor::introduce(QWidget* widget, const QString& ending, const QString& what) {
  widget->setObjectName("option." + objectName() + ending);
  widget->setAccessibleName(what.isEmpty() ? label() : label() + ", " + what);
  widget->setAccessibleDescription(catalogText(spec_.info.help));
  if (widget->toolTip().isEmpty()) widget->setToolTip(catalogText(spec_.info.help));
}

QString rangeProblem(const OptionSpec& spec, double value) {
  const OptionInfo& info = spec.info;
  if (value >= info.min && value <= info.max) return {};
  const QString label = catalogText(info.label);
  if (std::isfinite(info.min) && std::isfinite(info.max))
    return OptionEditor::tr("%1 is %2 to %3.").arg(label, exactNumberText(info.min), exactNumberText(info.max));
  if (std::isfinite(info.min)) return OptionEditor::tr("%1 is at least %2.").arg(label, exactNumberText(info.min));
  return OptionEditor::tr("%1 is at most %2.").arg(label, exactNumberText(info.max));
}

OptionEditor* makeEditor(const OptionSpec& spec, const QString& name, QWidget* parent) {
  const std::string& type = spec.type;
  if (type == "boolean" || type == "group") return new SwitchEditor(spec, name, parent);
  if (type == "integer" || type == "number") return new NumberEditor(spec, name, parent);
  if (type == "choice") return new ChoiceEditor(spec, name, parent);
  if (type == "how_often") return new HowOftenEditor(spec, name, parent);
  if (type == "numbers_by_name" || type == "texts_by_name") return new TableEditor(spec, name, parent);
  return new TextEditor(spec, name, parent);
}

}  // namespace luthier
