// An UnfreezeTimeline as assistive technology sees it: one slider a block, its value the epoch in which it starts.
#include <QAccessibleValueInterface>
#include <QAccessibleWidget>
#include <QHash>
#include <QPointer>

#include "pages/method/unfreeze_timeline.h"

namespace luthier {

namespace {

class RowAccess : public QAccessibleInterface, public QAccessibleValueInterface {
 public:
  RowAccess(UnfreezeTimeline* timeline, int row) : timeline_(timeline), row_(row) {}

  bool isValid() const override { return timeline_ && row_ < int(timeline_->rows().size()); }
  QObject* object() const override { return nullptr; }
  QWindow* window() const override { return nullptr; }
  QAccessibleInterface* childAt(int, int) const override { return nullptr; }
  QAccessibleInterface* parent() const override { return QAccessible::queryAccessibleInterface(timeline_); }
  QAccessibleInterface* child(int) const override { return nullptr; }
  int childCount() const override { return 0; }
  int indexOfChild(const QAccessibleInterface*) const override { return -1; }
  QString text(QAccessible::Text kind) const override {
    return kind == QAccessible::Name && isValid() ? timeline_->rowText(row_) : QString();
  }
  void setText(QAccessible::Text, const QString&) override {}
  QRect rect() const override {
    const QRect row = timeline_->rowRect(row_);
    return {timeline_->mapToGlobal(row.topLeft()), row.size()};
  }
  QAccessible::Role role() const override { return QAccessible::Slider; }
  QAccessible::State state() const override {
    QAccessible::State state;
    state.focusable = true;
    state.focused = timeline_->hasFocus() && timeline_->cursorRow() == row_;
    state.selected = timeline_->selected().count(row_) > 0;
    return state;
  }
  void* interface_cast(QAccessible::InterfaceType type) override {
    return type == QAccessible::ValueInterface ? static_cast<QAccessibleValueInterface*>(this) : nullptr;
  }
  QVariant currentValue() const override { return isValid() ? timeline_->rows()[std::size_t(row_)].start : QVariant(); }
  void setCurrentValue(const QVariant& value) override {
    if (isValid()) timeline_->setStart(row_, value.toDouble());
  }
  QVariant maximumValue() const override { return timeline_->epochs(); }
  QVariant minimumValue() const override { return -1.0; }
  QVariant minimumStepSize() const override { return 0.5; }

 private:
  QPointer<UnfreezeTimeline> timeline_;
  int row_;
};

class TimelineAccess : public QAccessibleWidget {
 public:
  explicit TimelineAccess(UnfreezeTimeline* timeline)
      : QAccessibleWidget(timeline, QAccessible::Grouping), timeline_(timeline) {}
  ~TimelineAccess() override {
    for (const QAccessible::Id id : std::as_const(rows_)) QAccessible::deleteAccessibleInterface(id);
  }
  int childCount() const override { return int(timeline_->rows().size()); }
  QAccessibleInterface* child(int index) const override {
    if (index < 0 || index >= childCount()) return nullptr;
    if (!rows_.contains(index))
      rows_[index] = QAccessible::registerAccessibleInterface(new RowAccess(timeline_, index));
    return QAccessible::accessibleInterface(rows_[index]);
  }
  int indexOfChild(const QAccessibleInterface* child) const override {
    for (auto it = rows_.cbegin(); it != rows_.cend(); ++it)
      if (QAccessible::accessibleInterface(it.value()) == child) return it.key();
    return -1;
  }

 private:
  UnfreezeTimeline* timeline_;
  mutable QHash<int, QAccessible::Id> rows_;
};

QAccessibleInterface* timelineAccess(const QString& className, QObject* object) {
  auto* timeline = className == "luthier::UnfreezeTimeline" ? qobject_cast<UnfreezeTimeline*>(object) : nullptr;
  return timeline ? new TimelineAccess(timeline) : nullptr;
}

}  // namespace

void installUnfreezeTimelineAccess() {
  static const bool installed = [] {
    QAccessible::installFactory(timelineAccess);
    return true;
  }();
  Q_UNUSED(installed);
}

}  // namespace luthier
