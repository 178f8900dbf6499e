#include "pages/data/row_source.h"

#include <QCoreApplication>
#include <algorithm>

#include "base/error.h"
#include "data/chat_rows.h"
#include "jobs/background.h"

namespace luthier {

namespace {
constexpr qint64 kBlockRows = 64;
constexpr qsizetype kMostBlocks = 96;

/// As one line of a table: line ends, tabs and other control characters become blanks.
QString oneLine(const std::string& text) {
  QString line = QString::fromUtf8(text.data(), qsizetype(text.size()));
  for (QChar& c : line)
    if (c < u' ' || c == QChar::LineSeparator || c == QChar::ParagraphSeparator) c = u' ';
  return line;
}

/// Closing a database may take seconds after a filter was stopped: not on the window's thread.
std::shared_ptr<RowBrowser> shared(std::unique_ptr<RowBrowser> browser) {
  return {browser.release(), [](RowBrowser* gone) { QThreadPool::globalInstance()->start([gone] { delete gone; }); }};
}
}  // namespace

RowSource::RowSource(JobList& jobs, QObject* parent) : QObject(parent), jobs_(jobs) {
  pages_.setMaxThreadCount(1);
  filters_.setMaxThreadCount(1);
}

RowSource::~RowSource() {
  cancelOpening();
  ++*newestFilter_;
  ++*newestFetch_;
  if (browser_) browser_->interrupt();
}

void RowSource::open(const std::filesystem::path& file, const ReadOptions& options) {
  close();
  auto result = std::make_shared<std::shared_ptr<RowBrowser>>();
  auto* job = new ThreadJob(
      tr("Opening the data"),
      [file, options, result](JobProgress& progress) {
        *result = shared(std::make_unique<RowBrowser>(file, options, std::filesystem::path(), progress.report));
      },
      [] {}, this);
  job_ = job;
  connect(job, &Job::finished, this, [this, job, result](const std::optional<ErrorText>& error) {
    if (job_ != job) return;
    job_ = nullptr;
    if (error) {
      Q_EMIT failed(*error);
      return;
    }
    browser_ = *result;
    Q_EMIT opened();
  });
  jobs_.run(job);
}

void RowSource::cancelOpening() {
  if (job_) job_->cancel();
}

void RowSource::close() {
  cancelOpening();
  job_ = nullptr;
  ++*newestFilter_;
  if (browser_) browser_->interrupt();
  browser_.reset();
  selection_.reset();
  marks_.reset();
  filter_ = {};
  forgetBlocks();
}

std::int64_t RowSource::count() const { return selection_ ? std::int64_t(selection_->numbers.size()) : total(); }

void RowSource::forgetBlocks() {
  ++content_;
  blocks_.clear();
  wanted_.clear();
}

const RowSource::Cells* RowSource::row(std::int64_t index) {
  if (!browser_ || index < 0 || index >= count()) return nullptr;
  const qint64 block = index / kBlockRows;
  if (const auto found = blocks_.find(block); found != blocks_.end()) {
    found->used = ++clock_;
    const auto offset = std::size_t(index % kBlockRows);
    return offset < found->rows.size() ? &found->rows[offset] : nullptr;
  }
  if (!wanted_.contains(block)) wanted_.prepend(block);
  fetchNext();
  return nullptr;
}

void RowSource::setVisible(std::int64_t first, std::int64_t last) {
  visibleFirst_ = first / kBlockRows;
  visibleLast_ = last / kBlockRows;
  wanted_.removeIf([this](qint64 block) { return block < visibleFirst_ - 1 || block > visibleLast_ + 1; });
}

void RowSource::fetchNext() {
  if (fetching_ || wanted_.isEmpty() || !browser_) return;
  fetching_ = true;
  const qint64 block = wanted_.takeFirst();
  QPointer<RowSource> self(this);
  pages_.start([self, block, browser = browser_, selection = selection_, content = content_] {
    auto made = std::make_shared<Block>();
    const auto error = attempt(tr("The rows cannot be read"), [&] {
      for (const BrowsedRow& row : browser->rows(block * kBlockRows, kBlockRows, selection.get())) {
        Cells& cells = made->rows.emplace_back();
        cells.number = row.number;
        for (std::size_t i = 0; i < row.values.size(); ++i)
          cells.texts << (row.null[i] ? QString() : oneLine(shown_messages(row.values[i])));
      }
    });
    QMetaObject::invokeMethod(qApp, [self, block, made, error, content] {
      if (!self) return;
      self->fetching_ = false;
      if (content == self->content_) {
        made->used = ++self->clock_;
        self->blocks_.insert(block, std::move(*made));
        if (error) Q_EMIT self->readFailed(*error);
        Q_EMIT self->rowsArrived();
      }
      // The block used longest ago goes; it comes back when it is looked at again.
      while (self->blocks_.size() > kMostBlocks) {
        auto oldest = self->blocks_.begin();
        for (auto it = self->blocks_.begin(); it != self->blocks_.end(); ++it)
          if (it->used < oldest->used) oldest = it;
        self->blocks_.erase(oldest);
      }
      self->fetchNext();
    });
  });
}

std::int64_t RowSource::numberAt(std::int64_t index) const {
  if (index < 0 || index >= count()) return -1;
  return selection_ ? selection_->numbers[std::size_t(index)] : index;
}

std::int64_t RowSource::indexOf(std::int64_t number) const {
  if (!selection_) return std::clamp<std::int64_t>(number, 0, std::max<std::int64_t>(0, total() - 1));
  const auto& numbers = selection_->numbers;
  const auto found = std::lower_bound(numbers.begin(), numbers.end(), std::uint32_t(std::max<std::int64_t>(0, number)));
  return std::min<std::int64_t>(found - numbers.begin(), std::max<std::int64_t>(0, count() - 1));
}

const RowMark* RowSource::mark(std::int64_t number) const {
  return marks_ && number >= 0 && number < std::int64_t(marks_->size()) ? &(*marks_)[std::size_t(number)] : nullptr;
}

void RowSource::setMarks(std::shared_ptr<const std::vector<RowMark>> marks) {
  if (!browser_ || marks == marks_) return;
  // Marks of a file that has changed since it was opened are those of other rows.
  marks_ = marks && std::int64_t(marks->size()) == browser_->size() ? marks : nullptr;
  filters_.start([browser = browser_, marks = marks_] {
    giveWayToWindow();
    attempt({}, [&] { browser->set_marks(marks); });
  });
  if (!filter_.where.empty() || filter_.flagged_only) runFilter();
  Q_EMIT marksChanged();
}

void RowSource::setFilter(const RowFilter& filter) {
  if (!browser_) return;
  filter_ = filter;
  runFilter();
}

void RowSource::runFilter() {
  const quint64 round = ++*newestFilter_;
  browser_->interrupt();
  if (filter_.is_empty()) {
    selection_.reset();
    forgetBlocks();
    Q_EMIT filtered();
    return;
  }
  Q_EMIT filterStarted();
  QPointer<RowSource> self(this);
  filters_.start([self, round, newest = newestFilter_, browser = browser_, filter = filter_] {
    giveWayToWindow();
    if (*newest != round) return;
    auto selection = std::make_shared<RowSelection>();
    const auto error = attempt(tr("The filter failed"), [&] { *selection = browser->select(filter); });
    QMetaObject::invokeMethod(qApp, [self, round, newest, selection, error] {
      if (!self || *newest != round) return;
      if (error) {
        Q_EMIT self->filterFailed(error->what, -1);
      } else if (selection->problem) {
        Q_EMIT self->filterFailed(QString::fromStdString(selection->problem->message),
                                  int(selection->problem->position));
      } else {
        self->selection_ = selection;
        self->forgetBlocks();
        Q_EMIT self->filtered();
      }
    });
  });
}

void RowSource::fetch(std::int64_t number, std::function<void(const Row&)> then) {
  if (!browser_) return;
  const quint64 round = ++*newestFetch_;
  QPointer<RowSource> self(this);
  pages_.start(
      [self, round, newest = newestFetch_, browser = browser_, number, then = std::move(then)] {
        if (*newest != round) return;
        auto row = std::make_shared<Row>();
        const auto error = attempt(tr("The row cannot be read"), [&] { *row = browser->row(number); });
        QMetaObject::invokeMethod(qApp, [self, round, newest, row, error, then] {
          if (!self || *newest != round) return;
          if (error)
            Q_EMIT self->readFailed(*error);
          else
            then(*row);
        });
      },
      1);
}

}  // namespace luthier
