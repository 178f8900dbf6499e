#pragma once
// The rows of a data file for the window: opened, fetched in blocks and filtered on threads of its own; what is not
// there yet is asked for and arrives later.
#include <QHash>
#include <QObject>
#include <QPointer>
#include <QStringList>
#include <QThreadPool>
#include <atomic>
#include <functional>
#include <memory>

#include "data/row_browser.h"
#include "jobs/job.h"

namespace luthier {

class RowSource : public QObject {
  Q_OBJECT
 public:
  explicit RowSource(JobList& jobs, QObject* parent = nullptr);
  ~RowSource() override;

  /// Opens a file, which may take long (progress in the status bar); ends with opened() or failed().
  void open(const std::filesystem::path& file, const ReadOptions& options);
  void close();
  void cancelOpening();
  bool isOpen() const { return browser_ != nullptr; }
  bool isOpening() const { return !job_.isNull(); }
  const Job* job() const { return job_; }
  const std::vector<Column>& columns() const { return browser_->columns(); }
  const ReadOptions& detected() const { return browser_->detected(); }
  std::int64_t total() const { return browser_ ? browser_->size() : 0; }
  /// Rows that the filter leaves.
  std::int64_t count() const;
  bool isFiltered() const { return selection_ != nullptr; }

  struct Cells {
    std::int64_t number = 0;  ///< row of the file, from 0
    QStringList texts;        ///< on one line, shortened
  };
  /// Row `index` of those shown; nullptr while it is on its way (rowsArrived() tells).
  const Cells* row(std::int64_t index);
  /// What the table shows now: blocks elsewhere are no longer fetched.
  void setVisible(std::int64_t first, std::int64_t last);
  std::int64_t numberAt(std::int64_t index) const;
  /// Where a row of the file is shown, or the next one after it.
  std::int64_t indexOf(std::int64_t number) const;

  void setMarks(std::shared_ptr<const std::vector<RowMark>> marks);
  const RowMark* mark(std::int64_t number) const;

  /// Ends with filtered() or filterFailed(); then what was shown before stays.
  void setFilter(const RowFilter& filter);
  const RowFilter& filter() const { return filter_; }

  /// The whole row in the window's thread, as soon as it is read; the answer to an earlier call may be left out.
  void fetch(std::int64_t number, std::function<void(const Row&)> then);
  /// Reads whole rows on any thread, also after this source was closed. Throws as RowBrowser::row.
  std::function<Row(std::int64_t number)> reader() const {
    return [browser = browser_](std::int64_t number) { return browser->row(number); };
  }

 Q_SIGNALS:
  void opened();
  void failed(const luthier::ErrorText& error);
  void rowsArrived();
  void readFailed(const luthier::ErrorText& error);
  void marksChanged();
  void filterStarted();
  void filtered();
  void filterFailed(const QString& message, int position);

 private:
  struct Block {
    std::vector<Cells> rows;
    quint64 used = 0;
  };
  void fetchNext();
  void forgetBlocks();
  void runFilter();

  JobList& jobs_;
  QPointer<ThreadJob> job_;
  std::shared_ptr<RowBrowser> browser_;
  std::shared_ptr<const RowSelection> selection_;
  std::shared_ptr<const std::vector<RowMark>> marks_;
  RowFilter filter_;
  QHash<qint64, Block> blocks_;
  QList<qint64> wanted_;
  qint64 visibleFirst_ = 0, visibleLast_ = 0;
  quint64 clock_ = 0;
  bool fetching_ = false;
  quint64 content_ = 0;  ///< which file and filter the blocks are of
  std::shared_ptr<std::atomic<quint64>> newestFilter_ = std::make_shared<std::atomic<quint64>>(0);
  std::shared_ptr<std::atomic<quint64>> newestFetch_ = std::make_shared<std::atomic<quint64>>(0);
  QThreadPool pages_, filters_;
};

}  // namespace luthier
