#pragma once
// Ctrl+K: find an action, a page or a setting by typing a part of its name.
#include <QAction>
#include <QFrame>
#include <QLineEdit>
#include <QListWidget>
#include <functional>

namespace luthier {

class CommandPalette : public QFrame {
  Q_OBJECT
 public:
  struct Entry {
    QString text, group, keys;
    std::function<void()> run;
    bool enabled = true;
  };
  explicit CommandPalette(QWidget* window);
  /// Shows itself over the window with these entries.
  void open(const QList<Entry>& entries);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void fill(const QString& text);
  void run(int row);
  QWidget* scrim_;
  QLineEdit* edit_;
  QListWidget* list_;
  QList<Entry> entries_;
  QList<int> shown_;
};

}  // namespace luthier
