#pragma once
#include <QWidget>

namespace luthier {

/// The inside of a scroll area whose height follows from its width. Wrapped labels ask for the height of a much
/// narrower label as their least one; taken at their word they make the area scroll over nothing.
class ScrollBody : public QWidget {
  Q_OBJECT
 public:
  using QWidget::QWidget;
  QSize minimumSizeHint() const override { return {QWidget::minimumSizeHint().width(), 0}; }
};

}  // namespace luthier
