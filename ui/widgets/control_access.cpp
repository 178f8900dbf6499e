#include "widgets/control_access.h"

#include <QAccessibleActionInterface>
#include <QAccessibleWidget>
#include <QHash>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPointer>

#include "widgets/controls.h"

namespace luthier {

namespace {

/// A widget with a role of its own; its name is the accessible name, its value the accessible description.
class PaintedAccess : public QAccessibleWidget {
 public:
  PaintedAccess(QWidget* widget, QAccessible::Role role) : QAccessibleWidget(widget, role) {}
};

/// One choice of a SegmentedControl.
class SegmentAccess : public QAccessibleInterface, public QAccessibleActionInterface {
 public:
  SegmentAccess(SegmentedControl* control, int index) : control_(control), index_(index) {}

  bool isValid() const override { return control_ && index_ < control_->labels().size(); }
  QObject* object() const override { return nullptr; }
  QWindow* window() const override { return nullptr; }
  QAccessibleInterface* childAt(int, int) const override { return nullptr; }
  QAccessibleInterface* parent() const override { return QAccessible::queryAccessibleInterface(control_); }
  QAccessibleInterface* child(int) const override { return nullptr; }
  int childCount() const override { return 0; }
  int indexOfChild(const QAccessibleInterface*) const override { return -1; }
  QString text(QAccessible::Text kind) const override {
    return kind == QAccessible::Name && isValid() ? control_->labels()[index_] : QString();
  }
  void setText(QAccessible::Text, const QString&) override {}
  QRect rect() const override {
    if (!isValid()) return {};
    const QRect segment = control_->segmentRect(control_->ids()[index_]);
    return {control_->mapToGlobal(segment.topLeft()), segment.size()};
  }
  QAccessible::Role role() const override { return QAccessible::RadioButton; }
  QAccessible::State state() const override {
    QAccessible::State state;
    state.checkable = state.focusable = true;
    state.checked = isValid() && control_->current() == control_->ids()[index_];
    state.disabled = isValid() && !control_->isEnabled();
    return state;
  }
  void* interface_cast(QAccessible::InterfaceType type) override {
    return type == QAccessible::ActionInterface ? static_cast<QAccessibleActionInterface*>(this) : nullptr;
  }
  QStringList actionNames() const override { return {pressAction()}; }
  void doAction(const QString& name) override {
    if (name != pressAction() || !isValid()) return;
    const QPointF at = control_->segmentRect(control_->ids()[index_]).center();
    QMouseEvent press(QEvent::MouseButtonPress, at, control_->mapToGlobal(at), Qt::LeftButton, Qt::LeftButton, {});
    QCoreApplication::sendEvent(control_, &press);
  }
  QStringList keyBindingsForAction(const QString&) const override { return {}; }

 private:
  QPointer<SegmentedControl> control_;
  int index_;
};

class SegmentsAccess : public QAccessibleWidget {
 public:
  explicit SegmentsAccess(SegmentedControl* control)
      : QAccessibleWidget(control, QAccessible::Grouping), control_(control) {}
  ~SegmentsAccess() override {
    for (const QAccessible::Id id : std::as_const(segments_)) QAccessible::deleteAccessibleInterface(id);
  }
  int childCount() const override { return int(control_->labels().size()); }
  QAccessibleInterface* child(int index) const override {
    if (index < 0 || index >= childCount()) return nullptr;
    if (!segments_.contains(index))
      segments_[index] = QAccessible::registerAccessibleInterface(new SegmentAccess(control_, index));
    return QAccessible::accessibleInterface(segments_[index]);
  }
  int indexOfChild(const QAccessibleInterface* child) const override {
    for (auto it = segments_.cbegin(); it != segments_.cend(); ++it)
      if (QAccessible::accessibleInterface(it.value()) == child) return it.key();
    return -1;
  }
  QString text(QAccessible::Text kind) const override {
    const qsizetype chosen = control_->ids().indexOf(control_->current());
    if (kind == QAccessible::Value) return chosen < 0 ? QString() : control_->labels()[chosen];
    return QAccessibleWidget::text(kind);
  }

 private:
  SegmentedControl* control_;
  mutable QHash<int, QAccessible::Id> segments_;
};

/// Classes that paint themselves, by name: their folders lie above this one.
QAccessible::Role roleOf(const QString& className) {
  static const QHash<QString, QAccessible::Role> roles = {
      {"luthier::StepRail", QAccessible::PageTabList},
      {"luthier::RailItem", QAccessible::PageTab},
      {"luthier::MemoryBar", QAccessible::Indicator},
      {"luthier::DoubleProgress", QAccessible::ProgressBar},
      {"luthier::StateMark", QAccessible::Graphic},
      {"luthier::MetricChart", QAccessible::Chart},
      {"luthier::LabelBars", QAccessible::List},
      {"luthier::LengthBars", QAccessible::Slider},
      {"luthier::SplitBar", QAccessible::Slider},
      {"luthier::ProbabilityBars", QAccessible::Chart},
      {"luthier::ImageGrid", QAccessible::List},
      {"luthier::SoundView", QAccessible::Graphic},
      {"luthier::PictureView", QAccessible::Graphic},
      {"luthier::TokenView", QAccessible::List},
      {"luthier::DropZone", QAccessible::Grouping},
      {"luthier::ErrorCard", QAccessible::AlertMessage},
      {"luthier::CommandPalette", QAccessible::Dialog},
      {"luthier::Overlay", QAccessible::Dialog},
      {"luthier::Page", QAccessible::Pane},
      {"luthier::RunCard", QAccessible::Pane},
      {"luthier::StatusBar", QAccessible::StatusBar},
  };
  return roles.value(className, QAccessible::NoRole);
}

QAccessibleInterface* makeControlAccess(const QString& className, QObject* object) {
  if (className == "luthier::SegmentedControl")
    if (auto* control = qobject_cast<SegmentedControl*>(object)) return new SegmentsAccess(control);
  const QAccessible::Role role = roleOf(className);
  auto* widget = role == QAccessible::NoRole ? nullptr : qobject_cast<QWidget*>(object);
  return widget ? new PaintedAccess(widget, role) : nullptr;
}

}  // namespace

void installControlAccess() {
  static const bool installed = [] {
    QAccessible::installFactory(makeControlAccess);
    return true;
  }();
  Q_UNUSED(installed);
}

}  // namespace luthier
