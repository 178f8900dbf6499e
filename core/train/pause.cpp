#include "train/pause.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "store/reserve.h"

namespace luthier {

namespace {
constexpr auto kPause = std::chrono::milliseconds(100);

/// False, with the reason as an event, when the disk is too full for it.
bool fits(RunLog& log, std::int64_t step, const std::string& what, const std::function<void()>& action) {
  try {
    action();
    return true;
  } catch (const Error& error) {
    if (error.kind != ErrorKind::disk_full) throw;
    give_back_reserve(log.folder());
    log.event(step, "refused", what + " did not happen, the disk is full: " + error.message,
              {{"where", error.where}, {"hint", error.hint}});
    return false;
  }
}
}  // namespace

void wait_in_pause(RunLog& log, std::int64_t step, const std::string& reason, const std::string& hint,
                   const std::function<bool(const CommandRow&)>& obey) {
  Store& store = log.store();
  log.event(step, "paused", reason, {{"hint", hint}});
  bool told = false;
  while (true) {
    try {
      if (!told) store.set_status(log.run(), RunStatus::paused, reason, hint);
      told = true;
      log.flush();
      bool resume = false, end = false;
      for (const CommandRow& command : store.take_commands(log.run())) {
        resume = resume || command.kind == "resume";
        fits(log, step, command.kind, [&] { end = obey(command) || end; });
      }
      if (end) return;
      if (resume && fits(log, step, "resume", [&] {
            take_reserve(log.folder());
            store.set_status(log.run(), RunStatus::running);
          })) {
        log.event(step, "resumed", "resumed after a pause");
        return;
      }
    } catch (const Error& error) {
      if (error.kind != ErrorKind::disk_full) throw;  // too full even to say so: wait on
    }
    std::this_thread::sleep_for(kPause);
  }
}

void wait_for_space(RunLog& log, std::int64_t step, const Error& full,
                    const std::function<bool(const CommandRow&)>& obey) {
  give_back_reserve(log.folder());
  wait_in_pause(
      log, step, "the disk is full: " + full.message,
      "free some space on the disk of " + (full.where.empty() ? log.folder().string() : full.where) + ", then resume",
      obey);
}

bool discards(const CommandRow& stop) {
  const Json detail = Json::parse(stop.detail_json, nullptr, false);
  return detail.is_object() && detail.value("discard", Json()) == Json(true);
}

}  // namespace luthier
