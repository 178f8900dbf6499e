#include "jobs/job.h"

#include <QCoreApplication>
#include <QDir>
#include <QMetaObject>
#include <QThreadPool>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "forms/catalog_text.h"
#include "jobs/background.h"

namespace luthier {

void Job::setProgress(const QString& stage, double share) {
  stage_ = stage;
  share_ = share;
  Q_EMIT progressed();
}

void Job::end(const std::optional<ErrorText>& error) {
  if (!running_) return;
  running_ = false;
  Q_EMIT finished(error);
  deleteLater();
}

// ---- ThreadJob ----------------------------------------------------------------------------------------------------
ThreadJob::ThreadJob(const QString& title, std::function<void(JobProgress&)> work, std::function<void()> done,
                     QObject* parent)
    : Job(title, parent), work_(std::move(work)), done_(std::move(done)) {}

void ThreadJob::start() {
  QPointer<ThreadJob> self(this);
  const auto cancelled = cancelled_;
  // Results come back through the application object: the job itself may be gone by then.
  QThreadPool::globalInstance()->start([self, cancelled, work = std::move(work_), title = this->title()] {
    giveWayToWindow();
    JobProgress progress;
    progress.cancelled = [cancelled] { return cancelled->load(); };
    progress.report = [self, cancelled](const std::string& stage, double share) {
      if (cancelled->load()) fail(ErrorKind::cancelled, "cancelled");
      QMetaObject::invokeMethod(qApp, [self, text = catalogText(stage), share] {
        if (self && self->isRunning()) self->setProgress(text, share);
      });
    };
    const auto error = attempt(title, [&] {
      work(progress);
      if (cancelled->load()) fail(ErrorKind::cancelled, "cancelled");
    });
    QMetaObject::invokeMethod(qApp, [self, error] {
      if (!self) return;
      if (!error && self->done_) self->done_();
      self->end(error);
    });
  });
}

void ThreadJob::cancel() { cancelled_->store(true); }

namespace {
/// The error object that every command prints with --json.
ErrorText errorFrom(const QString& title, const Json& json) {
  const auto part = [&](const char* key) { return QString::fromStdString(json.value(key, std::string())); };
  ErrorText error{title, part("message"), {}, part("hint"), part("kind")};
  if (!part("where").isEmpty()) error.what += "\n" + part("where");
  return error;
}

/// Where a command is: the stage that it names, or the file that it fetches.
QString stageIn(const Json& progress) {
  if (progress.contains("stage")) return catalogText(progress.value("stage", std::string()));
  return QString::fromStdString(progress.value("file", std::string()));
}

/// 0 to 1, also of bytes; negative where the command does not know.
double shareIn(const Json& progress) {
  const double total = progress.value("total_bytes", 0.0);
  return total > 0 ? progress.value("bytes", 0.0) / total : progress.value("share", -1.0);
}
}  // namespace

// ---- CliJob -------------------------------------------------------------------------------------------------------
QString cliProgram() {
  const QString given = qEnvironmentVariable("LUTHIER_CLI");
  return given.isEmpty() ? QDir(QCoreApplication::applicationDirPath()).filePath("luthier-cli") : given;
}

CliJob::CliJob(const QString& title, const QStringList& arguments, QObject* parent)
    : Job(title, parent), arguments_(arguments) {
  connect(&process_, &QProcess::readyReadStandardOutput, this, &CliJob::readLines);
  connect(&process_, &QProcess::readyReadStandardError, this, [this] {
    errors_ += process_.readAllStandardError();
    if (errors_.size() > 64 * 1024) errors_ = errors_.right(32 * 1024);
  });
  connect(&process_, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
    if (error == QProcess::FailedToStart)
      end(ErrorText{this->title(),
                    tr("%1 could not be started: %2").arg(process_.program(), process_.errorString()),
                    {},
                    tr("Install Luthier again; luthier-cli belongs beside the window's program."),
                    "io"});
  });
  connect(&process_, &QProcess::finished, this, [this](int code, QProcess::ExitStatus status) {
    readLines();
    if (cancelled_) return end(ErrorText{this->title(), tr("cancelled"), {}, {}, "cancelled"});
    if (error_ && code != 0) return end(error_);  // before the accepted codes: 1 may also be a failure
    if (status == QProcess::NormalExit && (code == 0 || accepted_.contains(code))) return end(std::nullopt);
    // Without --json: standard error has "luthier-cli: what", then "  in: where" and "  do: what to do".
    ErrorText error{this->title(), {}, {}, {}, code == 2 ? "bad_input" : "io"};
    for (const QString& one : QString::fromUtf8(errors_).split('\n', Qt::SkipEmptyParts)) {
      if (one.startsWith("  do: "))
        error.doThis = one.mid(6);
      else
        error.what +=
            (error.what.isEmpty() ? "" : "\n") + (one.startsWith("luthier-cli: ") ? one.mid(13) : one.trimmed());
    }
    if (status == QProcess::CrashExit) error.what += "\n" + tr("luthier-cli ended unexpectedly.");
    end(error);
  });
}

CliJob::~CliJob() {
  if (process_.state() == QProcess::NotRunning) return;
  process_.disconnect(this);
  process_.terminate();
  if (!process_.waitForFinished(1000)) process_.kill();
  process_.waitForFinished(500);
}

void CliJob::start() {
  process_.setProgram(cliProgram());
  process_.setArguments(arguments_);
  process_.start();
}

void CliJob::cancel() {
  if (cancelled_ || process_.state() == QProcess::NotRunning) return;
  cancelled_ = true;
  process_.terminate();
  QTimer::singleShot(5000, this, [this] { process_.kill(); });
}

void CliJob::readLines() {
  pending_ += process_.readAllStandardOutput();
  qsizetype from = 0;
  for (qsizetype end = pending_.indexOf('\n'); end >= 0; end = pending_.indexOf('\n', from)) {
    const std::string text = pending_.mid(from, end - from).toStdString();
    from = end + 1;
    const Json json = Json::parse(text, nullptr, false);
    if (json.is_discarded() || text.empty()) continue;
    const auto progress = json.is_object() ? json.find("progress") : json.end();
    if (json.is_object() && progress != json.end() && progress->is_object())
      setProgress(stageIn(*progress), shareIn(*progress));
    else if (json.is_object() && json.contains("error") && json["error"].is_object())
      error_ = errorFrom(title(), json["error"]);
    else
      Q_EMIT line(json);
  }
  pending_.remove(0, from);
}

// ---- JobList ------------------------------------------------------------------------------------------------------
JobList::~JobList() {
  for (const QPointer<Job>& job : jobs_)
    if (job) job->cancel();
}

void JobList::list(Job* job) {
  if (!job->parent()) job->setParent(this);
  jobs_.push_back(job);
  connect(job, &Job::progressed, this, &JobList::changed);
  connect(job, &Job::finished, this, [this, job] {
    jobs_.removeAll(job);
    Q_EMIT changed();
  });
  Q_EMIT changed();
}

void JobList::run(ThreadJob* job) {
  list(job);
  job->start();
}

void JobList::run(CliJob* job) {
  list(job);
  job->start();
}

}  // namespace luthier
