#pragma once
// The trainer in a process of its own, as the supervisor starts it.
#include <signal.h>

#include <QProcess>
#include <filesystem>
#include <functional>
#include <string>

#include "support/testing.h"

namespace luthier::testing {

/// Works on the run `id` of `home`; killed if it still runs when the value goes.
class TrainerProcess {
 public:
  TrainerProcess(const std::filesystem::path& home, const std::string& id) {
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("LUTHIER_HOME", QString::fromStdString(home.string()));
    process_.setProcessEnvironment(environment);
    process_.setProcessChannelMode(QProcess::ForwardedChannels);
    process_.start(QString::fromStdString(cli_path().string()), {"train-worker", QString::fromStdString(id)});
    process_.waitForStarted();
  }
  ~TrainerProcess() {
    if (process_.state() != QProcess::NotRunning) kill();
  }
  bool finished(int milliseconds) {
    return process_.state() == QProcess::NotRunning || process_.waitForFinished(milliseconds);
  }
  /// Waits for the condition while the process lives, a minute at most.
  bool until(const std::function<bool()>& condition) {
    for (int i = 0; i < 2400 && !condition() && !finished(25); ++i) {
    }
    return condition();
  }
  int exit_code() const { return process_.exitStatus() == QProcess::NormalExit ? process_.exitCode() : -1; }
  void kill() {
    ::kill(static_cast<pid_t>(process_.processId()), SIGKILL);
    process_.waitForFinished();
  }

 private:
  QProcess process_;
};

}  // namespace luthier::testing
