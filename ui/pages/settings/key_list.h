#pragma once
// The window's keys as a table of what they do.
#include <QWidget>

namespace luthier {

class KeyList : public QWidget {
  Q_OBJECT
 public:
  explicit KeyList(QWidget* parent = nullptr);
};

}  // namespace luthier
