#pragma once
// Work that takes longer than a moment: it shows its progress in the status bar and can be cancelled. Two kinds: a
// function on a thread of the window's pool, and a luthier-cli command as a child process.
#include <QObject>
#include <QPointer>
#include <QProcess>
#include <QStringList>
#include <atomic>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "base/json.h"
#include "jobs/error_text.h"

namespace luthier {

class Job : public QObject {
  Q_OBJECT
 public:
  QString title() const { return title_; }
  QString stage() const { return stage_; }
  double share() const { return share_; }  ///< 0 to 1; negative: not known
  bool isRunning() const { return running_; }
  virtual void cancel() = 0;

 Q_SIGNALS:
  void progressed();
  /// Once, after it ended; `error` is empty when it worked, its kind is "cancelled" when it was cancelled. The job is
  /// deleted afterwards.
  void finished(const std::optional<luthier::ErrorText>& error);

 protected:
  explicit Job(const QString& title, QObject* parent) : QObject(parent), title_(title) {}
  void setProgress(const QString& stage, double share);
  void end(const std::optional<ErrorText>& error);

 private:
  QString title_, stage_;
  double share_ = -1;
  bool running_ = true;
};

/// What a function on a thread gets: tell progress, ask whether to go on. Thread-safe.
struct JobProgress {
  std::function<void(const std::string& stage, double share)> report;  ///< throws Error(cancelled) when cancelled
  std::function<bool()> cancelled;
};

/// Runs `work` on the global thread pool; then `done` in the window's thread when it worked and was not cancelled.
class ThreadJob : public Job {
  Q_OBJECT
 public:
  ThreadJob(const QString& title, std::function<void(JobProgress&)> work, std::function<void()> done,
            QObject* parent = nullptr);
  void start();
  void cancel() override;

 private:
  std::function<void(JobProgress&)> work_;
  std::function<void()> done_;
  std::shared_ptr<std::atomic<bool>> cancelled_ = std::make_shared<std::atomic<bool>>(false);
};

/// `luthier-cli ARGUMENTS` with JSON lines on its standard output. {"progress": {"stage", "share"}} lines become
/// progress, an {"error": ...} line or else standard error the error; every other line is given by line().
class CliJob : public Job {
  Q_OBJECT
 public:
  CliJob(const QString& title, const QStringList& arguments, QObject* parent = nullptr);
  ~CliJob() override;
  void start();
  void cancel() override;  ///< SIGTERM, and after five seconds SIGKILL
  /// Exit codes that count as success besides 0 (preflight: 1 = blocked).
  void acceptExitCodes(const QList<int>& codes) { accepted_ = codes; }
  QProcess& process() { return process_; }

 Q_SIGNALS:
  void line(const luthier::Json& json);

 private:
  void readLines();
  QStringList arguments_;
  QProcess process_;
  QByteArray pending_, errors_;
  std::optional<ErrorText> error_;
  QList<int> accepted_;
  bool cancelled_ = false;
};

/// luthier-cli beside the window's own program, or what $LUTHIER_CLI names.
QString cliProgram();

/// The jobs that run now, for the status bar.
class JobList : public QObject {
  Q_OBJECT
 public:
  explicit JobList(QObject* parent = nullptr) : QObject(parent) {}
  ~JobList() override;
  /// Starts and lists it.
  void run(ThreadJob* job);
  void run(CliJob* job);
  const QList<QPointer<Job>>& running() const { return jobs_; }

 Q_SIGNALS:
  void changed();

 private:
  void list(Job* job);
  QList<QPointer<Job>> jobs_;
};

}  // namespace luthier
