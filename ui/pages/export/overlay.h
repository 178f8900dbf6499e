#pragma once
// A panel over a flat scrim that covers the window: a child widget, so that jobs and timers go on and nothing is modal
// for the program. Esc and a click beside it close it; the tab key stays inside.
#include <QFrame>
#include <QPointer>
#include <QWidget>

class QHBoxLayout;
class QLabel;
class QScrollArea;
class QVBoxLayout;

namespace luthier {

class ElidedLabel;

class Overlay : public QWidget {
  Q_OBJECT
 public:
  /// Covers the window of `page` while it is open.
  Overlay(const QString& title, const QString& name, QWidget* page);

  void open();
  void close();
  bool isOpen() const { return isVisible(); }

 Q_SIGNALS:
  void closed();

 protected:
  void setHeading(const QString& title, const QString& subtitle);
  QVBoxLayout* body() const { return body_; }
  QHBoxLayout* footer() const { return footer_; }
  /// The height of the body may have changed.
  void place();

  void paintEvent(QPaintEvent*) override;
  void keyPressEvent(QKeyEvent*) override;
  void mousePressEvent(QMouseEvent*) override;
  bool eventFilter(QObject* watched, QEvent* event) override;
  bool focusNextPrevChild(bool next) override;

 private:
  QPointer<QWidget> page_, focusBefore_;
  QFrame* panel_;
  QLabel* title_;
  ElidedLabel* subtitle_;
  QWidget* inner_;
  QScrollArea* area_;
  QVBoxLayout* body_;
  QHBoxLayout* footer_;
};

}  // namespace luthier
