#pragma once
// The window's view of the run store: polls it, re-attaches to runs that are going on, starts and commands runs.
#include <QObject>
#include <QString>
#include <QTimer>
#include <memory>
#include <optional>
#include <vector>

#include "recipe/recipe.h"
#include "store/store.h"

namespace luthier {

class RunStore : public QObject {
  Q_OBJECT
 public:
  /// Opens (or makes) the store below `home`; errors as Store throws them.
  explicit RunStore(const std::filesystem::path& home, QObject* parent = nullptr);
  ~RunStore() override;

  Store& store() { return store_; }
  const std::vector<RunRow>& runs() const { return runs_; }  ///< newest first
  const RunRow* find(const QString& id) const;
  /// The run that trains or is paused now (the newest of them); nullptr when none.
  const RunRow* active() const;

  /// Processor threads of new runs whose recipe leaves them open; 0: all cores.
  void setThreads(std::int64_t threads) { threads_ = threads; }
  /// Writes the run row and starts its supervisor in a session of its own; returns the run's id.
  QString startRun(const Recipe& recipe);
  void resumeInterrupted(const QString& id);  ///< an ended run goes on from its last checkpoint
  void command(const QString& id, const std::string& kind,
               const Json& detail = Json::object());  ///< pause resume stop checkpoint sample amend
  std::uint64_t deleteRun(const QString& id);
  /// Asks again now instead of at the next tick.
  void poll();

 Q_SIGNALS:
  /// Somebody wrote to the store: rows, metrics or events may be new.
  void written();
  /// The list of runs or a row of it has changed.
  void runsChanged();

 private:
  Store store_;
  std::vector<RunRow> runs_;
  QTimer timer_;
  std::int64_t version_ = -1, threads_ = 0;
  double checked_ = 0;  ///< when the locks of running runs were looked at, seconds since 1970
};

/// New metric and event rows of one run, as they come. Attach it to any run, running or ended. The metrics of a long
/// run come in several slices.
class RunFeed : public QObject {
  Q_OBJECT
 public:
  RunFeed(RunStore& runs, const QString& run, QObject* parent = nullptr);
  const QString& run() const { return run_; }
  const std::vector<MetricRow>& metrics() const { return metrics_; }
  const std::vector<EventRow>& events() const { return events_; }

 Q_SIGNALS:
  /// `first`: index of the first new row in metrics().
  void metricsAdded(int first);
  void eventsAdded(int first);
  /// A resume has superseded rows: metrics() was read anew, from its first slice on.
  void metricsReset();

 private:
  void read();
  RunStore& runs_;
  QString run_;
  std::vector<MetricRow> metrics_;
  std::vector<EventRow> events_;
};

}  // namespace luthier
