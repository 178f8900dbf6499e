#include "cli/follow.h"

#include <signal.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/run_view.h"
#include "cli/terminal.h"

namespace luthier {

namespace {
constexpr double kPollSeconds = 0.1, kNetworkPollSeconds = 1;
constexpr double kLineEverySeconds = 5;  // progress where there is no terminal
constexpr double kLookAfterSeconds = 2;  // between looks whether somebody still works on the run

std::atomic<int> interrupts{0};
void count_interrupt(int) { ++interrupts; }

/// Ctrl+C is counted instead of ending this process, as long as this lives.
class InterruptCounter {
 public:
  InterruptCounter() {
    interrupts = 0;
    struct sigaction action{};
    action.sa_handler = count_interrupt;
    ::sigaction(SIGINT, &action, &before_);
  }
  ~InterruptCounter() { ::sigaction(SIGINT, &before_, nullptr); }
  InterruptCounter(const InterruptCounter&) = delete;
  InterruptCounter& operator=(const InterruptCounter&) = delete;

 private:
  struct sigaction before_{};
};

double clock_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

class Follower {
 public:
  Follower(Store& store, std::string id, const FollowOptions& options)
      : store_(store), id_(std::move(id)), options_(options) {
    // A resumed run has a past: tell only what comes now.
    const auto events = store_.events(id_);
    const auto metrics = store_.metrics(id_);
    if (!events.empty()) last_event_ = events.back().id;
    if (!metrics.empty()) last_metric_ = metrics.back().id;
  }

  /// Prints what is new.
  void update(const RunRow& run) {
    for (const MetricRow& metric : store_.metrics(id_, last_metric_)) {
      last_metric_ = metric.id;
      latest_[metric.name] = metric.value;
      if (options_.json) print_json("metric", metric_json(metric));
    }
    for (const EventRow& event : store_.events(id_, last_event_)) {
      last_event_ = event.id;
      if (options_.json)
        print_json("event", event_json(event));
      else if (const std::string text = event_text(event); !text.empty())
        print_line(text);
    }
    if (run.status == RunStatus::queued && !told_queued_ && clock_seconds() - began_ > 1) {
      say("waiting for its turn on " + run.device);
      told_queued_ = true;
    }
    progress(run);
  }

  void say(const std::string& text) {
    if (options_.json)
      std::cerr << text << std::endl;
    else
      print_line(text);
  }

  void finish_bar() {
    if (bar_shown_) std::cout << "\r\x1b[K" << std::flush;
    bar_shown_ = false;
  }

 private:
  void print_json(const char* key, Json value) {
    std::cout << Json{{key, std::move(value)}}.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl;
  }

  void print_line(const std::string& text) {
    finish_bar();
    std::cout << text << std::endl;
  }

  void progress(const RunRow& run) {
    if (options_.json || run.total_steps <= 0) return;
    if (run.status != RunStatus::running && run.status != RunStatus::success) return;
    const double now = clock_seconds();
    if (run.step < first_step_ || first_step_ < 0) {
      first_step_ = run.step;
      first_seconds_ = now;
    }
    if (run.step == shown_step_) return;
    if (!options_.bar && run.step != run.total_steps && now - shown_seconds_ < kLineEverySeconds) return;
    shown_step_ = run.step;
    shown_seconds_ = now;
    const std::string text = numbers(run, now);
    if (!options_.bar) {
      print_line(text);
      return;
    }
    const double share = static_cast<double>(run.step) / static_cast<double>(run.total_steps);
    constexpr int kWidth = 24;
    const int full = static_cast<int>(std::lround(std::min(share, 1.0) * kWidth));
    std::string bar = "[";
    for (int i = 0; i < kWidth; ++i) bar += i < full ? "█" : "·";
    const auto width = static_cast<std::size_t>(std::max(20, terminal_width() - 1));
    std::cout << "\r\x1b[K" << one_line(bar + "] " + text, width) << std::flush;
    bar_shown_ = true;
  }

  std::string numbers(const RunRow& run, double now) const {
    std::string text = "step " + std::to_string(run.step) + "/" + std::to_string(run.total_steps);
    const auto add = [&](const char* name, auto shown) {
      if (const auto found = latest_.find(name); found != latest_.end()) text += "  " + shown(found->second);
    };
    add("train.loss", [](double value) { return "loss " + number_text(value); });
    add("learning_rate", [](double value) { return "rate " + number_text(value); });
    add("tokens_per_second", [](double value) { return count_text(std::llround(value)) + " tokens/s"; });
    add("memory_bytes", [](double value) { return bytes_text(static_cast<std::uint64_t>(std::max(0.0, value))); });
    const std::int64_t done = run.step - first_step_;
    if (done > 0 && run.step < run.total_steps && now - first_seconds_ > 1)
      text += "  " +
              duration_text((now - first_seconds_) / static_cast<double>(done) *
                            static_cast<double>(run.total_steps - run.step)) +
              " left";
    return text;
  }

  Store& store_;
  std::string id_;
  FollowOptions options_;
  std::int64_t last_event_ = 0, last_metric_ = 0;
  std::map<std::string, double> latest_;
  std::int64_t first_step_ = -1, shown_step_ = -1;
  double first_seconds_ = 0, shown_seconds_ = 0, began_ = clock_seconds();
  bool told_queued_ = false, bar_shown_ = false;
};
}  // namespace

RunRow follow_run(Store& store, const std::string& id, const FollowOptions& options) {
  const InterruptCounter counter;
  Follower follower(store, id, options);
  const double pause = store.on_network_disk() ? kNetworkPollSeconds : kPollSeconds;
  double looked_after = clock_seconds();
  std::int64_t version = -1;
  bool told_stop = false;
  while (true) {
    if (interrupts > 0 && !told_stop) {
      store.send_command(id, "stop", Json::object());
      follower.say("stopping after this step; its checkpoint is kept (Ctrl+C again to leave it at that)");
      told_stop = true;
    }
    if (options.supervisor) options.supervisor->wait(0);
    if (clock_seconds() - looked_after > kLookAfterSeconds) {
      store.mark_interrupted();
      looked_after = clock_seconds();
      version = -1;  // own writes do not move data_version
    }
    const std::int64_t now = store.data_version();
    if (now != version) {
      version = now;
      const RunRow run = store.run(id);  // before the events: a final status comes after the last of them
      follower.update(run);
      if (is_final(run.status)) {
        follower.finish_bar();
        return run;
      }
    }
    if (interrupts > 1) {
      follower.finish_bar();
      return store.run(id);
    }
    std::this_thread::sleep_for(std::chrono::duration<double>(pause));
  }
}

}  // namespace luthier
