#include "data/table.h"

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "base/options.h"
#include "data/rows.h"

namespace luthier {

struct Table::State {
  Layout layout;
  FindingLog opening;  ///< noticed at the head
  // A scan is a read for the caller; what it noticed is kept for findings() and count().
  mutable std::vector<Finding> findings;
  mutable bool scanned = false;
  mutable std::int64_t counted = -1;

  /// Visits rows until `visit` says no; true when the file was read to its end.
  bool read(const std::function<bool(const Row&)>& visit) const {
    FindingLog log;
    log.merge(opening);
    const auto reader = open_rows(layout, log);
    const std::int64_t limit =
        layout.detected.max_rows > 0 ? layout.detected.max_rows : std::numeric_limits<std::int64_t>::max();
    Row row;
    std::int64_t number = 0;
    bool more = true, wanted = true;
    while (wanted && number < limit && (more = reader->next(row))) {
      row.number = number++;
      wanted = visit(row);
    }
    const bool complete = !more || (wanted && number == limit);
    if (complete) counted = number;
    if (complete || !scanned) findings = log.list();
    scanned |= complete;
    return complete;
  }
};

Table::Table(std::unique_ptr<State> state) : state_(std::move(state)) {}
Table::Table(Table&&) noexcept = default;
Table& Table::operator=(Table&&) noexcept = default;
Table::~Table() = default;

Table Table::open(const std::filesystem::path& path, const ReadOptions& options) {
  auto state = std::make_unique<State>();
  state->layout = detect_layout(path, options, state->opening);
  state->findings = state->opening.list();
  return Table(std::move(state));
}

std::filesystem::path Table::folder() const {
  const Layout& layout = state_->layout;
  const std::filesystem::path place = std::filesystem::absolute(layout.path);
  return layout.folder ? place : place.parent_path();
}
const ReadOptions& Table::detected() const { return state_->layout.detected; }
const std::vector<Column>& Table::columns() const { return state_->layout.columns; }
const std::vector<Finding>& Table::findings() const { return state_->findings; }

std::size_t Table::column(const std::string& name) const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < columns().size(); ++i) {
    if (columns()[i].name == name) return i;
    names.push_back(columns()[i].name);
  }
  std::string listed;
  for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), 30); ++i) listed += (i ? ", " : "") + names[i];
  if (names.size() > 30) listed += ", ...";
  const std::string near = closest(name, names);
  fail(ErrorKind::not_found, "there is no column '" + name + "'", state_->layout.path.string(),
       (near.empty() ? "" : "did you mean '" + near + "'? ") + "the columns are: " + listed);
}

std::vector<Row> Table::head(std::int64_t rows) const {
  std::vector<Row> first;
  if (rows <= 0) return first;
  state_->read([&](const Row& row) {
    first.push_back(row);
    return static_cast<std::int64_t>(first.size()) < rows;
  });
  return first;
}

void Table::scan(const std::function<bool(const Row&)>& visit) const { state_->read(visit); }

std::int64_t Table::count() const {
  if (state_->counted < 0 && state_->layout.detected.format == "parquet") {
    const std::int64_t rows = count_parquet_rows(state_->layout), limit = state_->layout.detected.max_rows;
    state_->counted = limit > 0 ? std::min(rows, limit) : rows;
  }
  if (state_->counted < 0) state_->read([](const Row&) { return true; });
  return state_->counted;
}

}  // namespace luthier
