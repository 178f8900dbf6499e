#pragma once
// How long the window's event loop takes to answer, and what held it up.
//
// Every answer is measured twice. "Wall" is the time as a person feels it. "Own" leaves out how long the thread stood
// in the system's queue for a processor (/proc/self/task/ID/schedstat): on a machine that others use too, that part
// says nothing about the window. What the thread computes, and what it waits for (a disk, a lock, another thread), is
// in both.
#include <fcntl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <QApplication>
#include <QElapsedTimer>
#include <QMetaEnum>
#include <QThread>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <mutex>
#include <vector>

namespace luthier::testing {

inline pid_t this_thread() { return pid_t(::syscall(SYS_gettid)); }

/// How long a thread of this process has waited for a processor so far.
class ProcessorWait {
 public:
  explicit ProcessorWait(pid_t thread)
      : file_(::open(("/proc/self/task/" + std::to_string(thread) + "/schedstat").c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~ProcessorWait() {
    if (file_ >= 0) ::close(file_);
  }
  ProcessorWait(const ProcessorWait&) = delete;
  ProcessorWait& operator=(const ProcessorWait&) = delete;
  /// Milliseconds; 0 where the system does not tell.
  double milliseconds() const {
    char text[96] = {};
    unsigned long long ran = 0, waited = 0;
    if (file_ < 0 || ::pread(file_, text, sizeof text - 1, 0) <= 0) return 0;
    return std::sscanf(text, "%llu %llu", &ran, &waited) == 2 ? double(waited) / 1e6 : 0;
  }

 private:
  int file_;
};

/// What the calling thread has computed so far; asked for at every event, so it has to cost next to nothing.
inline double processor_milliseconds() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return double(used.tv_sec) * 1e3 + double(used.tv_nsec) / 1e6;
}

/// Since this was asked first.
inline double seconds() {
  static const QElapsedTimer since = [] {
    QElapsedTimer timer;
    timer.start();
    return timer;
  }();
  return double(since.elapsed()) / 1000;
}

struct Answer {
  double wall = 0, own = 0;  ///< milliseconds
  double at = 0;             ///< seconds(), when it came
};

/// p99 and the longest of both, in milliseconds.
struct AnswerTimes {
  std::size_t count = 0;
  double wall_p99 = 0, wall_longest = 0, own_p99 = 0, own_longest = 0;
};

inline AnswerTimes times_of(const std::vector<Answer>& answers) {
  AnswerTimes times;
  times.count = answers.size();
  if (answers.empty()) return times;
  std::vector<double> wall, own;
  for (const Answer& answer : answers) wall.push_back(answer.wall), own.push_back(answer.own);
  std::sort(wall.begin(), wall.end());
  std::sort(own.begin(), own.end());
  const std::size_t at = answers.size() * 99 / 100;
  times.wall_p99 = wall[at], times.wall_longest = wall.back();
  times.own_p99 = own[at], times.own_longest = own.back();
  return times;
}

/// The longest answers and when they came, in one line.
inline QString longest_of(std::vector<Answer> answers, std::size_t count = 5) {
  std::sort(answers.begin(), answers.end(), [](const Answer& a, const Answer& b) { return a.own > b.own; });
  QStringList parts;
  for (std::size_t i = 0; i < std::min(count, answers.size()); ++i)
    parts << QString("%1 ms after %2 s").arg(answers[i].own, 0, 'f', 1).arg(answers[i].at, 0, 'f', 1);
  return parts.join(", ");
}

/// Asks the event loop of an object's thread (the calling one) for an answer every few milliseconds.
class Watchdog : public QThread {
 public:
  explicit Watchdog(QObject& loop) : loop_(loop) { start(); }
  ~Watchdog() override {
    requestInterruption();
    QThread::wait();
  }
  std::vector<Answer> answers() {
    std::lock_guard lock(record_->mutex);
    return record_->answers;
  }

 protected:
  void run() override {
    struct Question {
      QElapsedTimer since;
      double waited = 0;
      std::atomic<bool> answered = false;
    };
    while (!isInterruptionRequested()) {
      auto question = std::make_shared<Question>();
      question->waited = record_->wait.milliseconds();
      question->since.start();
      // The answer is timed where it is given: this thread may be late itself.
      QMetaObject::invokeMethod(
          &loop_,
          [record = record_, question] {
            const double wall = double(question->since.nsecsElapsed()) / 1e6;
            const double waited = record->wait.milliseconds() - question->waited;
            std::lock_guard lock(record->mutex);
            record->answers.push_back({wall, std::max(0.0, wall - waited), seconds()});
            question->answered = true;
          },
          Qt::QueuedConnection);
      while (!question->answered && !isInterruptionRequested()) usleep(500);
      msleep(5);
    }
  }

 private:
  struct Record {
    ProcessorWait wait{this_thread()};
    std::mutex mutex;
    std::vector<Answer> answers;
  };
  QObject& loop_;
  std::shared_ptr<Record> record_ = std::make_shared<Record>();  ///< a last answer may come after this is gone
};

/// An application that remembers which events took longest, so that a slow answer has a name.
class WatchedApplication : public QApplication {
 public:
  WatchedApplication(int& argc, char** argv) : QApplication(argc, argv) { seconds(); }

  bool notify(QObject* receiver, QEvent* event) override {
    if (QThread::currentThread() != thread()) return QApplication::notify(receiver, event);
    const char* kindOf = receiver->metaObject()->className();
    const QString name = receiver->objectName();  // the receiver may be gone afterwards
    const int kind = event->type();
    const double used = processor_milliseconds();
    QElapsedTimer clock;
    clock.start();
    const bool result = QApplication::notify(receiver, event);
    const double wall = double(clock.nsecsElapsed()) / 1e6;
    if (wall > kSlow)
      slow_.push_back(
          {QString::fromLatin1(kindOf) + " " + name, kind, {wall, processor_milliseconds() - used}, seconds()});
    return result;
  }

  void forget() { slow_.clear(); }
  /// The slowest, a line each.
  QStringList slowest(std::size_t count = 16) {
    std::sort(slow_.begin(), slow_.end(), [](const Slow& a, const Slow& b) { return a.time.own > b.time.own; });
    QStringList lines;
    for (std::size_t i = 0; i < std::min(count, slow_.size()); ++i)
      lines << QString("%1 ms computed, %2 ms wall, after %3 s: %4, %5")
                   .arg(slow_[i].time.own, 0, 'f', 1)
                   .arg(slow_[i].time.wall, 0, 'f', 1)
                   .arg(slow_[i].at, 0, 'f', 1)
                   .arg(QMetaEnum::fromType<QEvent::Type>().valueToKey(slow_[i].kind), slow_[i].who);
    return lines;
  }

 private:
  static constexpr double kSlow = 8;  ///< milliseconds
  struct Slow {
    QString who;
    int kind;
    Answer time;
    double at;  ///< seconds since the start
  };
  std::vector<Slow> slow_;
};

}  // namespace luthier::testing
