#include "pages/train/run_curves.h"

#include <algorithm>

namespace luthier {

void RunCurves::clear() {
  curves_.clear();
  ++generation_;
}

void RunCurves::add(const MetricRow& row) {
  auto found = curves_.find(row.name);
  if (found == curves_.end()) found = curves_.emplace(row.name, Curve{}).first;
  Curve& curve = found->second;
  if (!curve.steps.empty() && row.step <= curve.steps.back()) {
    const auto from = std::lower_bound(curve.steps.begin(), curve.steps.end(), row.step) - curve.steps.begin();
    curve.steps.resize(std::size_t(from));
    curve.epochs.resize(std::size_t(from));
    curve.values.resize(std::size_t(from));
    ++generation_;
  }
  curve.steps.push_back(row.step);
  curve.epochs.push_back(row.epoch);
  curve.values.push_back(row.value);
}

const Curve& RunCurves::of(const std::string& name) const {
  static const Curve none;
  const auto found = curves_.find(name);
  return found == curves_.end() ? none : found->second;
}

std::map<std::string, double> RunCurves::results(const std::string& part) const {
  std::map<std::string, double> values;
  const std::string start = part + "." + splitOf(part) + ".";
  for (const auto& [name, curve] : curves_)
    if (name.starts_with(start) && !curve.values.empty()) values[name.substr(start.size())] = curve.values.back();
  return values;
}

std::string RunCurves::splitOf(const std::string& part) const {
  for (const auto& [name, curve] : curves_)
    if (name.starts_with(part + ".")) return name.substr(part.size() + 1, name.rfind('.') - part.size() - 1);
  return {};
}

void RunClock::clear() { *this = {}; }

void RunClock::knot(std::int64_t step) {
  if (!knots_.empty()) step = std::max(step, knots_.back().first);
  knots_.emplace_back(step, seconds_);
}

void RunClock::add(const EventRow& event) {
  const bool begins = event.kind == "started";
  if (working_ && !begins) seconds_ += std::max(0.0, event.time - last_);
  last_ = event.time;
  if (begins) {
    working_ = true;
    if (knots_.empty()) knot(0);
    return;
  }
  if (event.kind == "resumed") {
    const bool fromCheckpoint = working_;  // otherwise after a pause
    working_ = true;
    if (fromCheckpoint && !knots_.empty() && event.step <= knots_.back().first) {
      seconds_ = at(double(event.step));
      while (!knots_.empty() && knots_.back().first > event.step) knots_.pop_back();
    }
  }
  knot(event.step);
  if (event.kind == "paused" || event.kind == "stopped" || event.kind == "finished" || event.kind == "error")
    working_ = false;
  now_ = {knots_.back().first, seconds_};
}

void RunClock::setNow(std::int64_t step, double time) {
  if (!working_ || knots_.empty() || step < knots_.back().first) return;
  now_ = {step, seconds_ + std::max(0.0, time - last_)};
}

double RunClock::at(double step) const {
  const auto after = std::upper_bound(knots_.begin(), knots_.end(), step,
                                      [](double wanted, const auto& knot) { return wanted < double(knot.first); });
  if (after == knots_.begin()) return 0;
  const auto& before = *(after - 1);
  const auto between = [&](const std::pair<std::int64_t, double>& end) {
    const double share = (step - double(before.first)) / double(end.first - before.first);
    return before.second + share * (end.second - before.second);
  };
  if (after != knots_.end()) return between(*after);
  if (step == double(before.first)) return before.second;
  if (now_.first > before.first && step <= double(now_.first)) return between(now_);
  return std::max(now_.second, before.second) + (step - double(std::max(now_.first, before.first))) * secondsPerStep();
}

double RunClock::elapsed() const { return knots_.empty() ? 0 : std::max(now_.second, knots_.back().second); }

double RunClock::secondsPerStep() const {
  double began = 0;  // of the first step: what came before is reading and evaluating the base model
  for (const auto& [step, seconds] : knots_) {
    if (step > 0) break;
    began = seconds;
  }
  const std::int64_t steps = std::max(now_.first, knots_.empty() ? 0 : knots_.back().first);
  return steps > 0 ? (elapsed() - began) / double(steps) : 0;
}

}  // namespace luthier
