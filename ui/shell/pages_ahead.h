#pragma once
// Pages are styled and laid out while another one is read: at their first showing both would take longer than a key
// may wait.
#include <QList>
#include <QPointer>
#include <QTimer>

class QStackedWidget;

namespace luthier {

class PagesAhead : public QObject {
  Q_OBJECT
 public:
  /// The pages of `stack`.
  explicit PagesAhead(QStackedWidget* stack, QObject* parent = nullptr);

  /// Begins once the window is there; `others` are styled too. A second call while it goes on changes nothing.
  void start(const QWidgetList& others);
  /// The pages hold other things now: lays them out anew, when those are there.
  void layOutAgain();

 private:
  void layOut();
  void slice();
  /// The next page that is not in front; false: that was the last.
  bool layOutNext();

  QStackedWidget* stack_;
  QList<QPointer<QWidget>> unstyled_, unlaid_;
  QTimer slices_, again_;
};

}  // namespace luthier
