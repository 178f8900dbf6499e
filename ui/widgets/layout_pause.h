#pragma once
#include <QLayout>

namespace luthier {

/// Parts of a layout are shown, hidden and filled while it lives; the layout places them once, at its end. Otherwise
/// each part that comes or goes lays out the page anew.
class LayoutPause {
 public:
  explicit LayoutPause(QLayout* layout) : layout_(layout) { layout_->setEnabled(false); }
  ~LayoutPause() {
    layout_->setEnabled(true);
    layout_->update();
    layout_->activate();
  }
  LayoutPause(const LayoutPause&) = delete;
  LayoutPause& operator=(const LayoutPause&) = delete;

 private:
  QLayout* layout_;
};

}  // namespace luthier
