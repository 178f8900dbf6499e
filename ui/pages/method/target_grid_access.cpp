// A TargetGrid as assistive technology sees it: one check box a layer.
#include <QAccessibleActionInterface>
#include <QAccessibleWidget>
#include <QHash>
#include <QPointer>

#include "pages/method/target_grid.h"

namespace luthier {

namespace {

class CellAccess : public QAccessibleInterface, public QAccessibleActionInterface {
 public:
  CellAccess(TargetGrid* grid, int index) : grid_(grid), index_(index) {}

  bool isValid() const override { return grid_ && grid_->hasCell(row(), block()); }
  QObject* object() const override { return nullptr; }
  QWindow* window() const override { return nullptr; }
  QAccessibleInterface* childAt(int, int) const override { return nullptr; }
  QAccessibleInterface* parent() const override { return QAccessible::queryAccessibleInterface(grid_); }
  QAccessibleInterface* child(int) const override { return nullptr; }
  int childCount() const override { return 0; }
  int indexOfChild(const QAccessibleInterface*) const override { return -1; }
  QString text(QAccessible::Text kind) const override {
    return kind == QAccessible::Name && isValid() ? grid_->cellText(row(), block()) : QString();
  }
  void setText(QAccessible::Text, const QString&) override {}
  QRect rect() const override {
    const QRect cell = grid_->cellRect(row(), block());
    return {grid_->mapToGlobal(cell.topLeft()), cell.size()};
  }
  QAccessible::Role role() const override { return QAccessible::CheckBox; }
  QAccessible::State state() const override {
    QAccessible::State state;
    state.checkable = state.focusable = true;
    state.checked = isValid() && grid_->isChosen(row(), block());
    state.focused = grid_->hasFocus() && grid_->cursorRow() == row() && grid_->cursorBlock() == block();
    return state;
  }
  void* interface_cast(QAccessible::InterfaceType type) override {
    return type == QAccessible::ActionInterface ? static_cast<QAccessibleActionInterface*>(this) : nullptr;
  }
  QStringList actionNames() const override { return {toggleAction()}; }
  void doAction(const QString& name) override {
    if (name == toggleAction() && isValid()) grid_->toggle(row(), block());
  }
  QStringList keyBindingsForAction(const QString&) const override { return {}; }

 private:
  int row() const { return index_ / grid_->columns(); }
  int block() const { return index_ % grid_->columns(); }
  QPointer<TargetGrid> grid_;
  int index_;
};

class GridAccess : public QAccessibleWidget {
 public:
  explicit GridAccess(TargetGrid* grid) : QAccessibleWidget(grid, QAccessible::Grouping), grid_(grid) {}
  ~GridAccess() override {
    for (const QAccessible::Id id : std::as_const(cells_)) QAccessible::deleteAccessibleInterface(id);
  }
  int childCount() const override { return int(grid_->layers().rows.size()) * grid_->columns(); }
  QAccessibleInterface* child(int index) const override {
    if (index < 0 || index >= childCount()) return nullptr;
    if (!cells_.contains(index)) cells_[index] = QAccessible::registerAccessibleInterface(new CellAccess(grid_, index));
    return QAccessible::accessibleInterface(cells_[index]);
  }
  int indexOfChild(const QAccessibleInterface* child) const override {
    for (auto it = cells_.cbegin(); it != cells_.cend(); ++it)
      if (QAccessible::accessibleInterface(it.value()) == child) return it.key();
    return -1;
  }

 private:
  TargetGrid* grid_;
  mutable QHash<int, QAccessible::Id> cells_;
};

QAccessibleInterface* gridAccess(const QString& className, QObject* object) {
  auto* grid = className == "luthier::TargetGrid" ? qobject_cast<TargetGrid*>(object) : nullptr;
  return grid ? new GridAccess(grid) : nullptr;
}

}  // namespace

void installTargetGridAccess() {
  static const bool installed = [] {
    QAccessible::installFactory(gridAccess);
    return true;
  }();
  Q_UNUSED(installed);
}

}  // namespace luthier
