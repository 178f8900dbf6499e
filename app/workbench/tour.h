#pragma once
// The first path through the window, by real clicks and keys on the real window with the real trainer: starter, data,
// model, method, preflight, training, try-out, export, runs, settings. A numbered screenshot a step.
#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <QTimer>
#include <functional>
#include <vector>

#include "shell/main_window.h"

namespace luthier {

class Tour : public QObject {
  Q_OBJECT
 public:
  /// `folder` is made where it is missing. Ends the application: 0 when the path was gone to its end, 1 when a step did
  /// not become possible in time (said on standard error).
  Tour(MainWindow& window, const QString& folder);
  void start();

 private:
  struct Stop {
    QString name;
    std::function<bool()> possible;  ///< asked until it says yes; empty: at once
    std::function<void()> act;
    int seconds = 30;  ///< that it may take to become possible
  };
  void add(const QString& name, std::function<bool()> possible, std::function<void()> act, int seconds = 30);
  void tick();
  void shoot(const QString& name);
  QWidget* find(const QString& name) const;
  bool clickable(const QString& name) const;
  void click(const QString& name);
  void type(const QString& name, const QString& text);

  MainWindow& window_;
  QString folder_;
  std::vector<Stop> stops_;
  std::size_t at_ = 0;
  int number_ = 0;
  QTimer timer_;
  QElapsedTimer waiting_;
};

}  // namespace luthier
