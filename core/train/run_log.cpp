#include "train/run_log.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace luthier {

namespace {
constexpr double kBufferSeconds = 0.05;
}

double monotonic_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

RunLog::RunLog(Store& store, std::string run, std::string stage)
    : store_(store), run_(std::move(run)), stage_(std::move(stage)) {}

void RunLog::supersede(std::int64_t step) { store_.supersede(run_, step, stage_); }

void RunLog::supersede(const std::string& beginning) { store_.supersede(run_, beginning); }

void RunLog::metric(std::int64_t step, double epoch, const std::string& name, double value) {
  MetricRow row;
  row.step = step;
  row.epoch = epoch;
  row.name = stage_.empty() ? name : stage_ + "." + name;
  row.value = value;
  if (metrics_.empty() && events_.empty()) oldest_ = monotonic_seconds();
  metrics_.push_back(std::move(row));
}

void RunLog::event(std::int64_t step, const std::string& kind, const std::string& message) {
  event(step, kind, message, Json::object());
}

void RunLog::event(std::int64_t step, const std::string& kind, const std::string& message, const Json& detail) {
  EventRow row;
  row.time = wall_seconds();
  row.step = step;
  row.kind = kind;
  row.message = stage_.empty() ? message : stage_ + ": " + message;
  Json told = detail;
  if (!stage_.empty()) told["stage"] = stage_;
  row.detail_json = told.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (metrics_.empty() && events_.empty()) oldest_ = monotonic_seconds();
  events_.push_back(std::move(row));
}

void RunLog::progress(std::int64_t step, std::int64_t total_steps, double epoch) {
  if (!has_progress_ && metrics_.empty() && events_.empty()) oldest_ = monotonic_seconds();
  has_progress_ = true;
  step_ = step;
  total_steps_ = total_steps;
  epoch_ = epoch;
}

bool RunLog::due() const {
  return (has_progress_ || !metrics_.empty() || !events_.empty()) && monotonic_seconds() - oldest_ >= kBufferSeconds;
}

void RunLog::flush_if_due() {
  if (!due()) return;
  try {
    flush();
  } catch (const Error& error) {
    if (error.kind != ErrorKind::disk_full) throw;
  }
}

void RunLog::flush() {
  if (!metrics_.empty() || !events_.empty()) store_.append(run_, metrics_, events_);
  metrics_.clear();
  events_.clear();
  if (has_progress_) store_.set_progress(run_, step_, total_steps_, epoch_);
  has_progress_ = false;
}

}  // namespace luthier
